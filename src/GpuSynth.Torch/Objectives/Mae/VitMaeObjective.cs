using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// The masked autoencoder of a vision transformer: the encoder sees a quarter of an image's patches, and a small decoder tells the others' voxels,
/// each patch scaled by itself. Loss = the mean over hidden patches of the mean over voxels of (prediction - t)^2, t = (x - mean) / sqrt(var + 1e-6)
/// with the unbiased variance of the patch. He et al., "Masked autoencoders are scalable vision learners", 2022.
/// </summary>
/// <remarks>
/// The network's convolutions are not used and stay as they are: what is learnt is its encoder (<c>finetune --transfer encoder</c>).
/// </remarks>
[Objective(ObjectiveName, "The hidden three quarters of an image's patches from the others (masked autoencoder; --net vit).")]
public sealed class VitMaeObjective : Objective
{
    /// <summary>What commands and checkpoints call it.</summary>
    public const string ObjectiveName = "mae-vit";

    private const double VarianceOffset = 1e-6;

    private readonly int voxels;
    private VitMaeDecoder? decoder;

    /// <summary>The objective.</summary>
    /// <param name="context">What it is made for.</param>
    /// <exception cref="ObjectiveException">The network is no vision transformer, or a sample has too few patches.</exception>
    public VitMaeObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        NetworkOptions network = context.Network;
        if (network.Kind != NetworkKind.Vit)
        {
            string kind = network.Kind == NetworkKind.SwinUnetr ? "Swin UNETR" : "U-Net";
            throw new ObjectiveException(
                $"Objective {context.Name} hides patches from a vision transformer, and this network is a {kind}: take --net vit, or another objective.");
        }

        int patch = network.PatchSize;
        long patches = context.Shape.VoxelCount / (long)Math.Pow(patch, context.Shape.Dimensions);
        if (VitMaeMasking.KeptOf(patches) == 0)
        {
            throw new ObjectiveException(
                $"Objective {context.Name} keeps a quarter of a sample's patches, and {context.Shape} has {patches} of side {patch}: "
                + $"take --size {4 * patch} or more.");
        }

        voxels = network.InChannels * (int)Math.Pow(patch, network.Dimensions);
    }

    /// <inheritdoc/>
    public override nn.Module? Parts => decoder;

    /// <summary>At chance, 0 everywhere: the mean square of values whose unbiased variance is 1.</summary>
    public override ObjectiveBounds Bounds => new((voxels - 1.0) / voxels);

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount)
    {
        ArgumentNullException.ThrowIfNull(network);
        decoder = new VitMaeDecoder(network.Options.HiddenSize, voxels);
    }

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Tensor input = batch.Input(ObjectiveView.Sample);
        using DisposeScope scope = NewDisposeScope();
        var network = (VisionTransformer)batch.Network;
        PatchGrid grid = network.GridOf(input);
        var masking = VitMaeMasking.Draw(batch, (int)grid.Count, input.device);
        Tensor encoded = network.EncodePatches(batch.InNetworkType(input), masking.Kept).to_type(ScalarType.Float32);
        Tensor prediction = decoder!.Predict(encoded, masking, grid.Counts);
        Tensor loss = Loss(prediction, Normalised(grid.Voxels(input)), masking.Hidden);
        loss.mul(Scalars.Of(batch.Scale)).backward();
        return new ObjectiveValue(loss.detach().to_type(ScalarType.Float64).item<double>(), []);
    }

    /// <summary>Every patch [B, L, voxels] with mean 0 and, but for the offset, an unbiased variance of 1.</summary>
    internal static Tensor Normalised(Tensor patches)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor centred = patches.sub(patches.mean([-1], keepdim: true));
        Tensor variance = centred.mul(centred).sum(-1, keepdim: true).div(Scalars.Of(patches.shape[^1] - 1.0));
        return centred.div(variance.Plus(VarianceOffset).sqrt()).MoveToOuterDisposeScope();
    }

    /// <summary>The mean over hidden patches of the mean square of the errors.</summary>
    /// <param name="prediction">[B, L, voxels].</param>
    /// <param name="target">[B, L, voxels].</param>
    /// <param name="hidden">[B, L]: 1 of hidden patches, 0 of the others.</param>
    internal static Tensor Loss(Tensor prediction, Tensor target, Tensor hidden)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor error = prediction.sub(target);
        return error.mul(error).mean([-1]).mul(hidden).sum().div(hidden.sum()).MoveToOuterDisposeScope();
    }
}
