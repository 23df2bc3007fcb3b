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

    /// <summary>Floats that the component holds for a sample, beside its row.</summary>
    public virtual long MemoryLength => 0;

    /// <summary>Floats of scratch that a thread needs.</summary>
    public virtual long ScratchLength => 0;

    /// <summary>Works out what a sample's voxels have in common, once per sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="memory"><see cref="MemoryLength"/> floats.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public virtual void Prepare(in HostSample sample, float* memory, float* scratch)
    {
    }

    /// <summary>
    /// Looks at consecutive planes of the image before, each once per sample, where the component needs all of it (<see cref="MeasureNeed.Image"/>).
    /// </summary>
    /// <param name="sample">The sample.</param>
    /// <param name="image">float[D,H,W] before the component.</param>
    /// <param name="first">The first plane.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="memory">What <see cref="Prepare"/> was given.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public virtual void Survey(in HostSample sample, float* image, int first, int end, float* memory, float* scratch) =>
        throw new NotSupportedException($"{GetType().Name} looks at no image.");

    /// <summary>Works on consecutive voxels of one sample, in place.</summary>
    public abstract void Run(in HostBlock block);

    /// <summary>The same at a width, 16 or 8, whatever the machine is fast at, where the step has both. For tests.</summary>
    internal virtual void Run(int lanes, in HostBlock block) => Run(in block);

    /// <summary>Works on consecutive voxels of one sample, in place, where the component needs to know no more of them.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="values">Intensities; written, and read unless the component makes them of labels.</param>
    /// <param name="labels">Their labels; null where the component does not look at them.</param>
    /// <param name="count">Voxels.</param>
    public void Run(in Row row, float* values, byte* labels, int count) => Run(new HostBlock
    {
        Words = (uint*)row.WordsAddress,
        Measured = (float*)row.MeasuredAddress,
        Values = values,
        Labels = labels,
        Count = count,
    });

    /// <summary>
    /// A bound that no intensity's magnitude exceeds in one row of voxels; infinite where none is known at little cost.
    /// </summary>
    /// <param name="before">The same bound before the component.</param>
    /// <param name="z">Plane of the row.</param>
    /// <param name="y">Row in the plane.</param>
    /// <param name="memory">What the component worked out for the sample.</param>
    /// <param name="scratch">Scratch of the thread.</param>
    public virtual float Bound(float before, int z, int y, float* memory, float* scratch) => float.PositiveInfinity;
}

/// <summary>A sample that steps of the host work on.</summary>
/// <param name="Row">What was drawn and measured.</param>
public readonly record struct HostSample(Row Row)
{
    /// <summary>Where numbers of a stream of the appearance are drawn.</summary>
    /// <param name="stream">The stream, its occurrence in the recipe in bits 16 to 23.</param>
    public RandomPlace Place(uint stream) => Row.Place<Real16, Word16>(stream);
}

/// <summary>Consecutive voxels of one sample that a step of the host works on.</summary>
public unsafe struct HostBlock
{
    /// <summary>What was drawn, with room for 32 words behind the last.</summary>
    public uint* Words;

    /// <summary>What was measured.</summary>
    public float* Measured;

    /// <summary>What the component worked out for the sample.</summary>
    public float* Memory;

    /// <summary>Scratch of the thread.</summary>
    public float* Scratch;

    /// <summary>Intensities, in place.</summary>
    public float* Values;

    /// <summary>Their labels; null where the component does not look at them.</summary>
    public byte* Labels;

    /// <summary>Linear index of the first voxel in the sample.</summary>
    public long First;

    /// <summary>Voxels.</summary>
    public int Count;

    /// <summary>What was drawn and measured.</summary>
    public readonly Row Row => new(Words, Measured);
}

