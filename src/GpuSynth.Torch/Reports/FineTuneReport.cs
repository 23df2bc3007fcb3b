using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>The page of a fine-tuning call: the comparison first, then curves of every arm, pictures and circumstances.</summary>
public static class FineTuneReport
{
    /// <summary>The report as an HTML page that needs no other file.</summary>
    /// <param name="run">What the call was.</param>
    /// <param name="groups">A row per initialisation and number of cases; empty before any test was made.</param>
    /// <param name="comparisons">Paired differences; empty where there is one initialisation.</param>
    /// <param name="arms">Every training.</param>
    /// <param name="pictures">Cases, their labels and predictions.</param>
    public static string ToHtml(
        FineTuneDescription run,
        IReadOnlyList<ArmGroup> groups,
        IReadOnlyList<ArmComparison> comparisons,
        IReadOnlyList<FineTuneArmResult> arms,
        IReadOnlyList<ReportPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(comparisons);
        ArgumentNullException.ThrowIfNull(arms);
        ArgumentNullException.ThrowIfNull(pictures);
        HtmlReport report = new(run.Name, $"Fine-tuning: {run.Task}; {run.Network}", run.Status);
        report.Tiles(Tiles(run, groups, comparisons, arms));
        foreach (string notice in run.Notices)
        {
            report.Paragraph($"Note: {notice}");
        }

        string[] inits = [.. groups.Select(group => group.Init).Concat(arms.Select(arm => arm.Init)).Distinct()];
        if (groups.Count > 0)
        {
            AddResults(report, run, groups, comparisons, inits);
        }

        AddCurves(report, arms, inits);
        if (pictures.Count > 0)
        {
            report.Section("Pictures");
            foreach (ReportPicture picture in pictures)
            {
                report.Picture(picture);
            }
        }

        report.Section("The run").Pairs(Pairs(run)).Section("Make it again").Code(run.Command);
        return report.ToHtml();
    }

    private static IEnumerable<(string Label, string Value, string Note)> Tiles(
        FineTuneDescription run,
        IReadOnlyList<ArmGroup> groups,
        IReadOnlyList<ArmComparison> comparisons,
        IReadOnlyList<FineTuneArmResult> arms)
    {
        if (groups.MaxBy(group => group.Dice.Mean) is ArmGroup best)
        {
            yield return ("Best test Dice", ReportText.Fixed(best.Dice.Mean, 3), $"{best.Init}, {best.TrainCases} cases");
        }

        if (comparisons.MinBy(comparison => comparison.TrainCases) is ArmComparison few)
        {
            string gain = ReportText.Signed(few.Dice.Mean, 3);
            yield return ($"Gain with {few.TrainCases} cases", gain, $"Dice, {run.Compared.First} − {run.Compared.Second}");
            yield return (
                "Wins",
                $"{comparisons.Sum(one => one.BetterSeeds)} of {comparisons.Sum(one => one.Seeds)}",
                $"seeds in which {run.Compared.First} is ahead");
        }

        yield return ("Trainings", ReportText.Count(arms.Count), $"{ReportText.Count(run.Steps)} steps each");
        string others = run.Folds is { } folds
            ? $"in {folds} folds, each tested once"
            : $"and {run.ValidationCases} for validation, {run.TestCases} for the test";
        yield return ("Cases", ReportText.Count(run.TrainCases), others);
        yield return ("Time", ReportText.Duration(run.Duration), $"on {run.Device}, {run.Cores} cores");
    }

