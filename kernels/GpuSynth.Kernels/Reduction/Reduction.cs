using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// Reduction: min, max, sum and a non-finite flag over a volume, in an order that depends on nothing but the volume.
//   A chunk is 4096 consecutive elements (the last one shorter). Within a chunk 16 lanes run side by side, lane l takes elements
//   l, l + 16, l + 32, ... in order; then the lanes are combined pairwise: (l, l + 8), (l, l + 4), (l, l + 2), (l, l + 1).
//   Chunks are combined in index order on the host, the sum in double.
// So thread count, group size and device change nothing: additions happen in the same order everywhere.
// x: float[n], read once. 4 B/value; 16 B written per chunk. Reference: Reduction.Reference.cs.

/// <summary>Minimum, maximum, sum and non-finite flag of a volume, in a fixed order.</summary>
public static partial class Reduction
{
    /// <summary>Elements per chunk.</summary>
    public const int ChunkLength = 4096;

    /// <summary>Lanes that share a chunk.</summary>
    public const int Lanes = 16;

    /// <summary>Number of chunks of a volume, the last one may be shorter.</summary>
    public static int ChunkCount(long length) => checked((int)((length + ChunkLength - 1) / ChunkLength));

    /// <summary>What is known before the first element.</summary>
    public static ReductionPartial Empty() => new(float.PositiveInfinity, float.NegativeInfinity, 0f, 0);

    /// <summary>One more element. A NaN is passed over by minimum and maximum and raises the flag, as an infinity does.</summary>
    public static ReductionPartial Include(ReductionPartial partial, float value) => new(
        value < partial.Minimum ? value : partial.Minimum,
        value > partial.Maximum ? value : partial.Maximum,
        partial.Sum + value,
        KernelMath.IsFinite(value) ? partial.NonFinite : 1);

    /// <summary>Two parts as one, the lower elements first.</summary>
    public static ReductionPartial Merge(ReductionPartial low, ReductionPartial high) => new(
        high.Minimum < low.Minimum ? high.Minimum : low.Minimum,
        high.Maximum > low.Maximum ? high.Maximum : low.Maximum,
        low.Sum + high.Sum,
        low.NonFinite | high.NonFinite);

    /// <summary>One chunk in plain scalar code, in the fixed order: what every other form must equal bit for bit.</summary>
    /// <param name="chunk">At most <see cref="ChunkLength"/> elements.</param>
    public static ReductionPartial PlainChunk(ReadOnlySpan<float> chunk)
    {
        Span<ReductionPartial> lanes = stackalloc ReductionPartial[Lanes];
        for (int lane = 0; lane < Lanes; lane++)
        {
            lanes[lane] = Empty();
            for (int element = lane; element < chunk.Length; element += Lanes)
            {
                lanes[lane] = Include(lanes[lane], chunk[element]);
            }
        }

        for (int distance = Lanes / 2; distance > 0; distance /= 2)
        {
            for (int lane = 0; lane < distance; lane++)
            {
                lanes[lane] = Merge(lanes[lane], lanes[lane + distance]);
            }
        }

        return lanes[0];
    }

    /// <summary>Chunks as one result, in index order, the sum in double.</summary>
    public static ReductionResult Combine(ReadOnlySpan<ReductionPartial> chunks)
    {
        float minimum = float.PositiveInfinity;
        float maximum = float.NegativeInfinity;
        double sum = 0;
        bool nonFinite = false;
        foreach (ReductionPartial chunk in chunks)
        {
            minimum = chunk.Minimum < minimum ? chunk.Minimum : minimum;
            maximum = chunk.Maximum > maximum ? chunk.Maximum : maximum;
            sum += chunk.Sum;
            nonFinite |= chunk.NonFinite != 0;
        }

        return new ReductionResult(minimum, maximum, sum, nonFinite);
    }
}

/// <summary>Minimum, maximum, sum and flag of one chunk.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct ReductionPartial
{
    /// <summary>Smallest element that is a number.</summary>
    public readonly float Minimum;

    /// <summary>Largest element that is a number.</summary>
    public readonly float Maximum;

    /// <summary>Sum of all elements.</summary>
    public readonly float Sum;

    /// <summary>1 if an element is a NaN or infinite, otherwise 0.</summary>
    public readonly int NonFinite;

    /// <summary>A partial result.</summary>
    public ReductionPartial(float minimum, float maximum, float sum, int nonFinite)
    {
        Minimum = minimum;
        Maximum = maximum;
        Sum = sum;
        NonFinite = nonFinite;
    }
}

/// <summary>Minimum, maximum, sum and flag of a volume.</summary>
/// <param name="Minimum">Smallest element that is a number.</param>
/// <param name="Maximum">Largest element that is a number.</param>
/// <param name="Sum">Sum of all elements.</param>
/// <param name="NonFinite">Whether an element is a NaN or infinite.</param>
public readonly record struct ReductionResult(float Minimum, float Maximum, double Sum, bool NonFinite);
