using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>The passes of whole samples on the host, one sample at a time. Their bytes and operations are not counted.</summary>
internal sealed class SamplePasses : IBenchmarkSource
{
    private static readonly (string Name, Func<StageTimes, double> Of)[] Passes =
    [
        ("whole sample", static times => times.Total),
        ("draw", static times => times.Draw),
        ("anatomy", static times => times.Anatomy),
        ("appearance", static times => times.Appearance),
        ("normalise", static times => times.Normalise),
    ];

    /// <inheritdoc/>
    public IEnumerable<BenchmarkEntry> Entries(EngineOptions options)
    {
        if (options.Device != DeviceCatalogue.Host)
        {
            return [];
        }

        var samples = new TimedSamples(options);
        return Passes.Select(pass => new PassEntry(pass.Name, samples, pass.Of));
    }

    private sealed class PassEntry(string name, TimedSamples samples, Func<StageTimes, double> pass)
        : BenchmarkEntry(BenchmarkKind.Pass, name, samples.Shape)
    {
        public override IReadOnlyList<double> TimeRound(int round, ThreadCrew crew, CancellationToken stop) =>
            [.. samples.Round(round, stop).Select(pass)];

        public override KernelResult Complete(KernelResult timed, Report<KernelResult> begun) =>
            timed with { ShareOfWhole = samples.ShareOf(pass) };
    }

    // All passes are timed by the same samples, and every round makes the same: samples differ in cost.
    private sealed class TimedSamples(EngineOptions options)
    {
        private const int Samples = 8;
        private readonly List<StageTimes> counted = [];
        private List<StageTimes> latest = [];
        private int latestRound = -1;

        public VolumeShape Shape => options.Shape;

        // The first pass that asks has the samples made.
        public List<StageTimes> Round(int round, CancellationToken stop)
        {
            if (round != latestRound)
            {
                (latest, latestRound) = (Time(TimeSpan.FromMilliseconds(round == 0 ? 250 : 40), stop), round);
                counted.AddRange(round == 0 ? [] : latest);
            }

            return latest;
        }

        public double ShareOf(Func<StageTimes, double> pass) =>
            Spread.Of(counted.Select(pass)).Median / Spread.Of(counted.Select(static times => times.Total)).Median;

        private List<StageTimes> Time(TimeSpan warmUp, CancellationToken stop)
        {
            using var engine = new SynthesisEngine(SynthesisPlan.Create(options with { BatchSize = 1 }));
            var image = new float[Shape.VoxelCount];
            var label = new byte[Shape.VoxelCount];
            DrawnSample drawn = engine.CreateDrawn();
            var times = new List<StageTimes>();
            Repeated.Measure(
                _ => engine.Generate(SampleKey.Of(times.Count), image, label, drawn),
                new RepeatPolicy { WarmUp = warmUp, Least = Samples, Most = Samples },
                keep: () => times.Add(engine.LastStageTimes),
                stop: stop);
            return times;
        }
    }
}
