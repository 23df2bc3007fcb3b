using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// Uniform: x[i] = ((w >> 9) + 0.5) * 2^-23, strictly inside (0, 1), w a word of Philox.
// x: float[n], written once. 4 B/value. Random bits and values: the same on every device. Reference: Uniform.Reference.cs.
//
// Which word belongs to element e (the bulk map, shared with Normal and WhiteNoise): elements come in groups of 64, a group is 16
// consecutive blocks; output word j of block l is element 16 j + l of the group. So 16 lanes that each run one block write four
// runs of 16 consecutive floats, on a CPU as on a GPU.

/// <summary>Uniform random numbers in (0, 1), by place and element.</summary>
public static partial class Uniform
{
    internal const int GroupElements = 64;
    internal const int GroupBlocks = 16;

    /// <summary>The uniform map: ((bits >> 9) + 0.5) * 2^-23. Never 0 and never 1, exact in float.</summary>
    /// <remarks>Through int: C# turns a uint into a float by way of double, which some devices lack.</remarks>
    public static float FromBits(uint bits) => ((int)(bits >> 9) + 0.5f) * (1f / (1 << 23));

    /// <summary>The uniform map in a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F FromBits<F, U>(U bits)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => (U.ToReal(U.ShiftRight(bits, 9)) + F.Of(0.5f)) * F.Of(1f / (1 << 23));

    /// <summary>The four uniform numbers of a block of Philox, for each voxel of a lane.</summary>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="block">The block; its elements are 16 apart (<see cref="FirstElementOf(long)"/>).</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Four<F> Block<F, U>(in RandomPlace place, U block)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        Philox.Blocks<F, U>(in place, block, out U x, out U y, out U z, out U w);
        return new Four<F>(FromBits<F, U>(x), FromBits<F, U>(y), FromBits<F, U>(z), FromBits<F, U>(w));
    }

    /// <summary>The Philox block that holds a bulk element.</summary>
    public static uint BlockOf(long element) => (uint)(((element >> 6) << 4) + (element & 15));

    /// <summary>The output word, 0 to 3, that a bulk element takes from its block.</summary>
    public static int WordOf(long element) => (int)((element >> 4) & 3);

    /// <summary>The first of the four elements of a block; the others follow at distances of 16.</summary>
    public static long FirstElementOf(long block) => ((block >> 4) << 6) + (block & 15);

    /// <summary>The same in whole numbers of 32 bits, which are fewer instructions of a GPU: of blocks below 2^25.</summary>
    public static int FirstElementOf(int block) => ((block >> 4) << 6) + (block & 15);

    /// <summary>The uniform number of one element.</summary>
    /// <param name="place">Seed, sample, stream.</param>
    /// <param name="element">Element index, 0 to 2^34 - 1.</param>
    public static float At(in RandomPlace place, long element)
    {
        UInt4 words = Philox.At(in place, BlockOf(element));
        int word = WordOf(element);
        return FromBits(word == 0 ? words.X : word == 1 ? words.Y : word == 2 ? words.Z : words.W);
    }

    /// <summary>Threads that a kernel needs for the first elements of a place: one per Philox block.</summary>
    internal static int BlocksOf(long elements) =>
        checked((int)((elements + GroupElements - 1) / GroupElements * GroupBlocks));
}
