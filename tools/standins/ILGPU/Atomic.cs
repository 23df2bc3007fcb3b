namespace ILGPU;

/// <summary>Operations that no other thread can come between. Each returns the value that was there.</summary>
public static class Atomic
{
    /// <summary>Adds a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Add(ref int target, int value) => Interlocked.Add(ref target, value) - value;

    /// <summary>Sets the bits of a value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Or(ref int target, int value) => Interlocked.Or(ref target, value);

    /// <summary>Keeps the smaller value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Min(ref int target, int value) => Update(ref target, value, Math.Min);

    /// <summary>Keeps the greater value.</summary>
    /// <param name="target">The location.</param>
    /// <param name="value">The other operand.</param>
    public static int Max(ref int target, int value) => Update(ref target, value, Math.Max);

    /// <summary>The smaller of two; returns what was there.</summary>
    /// <param name="target">Changed.</param>
    /// <param name="value">The other one.</param>
    public static uint Min(ref uint target, uint value) => Update(ref target, value, Math.Min);

    /// <summary>The larger of two; returns what was there.</summary>
    /// <param name="target">Changed.</param>
    /// <param name="value">The other one.</param>
    public static uint Max(ref uint target, uint value) => Update(ref target, value, Math.Max);

    private static int Update(ref int target, int value, Func<int, int, int> operation)
    {
        int seen = target;
        while (true)
        {
            int before = Interlocked.CompareExchange(ref target, operation(seen, value), seen);
            if (before == seen)
            {
                return before;
            }

            seen = before;
        }
    }

    private static uint Update(ref uint target, uint value, Func<uint, uint, uint> operation)
    {
        uint seen = target;
        while (true)
        {
            uint before = Interlocked.CompareExchange(ref target, operation(seen, value), seen);
            if (before == seen)
            {
                return before;
            }

            seen = before;
        }
    }
}
