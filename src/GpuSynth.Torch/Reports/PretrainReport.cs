using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>The page of a pre-training run: numbers at a glance, curves, pictures, and everything that made it.</summary>
public static class PretrainReport
{
    // Above this many steps the speed of one step says less than the middle of all.
    private const int WarmUpSteps = 5;

    /// <summary>The report as an HTML page that needs no other file.</summary>
    /// <param name="facts">What the run was.</param>
    /// <param name="rows">Its metrics, a row per step.</param>
    /// <param name="pictures">Samples and what the network makes of them.</param>
    public static string ToHtml(
        PretrainRunFacts facts, IReadOnlyList<MetricsRow> rows, IReadOnlyList<ReportPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(pictures);
        string subtitle =
            $"Pre-training on synthetic data alone: recipe {facts.RecipeName}, objective {facts.Objective}, {facts.Network}";
        HtmlReport report = new(facts.Name, subtitle, facts.Status);
        report.Tiles(Tiles(facts, rows));
        report.Section("Curves");
        if (rows.Count > 0)
        {
            report.Paragraph("Thin lines are single steps; strong lines are their smoothed course.");
        }

        AddCharts(report, rows);
        if (pictures.Count > 0)
        {
            report.Section("Pictures");
            foreach (ReportPicture picture in pictures)
            {
                report.Picture(picture);
            }
        }

        report.Section("The run").Facts(Facts(facts)).Section("Make it again").Code(facts.Command);
        report.Details($"The recipe ({facts.RecipeName})", facts.RecipeText);
        return report.ToHtml();
    }

    private static IEnumerable<(string Label, string Value, string Note)> Tiles(
        PretrainRunFacts facts, IReadOnlyList<MetricsRow> rows)
    {
        double[] loss = ChartCurve.Smooth(Values(rows, MetricsRow.Loss).Y);
        yield return loss.Length == 0
            ? ("Loss", "–", "no step yet")
            : ("Loss", ReportText.Number(loss[^1]), $"from {ReportText.Number(loss[0])} at the start");
        yield return ("Steps", ReportText.Count(facts.StepsDone), $"of {ReportText.Count(facts.StepsPlanned)}");
        yield return ("Unique samples", ReportText.Count(facts.UniqueSamples), "every one seen once");
        double[] speeds = [.. Values(rows.Skip(WarmUpSteps), MetricsRow.VolumesPerSecond).Y.Order()];
        string speed = speeds.Length == 0 ? "–" : ReportText.Number(speeds[speeds.Length / 2]);
        yield return (facts.Dimensions == 2 ? "Images per second" : "Volumes per second", speed, $"median, {facts.Shape}");
        string waiting = WaitShare(rows) is double share ? ReportText.Percent(share) : "–";
        yield return ("Waiting for data", waiting, "of all step time");
        yield return ("Time", ReportText.Duration(facts.Duration), $"on {facts.Device}, {facts.Cores} cores");
    }

    // Weighted by the steps' time: a long wait in a short step must not count more than it cost.
    private static double? WaitShare(IReadOnlyList<MetricsRow> rows)
    {
        double waited = 0;
        double all = 0;
        foreach (MetricsRow row in rows)
        {
            if (row.TryGet(MetricsRow.WaitShare, out double share))
            {
                double seconds = row.TryGet(MetricsRow.Seconds, out double time) ? time : 1;
                waited += share * seconds;
                all += seconds;
            }
        }

        return all > 0 ? waited / all : null;
    }

    private static void AddCharts(HtmlReport report, IReadOnlyList<MetricsRow> rows)
    {
        IReadOnlyList<string> parts = MetricNames.LossParts(rows);
        List<ChartSeries> losses = [Series(rows, MetricsRow.Loss, "loss")];
        losses.AddRange(parts.Select(part => Series(rows, part, part)));
        report.Chart(new LineChart("Loss", "step", "loss", losses) { IsWide = true });
        Add("Gradient norm", "L2 norm before clipping", MetricsRow.GradientNorm, chart => chart with { IsLogY = true });
        Add("Learning rate", "learning rate", MetricsRow.LearningRate, chart => chart with
        {
            IncludeY = 0,
            Series = [chart.Series[0] with { Style = ChartStyle.Line }],
        });
        Add("Speed", "volumes per second", MetricsRow.VolumesPerSecond, chart => chart with { IncludeY = 0 });
        Add("Waiting for data", "share of step time", MetricsRow.WaitShare, chart => chart with
        {
            IncludeY = 0,
            IsPercent = true,
        });

        void Add(string title, string unit, string name, Func<LineChart, LineChart> change)
        {
            ChartSeries series = Series(rows, name, title.ToLower(CultureInfo.InvariantCulture));
            if (series.Y.Count > 0)
            {
                report.Chart(change(new LineChart(title, "step", unit, [series])));
            }
        }
    }

    private static ChartSeries Series(IEnumerable<MetricsRow> rows, string name, string label)
    {
        (double[] x, double[] y) = Values(rows, name);
        return new ChartSeries(label, x, y);
    }

    private static (double[] X, double[] Y) Values(IEnumerable<MetricsRow> rows, string name)
    {
        MetricsRow[] with = [.. rows.Where(row => row.TryGet(name, out _))];
        return ([.. with.Select(row => (double)row.Step)], [.. with.Select(row => row[name])]);
    }

    private static IEnumerable<(string Name, string Value)> Facts(PretrainRunFacts facts)
    {
        int batch = facts.BatchSize * facts.AccumulatedBatches;
        string accumulated = facts.AccumulatedBatches > 1
            ? $" ({facts.BatchSize} in each of {facts.AccumulatedBatches} accumulated batches)"
            : string.Empty;
        yield return ("Recipe", $"{facts.RecipeName}, SHA-256 {facts.RecipeSha256[..Math.Min(16, facts.RecipeSha256.Length)]}…");
        yield return ("Seed", facts.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("Samples", $"{facts.Shape}, {facts.LabelCount} labels, {batch} per step{accumulated}");
        if (facts.LabelMaps is string labelMaps)
        {
            yield return ("Anatomies", labelMaps);
        }

        yield return ("Objective", $"{facts.Objective}, on {facts.FeatureChannels} feature channels");
        yield return ("Network", facts.Network);
        yield return ("Parameters", ReportText.Count(facts.ParameterCount));
        yield return ("Optimiser", facts.Optimiser);
        yield return ("Precision", facts.Precision);
        yield return ("Device", $"{facts.Device}; synthesis on {facts.SynthesisDevice}; {facts.Cores} cores");
        DateTimeOffset started = facts.Started.ToUniversalTime();
        yield return ("Started", started.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        foreach ((string name, string version) in facts.Versions)
        {
            yield return (name, version);
        }
    }
}
