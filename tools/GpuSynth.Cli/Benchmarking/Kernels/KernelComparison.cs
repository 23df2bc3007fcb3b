using System.Text.Json;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Cli;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// One thing in two runs. The rule for noise: the difference counts where the median of every round of one run lies beyond that of
/// every round of the other. With five rounds each that happens by chance once in 126 (2 of the 252 orders that ten rounds can
/// have: the exact rank test). No law of the times is assumed, and timings of one round may depend on each other. What changed on
/// the machine between the runs no such rule can see.
/// </summary>
/// <param name="Kind">Component, stage, pass or kernel.</param>
/// <param name="Name">Its name.</param>
/// <param name="Before">Median milliseconds of the earlier run; null where it is not in it.</param>
/// <param name="Now">Median milliseconds of this run; null where it is not in it.</param>
/// <param name="Ratio">Now over before: below 1 is faster.</param>
/// <param name="LeastRatio">The fastest round now over the slowest before.</param>
/// <param name="MostRatio">The slowest round now over the fastest before.</param>
/// <param name="Chance">How often rounds of equal laws would lie apart like that.</param>
internal sealed record KernelComparison(
    BenchmarkKind Kind,
    string Name,
    double? Before,
    double? Now,
    double? Ratio,
    double? LeastRatio,
    double? MostRatio,
    double? Chance)
{
    // Five rounds a side come below, four do not.
    private const double Alpha = 0.01;

    /// <summary>"faster", "slower", "noise", or in which run alone it is.</summary>
    public string Verdict => (Before, Now) switch
    {
        (null, _) => "only now",
        (_, null) => "only before",
        _ when Chance < Alpha && MostRatio < 1 => "faster",
        _ when Chance < Alpha && LeastRatio > 1 => "slower",
        _ => "noise",
    };

    /// <summary>Sets two runs side by side: what is in this one, in its order, then what is only in the earlier one.</summary>
    public static IReadOnlyList<KernelComparison> Of(IEnumerable<KernelResult> before, IEnumerable<KernelResult> now)
    {
        Dictionary<string, KernelResult> earlier = before.ToDictionary(KeyOf);
        KernelResult[] later = [.. now];
        return
        [
            .. later.Select(result => Of(earlier.GetValueOrDefault(KeyOf(result)), result)),
            .. earlier.Values.ExceptBy(later.Select(KeyOf), KeyOf).Select(static result => Of(result, null)),
        ];
    }

    /// <summary>Reads an earlier run.</summary>
    /// <param name="path">What `gpusynth bench kernels --json` printed.</param>
    /// <exception cref="WrongUseException">There is no such file, or it is something else.</exception>
    public static Report<KernelResult> ReadEarlier(string path)
    {
        try
        {
            Report<KernelResult> report = Report<KernelResult>.Parse(File.ReadAllText(path));
            return report.Setting is not null && report.Results.All(IsWhole) && report.Results.DistinctBy(KeyOf).Count() == report.Results.Count
                ? report
                : throw Foreign(path, "");
        }
        catch (JsonException error)
        {
            throw Foreign(path, error.LineNumber is { } line ? $" (line {line + 1})" : "");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string why = File.Exists(path) ? error.Message.TrimEnd('.') : "there is no such file";
            throw new WrongUseException($"--against: '{path}' cannot be read: {why}.");
        }
    }

    /// <summary>What differs between the settings of two runs, a sentence each.</summary>
    public static IEnumerable<string> Differences(Report<KernelResult> before, Report<KernelResult> now)
    {
        (BenchmarkSetting then, BenchmarkSetting here) = (before.Setting!, now.Setting!);
        (string What, object Before, object Now)[] facts =
        [
            ("device", then.Device, here.Device),
            ("recipe", then.Recipe, here.Recipe),
            ("size", then.Size, here.Size),
            ("threads", then.Threads, here.Threads),
            ("batch", then.Batch, here.Batch),
            ("processor", before.Machine.Cpu, now.Machine.Cpu),
            ("cores", before.Machine.Cores, now.Machine.Cores),
            ("vector instructions", before.Machine.Isa, now.Machine.Isa),
            (".NET", before.Machine.DotNet, now.Machine.DotNet),
        ];
        foreach ((string what, object earlier, object later) in facts.Where(static fact => !fact.Before.Equals(fact.Now)))
        {
            yield return $"The runs differ in {what}: {earlier} before, {later} now.";
        }

        if (before.Warning is not null || now.Warning is not null)
        {
            yield return "The machine was busy in "
                + (before.Warning is null ? "this run" : now.Warning is null ? "the earlier run" : "both runs")
                + "; the ratios hold other work too.";
        }
    }

    private static KernelComparison Of(KernelResult? before, KernelResult? now)
    {
        KernelResult any = (now ?? before)!;
        if (before is null || now is null)
        {
            return new(any.Kind, any.Name, before?.Milliseconds.Median, now?.Milliseconds.Median, null, null, null, null);
        }

        return new(
            any.Kind,
            any.Name,
            before.Milliseconds.Median,
            now.Milliseconds.Median,
            now.Milliseconds.Median / before.Milliseconds.Median,
            now.RoundMedians.Min() / before.RoundMedians.Max(),
            now.RoundMedians.Max() / before.RoundMedians.Min(),
            ChanceOfLyingApart(before.Rounds.Count, now.Rounds.Count));
    }

    private static WrongUseException Foreign(string path, string where) => new(
        $"--against: '{path}' is not a whole run as 'gpusynth bench kernels --json' prints it{where}; make it with this version.");

    private static bool IsWhole(KernelResult result) => result.Voxels > 0 && result.Rounds.Count > 0
        && result.Rounds.All(static round => round.Length > 0 && round.All(static time => time > 0 && double.IsFinite(time)));

    // Of all orders of the rounds of both runs, two have all of one run before all of the other.
    private static double ChanceOfLyingApart(int before, int now)
    {
        double orders = 1;
        for (int n = 1; n <= before; n++)
        {
            orders *= (double)(now + n) / n;
        }

        return 2 / orders;
    }

    // An image is not the volume of the same name; sizes may differ, which is said.
    private static string KeyOf(KernelResult result) => $"{result.Kind} {result.Name} {result.Size.Count(static x => x == 'x')}";
}
