namespace ILGPU;

/// <summary>Numbers as their bits, and bits as numbers.</summary>
public static class Interop
{
    /// <summary>The bits of a float.</summary>
    /// <param name="value">The float.</param>
    public static uint FloatAsInt(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>The float of some bits.</summary>
    /// <param name="value">The bits.</param>
    public static float IntAsFloat(uint value) => BitConverter.UInt32BitsToSingle(value);
}
