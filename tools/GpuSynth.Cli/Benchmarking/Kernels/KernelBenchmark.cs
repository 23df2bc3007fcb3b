using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// The host form of one kernel at work on a volume. The work is cut into pieces as the engine cuts it, so that threads can share
/// it and the compiler sees each method called often.
/// </summary>
internal abstract unsafe class KernelBenchmark(VolumeShape shape, int threads) : IDisposable
{
    /// <summary>Elements of a piece where the kernel does not care about rows.</summary>
    protected const int FlatPiece = 1 << 14;

    private readonly List<IDisposable> memory = [];
    private nint[] scratches = [];

    /// <summary>Shape of the volume.</summary>
    public VolumeShape Shape { get; } = shape;

    /// <summary>The kernel's stem: PhiloxBenchmark measures Philox.</summary>
    public virtual string Name => NameOf(GetType());

    /// <summary>Per voxel; how it was counted stands above it.</summary>
    public abstract KernelCost Cost { get; }

    /// <summary>Walks over the volume, one after the other.</summary>
    public virtual int Phases => 1;

    /// <summary>What the walks do to the arrays.</summary>
    public virtual MemoryWalk Walk => MemoryWalk.Copy;

    /// <summary>Bytes of everything that is read or written once, for all threads: decides which cache can hold it.</summary>
    public virtual long Footprint => (long)(Cost.Bytes / (Walk == MemoryWalk.Update ? 2 : 1) * Shape.VoxelCount);

    /// <summary>Voxels from one row to the next where rows are padded to whole vectors.</summary>
    protected int RowStride => (Shape.Width + 15) / 16 * 16;

    /// <summary>Planes of a volume, or runs of sixteen rows of an image.</summary>
    protected int RowPieces => Shape.Dimensions == 3 ? Shape.Depth : (Shape.Height + 15) / 16;

    /// <summary>Runs of <see cref="FlatPiece"/> voxels.</summary>
    protected int FlatPieces => (int)((Shape.VoxelCount + FlatPiece - 1) / FlatPiece);

    /// <summary>Compares the host form with the reference on a small case.</summary>
    /// <exception cref="GpuSynthException">They differ: a figure would be worthless.</exception>
    public abstract void Check();

    /// <summary>Pieces of a phase.</summary>
    public abstract int Pieces(int phase);

    /// <summary>Does one piece; thread numbers the scratch that it may use.</summary>
    public abstract void Run(int phase, int piece, int thread);

    /// <summary>Does all pieces, phase after phase, whichever thread is free taking the next.</summary>
    public void RunAll(ThreadCrew crew)
    {
        for (int phase = 0; phase < Phases; phase++)
        {
            int current = phase;
            crew.Share(Pieces(phase), (piece, thread) => Run(current, piece, thread));
        }
    }

    /// <summary>The stem of a benchmark's class.</summary>
    public static string NameOf(Type benchmark) => benchmark.Name[..^"Benchmark".Length];

    /// <summary>Puts the data back as it was, before each repetition and not timed.</summary>
    public virtual void Prepare()
    {
    }

    public void Dispose()
    {
        foreach (IDisposable block in memory)
        {
            block.Dispose();
        }

        memory.Clear();
    }

    /// <summary>
    /// Throws where results and reference differ by more than the rounding of the operations, of the size of the largest.
    /// </summary>
    protected void CheckClose(ReadOnlySpan<float> host, ReadOnlySpan<double> reference, double operations)
    {
        double largest = 0;
        foreach (double value in reference)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        double bound = operations * largest / (1 << 24);
        for (int i = 0; i < reference.Length; i++)
        {
            if (!(Math.Abs(host[i] - reference[i]) <= bound))
            {
                throw new GpuSynthException(FormattableString.Invariant(
                    $"{Name} is wrong at element {i}: {host[i]}, not {reference[i]} as the reference; run ./test first."));
            }
        }
    }

    /// <summary>
    /// Throws where labels differ although the reference's margin says that rounding cannot be why, or where margins leave too
    /// little to compare.
    /// </summary>
    protected void CheckLabels(
        ReadOnlySpan<byte> host, ReadOnlySpan<byte> reference, ReadOnlySpan<double> margins, double rounding)
    {
        int compared = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            if (!(margins[i] > rounding))
            {
                continue;
            }

            compared++;
            if (host[i] != reference[i])
            {
                throw new GpuSynthException(FormattableString.Invariant(
                    $"{Name} is wrong at voxel {i}: label {host[i]}, not {reference[i]} as the reference; run ./test first."));
            }
        }

        if (compared < 0.95 * reference.Length)
        {
            throw new GpuSynthException(
                $"{Name} was compared at {compared} of {reference.Length} voxels only, too few to trust it; "
                + "choose a case with fewer ties.");
        }
    }

    /// <summary>Memory that lives as long as the benchmark.</summary>
    protected NativeMemoryBlock<T> Allocate<T>(long length)
        where T : unmanaged
    {
        var block = new NativeMemoryBlock<T>(length);
        memory.Add(block);
        return block;
    }

    /// <summary>Has something disposed with the benchmark.</summary>
    protected void Own(IDisposable part) => memory.Add(part);

    /// <summary>Declares the floats of scratch that each thread has.</summary>
    protected void AllocateScratch(long length) =>
        scratches = [.. Enumerable.Range(0, threads).Select(_ => (nint)Allocate<float>(length).Pointer)];

    /// <summary>A thread's scratch.</summary>
    protected float* Scratch(int thread) => (float*)scratches[thread];

    /// <summary>Uniform numbers in (0, 1), for an image.</summary>
    protected static void FillUniform(NativeMemoryBlock<float> block) =>
        Uniform.HostFill(block.Pointer, block.Length, new RandomPlace(7, 0, Streams.NoiseVoxels));

    /// <summary>First voxel and length of a flat piece.</summary>
    protected (long First, int Count) FlatRange(int piece)
    {
        long first = (long)piece * FlatPiece;
        return (first, (int)Math.Min(FlatPiece, Shape.VoxelCount - first));
    }

    /// <summary>First row and number of rows of a piece; row = z * Height + y.</summary>
    protected (int First, int Count) RowRange(int piece)
    {
        int rows = Shape.Dimensions == 3 ? Shape.Height : 16;
        int first = piece * rows;
        return (first, Math.Min(rows, (Shape.Depth * Shape.Height) - first));
    }
}
