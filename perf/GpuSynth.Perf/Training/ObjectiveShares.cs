using System.Diagnostics;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Torch;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Training;
using TorchSharp;

namespace GpuSynth.Perf.Training;

/// <summary>
/// What an objective costs beside its network: whole steps of every objective, and in turn with each the network alone, forward and backward on the
/// very inputs that the objective gave it. An objective that calls the network's parts itself is set beside one dense pass of its samples.
/// </summary>
internal static class ObjectiveShares
{
    private const int WarmUpSteps = 3;
    private const double TargetShare = 10;

    /// <summary>Every objective in the float32 cases of different shapes; combinations that are refused are left out.</summary>
    public static IEnumerable<TrainingResult> Measure(IEnumerable<PretrainOptions> cases, int steps)
    {
        foreach (PretrainOptions options in cases.Where(static one => one.Precision == Precision.Fp32).DistinctBy(static one => one.Shape))
        {
            foreach (string name in ObjectiveCatalogue.Own.Names)
            {
                PretrainOptions own = options with { Objective = name, RankLabels = name == SegmentObjective.ObjectiveName };
                if (IsRefused(own))
                {
                    continue;
                }

                foreach (TrainingResult result in Measure(own, steps))
                {
                    yield return result;
                }
            }
        }
    }

    private static bool IsRefused(PretrainOptions options)
    {
        try
        {
            options.Check();
            return false;
        }
        catch (GpuSynthException)
        {
            return true;
        }
    }

    private static IEnumerable<TrainingResult> Measure(PretrainOptions options, int steps)
    {
        torch.set_num_threads(options.Threads);
        torch.random.manual_seed(1);
        using Objective objective = options.CreateObjective();
        using var source = new ViewSource(options, objective.Views, torch.CPU);
        int labels = source.Plan.LabelCount;
        using var network = new TrainedNetwork(
            TrainingParts.NetworkOf(options.Network, objective, labels), options.Precision, torch.CPU);
        objective.Begin(network.Weights, labels);
        using var optimiser = new ClippedAdamW(
            network.Parameters.Concat(objective.Parts?.parameters().Where(static one => one.requires_grad) ?? []),
            options.LearningRate, options.WeightDecay);
        source.Start(0);
        double[] whole = new double[steps], alone = new double[steps];
        for (int step = -WarmUpSteps; step < steps; step++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            ViewBatch views = source.Acquire();
            List<NetworkPass> passes = [];
            optimiser.ZeroGradients();
            long start = Stopwatch.GetTimestamp();
            objective.Backward(new ObjectiveStep(network.Working, network.Type, views.Tensors)
            {
                FirstItem = views.FirstItem, Seed = options.Seed, LabelCount = labels, Passes = passes,
            });
            network.CollectGradients();
            optimiser.Clip(options.Clip);
            optimiser.Step(options.LearningRate);
            objective.AfterStep();
            double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (passes.Count == 0)
            {
                passes.Add(NetworkPass.Of(InputScale.ZScore(views.Batches[0].Image), NetworkReach.Output));
            }

            start = Stopwatch.GetTimestamp();
            passes.ForEach(pass => Replay(network, pass));
            double replayed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            passes.ForEach(static pass => pass.Input.Dispose());
            source.Release(views);
            if (step >= 0)
            {
                (whole[step], alone[step]) = (took, replayed);
            }
        }

        string setting = $"{options.Batch} x {options.Shape}, {options.Objective}";
        double median = Spread.Of(whole).Median;
        long images = (long)options.Batch * objective.SampleCount;
        yield return new("step of an objective", setting, steps, median, "ms");
        yield return new("- network alone", setting, steps, Spread.Of(alone).Median, "ms");
        yield return new(
            "- not the network", setting, steps, 100 * Spread.Of([.. whole.Zip(alone, static (a, b) => (a - b) / a)]).Median, "% of step",
            TargetShare);
        yield return new(
            "- samples seen", setting, steps, 1000 * images / median, options.Shape.Dimensions == 2 ? "images/s" : "volumes/s");
    }

    private static void Replay(TrainedNetwork network, NetworkPass pass)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = pass.Input.to_type(network.Type);
        torch.Tensor[] outputs = pass.Reach == NetworkReach.Output
            ? [network.Working.call(input)]
            : [.. network.Working.FeatureMaps(input, pass.Reach == NetworkReach.Encoder).Select(static map => map.Values)];
        torch.autograd.backward(outputs, [.. outputs.Select(static one => torch.ones_like(one))]);
    }
}
