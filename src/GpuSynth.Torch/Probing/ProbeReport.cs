using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Probing;

/// <summary>The page of a probe: the comparison, every level, and the features as colours.</summary>
internal static class ProbeReport
{
    /// <summary>The report as an HTML page that needs no other file.</summary>
    public static string ToHtml(string name, ProbeResult result, IReadOnlyList<ReportPicture> pictures, string command)
    {
        string data = Path.GetFileName(Path.TrimEndingDirectorySeparator(result.Data));
        HtmlReport report = new(name, $"Probe: features of frozen networks on {data}", "finished");
        report.Tiles(
        [
            .. result.Arms.Select(static arm => (arm.Name, ReportText.Fixed(arm.Best.Dice.Mean, 3), $"Dice, linear, {arm.Best.Name}")),
            ("Cases", ReportText.Count(result.TrainCases.Count), $"to fit, and {result.EvalCases.Count} to measure on"),
            ("Time", ReportText.Duration(TimeSpan.FromSeconds(result.Seconds)), $"{Environment.ProcessorCount} cores"),
        ]);
        foreach (string notice in result.Notices)
        {
            report.Paragraph($"Note: {notice}");
        }

        report.Section("Against the controls").Paragraph(ProbeResult.Method);
        if (result.Comparisons.Count > 0)
        {
            report.Table(
                "Paired difference of Dice between the best levels",
                ["Features", "Against", "Difference"],
                [.. result.Comparisons.Select(static one => (string[])[one.Arm, one.Against, ReportText.Interval(one.Dice, 3)])]);
        }

        report.Section("Levels");
        AddChart(report, "Linear read-out", static level => level.Dice, result);
        AddChart(report, "Nearest voxels of one case", static level => level.NeighbourDice, result);
        AddTable(report, "Every level; * is an arm's best", result, [0, 1, 2, 3, 4, 5]);
        report.Paragraph($"Without labels: rank on the real images, all else on {result.Pairs}.");
        AddTable(report, "Without labels", result, [0, 1, 6, 7, 8, 9, 10]);
        report.Table(
            "Dice of every label at the best level",
            ["Features", .. result.LabelNames],
            [.. result.Arms.Select(static arm => (string[])[arm.Name, .. arm.Best.LabelDice.Select(static dice => ReportText.Fixed(dice, 3))])]);
        report.Section("Pictures");
        foreach (ReportPicture picture in pictures)
        {
            report.Picture(picture);
        }

        report.Section("The cases").Pairs(
        [
            ("Fitted on", string.Join(", ", result.TrainCases)), ("Measured on", string.Join(", ", result.EvalCases)),
        ]);
        return report.Section("Make it again").Code(command).ToHtml();
    }

    private static void AddTable(HtmlReport report, string caption, ProbeResult result, int[] columns) => report.Table(
        caption,
        [.. columns.Select(static column => ProbeResult.Headers[column])],
        [.. result.Rows().Select(row => (string[])[.. columns.Select(column => row[column])])]);

    private static void AddChart(HtmlReport report, string title, Func<ProbeLevel, MeanInterval> of, ProbeResult result)
    {
        // Networks' levels in their order, then all together, then the hand-made ones.
        string[] names =
        [
            .. result.Arms.SelectMany(static arm => arm.Levels).Select(static level => level.Name).Distinct()
                .OrderBy(static name => name switch { HandFeatures.Appearance or HandFeatures.WithPlace => 2, ReadOut.AllLevels => 1, _ => 0 }),
        ];
        report.Chart(new LineChart(title, "level", "Dice", [.. result.Arms.Select((arm, n) =>
        {
            double aside = 0.06 * (n - ((result.Arms.Count - 1) / 2.0));
            (int Place, MeanInterval Value)[] levels =
                [.. arm.Levels.Select(level => (Array.IndexOf(names, level.Name) + 1, of(level))).OrderBy(static one => one.Item1)];
            return new ChartSeries(
                arm.Name, [.. levels.Select(one => one.Place + aside)], [.. levels.Select(static one => one.Value.Mean)])
            {
                Style = ChartStyle.Points,
                Colour = n % 6,
                Low = [.. levels.Select(static one => one.Value.Low)],
                High = [.. levels.Select(static one => one.Value.High)],
                Places = [.. levels.Select(static one => (double)one.Place)],
            };
        })])
        {
            IsWide = true,
            XTicks = [.. Enumerable.Range(1, names.Length).Select(static n => (double)n)],
            XNames = names,
        });
    }
}
