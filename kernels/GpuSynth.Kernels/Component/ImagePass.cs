using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// ImagePass: a chain over every voxel of a batch: of labels, of the image so far, or of both; what it makes is written, measured, or
// both. It runs the orders that the hand-fused painting does not.
// label: byte[B][D,H,W]; from, to: float[B][D,H,W], maybe one buffer. At most 9 B/voxel. A thread has four voxels, 16 apart, as a block
// of Philox serves them.
// Values: the same run to run on one device.

/// <summary>A chain of components on a device, from labels or an image to another, with the range of what it makes.</summary>
public abstract class ImagePass
{
    /// <summary>A pass of a chain whose type is known at run time only.</summary>
    /// <param name="chain">The chain, <see cref="IChain{TSelf}"/>; null where nothing is done but what the pass is for.</param>
    /// <param name="loader">Loads the kernel.</param>
    /// <param name="shape">Shape of one sample.</param>
    public static ImagePass Create(ValueType? chain, KernelLoader loader, VolumeShape shape) =>
        (ImagePass)Chain.PassOf(typeof(ImagePass<>), chain, loader, shape);

    /// <summary>Runs over every sample.</summary>
    /// <param name="words">Table of the samples' words.</param>
    /// <param name="measured">What was measured of the whole batch, read.</param>
    /// <param name="merged">The words that the range is merged into; empty where nobody asks for it.</param>
    /// <param name="layout">Where the words lie.</param>
    /// <param name="first">The batch's sample that is the first here: what is measured and tables are those of the whole batch.</param>
    /// <param name="samples">Samples to run over.</param>
    /// <param name="labels">byte[samples][D,H,W]; empty where the chain does not look at them.</param>
    /// <param name="from">float[samples][D,H,W]; empty where the chain begins with labels.</param>
    /// <param name="to">Written: float[samples][D,H,W], another buffer or the same; empty where the pass only measures.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public abstract void Run(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<uint> merged,
        SampleLayout layout,
        int first,
        int samples,
        ArrayView<byte> labels,
        ArrayView<float> from,
        ArrayView<float> to);
}

/// <summary>A chain of components on a device, from labels or an image to another, with the range of what it makes.</summary>
/// <typeparam name="TChain">The chain.</typeparam>
public sealed class ImagePass<TChain> : ImagePass
    where TChain : struct, IChain<TChain>
{
    private readonly Action<KernelConfig, ImageKernel<TChain>> kernel;
    private readonly TChain chain;
    private readonly int voxels;

    /// <summary>Makes the kernel launchable.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="loader">Loads the kernel.</param>
    /// <param name="shape">Shape of one sample.</param>
    public ImagePass(TChain chain, KernelLoader loader, VolumeShape shape)
    {
        ArgumentNullException.ThrowIfNull(loader);
        this.chain = chain;
        voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
        kernel = loader.Load<ImageKernel<TChain>>();
    }

    /// <inheritdoc/>
    public override void Run(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<uint> merged,
        SampleLayout layout,
        int first,
        int samples,
        ArrayView<byte> labels,
        ArrayView<float> from,
        ArrayView<float> to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
        var source = new ImageSource(labels, from, voxels);
        source.Check(samples);
        var plan = new ImagePlan(voxels, layout.Stride, first, to.Length > 0, merged.Length > 0);
        LaunchCheck.AtLeast(to.Length, (long)plan.Writes * samples * voxels, nameof(to));
        kernel(
            BatchGrid.Of(Uniform.BlocksOf(voxels), samples),
            new ImageKernel<TChain>(words, measured, merged, source, to, plan, chain));
    }
}

/// <summary>Four voxels per thread, of the sample Grid.IdxY.</summary>
internal readonly struct ImageKernel<TChain>(
    ArrayView<uint> words,
    ArrayView<uint> measured,
    ArrayView<uint> merged,
    ImageSource source,
    ArrayView<float> to,
    ImagePlan plan,
    TChain chain) : IKernel
    where TChain : struct, IChain<TChain>
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
        int sample = Grid.IdxY;
        var row = new Row(words.SubView((long)sample * plan.Stride, plan.Stride), measured, plan.First + sample);
        TChain loaded = TChain.Load<Real1, Word1>(chain, in row);
        int block = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        int voxel = Uniform.FirstElementOf(block);
        long first = (long)sample * plan.Voxels;
        Four<Real1> after = source.At(sample, block, in row, in loaded);
        PaintedRange range = PaintedRange.Empty();
        range = Put(first, voxel, after.A, range);
        range = Put(first, voxel + 16, after.B, range);
        range = Put(first, voxel + 32, after.C, range);
        range = Put(first, voxel + 48, after.D, range);
        if (plan.Measures != 0)
        {
            range.Merge(shared, merged, sample);
        }
    }

    private PaintedRange Put(long first, int voxel, Real1 value, PaintedRange range)
    {
        if (voxel < plan.Voxels)
        {
            range = range.With(value.V);
            if (plan.Writes != 0)
            {
                to[first + voxel] = value.V;
            }
        }

        return range;
    }
}

/// <summary>What a launch of an <see cref="ImagePass"/> does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ImagePlan(int voxels, int stride, int first, bool writes, bool measures)
{
    public readonly int Voxels = voxels;
    public readonly int Stride = stride;
    public readonly int First = first;
    public readonly int Writes = writes ? 1 : 0;
    public readonly int Measures = measures ? 1 : 0;
}
