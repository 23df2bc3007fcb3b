using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>What a chain begins with on a device: labels, the image so far, or both.</summary>
internal readonly struct ImageSource
{
    private readonly ArrayView<byte> labels;
    private readonly ArrayView<float> from;
    private readonly int voxels;
    private readonly int readsLabels;
    private readonly int readsImage;

    /// <summary>Of a launch.</summary>
    /// <param name="labels">byte[samples][D,H,W]; empty where the chain does not look at them.</param>
    /// <param name="from">float[samples][D,H,W]; empty where the chain begins with labels.</param>
    /// <param name="voxels">Voxels of one sample.</param>
    public ImageSource(ArrayView<byte> labels, ArrayView<float> from, int voxels)
    {
        this.labels = labels;
        this.from = from;
        this.voxels = voxels;
        readsLabels = labels.Length > 0 ? 1 : 0;
        readsImage = from.Length > 0 ? 1 : 0;
    }

    /// <summary>Refuses views that are too short.</summary>
    public void Check(int samples)
    {
        LaunchCheck.AtLeast(labels.Length, (long)readsLabels * samples * voxels, nameof(labels));
        LaunchCheck.AtLeast(from.Length, (long)readsImage * samples * voxels, nameof(from));
    }

    /// <summary>What a chain makes of the four voxels that a block of Philox serves.</summary>
    /// <param name="sample">The sample's place in the launch.</param>
    /// <param name="block">The block: its voxels lie 16 apart.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="loaded">The chain, loaded.</param>
    public Four<Real1> At<TChain>(int sample, int block, in Row row, in TChain loaded)
        where TChain : struct, IChain<TChain>
    {
        int voxel = Uniform.FirstElementOf(block);
        long first = (long)sample * voxels;
        var four = new Four<Word1>(Label(first, voxel), Label(first, voxel + 16), Label(first, voxel + 32), Label(first, voxel + 48));
        var before = new Four<Real1>(Value(first, voxel), Value(first, voxel + 16), Value(first, voxel + 32), Value(first, voxel + 48));
        return TChain.At(before, new Voxels<Real1, Word1>(new Word1((uint)block), four, in row), in loaded);
    }

    // A voxel behind the end has label 0 and intensity 0, and is not kept.
    private Word1 Label(long first, int voxel) => new(readsLabels != 0 && voxel < voxels ? labels[first + voxel] : 0u);

    private Real1 Value(long first, int voxel) => new(readsImage != 0 && voxel < voxels ? from[first + voxel] : 0f);
}
