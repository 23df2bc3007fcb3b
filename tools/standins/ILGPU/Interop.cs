namespace ILGPU;

/// <summary>The bits of numbers.</summary>
public static class Interop
{
    /// <summary>The bits of a number.</summary>
    /// <param name="value">The number.</param>
    public static uint FloatAsInt(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>The number that has these bits.</summary>
    /// <param name="value">The bits.</param>
    public static float IntAsFloat(uint value) => BitConverter.UInt32BitsToSingle(value);
}
