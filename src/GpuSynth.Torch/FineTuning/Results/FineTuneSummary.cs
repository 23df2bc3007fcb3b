using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The results' table: means, intervals and paired differences of all arms.</summary>
/// <param name="LabelNames">Labels from 1 on.</param>
/// <param name="Groups">By number of cases, then initialisation.</param>
/// <param name="Comparisons">By number of cases; empty without both initialisations.</param>
public sealed record FineTuneSummary(
    IReadOnlyList<string> LabelNames, IReadOnlyList<ArmGroup> Groups, IReadOnlyList<ArmComparison> Comparisons)
{
    /// <summary>How the intervals are made.</summary>
    public static string IntervalMethod { get; } = FormattableString.Invariant(
        $"95%, percentile bootstrap over seeds and cases (crossed, the same draws for all arms), {Bootstrap.Resamples:N0} draws");

    /// <summary>Sums arms up.</summary>
    /// <param name="labelNames">Labels from 1 on.</param>
    /// <param name="arms">Complete arms.</param>
    public static FineTuneSummary Of(IReadOnlyList<string> labelNames, IReadOnlyList<ArmResult> arms)
    {
        arms = FoldResults.Joined(arms);
        ArmGroup[] groups =
        [
            .. arms.GroupBy(static arm => (arm.TrainCases, arm.Init))
                .OrderBy(static group => group.Key.TrainCases)
                .ThenBy(static group => group.Key.Init, StringComparer.Ordinal)
                .Select(group => GroupOf([.. group], labelNames.Count)),
        ];
        ArmComparison[] comparisons =
        [
            .. arms.GroupBy(static arm => arm.TrainCases)
                .OrderBy(static group => group.Key)
                .Select(group => ComparisonOf([.. group], labelNames.Count))
                .OfType<ArmComparison>(),
        ];
        return new FineTuneSummary(labelNames, groups, comparisons);
    }

    private static ArmGroup GroupOf(ArmResult[] arms, int labels) => new(
        arms[0].Init,
        arms[0].TrainCases,
        arms.Length,
        PerCase(arms, static result => SegmentationMetrics.Mean(result.Dice)),
        PerCase(arms, static result => SegmentationMetrics.Mean(result.Hausdorff95)),
        [.. Enumerable.Range(0, labels).Select(label => PerCase(arms, result => result.Dice[label]))],
        [.. Enumerable.Range(0, labels).Select(label => PerCase(arms, result => result.Hausdorff95[label]))])
    {
        CurveArea = Bootstrap.Crossed([.. arms.Select(Areas)]),
    };

    private static ArmComparison? ComparisonOf(ArmResult[] arms, int labels)
    {
        (ArmResult Pretrained, ArmResult Scratch)[] pairs =
        [
            .. arms.Where(static arm => arm.Init == FineTuneOptions.PretrainedName)
                .Join(
                    arms.Where(static arm => arm.Init == FineTuneOptions.ScratchName),
                    static arm => arm.Seed,
                    static arm => arm.Seed,
                    static (one, other) => (one, other))
                .OrderBy(static pair => pair.one.Seed),
        ];
        if (pairs.Length == 0)
        {
            return null;
        }

        double[] differences =
        [
            .. pairs.SelectMany(static pair => Differences(pair, static result => SegmentationMetrics.Mean(result.Dice))),
        ];
        return new ArmComparison(
            arms[0].TrainCases,
            PerCase(pairs, static result => SegmentationMetrics.Mean(result.Dice)),
            PerCase(pairs, static result => SegmentationMetrics.Mean(result.Hausdorff95)),
            [.. Enumerable.Range(0, labels).Select(label => PerCase(pairs, result => result.Dice[label]))],
            pairs.Length,
            pairs.Count(static pair =>
                SegmentationMetrics.Mean(Differences(pair, static result => SegmentationMetrics.Mean(result.Dice))) > 0),
            differences.Count(static difference => !double.IsNaN(difference)),
            differences.Count(static difference => difference > 0))
        {
            CurveArea = Bootstrap.Crossed(
            [
                .. pairs.Select(static pair =>
                    Areas(pair.Pretrained).Zip(Areas(pair.Scratch), static (one, other) => one - other).ToArray()),
            ]),
        };
    }

    // Under the learning curve of every validation case.
    private static double[] Areas(ArmResult arm) => arm.Curve.Count == 0
        ? []
        :
        [
            .. Enumerable.Range(0, arm.Curve[0].Cases.Length)
                .Select(n => LearningCurve.Area([.. arm.Curve.Select(point => (point.Step, point.Cases[n]))])),
        ];

    private static IEnumerable<double> Differences(
        (ArmResult Pretrained, ArmResult Scratch) pair, Func<CaseResult, double> value) =>
        pair.Pretrained.Test.Zip(pair.Scratch.Test, (one, other) => value(one) - value(other));

    private static MeanInterval PerCase(ArmResult[] arms, Func<CaseResult, double> value) =>
        Bootstrap.Crossed([.. arms.Select(arm => arm.Test.Select(value).ToArray())]);

    private static MeanInterval PerCase((ArmResult Pretrained, ArmResult Scratch)[] pairs, Func<CaseResult, double> value) =>
        Bootstrap.Crossed([.. pairs.Select(pair => Differences(pair, value).ToArray())]);
}
