using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli.Generating;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Benchmarking;

/// <summary>
/// Times whole samples of the engine, from the key to the finished image: one at a time with all threads on it, and in batches.
/// </summary>
internal static class EngineBenchmark
{
    // Enough for quartiles, and long enough that a machine's short moods even out.
    private const int LeastSamples = 15;
    private const double LeastSeconds = 3;

    // The compiler replaces code while it warms up: by then it is done.
    private const int LeastWarmUpSamples = 5;
    private const double LeastWarmUpSeconds = 1.5;

    private const int LeastBatches = 5;

    // Every run makes other samples: a recipe's samples differ in cost, and the spread shows it.
    private static readonly RepeatPolicy Repeats = new()
    {
        WarmUp = TimeSpan.FromSeconds(LeastWarmUpSeconds),
        Most = int.MaxValue,
        Duration = TimeSpan.FromSeconds(LeastSeconds),
    };

    // On a GPU a batch is enqueued while others run: so many share one wait.
    private const int BatchesPerWait = 10;
    private const int BatchOnGpu = 8;

    /// <summary>Measures; takes some ten seconds, longer at large sizes.</summary>
    /// <param name="options">Recipe, shape, device, threads, label maps; a batch size of 1 stands for the device's usual one.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="PlanException">The options do not fit each other.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static BenchmarkReport Run(EngineOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options with { SlotsOnDevice = options.Device.StartsWith("cuda:", StringComparison.Ordinal) };
        SynthesisPlan plan = SynthesisPlan.Create(options with { BatchSize = 1 });
        (IReadOnlyList<double> samples, StageTimes stages) = TimeSamples(plan, stop);
        int usual = options.Device == DeviceCatalogue.Host ? 2 * plan.Threads : BatchOnGpu;
        int batchSize = options.BatchSize > 1 ? options.BatchSize : usual;
        IReadOnlyList<double>? batches = TimeBatches(options with { BatchSize = batchSize }, stop);
        return new BenchmarkReport
        {
            Recipe = options.Recipe.Name,
            Device = options.Device,
            Size = options.Shape.ToString(),
            Voxels = options.Shape.VoxelCount,
            Labels = plan.LabelCount,
            Threads = plan.Threads,
            Samples = samples.Count,
            Milliseconds = Spread.Of(samples),
            Stages = stages,
            BatchSize = batches is null ? 0 : batchSize,
            BatchMilliseconds = batches is null ? null : Spread.Of(batches),
            WorkspaceBytes = plan.WorkspaceBytes,
            Ceilings = ThreadCeilings.Measure(CacheSizes.Current(), plan.Threads),
            Machine = MachineFacts.Current(),
            Commit = SourceCommit.Find(),
        };
    }

    private static (IReadOnlyList<double> Milliseconds, StageTimes Stages) TimeSamples(SynthesisPlan plan, CancellationToken stop)
    {
        using var engine = new SynthesisEngine(plan);
        using var slot = new BatchSlot(engine);
        DrawnSample[] drawn = [engine.CreateDrawn()];
        var keys = new SampleKey[1];
        var stages = new List<StageTimes>();
        Repeated repeated = Repeated.Measure(
            sample =>
            {
                keys[0] = SampleKey.Of(sample);
                engine.GenerateBatch(keys, slot.Memory, drawn);
                engine.Complete(drawn);
            },
            Repeats with { LeastWarmUps = LeastWarmUpSamples, Least = LeastSamples },
            keep: () => stages.Add(engine.LastStageTimes),
            stop: stop);
        double Median(Func<StageTimes, double> stage) => Spread.Of(stages.Select(stage)).Median;
        return (repeated.Times, new StageTimes(
            Median(static times => times.Draw),
            Median(static times => times.Anatomy),
            Median(static times => times.Appearance),
            Median(static times => times.Normalise)));
    }

    private static double[]? TimeBatches(EngineOptions options, CancellationToken stop)
    {
        SynthesisPlan plan;
        try
        {
            plan = SynthesisPlan.Create(options);
        }
        catch (PlanException)
        {
            // One sample fitted into the memory, a batch does not.
            return null;
        }

        using var batches = new BenchmarkBatches(plan);
        int together = options.SlotsOnDevice ? BatchesPerWait : 1;
        Repeated repeated = Repeated.Measure(
            _ =>
            {
                for (int repetition = 0; repetition < together; repetition++)
                {
                    batches.Next();
                }

                batches.Complete();
            },
            Repeats with { Least = LeastBatches },
            stop: stop);
        return [.. repeated.Times.Select(time => time / together)];
    }
}
