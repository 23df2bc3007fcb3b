namespace ILGPU;

/// <summary>Mathematics that every device has an instruction for.</summary>
public static class IntrinsicMath
{
    /// <summary>The absolute value.</summary>
    /// <param name="value">The value.</param>
    public static float Abs(float value) => Math.Abs(value);

    /// <summary>The absolute value.</summary>
    /// <param name="value">The value.</param>
    public static int Abs(int value) => Math.Abs(value);

    /// <summary>The smaller of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static float Min(float first, float second) => Math.Min(first, second);

    /// <summary>The smaller of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static int Min(int first, int second) => Math.Min(first, second);

    /// <summary>The smaller of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static uint Min(uint first, uint second) => Math.Min(first, second);

    /// <summary>The smaller of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static long Min(long first, long second) => Math.Min(first, second);

    /// <summary>The greater of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static float Max(float first, float second) => Math.Max(first, second);

    /// <summary>The greater of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static int Max(int first, int second) => Math.Max(first, second);

    /// <summary>The greater of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static uint Max(uint first, uint second) => Math.Max(first, second);

    /// <summary>The greater of two values.</summary>
    /// <param name="first">One value.</param>
    /// <param name="second">The other value.</param>
    public static long Max(long first, long second) => Math.Max(first, second);

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

    /// <summary>The nearest value that is neither below a minimum nor above a maximum.</summary>
    /// <param name="value">The value.</param>
    /// <param name="min">The minimum.</param>
    /// <param name="max">The maximum.</param>
    public static uint Clamp(uint value, uint min, uint max) => Max(Min(value, max), min);

    /// <summary>The nearest value that is neither below a minimum nor above a maximum.</summary>
    /// <param name="value">The value.</param>
    /// <param name="min">The minimum.</param>
    /// <param name="max">The maximum.</param>
    public static long Clamp(long value, long min, long max) => Max(Min(value, max), min);
}