/// <summary>One pointwise component on the host.</summary>
/// <typeparam name="TChain">The component, as a chain of its own.</typeparam>
/// <param name="chain">Where its numbers stand in the row.</param>
public unsafe class HostStep<TChain>(TChain chain) : HostStep
    where TChain : struct, IHostChain<TChain>
{
    /// <inheritdoc/>
    public override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal override void Run(int lanes, in HostBlock block)
    {
        if (lanes == 16)
        {
            Walk<Real16, Word16>(block.Row, block.Values, block.Labels, block.Count);
        }
        else
        {
            Walk<Real8, Word8>(block.Row, block.Values, block.Labels, block.Count);
        }
    }

    // Optimised at once: the first sample is as fast as the others.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

/// <summary>One component on the host that draws random numbers for every voxel: it walks over groups of 64 voxels, as blocks of Philox have them.</summary>
/// <typeparam name="TChain">The component, as a chain of its own.</typeparam>
/// <param name="chain">Where its numbers stand in the row.</param>
public sealed unsafe class FourStep<TChain>(TChain chain) : HostStep
    where TChain : struct, IChain<TChain>
{
    /// <inheritdoc/>
    public override void Run(in HostBlock block) => Run(Lanes, in block);

    /// <inheritdoc/>
    internal override void Run(int lanes, in HostBlock block)
    {
        if (lanes == 16)
        {
            Walk<Real16, Word16>(in block);
        }
        else
        {
            Walk<Real8, Word8>(in block);
        }
    }

    private void Walk<F, U>(in HostBlock block)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        Row row = block.Row;
        TChain loaded = TChain.Load<F, U>(chain, in row);
        int done = block.First % Uniform.GroupElements == 0 ? 0 : Cut<F, U>(in block, 0, in loaded);
        int groups = (block.Count - done) / Uniform.GroupElements;
        if (groups > 0)
        {
            byte* labels = block.Labels == null ? null : block.Labels + done;
            Groups<F, U>(in row, block.Values + done, labels, FirstBlock(block.First + done), groups, in loaded);
            done += groups * Uniform.GroupElements;
        }

        if (done < block.Count)
        {
            Cut<F, U>(in block, done, in loaded);
        }
    }

    private static uint FirstBlock(long voxel) => (uint)(voxel / Uniform.GroupElements * Uniform.GroupBlocks);

    // A group that is cut goes through the same vectors: where a volume is cut changes no bit. Returns how many voxels are done after it.
    private static int Cut<F, U>(in HostBlock block, int done, in TChain loaded)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        float* group = stackalloc float[Uniform.GroupElements];
        byte* groupLabels = stackalloc byte[Uniform.GroupElements];
        int offset = (int)((block.First + done) % Uniform.GroupElements);
        int taken = Math.Min(Uniform.GroupElements - offset, block.Count - done);
        new Span<float>(group, Uniform.GroupElements).Clear();
        new ReadOnlySpan<float>(block.Values + done, taken).CopyTo(new Span<float>(group + offset, taken));
        if (block.Labels != null)
        {
            new Span<byte>(groupLabels, Uniform.GroupElements).Clear();
            new ReadOnlySpan<byte>(block.Labels + done, taken).CopyTo(new Span<byte>(groupLabels + offset, taken));
        }

        Row row = block.Row;
        Groups<F, U>(in row, group, block.Labels == null ? null : groupLabels, FirstBlock(block.First + done), 1, in loaded);
        new ReadOnlySpan<float>(group + offset, taken).CopyTo(new Span<float>(block.Values + done, taken));
        return done + taken;
    }

    // A method of its own that calls nothing else: the more code of its own a method has, the more the compiler inlines into it, and what is held
    // across a call lives in memory. Optimised at once: the first sample is as fast as the others.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Groups<F, U>(in Row row, float* values, byte* labels, uint firstBlock, int groups, in TChain loaded)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int group = 0; group < groups; group++)
        {
            for (int lane = 0; lane < Uniform.GroupBlocks; lane += F.Count)
            {
                float* at = values + (group * Uniform.GroupElements) + lane;
                Four<U> four = default;
                if (labels != null)
                {
                    byte* label = labels + (group * Uniform.GroupElements) + lane;
                    four = new(F.LoadLabels(label), F.LoadLabels(label + 16), F.LoadLabels(label + 32), F.LoadLabels(label + 48));
                }

                uint block = firstBlock + (uint)((group * Uniform.GroupBlocks) + lane);
                var voxels = new Voxels<F, U>(F.CountFrom(block), four, in row);
                var before = new Four<F>(F.Load(at), F.Load(at + 16), F.Load(at + 32), F.Load(at + 48));
                Four<F> after = TChain.At(before, in voxels, in loaded);
                F.Store(after.A, at);
                F.Store(after.B, at + 16);
                F.Store(after.C, at + 32);
                F.Store(after.D, at + 48);
            }
        }
    }
}
