using System.Diagnostics;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Evaluating;

/// <summary>What an arm of a task will take.</summary>
/// <param name="Task">The task.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Trainings">Trainings: at every rate, and then of every number of cases and seed.</param>
/// <param name="Hours">Hours of one thread for their steps, pre-trainings on label maps included; validation and tests come on top.</param>
public sealed record CostRow(string Task, string Arm, int Trainings, double Hours);

/// <summary>What an evaluation will take, from steps that are timed on this machine.</summary>
public static class EvaluationCost
{
    private const int Steps = 3;

    /// <summary>Times a few steps of every network and shape. Nothing is written.</summary>
    /// <exception cref="GpuSynthException">Something does not fit.</exception>
    public static IReadOnlyList<CostRow> Of(EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        EvaluationSuite suite = options.Suite;
        var plan = EvaluationPlan.Of(options);
        Dictionary<(string Network, VolumeShape Patch, int Batch), double> known = [];
        int threads = get_num_threads();
        set_num_threads(1);
        try
        {
            return
            [
                .. plan.Tasks.Where(static task => !task.Task.IsClassification).SelectMany(task => task.Arms.Select(arm =>
                {
                    int tried = suite.Rates.Count > 1 ? suite.Rates.Count : 0, begun = task.Task.Cases.Count(static cases => cases > 0) * suite.Seeds;
                    double seconds = (tried + begun) * suite.Steps * SecondsOf(task, arm, suite.Batch);
                    double before = arm.Maps is { } maps ? begun * maps.Steps * SecondsOf(task, arm, maps.Batch) : 0;
                    return new CostRow(task.Task.Name, arm.Name, tried + begun, (seconds + before) / 3600);
                })),
            ];
        }
        finally
        {
            set_num_threads(threads);
        }

        double SecondsOf(PlannedTask task, PlannedArm arm, int batch)
        {
            VolumeShape patch = task.PatchOf(arm, () => MedianOf(task));
            (string, VolumeShape, int) key = (arm.Network.ToJson(), patch, batch);
            return known.TryGetValue(key, out double seconds) ? seconds : known[key] = StepSeconds(arm.Network, patch, batch);
        }
    }

    // Of the files' own spacing, for nothing is resampled here.
    private static VolumeShape MedianOf(PlannedTask task)
    {
        VolumeShape[] shapes = [.. SegmentationDataset.Open(task.DataFolder).Cases.Select(static files => CaseHeader.Read(files).Axes.Shape)];
        int Median(Func<VolumeShape, int> side) => shapes.Select(side).Order().ElementAt(shapes.Length / 2);
        return task.Dimensions == 2
            ? VolumeShape.Image(Median(static one => one.Height), Median(static one => one.Width))
            : VolumeShape.Volume(Median(static one => one.Depth), Median(static one => one.Height), Median(static one => one.Width));
    }

    private static double StepSeconds(NetworkOptions options, VolumeShape patch, int batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationNetwork network = NetworkFactory.Create(options);
        Tensor image = randn(patch.Dimensions == 2
            ? [batch, options.InChannels, patch.Height, patch.Width]
            : [batch, options.InChannels, patch.Depth, patch.Height, patch.Width]);
        network.train();
        double least = double.PositiveInfinity;
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope ofStep = NewDisposeScope();
            long start = Stopwatch.GetTimestamp();
            network.call(image).mean().backward();
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return least;
    }
}
