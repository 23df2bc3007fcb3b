using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>
/// Several things at once of one pass, all of which the synthesis knows: what labels mean, the image before it was degraded, the bias field, how far
/// borders are, and of label maps the place. Features are divided by their length at every voxel, one 1-wide head gives each task's answer, and the
/// loss is the sum of the tasks', all of weight 1. Source: BrainFM (Liu et al.).
/// </summary>
/// <remarks>
/// Left out are labels whose numbers mean nothing and are not ranked, the clean image of a recipe that degrades nothing, the field of one that has
/// none, and the place of anatomies that are alike everywhere. Fields and places are views of their own: they are made ahead, as samples are.
/// </remarks>
[Objective("multitask", "Labels, the clean image, the bias field, the distance to borders and the place, with a head each.")]
public sealed class MultitaskObjective : Objective
{
    private readonly VoxelTask[] tasks;
    private VoxelHeads? heads;

    /// <summary>The objective.</summary>
    /// <param name="context">What it is made for.</param>
    /// <exception cref="GpuSynthException">The recipe has no clean form.</exception>
    public MultitaskObjective(ObjectiveContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        tasks =
        [
            .. SyntheticClasses.Of(context) is { } classes ? new VoxelTask[] { new LabelTask(classes) } : [],
            .. context.Recipe.Clean() != context.Recipe ? new VoxelTask[] { new CleanTask() } : [],
            .. BiasTask.Of(context.Recipe) is { } field ? new VoxelTask[] { field } : [],
            new DistanceTask(SyntheticClasses.HasBackground(context)),
            .. CoordinateTask.Of(context.Recipe) is { } places ? new VoxelTask[] { places } : [],
        ];
        Views = [ObjectiveView.Sample, .. tasks.SelectMany(static task => task.Views)];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views { get; }

    /// <inheritdoc/>
    public override nn.Module? Parts => heads;

    /// <inheritdoc/>
    public override bool NamesLabels => true;

    /// <summary>Names of the tasks.</summary>
    internal IEnumerable<string> TaskNames => tasks.Select(static task => task.Name);

    /// <summary>A task that it has.</summary>
    internal T Task<T>()
        where T : VoxelTask => tasks.OfType<T>().Single();

    /// <inheritdoc/>
    public override void Begin(SegmentationNetwork network, int labelCount) =>
        heads = new VoxelHeads(network.Options, tasks.Select(task => (task.Name, task.Outputs(labelCount))));

    /// <inheritdoc/>
    public override ObjectiveValue Backward(ObjectiveStep batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using DisposeScope scope = NewDisposeScope();
        var pass = new UnitHeadPass(heads!, batch.Forward(batch.Input(ObjectiveView.Sample)));
        // Tasks one after another: the memory of one is free before the next one's is taken, and the network is gone back through once.
        var parts = new (string Name, double Value)[tasks.Length];
        for (int n = 0; n < tasks.Length; n++)
        {
            using DisposeScope ofTask = NewDisposeScope();
            parts[n] = (tasks[n].Name, tasks[n].Backward(batch, pass.Outputs[n]));
        }

        pass.Backward();
        return new ObjectiveValue(parts.Sum(static part => part.Value), parts);
    }
}
