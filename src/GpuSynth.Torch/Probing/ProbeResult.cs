using System.Text.Json;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Probing;

/// <summary>What a probe found.</summary>
/// <param name="Data">The data folder.</param>
/// <param name="LabelNames">Names of the labels from 1 on.</param>
/// <param name="TrainCases">Names of the cases that read-outs were fitted on.</param>
/// <param name="EvalCases">Names of the cases that they were measured on.</param>
/// <param name="Pairs">What the synthetic pairs are of, in words.</param>
/// <param name="Notices">What a user has to know.</param>
/// <param name="Arms">The arms.</param>
/// <param name="Comparisons">Paired differences between the arms' best levels.</param>
/// <param name="Seconds">The time that it took.</param>
public sealed record ProbeResult(
    string Data,
    IReadOnlyList<string> LabelNames,
    IReadOnlyList<string> TrainCases,
    IReadOnlyList<string> EvalCases,
    string Pairs,
    IReadOnlyList<string> Notices,
    IReadOnlyList<ProbeArm> Arms,
    IReadOnlyList<ProbeComparison> Comparisons,
    double Seconds)
{
    /// <summary>How the numbers were made, in a sentence or two.</summary>
    public const string Method =
        "Linear: ridge regression on voxels drawn alike from every class; its penalty, how much the classes' true sizes count, and "
        + "each arm's best level (*) are chosen on fitted cases that were left out. 1-case: the 20 nearest voxels of one fitted case, "
        + "estimated on voxels balanced over the classes. Levels of more than 256 channels are projected to 256 at random. "
        + "Intervals: 95%, bootstrap over the cases measured on.";

    /// <summary>The differences of every arm of weights against its random twin and against the hand-made features.</summary>
    public static IReadOnlyList<ProbeComparison> Compare(IReadOnlyList<ProbeArm> arms)
    {
        ArgumentNullException.ThrowIfNull(arms);
        return
        [
            .. arms.Where(static arm => arm.Kind == ProbeRun.WeightsKind).SelectMany(arm => arms
                .Where(other => other.Name == arm.Twin || other.Kind == ProbeRun.HandMadeKind)
                .Select(other => new ProbeComparison(
                    arm.Name, other.Name,
                    Bootstrap.Mean(arm.Best.CaseDice.Zip(other.Best.CaseDice, static (own, against) => own - against))))),
        ];
    }

    /// <summary>The headers of <see cref="Rows"/>.</summary>
    public static IReadOnlyList<string> Headers { get; } =
    [
        "Features", "Level", "Channels", "Dice", "AUC", "1-case Dice", "Rank", "Alignment", "Uniformity in / across",
        "Right label (chance)", "Within 2 voxels (chance)",
    ];

    /// <summary>A row of text per arm and level; the best level of an arm has a star.</summary>
    public IEnumerable<string[]> Rows() => Arms.SelectMany(arm => arm.Levels.Select(level => new[]
    {
        arm.Name,
        ReferenceEquals(level, arm.Best) ? level.Name + " *" : level.Name,
        ReportText.Count(level.Channels),
        ReportText.Interval(level.Dice, 3),
        ReportText.Fixed(level.Auc.Mean, 3),
        ReportText.Interval(level.NeighbourDice, 3),
        ReportText.Fixed(level.EffectiveRank, 1),
        ReportText.Fixed(level.Pairs?.Alignment ?? double.NaN, 2),
        level.Pairs is { } pairs ? $"{ReportText.Fixed(pairs.UniformityWithin, 2)} / {ReportText.Fixed(pairs.UniformityAcross, 2)}" : "–",
        Chance(level.Pairs?.RightLabel, level.Pairs?.RightLabelByChance),
        Chance(level.Pairs?.Near, level.Pairs?.NearByChance),
    }));

    /// <summary>The result as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Form);

    private static string Chance(double? share, double? chance) => share is { } known
        ? $"{ReportText.Fixed(known, 3)} ({ReportText.Fixed(chance!.Value, 3)})"
        : "–";
}
