using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// ChainPass: a chain of pointwise components over the images of a batch, and their last format.
// To floats, maybe in place, 8 B/voxel; to 16 bits 6 B/voxel. A thread has four voxels, 16 apart, as a block of Philox serves
// them; a warp reads two runs of 16 of each.
// Values: the same run to run on one device.

/// <summary>A chain of pointwise components on a device, over images that are there.</summary>
public abstract class ChainPass
{
    // Fours of a thread, a group's width apart.
    internal const int Turns = 2;

    /// <summary>A pass of a chain whose type is known at run time only.</summary>
    /// <param name="chain">The chain, <see cref="IChain{TSelf}"/>; null where the pass changes the format alone.</param>
    /// <param name="loader">Loads the kernel.</param>
    /// <param name="shape">Shape of one sample.</param>
    /// <param name="format">Format of the images that are written.</param>
    public static ChainPass Create(ValueType? chain, KernelLoader loader, VolumeShape shape, ImageFormat format) =>
        (ChainPass)Chain.PassOf(typeof(ChainPass<>), chain, loader, shape, format);

    /// <summary>Runs over every sample.</summary>
    /// <param name="words">Table of the samples' words.</param>
    /// <param name="measured">What was measured of the whole batch, read.</param>
    /// <param name="layout">Where the words lie.</param>
    /// <param name="first">The batch's sample that is the first here: what is measured and tables are those of the whole batch.</param>
    /// <param name="samples">Samples to run over.</param>
    /// <param name="from">float[samples][D,H,W].</param>
    /// <param name="to">Written where the images are float: float[samples][D,H,W], maybe <paramref name="from"/>; not used otherwise.</param>
    /// <param name="to16">Written where the images have 16 bits: ushort[samples][D,H,W]; not used otherwise.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public abstract void Run(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        SampleLayout layout,
        int first,
        int samples,
        ArrayView<float> from,
        ArrayView<float> to,
        ArrayView<ushort> to16);
}

/// <summary>A chain of pointwise components on a device, over images that are there.</summary>
/// <typeparam name="TChain">The chain.</typeparam>
public sealed class ChainPass<TChain> : ChainPass
    where TChain : struct, IChain<TChain>
{
    private readonly Action<KernelConfig, ChainKernel<TChain, FloatTarget>>? floatKernel;
    private readonly Action<KernelConfig, ChainKernel<TChain, NarrowTarget>>? narrowKernel;
    private readonly TChain chain;
    private readonly int voxels;
    private readonly bool isBFloat16;

    /// <summary>Makes the kernel launchable.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="loader">Loads the kernel.</param>
    /// <param name="shape">Shape of one sample.</param>
    /// <param name="format">Format of the images that are written.</param>
    public ChainPass(TChain chain, KernelLoader loader, VolumeShape shape, ImageFormat format)
    {
        ArgumentNullException.ThrowIfNull(loader);
        this.chain = chain;
        voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
        isBFloat16 = format == ImageFormat.BFloat16;
        if (format == ImageFormat.Float32)
        {
            floatKernel = loader.Load<ChainKernel<TChain, FloatTarget>>();
        }
        else
        {
            narrowKernel = loader.Load<ChainKernel<TChain, NarrowTarget>>();
        }
    }

    /// <inheritdoc/>
    public override void Run(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        SampleLayout layout,
        int first,
        int samples,
        ArrayView<float> from,
        ArrayView<float> to,
        ArrayView<ushort> to16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
        LaunchCheck.AtLeast(measured.Length, ((long)first + samples) * MeasuredWords.PerSample, nameof(measured));
        LaunchCheck.AtLeast(from.Length, (long)samples * voxels, nameof(from));
        var plan = new ChainPlan(voxels, layout.Stride, first);
        int groups = (Uniform.BlocksOf(voxels) + (KernelLoader.GroupSize * Turns) - 1) / (KernelLoader.GroupSize * Turns);
        KernelConfig config = BatchGrid.OfGroups(groups, samples, KernelLoader.GroupSize);
        if (floatKernel is not null)
        {
            LaunchCheck.AtLeast(to.Length, (long)samples * voxels, nameof(to));
            floatKernel(config, new(words, measured, from, new FloatTarget(to), plan, chain));
        }
        else
        {
            LaunchCheck.AtLeast(to16.Length, (long)samples * voxels, nameof(to16));
            narrowKernel!(config, new(words, measured, from, new NarrowTarget(to16, isBFloat16), plan, chain));
        }
    }
}

/// <summary>The chain over floats: two fours per thread, of the sample Grid.IdxY.</summary>
internal readonly struct ChainKernel<TChain, TTarget>(
    ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> from, TTarget target, ChainPlan plan, TChain chain) : IKernel
    where TChain : struct, IChain<TChain>
    where TTarget : struct, IImageTarget
{
    /// <inheritdoc/>
    public void Execute()
    {
        int sample = Grid.IdxY;
        var row = new Row(words.SubView((long)sample * plan.Stride, plan.Stride), measured, plan.First + sample);
        TChain loaded = TChain.Load<Real1, Word1>(chain, in row);
        long first = (long)sample * plan.Voxels;
        ArrayView<float> own = from.SubView(first, plan.Voxels);
        int block = (Grid.IdxX * KernelLoader.GroupSize * ChainPass.Turns) + Group.IdxX;
        for (int turn = 0; turn < ChainPass.Turns; turn++)
        {
            int voxel = Uniform.FirstElementOf(block);
            var before = new Four<Real1>(Get(own, voxel), Get(own, voxel + 16), Get(own, voxel + 32), Get(own, voxel + 48));
            Four<Real1> values = TChain.At(before, new Voxels<Real1, Word1>(new Word1((uint)block), default, in row), in loaded);
            Put(first, voxel, values.A);
            Put(first, voxel + 16, values.B);
            Put(first, voxel + 32, values.C);
            Put(first, voxel + 48, values.D);
            block += KernelLoader.GroupSize;
        }
    }

    private Real1 Get(ArrayView<float> own, int voxel) => new(voxel < plan.Voxels ? own[voxel] : 0f);

    private void Put(long first, int voxel, Real1 value)
    {
        if (voxel < plan.Voxels)
        {
            target.Put(first + voxel, value.V);
        }
    }
}

/// <summary>Where a kernel writes its images.</summary>
internal interface IImageTarget
{
    /// <summary>Writes one voxel of a batch.</summary>
    void Put(long at, float value);
}

/// <summary>Images of floats.</summary>
internal readonly struct FloatTarget(ArrayView<float> image) : IImageTarget
{
    /// <inheritdoc/>
    public void Put(long at, float value) => image[at] = value;
}

/// <summary>Images of 16 bits.</summary>
internal readonly struct NarrowTarget(ArrayView<ushort> image, bool isBFloat16) : IImageTarget
{
    private readonly int isBFloat16 = isBFloat16 ? 1 : 0;

    /// <inheritdoc/>
    public void Put(long at, float value) =>
        image[at] = (ushort)(isBFloat16 != 0 ? NarrowFloat.BFloat16Bits(value) : NarrowFloat.Float16Bits(value));
}

/// <summary>What a launch of a <see cref="ChainPass"/> does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ChainPlan(int voxels, int stride, int first)
{
    public readonly int Voxels = voxels;
    public readonly int Stride = stride;
    public readonly int First = first;
}
