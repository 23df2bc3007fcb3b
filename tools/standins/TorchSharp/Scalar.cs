namespace TorchSharp;

/// <summary>A number of one of .NET's types on its way into an operator.</summary>
public sealed class Scalar : IDisposable
{
    internal readonly Tag Tag;
    internal readonly long Bits;

    internal Scalar(Tag tag, long bits) => (Tag, Bits) = (tag, bits);

    public torch.ScalarType Type => Tag switch
    {
        Tag.Double => torch.ScalarType.Float64,
        Tag.Bool => torch.ScalarType.Bool,
        _ => torch.ScalarType.Int64,
    };

    internal double AsDouble => Tag == Tag.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    internal long AsLong => Tag == Tag.Double ? (long)BitConverter.Int64BitsToDouble(Bits) : Bits;

    public static implicit operator Scalar(byte value) => value.ToScalar();

    public static implicit operator Scalar(sbyte value) => value.ToScalar();

    public static implicit operator Scalar(short value) => value.ToScalar();

    public static implicit operator Scalar(int value) => value.ToScalar();

    public static implicit operator Scalar(long value) => value.ToScalar();

    public static implicit operator Scalar(Half value) => value.ToScalar();

    public static implicit operator Scalar(float value) => value.ToScalar();

    public static implicit operator Scalar(double value) => value.ToScalar();

    public static implicit operator Scalar(bool value) => value.ToScalar();

    public void Dispose()
    {
    }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => new(Tag.Int, value);

    public static Scalar ToScalar(this sbyte value) => new(Tag.Int, value);

    public static Scalar ToScalar(this short value) => new(Tag.Int, value);

    public static Scalar ToScalar(this int value) => new(Tag.Int, value);

    public static Scalar ToScalar(this long value) => new(Tag.Int, value);

    public static Scalar ToScalar(this float value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static Scalar ToScalar(this double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static Scalar ToScalar(this bool value) => new(Tag.Bool, value ? 1 : 0);

    public static Scalar ToScalar(this Half value) => new(Tag.Double, BitConverter.DoubleToInt64Bits((double)value));

    public static float ToSingle(this Scalar value) => (float)value.AsDouble;

    public static double ToDouble(this Scalar value) => value.AsDouble;

    public static sbyte ToSByte(this Scalar value) => (sbyte)value.AsLong;

    public static byte ToByte(this Scalar value) => (byte)value.AsLong;

    public static short ToInt16(this Scalar value) => (short)value.AsLong;

    public static int ToInt32(this Scalar value) => (int)value.AsLong;

    public static long ToInt64(this Scalar value) => value.AsLong;

    public static bool ToBoolean(this Scalar value) => value.AsDouble != 0;
}