    private static void AddResults(
        HtmlReport report,
        FineTuneDescription run,
        IReadOnlyList<ArmGroup> groups,
        IReadOnlyList<ArmComparison> comparisons,
        string[] inits)
    {
        report.Section("Results on the test cases");
        report.Paragraph(
            $"Intervals: {run.IntervalMethod}. Every training has the same budget, and keeps the weights of "
            + (run.ValidationCases > 0 ? "its best validation Dice." : "its last step; every case is tested by the network that did not see it."));
        double[] cases = [.. groups.Select(group => (double)group.TrainCases).Distinct().Order()];
        if (cases.Length > 1)
        {
            report.Chart(Against("Dice, higher is better", "mean test Dice", group => group.Dice));
            report.Chart(Against("Surface distance, lower is better", "95% Hausdorff distance, mm", group => group.Hausdorff95));
        }

        ArmGroup[] ordered = [.. groups.OrderBy(group => group.TrainCases)];
        report.Table(
            "Mean over labels, cases and seeds",
            ["Cases", "Weights", "Seeds", "Dice", "HD95 (mm)", "Area under the learning curve"],
            [.. ordered.Select(group => Row(group, groups))]);
        if (comparisons.Count > 0)
        {
            report.Table(
                $"Paired difference: {run.Compared.First} − {run.Compared.Second}",
                ["Cases", "Test Dice", "Seeds won", "Area under the learning curve"],
                [.. comparisons.OrderBy(one => one.TrainCases).Select(one => (string[])
                [
                    ReportText.Count(one.TrainCases), ReportText.Interval(one.Dice, 3), $"{one.BetterSeeds} of {one.Seeds}",
                    ReportText.Interval(one.CurveArea, 3),
                ])]);
        }

        if (run.LabelNames.Count > 1)
        {
            report.Table(
                "Every label",
                ["Cases", "Weights", "Label", "Dice", "HD95 (mm)"],
                [.. ordered.SelectMany(group => run.LabelNames.Select((name, label) => (string[])
                [
                    ReportText.Count(group.TrainCases),
                    group.Init,
                    name,
                    ReportText.Interval(group.LabelDice[label], 3),
                    ReportText.Interval(group.LabelHausdorff95[label], 2),
                ]))]);
        }

        LineChart Against(string title, string unit, Func<ArmGroup, MeanInterval> number) =>
            new(title, "cases trained on", unit, [.. inits.Select((init, n) => Points(init, n, number))])
            {
                IsLogX = true,
                XTicks = cases,
            };

        ChartSeries Points(string init, int n, Func<ArmGroup, MeanInterval> number)
        {
            ArmGroup[] own = [.. groups.Where(group => group.Init == init).OrderBy(group => group.TrainCases)];
            // A little aside of each other, so that bars at one number of cases do not hide one another.
            double aside = 1 + (0.03 * (n - ((inits.Length - 1) / 2.0)));
            return new ChartSeries(
                init, [.. own.Select(group => group.TrainCases * aside)], [.. own.Select(group => number(group).Mean)])
            {
                Style = ChartStyle.Points,
                Colour = n,
                Low = [.. own.Select(group => number(group).Low)],
                High = [.. own.Select(group => number(group).High)],
                Places = [.. own.Select(group => (double)group.TrainCases)],
            };
        }
    }

    private static string[] Row(ArmGroup group, IReadOnlyList<ArmGroup> groups)
    {
        bool isBest = groups.Any(other => other.TrainCases == group.TrainCases && other.Init != group.Init)
            && groups.Where(other => other.TrainCases == group.TrainCases).All(other => other.Dice.Mean <= group.Dice.Mean);
        return
        [
            (isBest ? "*" : string.Empty) + ReportText.Count(group.TrainCases),
            group.Init,
            ReportText.Count(group.Seeds),
            ReportText.Interval(group.Dice, 3),
            ReportText.Interval(group.Hausdorff95, 2),
            ReportText.Interval(group.CurveArea, 3),
        ];
    }

