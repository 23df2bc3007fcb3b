using System.Diagnostics;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Training;
using TorchSharp;

namespace GpuSynth.Perf.Training;

/// <summary>
/// A pre-training step taken apart: the same parts in the same order as in <see cref="TrainingLoop"/>, with the clock read
/// between them. Beside the time, the processor time of the whole process: on a busy machine it is the steadier of the two, but what
/// the engine's threads do for the next batch meanwhile is in whatever part it falls.
/// </summary>
internal static class StepParts
{
    private const int WarmUpSteps = 6;
    private const double ObjectiveShare = 10;
    private static readonly string[] Names = ["data", "forward", "objective", "backward", "optimiser"];

    /// <summary>The default run, and a 2D one whose network two cores can train.</summary>
    public static IEnumerable<PretrainOptions> Cases(int threads)
    {
        PretrainOptions volumes = new()
        {
            Recipe = Presets.Get(PretrainDefaults.Preset),
            Shape = PretrainDefaults.Shape(3, NetworkKind.UNet),
            Network = PretrainDefaults.Network(NetworkKind.UNet, 3),
            Threads = threads,
        };
        PretrainOptions images = volumes with
        {
            Recipe = Presets.Get("rasd-2d"),
            Shape = PretrainDefaults.Shape(2, NetworkKind.UNet),
            Network = PretrainDefaults.Network(NetworkKind.UNet, 2) with { Channels = [16, 32, 64, 128], Strides = [2, 2, 2] },
            Batch = 8,
        };
        foreach (PretrainOptions options in new[] { volumes, images, images with { Objective = "segment", RankLabels = true } })
        {
            yield return options;
            yield return options with { Precision = Precision.Bf16 };
        }
    }

    /// <summary>Medians of the parts of a run's steps.</summary>
    public static IEnumerable<TrainingResult> Measure(PretrainOptions options, int steps)
    {
        var seconds = new double[Names.Length, steps];
        var processor = new double[Names.Length, steps];
        Run(options, steps, (step, part, took, worked) => (seconds[part, step], processor[part, step]) = (took, worked));
        string precision = options.Precision.ToString().ToLowerInvariant();
        string setting = $"{options.Batch} x {options.Shape}, {options.Objective}, {precision}";
        string speed = options.Shape.Dimensions == 2 ? "images/s" : "volumes/s";
        double whole = MedianOfSums(seconds);
        yield return new("step", setting, steps, 1000 * whole, "ms");
        yield return new("step, processor time", setting, steps, 1000 * MedianOfSums(processor), "ms");
        yield return new("training speed", setting, steps, options.Batch / whole, speed);
        for (int part = 0; part < Names.Length; part++)
        {
            yield return new($"- {Names[part]}", setting, steps, 1000 * Median(seconds, part), "ms");
            yield return new($"- {Names[part]}, processor", setting, steps, 1000 * Median(processor, part), "ms");
        }

        yield return new("objective's share", setting, steps, 100 * Median(seconds, 2) / whole, "% of step", ObjectiveShare);
    }

    private static void Run(PretrainOptions options, int steps, Action<int, int, double, double> keep)
    {
        torch.set_num_threads(options.Threads);
        torch.random.manual_seed(1);
        using var objective = (OutputObjective)options.CreateObjective();
        using var ring = new TensorRing(TrainingParts.PlanOf(options));
        int labels = ring.Engine.Plan.LabelCount;
        using var network = new TrainedNetwork(
            TrainingParts.NetworkOf(options.Network, objective, labels), options.Precision, torch.CPU);
        using var optimiser = new ClippedAdamW(network.Parameters, options.LearningRate, options.WeightDecay);
        using var process = Process.GetCurrentProcess();
        for (int step = -WarmUpSteps; step < steps; step++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            (long start, double worked) = (Stopwatch.GetTimestamp(), Worked());
            int part = 0;
            optimiser.ZeroGradients();
            TensorBatch batch = ring.Acquire();
            torch.Tensor input = InputScale.ZScore(batch.Image);
            Mark();
            torch.Tensor features = network.Forward(input);
            Mark();
            // The objective begins a backward pass of its own: here it ends at the features.
            torch.Tensor leaf = features.detach().requires_grad_();
            objective.Backward(leaf, batch.Label, labels, 1);
            Mark();
            features.backward([leaf.grad!]);
            network.CollectGradients();
            Mark();
            ring.Release(batch);
            optimiser.Clip(options.Clip);
            optimiser.Step(options.LearningRate);
            network.CopyToWorking();
            Mark();

            void Mark()
            {
                (long now, double done) = (Stopwatch.GetTimestamp(), Worked());
                if (step >= 0)
                {
                    keep(step, part, Stopwatch.GetElapsedTime(start, now).TotalSeconds, done - worked);
                }

                (start, worked) = (now, done);
                part++;
            }
        }

        double Worked()
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    private static double Median(double[,] values, int part) =>
        Spread.Of(Enumerable.Range(0, values.GetLength(1)).Select(step => values[part, step])).Median;

    private static double MedianOfSums(double[,] values) => Spread.Of(Enumerable.Range(0, values.GetLength(1)).Select(
        step => Enumerable.Range(0, Names.Length).Sum(part => values[part, step]))).Median;
}
