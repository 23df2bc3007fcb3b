using System.Text.Json.Serialization;
using GpuSynth.Benchmarking.Measuring;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>What a kernel benchmark was run on.</summary>
/// <param name="Device">Name of the device.</param>
/// <param name="Recipe">Name of the recipe whose samples were made.</param>
/// <param name="Size">Voxels of a sample in array order.</param>
/// <param name="Threads">Threads on the host.</param>
/// <param name="Batch">Samples of a batch on a device; 1 on the host.</param>
internal sealed record BenchmarkSetting(string Device, string Recipe, string Size, int Threads, int Batch);

/// <summary>How fast one component, stage, pass or kernel was.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Name">Its name.</param>
/// <param name="Size">Voxels in array order.</param>
/// <param name="Voxels">Voxels of everything that one timing covers.</param>
/// <param name="Rounds">
/// Milliseconds of each timing (of a kernel that a batch launches several times: the mean of its launches), round by round: every round goes through everything that is measured, so that the rounds of one
/// thing lie as far apart as the run is long, and their medians differ by what the machine does meanwhile.
/// </param>
internal sealed record KernelResult(
    BenchmarkKind Kind, string Name, string Size, long Voxels, IReadOnlyList<double[]> Rounds)
{
    /// <summary>Counted from the source; null where nobody has counted.</summary>
    public KernelCost? CostPerVoxel { get; init; }

    /// <summary>
    /// What binds: "arithmetic", "gathers", or the memory or cache that holds the data ("memory", "last level", "level 2"); null without a
    /// counted cost.
    /// </summary>
    public string? Ceiling { get; init; }

    /// <summary>The least that this ceiling allows.</summary>
    public double? CeilingNanosecondsPerVoxel { get; init; }

    /// <summary>
    /// Of the multiply-adds that the machine was measured to do at most, what it did beside each round; null of a device, and in runs of before it was measured.
    /// </summary>
    public double[]? Available { get; init; }

    /// <summary>Launches of a batch, where this is a kernel of a device.</summary>
    public int? Launches { get; init; }

    /// <summary>Of the whole sample or batch, where this is a part of one: by medians.</summary>
    public double? ShareOfWhole { get; init; }

    /// <summary>Registers of a thread, where the device's driver tells.</summary>
    public int? Registers { get; init; }

    /// <summary>Bytes of local memory of a thread (what did not fit into registers), where the device's driver tells.</summary>
    public int? LocalBytes { get; init; }

    /// <summary>Threads that a multiprocessor holds at once, over what it could hold; where the device's driver tells.</summary>
    public double? Occupancy { get; init; }

    /// <summary>Timings.</summary>
    public int Repetitions => Rounds.Sum(static round => round.Length);

    /// <summary>How they lie.</summary>
    public Spread Milliseconds => Spread.Of(Rounds.SelectMany(static round => round));

    /// <summary>Of the median; all launches of a batch together.</summary>
    public double NanosecondsPerVoxel => NanosecondsOf(Milliseconds.Median);

    /// <summary>Counted bytes over the median.</summary>
    public double? GigabytesPerSecond => CostPerVoxel?.Bytes / NanosecondsPerVoxel;

    /// <summary>Counted floating-point operations over the median.</summary>
    public double? Gigaflops => CostPerVoxel?.Flops / NanosecondsPerVoxel;

    /// <summary>
    /// The ceiling's time over the measured one: 1 cannot be beaten, but where a host form does less than the mathematics that was counted. The median of
    /// the rounds, each by what the machine could do beside it: on one that others use too, that is now all and now half.
    /// </summary>
    public double? ShareOfCeiling => CeilingNanosecondsPerVoxel is { } least
        ? Spread.Of(RoundMedians.Select((median, n) => least / (NanosecondsOf(median) * (Available?[n] ?? 1)))).Median
        : null;

    /// <summary>Median of each round.</summary>
    [JsonIgnore]
    public IEnumerable<double> RoundMedians => Rounds.Select(static round => Spread.Of(round).Median);

    private double NanosecondsOf(double milliseconds) => milliseconds * (Kind == BenchmarkKind.Kernel ? Launches ?? 1 : 1) * 1e6 / Voxels;
}
