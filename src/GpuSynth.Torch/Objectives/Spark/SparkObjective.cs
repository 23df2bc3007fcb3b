using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Masked images for a U-Net whose encoder leaves hidden blocks out as a transformer would: all that lies in one is 0 in every map, whatever the
/// image has there, and norms are of the other sites alone. Then every map, the lowest too, is normed once more, its holes are filled with a learnt
/// vector of the level, a convolution follows, and the U-Net's own decoder takes them for its encoder's; a 1-wide convolution predicts the image x
/// (mean 0, standard deviation 1). With m = 1 in hidden blocks and 0 elsewhere:
/// <code>
/// loss = sum over voxels of (p - x)^2 m / sum over voxels of m
/// </code>
/// A block is as wide as all strides of the network together, so that it is one site of the lowest level; of n blocks exactly round(0.4 n) are
/// seen.
/// </summary>
/// <remarks>
/// Tian et al., "Designing BERT for Convolutional Networks: Sparse and Hierarchical Masked Modeling" (SparK), 2023; decoder and loss as in Wald et
/// al., "Revisiting MAE pre-training for 3D medical image segmentation" (S3D), 2024. Chance is 1: that of a prediction of 0.
/// </remarks>
[Objective("spark", "Masked images, with an encoder of sparse convolutions that sees no hidden block (U-Net).")]
public sealed class SparkObjective : Objective
{
    private const double HiddenShare = 0.6;

    // A norm of one site would be 0 whatever the image.
    private const int LeastSeen = 2;

    private readonly BlockGrid grid;
    private readonly int seen;
    private SparkParts? parts;

    /// <summary>The objective.</summary>
    /// <param name="context">What it is made for.</param>
    /// <exception cref="ObjectiveException">The network is no U-Net, or an image has too few blocks.</exception>
    public SparkObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Network.Kind != NetworkKind.UNet)
        {
            throw new ObjectiveException(
                $"Objective {context.Name} leaves hidden blocks out of convolutions, and a network of kind {context.Network.Kind} mixes places "
                + "in other ways too; take the U-Net (--net unet), or the objective mae.");
        }

        int side = context.Network.Strides.Aggregate(1, static (product, stride) => product * stride);
        grid = new BlockGrid(context.Shape, _ => side);
        seen = (int)Math.Round((1 - HiddenShare) * grid.Count);
        if (seen < LeastSeen)
        {
            throw new ObjectiveException(
                $"Objective {context.Name} hides blocks of {side} voxels, and {context.Shape} has {grid.Count}: take longer sides (--size), so that "
                + "there are at least 4.");
        }
    }

    /// <inheritdoc/>
    public override nn.Module? Parts => parts;

    /// <summary>What is hidden can be told from its surroundings to an extent that nobody knows.</summary>
    public override ObjectiveBounds Bounds => new(HiddenSquares.Chance);

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount)
    {
        ArgumentNullException.ThrowIfNull(network);
        parts = new SparkParts(network.Options);
    }

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using DisposeScope scope = NewDisposeScope();
        var network = (ResidualUNet)batch.Network;
        Tensor image = batch.Input(ObjectiveView.Sample);
        var sites = new SparseSites(Seen(batch, image.device), network.Options.Strides);
        IReadOnlyList<Tensor> maps = network.EncodeSparse(batch.InNetworkType(image), sites);
        Tensor features = network.Decode([.. maps.Select((map, level) => batch.InNetworkType(parts!.Densify(level, map, sites)))]);
        Tensor loss = HiddenSquares.Mean(parts!.Predict(features), image, sites.Holes(image.shape));
        return new ObjectiveValue(batch.Backward(loss), []);
    }

    /// <summary>The blocks that the network sees: bool [B, 1, (blocks,) blocks, blocks].</summary>
    internal Tensor Seen(ObjectiveStep step, Device device) => grid.Draw(step, seen, device);
}
