namespace ILGPU;

/// <summary>Operations on one memory location that no other thread can come between. Each returns the value that was there.</summary>
public static class Atomic
{
    /// <summary>Adds a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Add(ref int target, int value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static uint Add(ref uint target, uint value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static long Add(ref long target, long value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static ulong Add(ref ulong target, ulong value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Adds a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static float Add(ref float target, float value) => Update(ref target, value, static (current, value) => current + value);

    /// <summary>Adds a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static double Add(ref double target, double value) => Update(ref target, value, static (current, value) => current + value);

    /// <summary>Keeps the smaller value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Min(ref int target, int value) => Update(ref target, value, Math.Min);

    /// <summary>Keeps the smaller value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static uint Min(ref uint target, uint value) => Update(ref target, value, Math.Min);

    /// <summary>Keeps the smaller value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static float Min(ref float target, float value) => Update(ref target, value, Math.Min);

    /// <summary>Keeps the greater value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Max(ref int target, int value) => Update(ref target, value, Math.Max);

    /// <summary>Keeps the greater value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static uint Max(ref uint target, uint value) => Update(ref target, value, Math.Max);

    /// <summary>Keeps the greater value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static float Max(ref float target, float value) => Update(ref target, value, Math.Max);

    /// <summary>Sets the bits of a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Or(ref int target, int value) => Interlocked.Or(ref target, value);

    /// <summary>Sets the bits of a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static uint Or(ref uint target, uint value) => Interlocked.Or(ref target, value);

    /// <summary>Keeps the bits of a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int And(ref int target, int value) => Interlocked.And(ref target, value);

    /// <summary>Keeps the bits of a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static uint And(ref uint target, uint value) => Interlocked.And(ref target, value);

    /// <summary>Replaces the value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Exchange(ref int target, int value) => Interlocked.Exchange(ref target, value);

    /// <summary>Replaces the value if it is the expected one.</summary>
    /// <param name="target">The location.</param>
    /// <param name="compare">The expected value.</param>
    /// <param name="value">The new value.</param>
    public static int CompareExchange(ref int target, int compare, int value) =>
        Interlocked.CompareExchange(ref target, value, compare);

    private static T Update<T>(ref T target, T value, Func<T, T, T> operation)
        where T : unmanaged, IEquatable<T>
    {
        T seen = target;
        while (true)
        {
            T before = Interlocked.CompareExchange(ref target, operation(seen, value), seen);
            if (before.Equals(seen))
            {
                return before;
            }

            seen = before;
        }
    }
}
