using GpuSynth.Torch.Networks;
using TorchSharp;

namespace GpuSynth.Torch.Objectives;

/// <summary>The loss of a batch.</summary>
/// <param name="Loss">The whole loss.</param>
/// <param name="Parts">What it is the sum of, by name.</param>
public readonly record struct ObjectiveValue(double Loss, IReadOnlyList<(string Name, double Value)> Parts);

/// <summary>What a loss means: its value of a network that knows nothing, and the least that any network can reach.</summary>
/// <param name="Chance">At chance; null where it is not known.</param>
/// <param name="Floor">At best; null where it is not known.</param>
public readonly record struct ObjectiveBounds(double? Chance = null, double? Floor = null);

/// <summary>
/// What a network is pre-trained for. A class with <see cref="ObjectiveAttribute"/> that derives from this is found by its declaration, in this
/// assembly or a plugin's; its constructor takes an <see cref="ObjectiveContext"/>, and refuses what cannot be with a
/// <see cref="GpuSynthException"/>.
/// </summary>
/// <remarks>
/// Everything random in an objective is a function of the run's seed and the item's number (<see cref="ObjectiveStep.Random(int, uint)"/>): a run that is
/// resumed goes on to the bit.
/// </remarks>
public abstract class Objective : IDisposable
{
    /// <summary>The samples that make an item, each different from the others.</summary>
    public virtual IReadOnlyList<ObjectiveView> Views { get; } = [ObjectiveView.Sample];

    /// <summary>Samples of an item: the views that are made by the run's recipe.</summary>
    internal int SampleCount => Views.Count(static view => view.Recipe is null);

    /// <summary>
    /// What is trained with the network, checkpointed and not exported: heads, decoders, tokens. Parameters that ask for no gradient (a teacher's) are
    /// checkpointed and not trained. Null: nothing. There from <see cref="Begin"/> on, in float32, on the network's device.
    /// </summary>
    public virtual torch.nn.Module? Parts => null;

    /// <summary>What the loss means.</summary>
    public virtual ObjectiveBounds Bounds => default;

    /// <summary>Whether the loss names labels, so that <see cref="ObjectiveContext.RankLabels"/> has something to number.</summary>
    public virtual bool NamesLabels => false;

    /// <summary>Channels that the network must give out; null: it leaves the choice.</summary>
    /// <param name="labelCount">Labels of the recipe.</param>
    public virtual int? OutputChannels(int labelCount) => null;

    /// <summary>Makes the parts, with weights of torch's random state. Called once, before the first step.</summary>
    /// <param name="network">The network that is trained.</param>
    /// <param name="labelCount">Labels of the recipe.</param>
    /// <exception cref="GpuSynthException">The network is none for this objective.</exception>
    public virtual void Begin(SegmentationNetwork network, int labelCount)
    {
    }

    /// <summary>Computes the loss, and adds its gradients to those of the network's and the parts' parameters.</summary>
    /// <param name="batch">The views, and the network.</param>
    /// <returns>The loss, not scaled.</returns>
    public abstract ObjectiveValue Backward(ObjectiveStep batch);

    /// <summary>Behind the optimiser's step: a teacher follows its student.</summary>
    public virtual void AfterStep()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the parts.</summary>
    /// <param name="disposing">Whether it is asked for.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Parts?.Dispose();
        }
    }
}

/// <summary>An objective of one view, whose loss is one of the network's output and of the labels alone.</summary>
public abstract class OutputObjective : Objective
{
    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        torch.Tensor features = batch.Forward(batch.Input(ObjectiveView.Sample));
        return Backward(features, batch.Labels(ObjectiveView.Sample), batch.LabelCount, batch.Scale);
    }

    /// <summary>Computes the loss, and adds its gradients to those of the parameters.</summary>
    /// <param name="features">The network's output [B, C, (D,) H, W], in its graph.</param>
    /// <param name="labels">uint8 [B, (D,) H, W], below <paramref name="labelCount"/>.</param>
    /// <param name="labelCount">Number of labels K; some may be absent.</param>
    /// <param name="scale">What gradients are multiplied by: a share where several batches make a step.</param>
    /// <returns>The loss, not scaled.</returns>
    /// <exception cref="ArgumentException">Features and labels are not of one batch.</exception>
    public abstract ObjectiveValue Backward(torch.Tensor features, torch.Tensor labels, int labelCount, double scale);
}
