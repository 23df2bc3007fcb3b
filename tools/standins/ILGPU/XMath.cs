namespace ILGPU.Algorithms;

/// <summary>Mathematics that means the same on every device.</summary>
public static class XMath
{
    /// <summary>The circle's ratio.</summary>
    public const float PI = MathF.PI;

    /// <summary>The absolute value.</summary>
    /// <param name="value">The value.</param>
    public static float Abs(float value) => MathF.Abs(value);

    /// <summary>The greatest whole number that is not greater.</summary>
    /// <param name="value">The value.</param>
    public static float Floor(float value) => MathF.Floor(value);

    /// <summary>The smallest whole number that is not smaller.</summary>
    /// <param name="value">The value.</param>
    public static float Ceiling(float value) => MathF.Ceiling(value);

    /// <summary>The square root.</summary>
    /// <param name="value">The value.</param>
    public static float Sqrt(float value) => MathF.Sqrt(value);

    /// <summary>e to the power of a value.</summary>
    /// <param name="value">The value.</param>
    public static float Exp(float value) => MathF.Exp(value);

    /// <summary>The natural logarithm.</summary>
    /// <param name="value">The value.</param>
    public static float Log(float value) => MathF.Log(value);

    /// <summary>The logarithm to base 2.</summary>
    /// <param name="value">The value.</param>
    public static float Log2(float value) => MathF.Log2(value);

    /// <summary>The sine of an angle in radians.</summary>
    /// <param name="value">The value.</param>
    public static float Sin(float value) => MathF.Sin(value);

    /// <summary>The cosine of an angle in radians.</summary>
    /// <param name="value">The value.</param>
    public static float Cos(float value) => MathF.Cos(value);

    /// <summary>The value without its fraction.</summary>
    /// <param name="value">The value.</param>
    public static float Truncate(float value) => MathF.Truncate(value);

    /// <summary>2 to the power of a value.</summary>
    /// <param name="value">The value.</param>
    public static float Exp2(float value) => MathF.Pow(2, value);

    /// <summary>One over the square root.</summary>
    /// <param name="value">The value.</param>
    public static float Rsqrt(float value) => 1 / MathF.Sqrt(value);

    /// <summary>One over a value.</summary>
    /// <param name="value">The value.</param>
    public static float Rcp(float value) => 1 / value;

    /// <summary>A base to the power of an exponent.</summary>
    /// <param name="base">The base.</param>
    /// <param name="exp">The exponent.</param>
    public static float Pow(float @base, float exp) => MathF.Pow(@base, exp);

    /// <summary>The nearest whole number; halves go to the even one.</summary>
    /// <param name="value">The value.</param>
    public static float RoundToEven(float value) => MathF.Round(value, MidpointRounding.ToEven);

    /// <summary>The smaller of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static float Min(float first, float second) => Math.Min(first, second);

    /// <summary>The smaller of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static int Min(int first, int second) => Math.Min(first, second);

    /// <summary>The greater of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static float Max(float first, float second) => Math.Max(first, second);

    /// <summary>The greater of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static int Max(int first, int second) => Math.Max(first, second);

    /// <summary>The nearest value that is neither below a minimum nor above a maximum.</summary>
    /// <param name="value">The value.</param>
    /// <param name="min">The minimum.</param>
    /// <param name="max">The maximum.</param>
    public static float Clamp(float value, float min, float max) => Max(Min(value, max), min);

    /// <summary>The nearest value that is neither below a minimum nor above a maximum.</summary>
    /// <param name="value">The value.</param>
    /// <param name="min">The minimum.</param>
    /// <param name="max">The maximum.</param>
    public static int Clamp(int value, int min, int max) => Max(Min(value, max), min);
}
