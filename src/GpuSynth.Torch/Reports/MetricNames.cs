namespace GpuSynth.Torch.Reports;

/// <summary>What a metric's name means to reports and charts.</summary>
internal static class MetricNames
{
    private static readonly string[] NotParts =
    [
        MetricsRow.Loss,
        MetricsRow.LearningRate,
        MetricsRow.GradientNorm,
        MetricsRow.VolumesPerSecond,
        MetricsRow.WaitShare,
        MetricsRow.Seconds,
        MetricsRow.ValidationDice,
        MetricsRow.ProbeDice,
        MetricsRow.ProbeOutputDice,
        MetricsRow.ProbeHandMadeDice,
    ];

    /// <summary>Whether a name is a part of the loss: every name is that no other meaning is known of.</summary>
    public static bool IsLossPart(string name) => !NotParts.Contains(name);

    /// <summary>The parts of the loss that any row has, in the order of their first appearance.</summary>
    public static IReadOnlyList<string> LossParts(IEnumerable<MetricsRow> rows) =>
        [.. rows.SelectMany(row => row.Values).Select(pair => pair.Name).Where(IsLossPart).Distinct()];
}
