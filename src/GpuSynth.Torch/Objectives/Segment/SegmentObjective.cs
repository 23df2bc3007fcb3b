using TorchSharp;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// The plain baseline: the network names the synthetic label of every voxel. Loss = Dice loss + cross-entropy; the Dice loss is
/// 1 - the mean over images and labels of (2 sum p y + 1e-5) / (sum p + sum y + 1e-5), p the softmax over labels.
/// </summary>
/// <remarks>
/// Labels whose numbers mean nothing are one class (<see cref="SyntheticClasses"/>): of K that are drawn alike p(label | image) is 1 / K, and the
/// cross-entropy never falls below ln K. A class that is absent from an image counts as any other: what is predicted of it is wrong.
/// </remarks>
[Objective(ObjectiveName, "What the synthetic labels mean, or the ranks of their intensities, with Dice and cross-entropy.")]
public sealed class SegmentObjective : OutputObjective
{
    /// <summary>What commands and checkpoints call it.</summary>
    public const string ObjectiveName = "segment";

    private const double Smoothing = 1e-5;

    private readonly SyntheticClasses? classes;

    /// <summary>The objective.</summary>
    /// <param name="context">What it is made for.</param>
    /// <exception cref="ObjectiveException">No number of a label means anything.</exception>
    public SegmentObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        classes = SyntheticClasses.Of(context) ?? throw new ObjectiveException(
            $"The labels of recipe {context.Recipe.Name} are exchangeable: their numbers mean nothing, so that no network can name them and the "
            + "cross-entropy never falls below ln K; give --rank-labels, which numbers them by their intensity, or take a recipe whose labels mean "
            + "something: label maps, or trees, lesions or a shell over the noise.");
    }

    /// <summary>The loss of labels as they are.</summary>
    internal SegmentObjective()
    {
    }

    /// <inheritdoc/>
    public override bool NamesLabels => true;

    /// <inheritdoc/>
    public override int? OutputChannels(int labelCount) => classes?.Count(labelCount) ?? labelCount;

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (classes is null)
        {
            return base.Backward(batch);
        }

        torch.Tensor features = batch.Forward(batch.Input(ObjectiveView.Sample));
        return Backward(features, classes.Of(batch, ObjectiveView.Sample), classes.Count(batch.LabelCount), batch.Scale);
    }

    /// <inheritdoc/>
    public override ObjectiveValue Backward(torch.Tensor features, torch.Tensor labels, int labelCount, double scale) =>
        BackwardOf(features, labels, labelCount, scale);

    /// <summary>The same, of any objective's logits and classes.</summary>
    internal static ObjectiveValue BackwardOf(torch.Tensor features, torch.Tensor labels, int labelCount, double scale)
    {
        ObjectiveInput.Check(features, labels, labelCount);
        if (features.shape[1] != labelCount)
        {
            throw new ArgumentException(
                $"Features of {features.shape[1]} channels do not name {labelCount} labels.", nameof(features));
        }

        using DisposeScope scope = torch.NewDisposeScope();
        if (HostFeatures.Of(features.detach(), labels, labelCount) is { } given)
        {
            (double ofDice, double ofLabels) = HostObjectives.Segment(given, scale);
            if (features.requires_grad)
            {
                features.backward([given.Gradient]);
            }

            return Value(ofDice, ofLabels);
        }

        return BackwardByTensors(features, labels, labelCount, scale);
    }

    /// <summary>The tensor form, for every device and type, and the reference of the host's form.</summary>
    internal static ObjectiveValue BackwardByTensors(torch.Tensor features, torch.Tensor labels, int labelCount, double scale)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor dice, torch.Tensor crossEntropy) = Losses(features, labels, labelCount);
        if (features.requires_grad)
        {
            dice.Plus(crossEntropy).mul(Scalars.Of(scale)).backward();
        }

        return Value(Number(dice), Number(crossEntropy));
    }

    private static ObjectiveValue Value(double dice, double crossEntropy) =>
        new(dice + crossEntropy, [("dice", dice), ("crossEntropy", crossEntropy)]);

    private static (torch.Tensor Dice, torch.Tensor CrossEntropy) Losses(torch.Tensor logits, torch.Tensor labels, int labelCount)
    {
        long batch = logits.shape[0];
        torch.ScalarType type = logits.dtype == torch.float64 ? torch.float64 : torch.float32;
        torch.Tensor logarithms = logits.to_type(type).reshape(batch, labelCount, -1).log_softmax(1);
        torch.Tensor numbers = torch.arange(Scalars.Of(0), Scalars.Of(labelCount), Scalars.Of(1), dtype: torch.uint8, device: labels.device).reshape(1, labelCount, 1);
        torch.Tensor oneHot = labels.reshape(batch, 1, -1).eq(numbers).to_type(type);
        torch.Tensor crossEntropy = (logarithms * oneHot).sum().mul(Scalars.Of(-1.0 / (batch * logarithms.shape[2])));
        torch.Tensor probabilities = logarithms.exp();
        torch.Tensor common = (probabilities * oneHot).sum(2).mul(Scalars.Of(2)).Plus(Smoothing);
        torch.Tensor all = probabilities.sum(2).Plus(oneHot.sum(2)).Plus(Smoothing);
        return (common.div(all).mean().mul(Scalars.Of(-1)).Plus(1), crossEntropy);
    }

    private static double Number(torch.Tensor tensor) => tensor.detach().to_type(torch.float64).item<double>();
}
