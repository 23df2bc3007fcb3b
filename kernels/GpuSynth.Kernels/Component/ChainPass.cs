using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// ChainPass: a chain of pointwise components over the images of a batch, and their last format.
// float: in place, 8 B/voxel; 16 bits: from float scratch, 6 B/voxel. A thread has four voxels, 16 apart, as a block of Philox serves
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
    public static ChainPass Create(ValueType? chain, KernelLoader loader, VolumeShape shape, ImageFormat format)
    {
        ValueType links = chain ?? default(EmptyChain);
        Type pass = typeof(ChainPass<>).MakeGenericType(links.GetType());
        return (ChainPass)Activator.CreateInstance(pass, links, loader, shape, format)!;
    }

    /// <summary>Runs over every sample.</summary>
    /// <param name="words">Table of the samples' words.</param>
    /// <param name="measured">What was measured of every sample, read.</param>
    /// <param name="layout">Where the words lie.</param>
    /// <param name="samples">Samples of the batch.</param>
    /// <param name="image">float[samples][D,H,W]; changed in place where the images are float.</param>
    /// <param name="image16">Written where the images have 16 bits: ushort[samples][D,H,W]; not used otherwise.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public abstract void Run(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        SampleLayout layout,
        int samples,
        ArrayView<float> image,
        ArrayView<ushort> image16);
}

/// <summary>A chain of pointwise components on a device, over images that are there.</summary>
/// <typeparam name="TChain">The chain.</typeparam>
public sealed class ChainPass<TChain> : ChainPass
    where TChain : struct, IChain<TChain>
{
    private readonly Action<KernelConfig, ChainKernel<TChain>>? inPlaceKernel;
    private readonly Action<KernelConfig, NarrowChainKernel<TChain>>? narrowKernel;
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
            inPlaceKernel = loader.Load<ChainKernel<TChain>>();
        }
        else
        {
            narrowKernel = loader.Load<NarrowChainKernel<TChain>>();
        }
    }

    /// <inheritdoc/>
    public override void Run(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        SampleLayout layout,
        int samples,
        ArrayView<float> image,
        ArrayView<ushort> image16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
        LaunchCheck.AtLeast(measured.Length, (long)samples * MeasuredWords.PerSample, nameof(measured));
        LaunchCheck.AtLeast(image.Length, (long)samples * voxels, nameof(image));
        var plan = new ChainPlan(voxels, layout.Stride, isBFloat16);
        int groups = (Uniform.BlocksOf(voxels) + (KernelLoader.GroupSize * Turns) - 1) / (KernelLoader.GroupSize * Turns);
        KernelConfig config = BatchGrid.OfGroups(groups, samples, KernelLoader.GroupSize);
        inPlaceKernel?.Invoke(config, new ChainKernel<TChain>(words, measured, image, plan, chain));
        if (narrowKernel is not null)
        {
            LaunchCheck.AtLeast(image16.Length, (long)samples * voxels, nameof(image16));
            narrowKernel(config, new NarrowChainKernel<TChain>(words, measured, image, image16, plan, chain));
        }
    }
}

/// <summary>The chain over floats, in place: two fours per thread, of the sample Grid.IdxY.</summary>
internal readonly struct ChainKernel<TChain>(
    ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> image, ChainPlan plan, TChain chain) : IKernel
    where TChain : struct, IChain<TChain>
{
    /// <inheritdoc/>
    public void Execute()
    {
        Row row = plan.RowOf(words, measured);
        TChain loaded = TChain.Load<Real1, Word1>(chain, in row);
        ArrayView<float> own = image.SubView((long)Grid.IdxY * plan.Voxels, plan.Voxels);
        int block = (Grid.IdxX * KernelLoader.GroupSize * ChainPass.Turns) + Group.IdxX;
        for (int turn = 0; turn < ChainPass.Turns; turn++)
        {
            int voxel = ((block >> 4) << 6) + (block & 15);
            Four<Real1> values = TChain.At(plan.Read(own, voxel), new Voxels<Real1, Word1>(new Word1((uint)block), default, in row), in loaded);
            Put(own, voxel, values.A);
            Put(own, voxel + 16, values.B);
            Put(own, voxel + 32, values.C);
            Put(own, voxel + 48, values.D);
            block += KernelLoader.GroupSize;
        }
    }

    private void Put(ArrayView<float> own, int voxel, Real1 value)
    {
        if (voxel < plan.Voxels)
        {
            own[voxel] = value.V;
        }
    }
}

/// <summary>The chain over floats, to images of 16 bits.</summary>
internal readonly struct NarrowChainKernel<TChain>(
    ArrayView<uint> words,
    ArrayView<uint> measured,
    ArrayView<float> scratch,
    ArrayView<ushort> image,
    ChainPlan plan,
    TChain chain) : IKernel
    where TChain : struct, IChain<TChain>
{
    /// <inheritdoc/>
    public void Execute()
    {
        Row row = plan.RowOf(words, measured);
        TChain loaded = TChain.Load<Real1, Word1>(chain, in row);
        ArrayView<float> from = scratch.SubView((long)Grid.IdxY * plan.Voxels, plan.Voxels);
        ArrayView<ushort> to = image.SubView((long)Grid.IdxY * plan.Voxels, plan.Voxels);
        int block = (Grid.IdxX * KernelLoader.GroupSize * ChainPass.Turns) + Group.IdxX;
        for (int turn = 0; turn < ChainPass.Turns; turn++)
        {
            int voxel = ((block >> 4) << 6) + (block & 15);
            Four<Real1> values = TChain.At(plan.Read(from, voxel), new Voxels<Real1, Word1>(new Word1((uint)block), default, in row), in loaded);
            Put(to, voxel, values.A);
            Put(to, voxel + 16, values.B);
            Put(to, voxel + 32, values.C);
            Put(to, voxel + 48, values.D);
            block += KernelLoader.GroupSize;
        }
    }

    private void Put(ArrayView<ushort> own, int voxel, Real1 value)
    {
        if (voxel < plan.Voxels)
        {
            own[voxel] = (ushort)(plan.IsBFloat16 != 0
                ? NarrowFloat.BFloat16Bits(value.V)
                : NarrowFloat.Float16Bits(value.V));
        }
    }
}

/// <summary>What a launch of a <see cref="ChainPass"/> does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ChainPlan(int voxels, int stride, bool isBFloat16)
{
    public readonly int Voxels = voxels;
    public readonly int Stride = stride;
    public readonly int IsBFloat16 = isBFloat16 ? 1 : 0;

    /// <summary>The row of the sample Grid.IdxY.</summary>
    public Row RowOf(ArrayView<uint> words, ArrayView<uint> measured) => new(
        words.SubView((long)Grid.IdxY * Stride, Stride), measured, Grid.IdxY);

    /// <summary>Four voxels of a sample's image; 0 behind its end.</summary>
    public Four<Real1> Read(ArrayView<float> image, int voxel) =>
        new(Get(image, voxel), Get(image, voxel + 16), Get(image, voxel + 32), Get(image, voxel + 48));

    private Real1 Get(ArrayView<float> image, int voxel) => new(voxel < Voxels ? image[voxel] : 0f);
}
