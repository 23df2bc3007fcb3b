using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>
/// One pointwise component on the host. Components run one after another over a block of voxels that stays in the nearest cache: as
/// fast as a loop written by hand for up to three of them, and faster than one of many, which the compiler no longer inlines.
/// </summary>
public abstract unsafe class HostStep
{
    /// <summary>Voxels of a block: 16 KB of intensities.</summary>
    public const int BlockLength = 1 << 12;

    /// <summary>Voxels side by side, 16 with AVX-512 and 8 without: as fast as the machine goes. No bit depends on it.</summary>
    public static int Lanes => Avx512F.IsSupported ? 16 : 8;

    /// <summary>Works on consecutive voxels of one sample, in place.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="values">Intensities; written, and read unless the component makes them of labels.</param>
    /// <param name="labels">Their labels; null where the component does not look at them.</param>
    /// <param name="count">Voxels.</param>
    public void Run(in Row row, float* values, byte* labels, int count) => Run(Lanes, in row, values, labels, count);

    /// <summary>The same at one of the widths, 16 or 8, whatever the machine is fast at.</summary>
    internal abstract void Run(int lanes, in Row row, float* values, byte* labels, int count);
}

/// <summary>One pointwise component on the host.</summary>
/// <typeparam name="TChain">The component, as a chain of its own.</typeparam>
/// <param name="chain">Where its numbers stand in the row.</param>
public sealed unsafe class HostStep<TChain>(TChain chain) : HostStep
    where TChain : struct, IHostChain<TChain>
{
    /// <inheritdoc/>
    internal override void Run(int lanes, in Row row, float* values, byte* labels, int count)
    {
        if (lanes == 16)
        {
            Walk<Real16, Word16>(in row, values, labels, count);
        }
        else
        {
            Walk<Real8, Word8>(in row, values, labels, count);
        }
    }

    private void Walk<F, U>(in Row row, float* values, byte* labels, int count)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        TChain loaded = TChain.Load<F, U>(chain, in row);
        int at = 0;
        if (labels == null)
        {
            for (; at + F.Count <= count; at += F.Count)
            {
                F.Store(TChain.One(F.Load(values + at), new Voxel<F, U>(default, in row), in loaded), values + at);
            }
        }
        else
        {
            for (; at + F.Count <= count; at += F.Count)
            {
                var voxel = new Voxel<F, U>(F.LoadLabels(labels + at), in row);
                F.Store(TChain.One(F.Load(values + at), in voxel, in loaded), values + at);
            }
        }

        // The last voxels go through the same vector, so that where a volume is cut changes no bit.
        if (at < count)
        {
            Tail<F, U>(in row, values + at, labels == null ? null : labels + at, count - at, in loaded);
        }
    }

    private static void Tail<F, U>(in Row row, float* values, byte* labels, int count, in TChain loaded)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float* padded = stackalloc float[F.Count];
        byte* paddedLabels = stackalloc byte[F.Count];
        new Span<float>(padded, F.Count).Clear();
        new Span<byte>(paddedLabels, F.Count).Clear();
        new ReadOnlySpan<float>(values, count).CopyTo(new Span<float>(padded, count));
        if (labels != null)
        {
            new ReadOnlySpan<byte>(labels, count).CopyTo(new Span<byte>(paddedLabels, count));
        }

        var voxel = new Voxel<F, U>(F.LoadLabels(paddedLabels), in row);
        F.Store(TChain.One(F.Load(padded), in voxel, in loaded), padded);
        new ReadOnlySpan<float>(padded, count).CopyTo(new Span<float>(values, count));
    }
}
