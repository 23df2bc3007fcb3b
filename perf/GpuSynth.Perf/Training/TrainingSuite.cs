using System.Diagnostics;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;
using GpuSynth.Torch;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Training;
using TorchSharp;

namespace GpuSynth.Perf.Training;

/// <summary>What is a step made of, does it wait for its data, what does the bridge cost, does a long run keep its memory?</summary>
internal static class TrainingSuite
{
    private const int WarmUpSteps = 5;
    private const int DefaultSteps = 30;
    private const int Batches = 300;
    private const int ShareSteps = 12;

    // The first is behind the growth of heaps and caches; between the others nothing may grow.
    private static readonly int[] MemorySteps = [500, 1000, 1500, 2000, 2500];

    /// <summary>What is measured.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["parts", "wait", "objective", "objectives", "bridge", "memory"];

    /// <summary>Measures with a number of threads.</summary>
    /// <param name="part">Only this part; empty: all.</param>
    /// <param name="threads">Threads of torch and of the engine.</param>
    /// <param name="report">Called with each result as it comes.</param>
    /// <exception cref="GpuSynthException">There is no part of that name.</exception>
    public static IReadOnlyList<TrainingResult> Run(string part, int threads, Action<TrainingResult> report)
    {
        if (part.Length > 0 && !Parts.Contains(part))
        {
            throw new GpuSynthException($"There is no part '{part}'; choose one of {string.Join(", ", Parts)}.");
        }

        var results = new List<TrainingResult>();
        foreach (string name in Parts.Where(name => part.Length == 0 || name == part))
        {
            foreach (TrainingResult result in Measure(name, threads))
            {
                results.Add(result);
                report(result);
            }
        }

        return results;
    }

    private static IEnumerable<TrainingResult> Measure(string part, int threads) => part switch
    {
        "parts" => StepParts.Cases(threads).SelectMany(static options => StepParts.Measure(options, DefaultSteps)),
        "wait" => DefaultRun(threads),
        "objective" => Objectives(threads),
        "objectives" => ObjectiveShares.Measure(StepParts.Cases(threads), ShareSteps),
        "bridge" => Bridge(threads),
        _ => Memory(),
    };

    private static PretrainOptions Options(int threads) => StepParts.Cases(threads).First();

    private static string Setting(PretrainOptions options) =>
        $"{options.Batch} x {options.Shape}, {options.Network.OutChannels} features";

    private static IEnumerable<TrainingResult> DefaultRun(int threads)
    {
        PretrainOptions options = Options(threads);
        using var loop = new TrainingLoop(options);
        var rows = new List<MetricsRow>();
        for (int step = 0; step < WarmUpSteps + DefaultSteps; step++)
        {
            rows.Add(loop.DoStep());
        }

        rows.RemoveRange(0, WarmUpSteps);
        double seconds = rows.Sum(static row => row[MetricsRow.Seconds]);
        double waited = rows.Sum(static row => row[MetricsRow.Seconds] * row[MetricsRow.WaitShare]);
        yield return new("waiting for data", Setting(options), DefaultSteps, 100 * waited / seconds, "% of time", Target: 2);
        yield return new("copies through the host", Setting(options), DefaultSteps, loop.HostCopiesPerBatch, "per batch");
    }

    private static IEnumerable<TrainingResult> Objectives(int threads)
    {
        torch.set_num_threads(threads);
        PretrainOptions options = Options(threads);
        using var ring = new TensorRing(TrainingParts.PlanOf(options));
        TensorBatch batch = ring.Acquire();
        VolumeShape shape = options.Shape;
        using torch.Tensor features = torch.rand(
            [options.Batch, options.Network.OutChannels, shape.Depth, shape.Height, shape.Width], torch.float32);
        foreach (string name in new[] { "rasd", "rasd-cosine", SegmentObjective.ObjectiveName })
        {
            using var objective = (OutputObjective)(options with { Objective = name, RankLabels = true }).CreateObjective();
            int channels = objective.OutputChannels(ring.Engine.Plan.LabelCount) ?? options.Network.OutChannels;
            using torch.Tensor given = features.narrow(1, 0, channels).clone().requires_grad_();
            double[] times = new double[30];
            for (int n = 0; n < times.Length; n++)
            {
                long start = Stopwatch.GetTimestamp();
                objective.Backward(given, batch.Label, ring.Engine.Plan.LabelCount, 1);
                times[n] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }

            yield return new($"objective {name}", Setting(options), times.Length, Spread.Of(times).Median, "ms");
        }

        ring.Release(batch);
    }

    // Batches that are ready: what is left is the bridge itself.
    private static IEnumerable<TrainingResult> Bridge(int threads)
    {
        PretrainOptions options = Options(threads) with { Shape = VolumeShape.Cubic(3, 16) };
        using var ring = new TensorRing(TrainingParts.PlanOf(options), slots: 3);
        double[] times = new double[Batches];
        for (int n = 0; n < times.Length; n++)
        {
            Thread.Sleep(3);
            long start = Stopwatch.GetTimestamp();
            TensorBatch batch = ring.Acquire();
            ring.Release(batch);
            times[n] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        yield return new("bridge", "acquire and release", Batches, Spread.Of(times).Median, "ms", Target: 0.1);
    }

    private static IEnumerable<TrainingResult> Memory()
    {
        PretrainOptions options = Options(threads: 1) with
        {
            Shape = VolumeShape.Volume(32, 8, 8),
            Network = new NetworkOptions { Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 8 },
            Steps = MemorySteps[^1],
        };
        using var loop = new TrainingLoop(options);
        double first = 0;
        foreach (int steps in MemorySteps)
        {
            while (loop.Step < steps)
            {
                loop.DoStep();
            }

            double resident = Environment.WorkingSet / 1e6;
            first = first == 0 ? resident : first;
            string setting = $"after {steps} tiny steps";
            yield return new("resident memory", setting, steps, resident, "MB", steps == MemorySteps[^1] ? 1.02 * first : null);
            yield return new("of it managed", setting, steps, GC.GetGCMemoryInfo().TotalCommittedBytes / 1e6, "MB");
            yield return new("living tensors", setting, steps, torch.Tensor.TotalCount, "tensors");
        }
    }
}
