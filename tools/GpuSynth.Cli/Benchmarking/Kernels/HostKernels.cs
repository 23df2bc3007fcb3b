using System.Reflection;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>Marks a <see cref="KernelBenchmark"/> of a host form, by which it is found.</summary>
/// <param name="kind">What it times.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class HostFormAttribute(BenchmarkKind kind) : Attribute
{
    /// <summary>What it times.</summary>
    public BenchmarkKind Kind { get; } = kind;

    /// <summary>Whether an image is worked on differently, so that one is measured beside a volume.</summary>
    public bool OnImages { get; init; }
}

/// <summary>The host forms that have a benchmark of their own.</summary>
internal sealed class HostKernels : IBenchmarkSource
{
    // 512^2 beside 128^3.
    private const int ImageSidePerVolumeSide = 4;

    /// <inheritdoc/>
    public IEnumerable<BenchmarkEntry> Entries(EngineOptions options)
    {
        if (options.Device != DeviceCatalogue.Host)
        {
            yield break;
        }

        VolumeShape image = ImageBeside(options.Shape);
        foreach (Type type in typeof(KernelBenchmark).Assembly.GetTypes().OrderBy(static type => type.Name, StringComparer.Ordinal))
        {
            if (type.GetCustomAttribute<HostFormAttribute>() is { } form)
            {
                string name = KernelBenchmark.NameOf(type);
                yield return new HostEntry(form.Kind, name, type, options.Shape);
                if (form.OnImages && options.Shape.Dimensions == 3)
                {
                    yield return new HostEntry(form.Kind, $"{name} 2D", type, image);
                }
            }
        }
    }

    /// <summary>The image that is measured beside a volume.</summary>
    public static VolumeShape ImageBeside(VolumeShape volume) => VolumeShape.Cubic(2, ImageSidePerVolumeSide * volume.Side);

    private sealed class HostEntry(BenchmarkKind kind, string name, Type type, VolumeShape shape)
        : PieceworkEntry(kind, name, shape)
    {
        protected override KernelBenchmark Create(int threads) => (KernelBenchmark)Activator.CreateInstance(
            type, BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions, null, [Shape, threads], null)!;
    }
}

/// <summary>Times work that is cut into pieces, and sets its counted cost beside the ceilings.</summary>
internal abstract class PieceworkEntry(BenchmarkKind kind, string name, VolumeShape shape) : BenchmarkEntry(kind, name, shape)
{
    private static readonly RepeatPolicy Repeats =
        new() { WarmUp = TimeSpan.FromMilliseconds(40), Least = 5, Most = 40, Duration = TimeSpan.FromMilliseconds(80) };

    // The compiler replaces hot methods in the background, which takes a while.
    private static readonly RepeatPolicy FirstRepeats = Repeats with { WarmUp = TimeSpan.FromMilliseconds(250) };

    private KernelCost cost;
    private MemoryWalk walk;
    private long footprint;

    /// <inheritdoc/>
    public override IReadOnlyList<double> TimeRound(int round, ThreadCrew crew, CancellationToken stop)
    {
        using KernelBenchmark benchmark = Create(crew.Count);
        if (round == 0)
        {
            benchmark.Check();
            (cost, walk, footprint) = (benchmark.Cost, benchmark.Walk, benchmark.Footprint);
        }

        return Repeated.Measure(
            _ => benchmark.RunAll(crew), round == 0 ? FirstRepeats : Repeats, benchmark.Prepare, stop: stop).Times;
    }

    /// <inheritdoc/>
    public override KernelResult Complete(KernelResult timed, Report<KernelResult> begun)
    {
        ThreadCeilings ceilings = begun.Ceilings[0];
        (double bandwidth, string level) = ceilings.Of(walk, footprint, begun.Caches);
        (double Least, string Name) bound = (cost.Bytes / bandwidth, level);

        // A unit that does 2 operations per multiply-add does half as many instructions.
        foreach ((double Least, string Name) other in new[]
        {
            (cost.Instructions / (ceilings.Gigaflops / 2), "arithmetic"),
            (cost.Gathers == 0 ? 0 : cost.Gathers / ceilings.Gigagathers, "gathers"),
        })
        {
            bound = other.Least > bound.Least ? other : bound;
        }

        return timed with { CostPerVoxel = cost, Ceiling = bound.Name, CeilingNanosecondsPerVoxel = bound.Least };
    }

    /// <summary>Allocates and fills what the work needs.</summary>
    protected abstract KernelBenchmark Create(int threads);
}
