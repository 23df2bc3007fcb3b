namespace TorchSharp;

/// <summary>A number of one of .NET's types on its way into an operator.</summary>
public sealed class Scalar : IDisposable
{
    internal readonly Tag Tag;
    internal readonly long Bits;

    internal Scalar(Tag tag, long bits) => (Tag, Bits) = (tag, bits);

    internal double AsDouble => Tag == Tag.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    public static implicit operator Scalar(int value) => value.ToScalar();

    public static implicit operator Scalar(float value) => value.ToScalar();

    public static implicit operator Scalar(double value) => value.ToScalar();

    public void Dispose()
    {
    }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this int value) => new(Tag.Int, value);

    public static Scalar ToScalar(this float value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static Scalar ToScalar(this double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));

    public static double ToDouble(this Scalar value) => value.AsDouble;
}
