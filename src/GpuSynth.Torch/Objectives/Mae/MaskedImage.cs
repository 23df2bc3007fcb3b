using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// For networks that give features at an image's own resolution: blocks of the image are set to its mean, and a 1-wide convolution
/// (<see cref="VoxelHeads"/>) on the features predicts it.
/// </summary>
internal sealed class MaskedImage : IMaeForm, IDisposable
{
    // Along an axis a block has 16 voxels, or the half of it, and so on, until there are this many blocks.
    private const int LeastBlocks = 4;
    private const int LargestBlock = 16;

    private const double HiddenShare = 0.75;

    private readonly BlockGrid grid;
    private VoxelHeads? heads;

    public MaskedImage(VolumeShape shape) => grid = new BlockGrid(shape, BlockSide);

    /// <inheritdoc/>
    public nn.Module? Parts => heads;

    /// <summary>What is hidden can be told from its surroundings to an extent that nobody knows.</summary>
    public ObjectiveBounds Bounds => new(HiddenSquares.Chance);

    /// <summary>Voxels of a block along an axis of so many voxels.</summary>
    internal static int BlockSide(int side)
    {
        int block = LargestBlock;
        while (block > 1 && side <= (LeastBlocks - 1) * block)
        {
            block /= 2;
        }

        return block;
    }

    /// <inheritdoc/>
    public void Begin(SegmentationNetwork network) => heads = new VoxelHeads(network.Options, (HiddenSquares.HeadName, 1));

    /// <inheritdoc/>
    public Tensor Loss(ObjectiveStep step, ObjectiveView target)
    {
        Tensor input = step.Input(ObjectiveView.Sample), hidden = Hidden(step, input.device);
        return HiddenSquares.Mean(Predict(step, input, hidden), step.Input(target), hidden);
    }

    /// <summary>Frees the parts.</summary>
    public void Dispose() => heads?.Dispose();

    /// <summary>Which voxels of a batch are hidden: bool [B, 1, (D,) H, W].</summary>
    internal Tensor Hidden(ObjectiveStep step, Device device) =>
        grid.ToVoxels(grid.Draw(step, (int)(HiddenShare * grid.Count), device));

    /// <summary>The predicted image [B, 1, (D,) H, W], float32.</summary>
    /// <param name="step">The network's.</param>
    /// <param name="input">The whole image, as wide.</param>
    /// <param name="hidden">What the network is not to see of it: bool, as the image.</param>
    internal Tensor Predict(ObjectiveStep step, Tensor input, Tensor hidden) =>
        heads!.Of(HiddenSquares.HeadName, step.Forward(input.masked_fill(hidden, Scalars.Of(0))));
}
