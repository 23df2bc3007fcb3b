using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Division of whole numbers by one that is the same for every voxel, as a product and a shift: exact for numbers below 2^31. Source: T. Granlund,
/// P. L. Montgomery, "Division by invariant integers using multiplication", PLDI 1994.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Divisor
{
    private readonly uint value;
    private readonly uint multiplier;
    private readonly int shift;

    /// <summary>A divisor of 1 to 2^31 - 1.</summary>
    /// <param name="value">The number that is divided by.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public Divisor(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        this.value = (uint)value;
        int bits = value == 1 ? 0 : 32 - BitOperations.LeadingZeroCount((uint)value - 1);
        multiplier = (uint)((1UL << (31 + bits)) / (uint)value) + 1;
        shift = bits - 1;
    }

    private Divisor(uint value, uint multiplier, int shift)
    {
        this.value = value;
        this.multiplier = multiplier;
        this.shift = shift;
    }

    /// <summary>
    /// Its numbers, for structs that keep them instead of it: ILGPU 1.5.3 gives two structs of the same words one type, whatever structs their
    /// words are in, and then takes the fields of one for the other's.
    /// </summary>
    internal (uint Value, uint Multiplier, int Shift) Numbers => (value, multiplier, shift);

    /// <summary>a / divisor, rounded down, and what is left.</summary>
    /// <param name="a">Below 2^31.</param>
    /// <param name="rest">a - quotient x divisor.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public U Divide<F, U>(U a, out U rest)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        // Sums are modulo 2^32: the negative is added.
        U quotient = Over<F, U>(a);
        rest = a + (quotient * U.Of(0u - value));
        return quotient;
    }

    /// <summary>The divisor of <see cref="Numbers"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Divisor Of(uint value, uint multiplier, int shift) => new(value, multiplier, shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private U Over<F, U>(U a)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        if (value == 1)
        {
            return a;
        }

        U.Multiply(a, multiplier, out U high, out _);
        return U.ShiftRight(high, shift);
    }
}
