using GpuSynth.Torch.Networks;
using TorchSharp;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Masked images: three quarters of an image's blocks are hidden from the network, which predicts them from the others. With x the image
/// (mean 0, standard deviation 1), m = 1 in hidden blocks and 0 elsewhere, p the prediction from x (1 - m):
/// <code>
/// loss = sum over voxels of (p - x)^2 m / sum over voxels of m
/// </code>
/// Of n blocks exactly int(0.75 n) are hidden, others in every item. Along every axis a block has 16 voxels, or 8, 4, 2, 1 where the axis would have
/// fewer than 4 blocks; the last one may be cut. Of mae-clean x is the same image without noise, blur and artefacts: what was drawn for every
/// voxel by itself cannot be predicted.
/// </summary>
/// <remarks>
/// A vision transformer sees nothing of the hidden patches (<see cref="MaskedPatches"/>).
/// He et al., "Masked Autoencoders Are Scalable Vision Learners", 2022; with a U-Net and no tokens as in Wald et al., "An OpenMind for 3D medical
/// vision self-supervised learning", 2024. Chance is 1: that of a prediction of 0.
/// </remarks>
[Objective("mae", "Masked images: hidden blocks are predicted from those around them.")]
[Objective(CleanName, "The same; predicted is the image without noise, blur and artefacts.")]
public sealed class MaeObjective : Objective
{
    private const string CleanName = "mae-clean";

    private readonly IMaeForm form;
    private readonly ObjectiveView target;

    /// <summary>The objective of its declared name.</summary>
    /// <param name="context">What it is made for.</param>
    /// <exception cref="ObjectiveException">A sample has too few patches for a vision transformer.</exception>
    public MaeObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        target = ObjectiveView.Sample with { IsClean = context.Name == CleanName };
        Views = target.IsClean ? [ObjectiveView.Sample, target] : [target];
        form = FormOf(context);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views { get; }

    /// <inheritdoc/>
    public override torch.nn.Module? Parts => form.Parts;

    /// <inheritdoc/>
    public override ObjectiveBounds Bounds => form.Bounds;

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount)
    {
        ArgumentNullException.ThrowIfNull(network);
        form.Begin(network);
    }

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using DisposeScope scope = torch.NewDisposeScope();
        return new ObjectiveValue(batch.Backward(form.Loss(batch, target)), []);
    }

    // By the network's family.
    private static IMaeForm FormOf(ObjectiveContext context) =>
        context.Network.Kind == NetworkKind.Vit ? new MaskedPatches(context) : new MaskedImage(context.Shape);
}
