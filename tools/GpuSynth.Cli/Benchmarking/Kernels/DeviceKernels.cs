using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli.Generating;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// Every kernel that a batch launches on a device, and the whole batch. What a launch costs in bytes and operations is not counted.
/// </summary>
internal sealed class DeviceKernels : IBenchmarkSource
{
    // As where devices are tested: away from ties of two labels. A few voxels are allowed where that is less than one.
    private const double MostDifferentLabels = 2e-4;
    private const int AlwaysAllowed = 3;

    /// <inheritdoc/>
    public IEnumerable<BenchmarkEntry> Entries(EngineOptions options)
    {
        if (options.Device == DeviceCatalogue.Host)
        {
            return [];
        }

        Check(options);
        var batches = new TimedBatches(options);
        return
        [
            new BatchEntry(batches),
            .. batches.Kernels.Select(kernel => new LaunchEntry(kernel, batches)),
        ];
    }

    // A first sample beside the host's.
    private static void Check(EngineOptions options)
    {
        EngineOptions one = options with { BatchSize = 1, SlotsOnDevice = false };
        byte[] expected = Labels(one with { Device = DeviceCatalogue.Host });
        byte[] found = Labels(one);
        int different = expected.Zip(found).Count(static pair => pair.First != pair.Second);
        if (different > AlwaysAllowed + (MostDifferentLabels * expected.Length))
        {
            throw new GpuSynthException(
                $"{options.Device} is wrong: {different} of {expected.Length} labels differ from the host's; run ./test first.");
        }
    }

    // "SampleTable.StoreKernel"; of a chain only its components, "ChainKernel[Normalise, Gamma, FloatTarget]".
    private static string NameOf(Type kernel)
    {
        string name = KernelEntry.NameOf(kernel).Split('[')[0];
        return kernel.IsGenericType ? $"{name}[{string.Join(", ", kernel.GetGenericArguments().SelectMany(PartsOf))}]" : name;

        static IEnumerable<string> PartsOf(Type part) =>
            part.IsGenericType ? part.GetGenericArguments().SelectMany(PartsOf) : [(part.DeclaringType ?? part).Name];
    }

    private static byte[] Labels(EngineOptions options)
    {
        using var engine = new SynthesisEngine(SynthesisPlan.Create(options));
        var label = new byte[options.Shape.VoxelCount];
        engine.Generate(SampleKey.Of(0), new float[label.Length], label, engine.CreateDrawn());
        return label;
    }

    private sealed class BatchEntry(TimedBatches batches) : BenchmarkEntry(BenchmarkKind.Pass, "whole batch", batches.Shape)
    {
        public override IReadOnlyList<double> TimeRound(int round, ThreadCrew crew, CancellationToken stop) => batches.Whole(stop);

        public override KernelResult Complete(KernelResult timed, Report<KernelResult> begun) => timed with
        {
            Voxels = batches.Voxels, Launches = batches.LaunchesOf(null), ShareOfWhole = 1,
        };

        public override void Dispose()
        {
            base.Dispose();
            batches.Dispose();
        }
    }

    private sealed class LaunchEntry(Type kernel, TimedBatches batches)
        : BenchmarkEntry(BenchmarkKind.Kernel, NameOf(kernel), batches.Shape)
    {
        public override IReadOnlyList<double> TimeRound(int round, ThreadCrew crew, CancellationToken stop) =>
            batches.Round(round, kernel, stop);

        public override KernelResult Complete(KernelResult timed, Report<KernelResult> begun)
        {
            KernelResources? resources = batches.ResourcesOf(kernel);
            return timed with
            {
                Voxels = batches.Voxels,
                Launches = batches.LaunchesOf(kernel),
                ShareOfWhole = batches.ShareOf(kernel),
                Registers = resources?.Registers,
                LocalBytes = resources?.LocalBytes,
                Occupancy = resources?.Occupancy,
            };
        }

        public override void Dispose()
        {
            base.Dispose();
            batches.Dispose();
        }
    }

    // Makes the same batch again and again: batches differ in cost.
    private sealed class TimedBatches : IDisposable
    {
        // The round before the first warms up.
        private static readonly RepeatPolicy Repeats = new()
        {
            WarmUp = TimeSpan.Zero, LeastWarmUps = 0, Least = 1, Most = 20, Duration = TimeSpan.FromMilliseconds(200),
        };

        private readonly EngineOptions options;
        private readonly SynthesisEngine engine;
        private readonly BatchSlot slot;
        private readonly SampleKey[] keys;
        private readonly DrawnSample[] drawn;
        private readonly List<IReadOnlyList<TimedLaunch>> counted = [];
        private readonly IReadOnlyList<TimedLaunch> first;
        private List<IReadOnlyList<TimedLaunch>> latest = [];
        private TimedBackend backend = null!;
        private int latestRound = -1;
        private bool disposed;

        public TimedBatches(EngineOptions given)
        {
            options = given with { SlotsOnDevice = given.Device.StartsWith("cuda:", StringComparison.Ordinal) };
            engine = new SynthesisEngine(
                SynthesisPlan.Create(options, name => backend = new TimedBackend(GpuBackends.Open(name))));
            slot = new BatchSlot(engine);
            keys = [.. Enumerable.Range(0, options.BatchSize).Select(static n => SampleKey.Of(n))];
            drawn = [.. keys.Select(_ => engine.CreateDrawn())];

            // Which kernels there are, the first batch shows.
            backend.IsTiming = true;
            Generate();
            first = backend.TakeLaunches();
            backend.IsTiming = false;
        }

        public VolumeShape Shape => options.Shape;

        public long Voxels => options.BatchSize * options.Shape.VoxelCount;

        public IEnumerable<Type> Kernels => first.Select(static launch => launch.Kernel).Distinct();

        public int LaunchesOf(Type? kernel) => first.Count(launch => kernel is null || launch.Kernel == kernel);

        public KernelResources? ResourcesOf(Type kernel) =>
            backend.ResourcesOf(kernel, first.First(launch => launch.Kernel == kernel).Group);

        // Of the time that all its kernels take.
        public double ShareOf(Type kernel) => Spread.Of(counted.Select(
            batch => batch.Where(launch => launch.Kernel == kernel).Sum(static launch => launch.Milliseconds)
                / batch.Sum(static launch => launch.Milliseconds))).Median;

        // As users have them: nothing between the launches.
        public IReadOnlyList<double> Whole(CancellationToken stop) => Repeated.Measure(_ => Generate(), Repeats, stop: stop).Times;

        // Milliseconds of a launch, the mean of each batch. The first kernel that asks has the batches made.
        public IReadOnlyList<double> Round(int round, Type kernel, CancellationToken stop)
        {
            if (round != latestRound)
            {
                latest = [];
                latestRound = round;
                backend.IsTiming = true;
                Repeated.Measure(_ => Generate(), Repeats, () => backend.TakeLaunches(), () => latest.Add(backend.TakeLaunches()), stop);
                backend.IsTiming = false;
                counted.AddRange(round == 0 ? [] : latest);
            }

            return
            [
                .. latest.Select(batch => batch.Where(launch => launch.Kernel == kernel).Average(static launch => launch.Milliseconds)),
            ];
        }

        public void Dispose()
        {
            if (!disposed)
            {
                disposed = true;
                slot.Dispose();
                engine.Dispose();
            }
        }

        private void Generate()
        {
            engine.GenerateBatch(keys, slot.Memory, drawn);
            engine.Complete(drawn);
        }
    }
}