    private static void AddCurves(HtmlReport report, IReadOnlyList<FineTuneArmResult> arms, string[] inits)
    {
        int[] cases = [.. arms.Select(arm => arm.TrainCases).Distinct().Order()];
        if (cases.Length == 0)
        {
            return;
        }

        if (arms.Any(static arm => arm.Metrics.Any(static row => row.TryGet(MetricsRow.ValidationDice, out _))))
        {
            AddValidations();
        }

        FineTuneCurves.Add(report, arms, inits);
        report.Section("Training loss");
        report.Paragraph("Thin lines are the seeds' mean at single steps; strong lines are their smoothed course.");
        foreach (int number in cases)
        {
            report.Chart(Curves($"{number} cases", "Dice + cross-entropy", number, MetricsRow.Loss));
        }

        report.Section("Every training").Table(
            "Best validation Dice and test results",
            ["Cases", "Weights", "Seed", "Rate", "Validation Dice", "Best step", "Curve area", "Test Dice", "Test HD95 (mm)", "Time"],
            [.. arms.OrderBy(arm => arm.TrainCases).ThenBy(arm => arm.Seed).Select(arm => (string[])
            [
                ReportText.Count(arm.TrainCases),
                arm.Init,
                arm.Seed.ToString(CultureInfo.InvariantCulture) + (arm.Fold is { } fold ? $", fold {fold}" : string.Empty),
                double.IsNaN(arm.Rate) ? "-" : arm.Rate.ToString("0.######", CultureInfo.InvariantCulture),
                ReportText.Fixed(arm.BestValidationDice, 3),
                ReportText.Count(arm.BestStep),
                ReportText.Fixed(arm.CurveArea, 3),
                ReportText.Fixed(arm.TestDice, 3),
                ReportText.Fixed(arm.TestHd95, 2),
                ReportText.Duration(TimeSpan.FromSeconds(arm.Seconds)),
            ])]);

        void AddValidations()
        {
            report.Section("Validation Dice while training");
            if (arms.Select(arm => arm.Seed).Distinct().Count() > 1)
            {
                report.Paragraph("Thin lines are single seeds; strong lines are their mean.");
            }

            foreach (int number in cases)
            {
                report.Chart(Curves($"{number} cases", "mean validation Dice", number, MetricsRow.ValidationDice));
            }
        }

        LineChart Curves(string title, string unit, int number, string name)
        {
            List<ChartSeries> series = [];
            foreach ((int n, string init) in inits.Index())
            {
                FineTuneArmResult[] own = [.. arms.Where(arm => arm.Init == init && arm.TrainCases == number)];
                // The loss of single seeds is noise upon noise: their mean, smoothed, says it all.
                bool isLoss = name == MetricsRow.Loss;
                series.AddRange(own.Length < 2 || isLoss ? [] : own.Select(arm => Series(arm.Metrics, $"{init} {arm.Seed}") with
                {
                    Style = ChartStyle.Thin,
                    Colour = n,
                }));
                if (own.Length > 0)
                {
                    series.Add(Series([.. own.SelectMany(arm => arm.Metrics)], init) with
                    {
                        Style = isLoss ? ChartStyle.Smoothed : ChartStyle.Line,
                        Colour = n,
                    });
                }
            }

            return new LineChart(title, "step", unit, series) { IsWide = cases.Length == 1 };

            // Rows of several seeds at one step become their mean.
            ChartSeries Series(IReadOnlyList<MetricsRow> rows, string label)
            {
                (double Step, double Mean)[] means =
                [
                    .. rows.Where(row => row.TryGet(name, out _)).GroupBy(row => row.Step).OrderBy(step => step.Key)
                        .Select(step => ((double)step.Key, step.Average(row => row[name]))),
                ];
                return new ChartSeries(label, [.. means.Select(mean => mean.Step)], [.. means.Select(mean => mean.Mean)]);
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> Pairs(FineTuneDescription run)
    {
        yield return ("Task", run.Task);
        yield return ("Network", $"{run.Network}, {ReportText.Count(run.ParameterCount)} parameters");
        yield return ("Training", run.Training);
        yield return ("Preprocessing", run.Preprocessing);
        foreach ((string init, string description) in run.Inits)
        {
            yield return ($"Weights “{init}”", description);
        }

        yield return ("Device", $"{run.Device}, {run.Cores} cores");
        foreach ((string name, string version) in run.Versions)
        {
            yield return (name, version);
        }
    }
}
