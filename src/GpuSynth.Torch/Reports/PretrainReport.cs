using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>The page of a pre-training run: numbers at a glance, curves, pictures, and everything that made it.</summary>
public static class PretrainReport
{
    // Above this many steps the speed of one step says less than the middle of all.
    private const int WarmUpSteps = 5;

    /// <summary>The report as an HTML page that needs no other file.</summary>
    /// <param name="run">What the run was.</param>
    /// <param name="rows">Its metrics, a row per step.</param>
    /// <param name="pictures">Samples and what the network makes of them.</param>
    public static string ToHtml(
        PretrainDescription run, IReadOnlyList<MetricsRow> rows, IReadOnlyList<ReportPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(pictures);
        string subtitle =
            $"Pre-training on synthetic data alone: recipe {run.RecipeName}, objective {run.Objective}, {run.Network}";
        HtmlReport report = new(run.Name, subtitle, run.Status);
        report.Tiles(Tiles(run, rows));
        report.Section("Curves");
        if (rows.Count > 0)
        {
            report.Paragraph("Thin lines are single steps; strong lines are their smoothed course.");
        }

        AddCharts(report, run, rows);
        if (pictures.Count > 0)
        {
            report.Section("Pictures");
            foreach (ReportPicture picture in pictures)
            {
                report.Picture(picture);
            }
        }

        report.Section("The run").Pairs(Pairs(run)).Section("Make it again").Code(run.Command);
        report.Details($"The recipe ({run.RecipeName})", run.RecipeText);
        return report.ToHtml();
    }

    private static IEnumerable<(string Label, string Value, string Note)> Tiles(
        PretrainDescription run, IReadOnlyList<MetricsRow> rows)
    {
        double[] loss = ChartCurve.Smooth(Values(rows, MetricsRow.Loss).Y);
        yield return loss.Length == 0
            ? ("Loss", "–", "no step yet")
            : ("Loss", ReportText.Number(loss[^1]), $"from {ReportText.Number(loss[0])} at the start{Meaning(run)}");
        yield return ("Steps", ReportText.Count(run.StepsDone), $"of {ReportText.Count(run.StepsPlanned)}");
        yield return ("Unique samples", ReportText.Count(run.UniqueSamples), run.SamplesSeen is { } seen && seen > run.UniqueSamples ? $"seen {ReportText.Count(seen)} times in all" : "every one seen once");
        double[] speeds = [.. Values(rows.Skip(WarmUpSteps), MetricsRow.VolumesPerSecond).Y.Order()];
        string speed = speeds.Length == 0 ? "–" : ReportText.Number(speeds[speeds.Length / 2]);
        yield return (run.Dimensions == 2 ? "Images per second" : "Volumes per second", speed, $"median, {run.Shape}");
        string waiting = WaitShare(rows) is double share ? ReportText.Percent(share) : "–";
        yield return ("Waiting for data", waiting, "of all step time");
        yield return ("Time", ReportText.Duration(run.Duration), $"on {run.Device}, {run.Cores} cores");
    }

    // What the loss is to be compared with, where that is known.
    private static string Meaning(PretrainDescription run) => string.Concat(
        run.LossAtChance is double chance ? $"; {ReportText.Number(chance)} at chance" : string.Empty,
        run.LossFloor is double floor ? $"; at least {ReportText.Number(floor)}" : string.Empty);

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

    private static void AddCharts(HtmlReport report, PretrainDescription run, IReadOnlyList<MetricsRow> rows)
    {
        IReadOnlyList<string> parts = MetricNames.LossParts(rows);
        List<ChartSeries> losses = [Series(rows, MetricsRow.Loss, "loss")];
        losses.AddRange(parts.Select(part => Series(rows, part, part)));
        AddLevel(run.LossAtChance, "at chance");
        AddLevel(run.LossFloor, "the least that it can be");
        report.Chart(new LineChart("Loss", "step", "loss", losses) { IsWide = true });
        AddProbe(report, rows);
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

        void AddLevel(double? value, string label)
        {
            if (value is double level && rows.Count > 0)
            {
                losses.Add(new ChartSeries(label, [rows[0].Step, rows[^1].Step], [level, level]) { Style = ChartStyle.Line });
            }
        }

        void Add(string title, string unit, string name, Func<LineChart, LineChart> change)
        {
            ChartSeries series = Series(rows, name, title.ToLower(CultureInfo.InvariantCulture));
            if (series.Y.Count > 0)
            {
                report.Chart(change(new LineChart(title, "step", unit, [series])));
            }
        }
    }

    // Frozen features on real cases, over a logarithmic axis on which step 0 stands at 1.
    private static void AddProbe(HtmlReport report, IReadOnlyList<MetricsRow> rows)
    {
        MetricsRow[] probed = [.. rows.Where(static row => row.TryGet(MetricsRow.ProbeDice, out _))];
        if (probed.Length == 0)
        {
            return;
        }

        double[] steps = [.. probed.Select(static row => (double)row.Step)];
        double[] places = [.. steps.Select(static step => Math.Max(1, step))];
        ChartSeries Curve(string name, string label) =>
            new(label, places, [.. probed.Select(row => row[name])]) { Style = ChartStyle.Points, Places = steps };
        ChartSeries Level(string name, string label) =>
            new(label, places, [.. places.Select(_ => probed[0][name])]) { Style = ChartStyle.Line, Places = steps };
        List<ChartSeries> series =
        [
            Curve(MetricsRow.ProbeDice, "best level"),
            Curve(MetricsRow.ProbeOutputDice, "output"),
            Level(MetricsRow.ProbeHandMadeDice, "hand-made features"),
        ];
        if (probed[0].Step == 0)
        {
            series.Add(Level(MetricsRow.ProbeDice, "random weights, best level"));
        }

        report.Chart(new LineChart("Probe: a linear read-out on real cases", "step (0 stands at 1)", "Dice", series)
        {
            IsLogX = true,
            IsWide = true,
        });
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

    private static IEnumerable<(string Name, string Value)> Pairs(PretrainDescription run)
    {
        int batch = run.BatchSize * run.AccumulatedBatches;
        string accumulated = run.AccumulatedBatches > 1
            ? $" ({run.BatchSize} in each of {run.AccumulatedBatches} accumulated batches)"
            : string.Empty;
        yield return ("Recipe", $"{run.RecipeName}, SHA-256 {run.RecipeSha256[..Math.Min(16, run.RecipeSha256.Length)]}…");
        yield return ("Seed", run.Seed.ToString(CultureInfo.InvariantCulture));
        yield return ("Samples", $"{run.SampleText}, {run.LabelCount} labels, {batch} per step{accumulated}");
        if (run.LabelMaps is string labelMaps)
        {
            yield return ("Anatomies", labelMaps);
        }

        yield return ("Objective", $"{run.Objective}, on {run.FeatureChannels} feature channels");
        yield return ("Network", run.Network);
        yield return ("Parameters", ReportText.Count(run.ParameterCount));
        yield return ("Optimiser", run.Optimiser);
        yield return ("Precision", run.Precision);
        yield return ("Device", $"{run.Device}; synthesis on {run.SynthesisDevice}; {run.Cores} cores");
        DateTimeOffset started = run.Started.ToUniversalTime();
        yield return ("Started", started.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        foreach ((string name, string version) in run.Versions)
        {
            yield return (name, version);
        }
    }
}
