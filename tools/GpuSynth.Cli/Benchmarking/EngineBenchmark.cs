using System.Diagnostics;
using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Benchmarking;

/// <summary>
/// Times whole samples of the engine, from the key to the finished image: one at a time with all threads on it, and in batches.
/// </summary>
public static unsafe class EngineBenchmark
{
    // Enough for quartiles, and long enough that a machine's short moods even out.
    private const int LeastSamples = 15;
    private const double LeastSeconds = 3;

    // The compiler replaces code while it warms up: by then it is done.
    private const int LeastWarmUpSamples = 5;
    private const double LeastWarmUpSeconds = 1.5;

    private const int LeastBatches = 5;

    /// <summary>Measures; takes some ten seconds, longer at large sizes.</summary>
    /// <param name="options">Recipe, shape, threads, label maps; the batch size is not used.</param>
    /// <param name="stop">Ends it early.</param>
    /// <exception cref="PlanException">The options do not fit each other.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static BenchmarkReport Run(EngineOptions options, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        SynthesisPlan plan = SynthesisPlan.Create(options with { BatchSize = 1 });
        (List<double> samples, StageTimes stages) = TimeSamples(plan, stop);
        int batchSize = 2 * plan.Threads;
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
        float[] image = new float[plan.Options.Shape.VoxelCount];
        byte[] label = new byte[plan.Options.Shape.VoxelCount];
        DrawnSample drawn = engine.CreateDrawn();
        var stages = new List<StageTimes>();
        List<double> milliseconds = Time(
            LeastWarmUpSamples,
            LeastSamples,
            sample =>
            {
                engine.Generate(SampleKey.Of(sample), image, label, drawn);
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

        int batch = options.BatchSize;
        void* image = NativeMemory.AlignedAlloc((nuint)(plan.ImageBytesPerSample * batch), 64);
        void* label = NativeMemory.AlignedAlloc((nuint)(plan.LabelBytesPerSample * batch), 64);
        try
        {
            using var engine = new SynthesisEngine(plan);
            var slot = new SlotMemory((nint)image, (nint)label);
            var drawn = new DrawnSample[batch];
            var keys = new SampleKey[batch];
            for (int n = 0; n < batch; n++)
            {
                drawn[n] = engine.CreateDrawn();
            }

            return Time(
                2,
                LeastBatches,
                number =>
                {
                    for (int n = 0; n < batch; n++)
                    {
                        keys[n] = SampleKey.Of((number * batch) + n);
                    }

                    engine.GenerateBatch(keys, slot, drawn);
                },
                stop);
        }
        finally
        {
            NativeMemory.AlignedFree(image);
            NativeMemory.AlignedFree(label);
        }
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
