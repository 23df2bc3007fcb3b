using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// For vision transformers: the encoder sees a quarter of an image's patches, and a small decoder tells the others' voxels, each patch scaled by itself. Loss = the mean
/// over hidden patches of the mean over voxels of (prediction - t)^2, t = (x - mean) / sqrt(var + 1e-6) with the unbiased variance of the patch. He et al., "Masked
/// autoencoders are scalable vision learners", 2022.
/// </summary>
/// <remarks>
/// The network's convolutions are not used and stay as they are: what is learnt is its encoder (<c>finetune --transfer encoder</c>).
/// </remarks>
internal sealed class MaskedPatches : IMaeForm, IDisposable
{
    private const double VarianceOffset = 1e-6;

    private readonly int voxels;
    private VitMaeDecoder? decoder;

    /// <exception cref="ObjectiveException">A sample has too few patches.</exception>
    public MaskedPatches(ObjectiveContext context)
    {
        int patch = context.Network.PatchSize;
        long patches = context.Shape.VoxelCount / (long)Math.Pow(patch, context.Shape.Dimensions);
        if (VitMaeMasking.KeptOf(patches) == 0)
        {
            throw new ObjectiveException(
                $"Objective {context.Name} keeps a quarter of a sample's patches, and {context.Shape} has {patches} of side {patch}: "
                + $"take --size {4 * patch} or more.");
        }

        voxels = context.Network.InChannels * (int)Math.Pow(patch, context.Network.Dimensions);
    }

    /// <inheritdoc/>
    public nn.Module? Parts => decoder;

    /// <summary>At chance, 0 everywhere: the mean square of values whose unbiased variance is 1.</summary>
    public ObjectiveBounds Bounds => new((voxels - 1.0) / voxels);

    /// <inheritdoc/>
    public void Begin(SegmentationNetwork network) => decoder = new VitMaeDecoder(network.Options.HiddenSize, voxels);

    /// <inheritdoc/>
    public Tensor Loss(ObjectiveStep step, ObjectiveView target)
    {
        Tensor input = step.Input(ObjectiveView.Sample);
        var network = (VisionTransformer)step.Network;
        PatchGrid grid = network.GridOf(input);
        var masking = VitMaeMasking.Draw(step, (int)grid.Count, input.device);
        Tensor encoded = network.EncodePatches(step.InNetworkType(input), masking.Kept).to_type(ScalarType.Float32);
        Tensor prediction = decoder!.Predict(encoded, masking, grid.Counts);
        return Loss(prediction, Normalised(grid.Voxels(step.Input(target))), masking.Hidden);
    }

    /// <summary>Frees the parts.</summary>
    public void Dispose() => decoder?.Dispose();

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
