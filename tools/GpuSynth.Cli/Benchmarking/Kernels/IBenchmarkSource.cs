using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>What kind of thing is timed.</summary>
internal enum BenchmarkKind
{
    /// <summary>What a section of a recipe does to a volume.</summary>
    Component,

    /// <summary>What components are made of: anatomies, coarse grids, neighbourhoods, measures.</summary>
    Stage,

    /// <summary>A part of a whole sample as the engine makes it, fused and with everything around it.</summary>
    Pass,

    /// <summary>What stages are made of: draws of random numbers; on a device everything that a batch launches.</summary>
    Kernel,
}

/// <summary>
/// Where things to be timed come from. A source is found by being there: every class that implements this and has a constructor
/// without parameters.
/// </summary>
internal interface IBenchmarkSource
{
    /// <summary>What there is to time; none where the device is not the source's. On the host memory is allocated when it is
    /// timed; a device is opened, for what a batch launches is only known when it was launched.</summary>
    /// <param name="options">Device, recipe, shape, threads, batch, label maps.</param>
    IEnumerable<BenchmarkEntry> Entries(EngineOptions options);
}

/// <summary>One thing to be timed.</summary>
/// <param name="kind">Which kind of thing.</param>
/// <param name="name">What it is called, in the table and for --filter.</param>
/// <param name="shape">Voxels that it works on.</param>
internal abstract class BenchmarkEntry(BenchmarkKind kind, string name, VolumeShape shape) : IDisposable
{
    /// <summary>Which kind of thing.</summary>
    public BenchmarkKind Kind { get; } = kind;

    /// <summary>What it is called.</summary>
    public string Name { get; } = name;

    /// <summary>Voxels that it works on.</summary>
    public VolumeShape Shape { get; } = shape;

    /// <summary>Times a round.</summary>
    /// <param name="round">From 0, which warms up and does not count: there the results are compared with the reference.</param>
    /// <param name="crew">The threads that share the work.</param>
    /// <param name="stop">Ends it early.</param>
    /// <returns>Milliseconds, at least one.</returns>
    /// <exception cref="GpuSynthException">The results are wrong: their time would be worthless.</exception>
    public abstract IReadOnlyList<double> TimeRound(int round, ThreadCrew crew, CancellationToken stop);

    /// <summary>Adds what is known beside the times: counted costs, the ceiling, shares.</summary>
    /// <param name="timed">The times.</param>
    /// <param name="begun">The run, with what the machine can do at most; on a device nobody has measured that.</param>
    public virtual KernelResult Complete(KernelResult timed, Report<KernelResult> begun) => timed;

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
