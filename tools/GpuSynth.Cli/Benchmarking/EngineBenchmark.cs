using System.Diagnostics;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Benchmarking;

/// <summary>
/// Times whole samples of the engine, from the key to the finished image: one at a time with all threads on it, and in batches.
/// </summary>
public static class EngineBenchmark
{
    // Enough for quartiles, and long enough that a machine's short moods even out.
    private const int LeastSamples = 15;
    private const double LeastSeconds = 3;

    // The compiler replaces code while it warms up: by then it is done.
    private const int LeastWarmUpSamples = 5;
    private const double LeastWarmUpSeconds = 1.5;

    private const int LeastBatches = 5;

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
        (List<double> samples, StageTimes stages) = TimeSamples(plan, stop);
        int usual = options.Device == DeviceCatalogue.Host ? 2 * plan.Threads : BatchOnGpu;
        int batchSize = options.BatchSize > 1 ? options.BatchSize : usual;
        List<double>? batches = TimeBatches(options with { BatchSize = batchSize }, stop);
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
            Ceilings = MachineCeilings.Measure(plan.Threads),
            Machine = MachineFacts.Current(),
            Commit = SourceCommit.Find(),
        };
    }

    private static (List<double> Milliseconds, StageTimes Stages) TimeSamples(SynthesisPlan plan, CancellationToken stop)
    {
        using var engine = new SynthesisEngine(plan);
        using var slot = new BenchmarkSlot(engine);
        DrawnSample[] drawn = [engine.CreateDrawn()];
        var keys = new SampleKey[1];
        var stages = new List<StageTimes>();
        List<double> milliseconds = Time(
            LeastWarmUpSamples,
            LeastSamples,
            sample =>
            {
                keys[0] = SampleKey.Of(sample);
                engine.GenerateBatch(keys, slot.Memory, drawn);
                engine.Complete(drawn);
                stages.Add(engine.LastStageTimes);
            },
            stop);
        stages.RemoveRange(0, stages.Count - milliseconds.Count);
        double Median(Func<StageTimes, double> stage) => Spread.Of(stages.Select(stage)).Median;
        return (milliseconds, new StageTimes(
            Median(static times => times.Draw),
            Median(static times => times.Anatomy),
            Median(static times => times.Appearance),
            Median(static times => times.Normalise)));
    }

    private static List<double>? TimeBatches(EngineOptions options, CancellationToken stop)
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
        List<double> milliseconds = Time(
            2,
            LeastBatches,
            _ =>
            {
                for (int repetition = 0; repetition < together; repetition++)
                {
                    batches.Next();
                }

                batches.Complete();
            },
            stop);
        return [.. milliseconds.Select(time => time / together)];
    }

    // Every run makes other samples: a recipe's samples differ in cost, and the spread shows it.
    private static List<double> Time(int leastWarmUp, int least, Action<long> run, CancellationToken stop)
    {
        long number = 0;
        double RunOnce()
        {
            stop.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            run(number++);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        var warmUp = Stopwatch.StartNew();
        while (number < leastWarmUp || warmUp.Elapsed.TotalSeconds < LeastWarmUpSeconds)
        {
            RunOnce();
        }

        var milliseconds = new List<double>();
        var clock = Stopwatch.StartNew();
        while (milliseconds.Count < least || clock.Elapsed.TotalSeconds < LeastSeconds)
        {
            milliseconds.Add(RunOnce());
        }

        return milliseconds;
    }
}
