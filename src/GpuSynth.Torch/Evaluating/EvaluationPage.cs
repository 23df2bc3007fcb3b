using System.Globalization;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Probing;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Evaluating;

/// <summary>The page of an evaluation: differences over all tasks, then every task with its curves and a picture.</summary>
internal static class EvaluationPage
{
    /// <summary>The report as an HTML page that needs no other file.</summary>
    public static string ToHtml(string name, EvaluationResult result, IReadOnlyList<EvaluatedTask> tasks, string command, string status, string folder)
    {
        EvaluationSuite suite = result.Suite;
        HtmlReport report = new(name, $"Evaluation: {result.Weights.Count + suite.OwnArms.Count} arms on {suite.Tasks.Count} tasks of {suite.Name}", status);
        report.Tiles(Tiles(result));
        foreach (string notice in result.Notices)
        {
            report.Paragraph($"Note: {notice}.");
        }

        report.Section("Against new weights").Paragraph(EvaluationResult.Method);
        if (result.Means.Count > 0)
        {
            report.Chart(Forest("Mean over the tasks", "budget, the smallest first", [.. result.Means.Select(static row => (row.Name, (double)row.Budget, row.Difference))]));
            report.Table(
                "Above new weights, mean over the tasks (Dice, AUC)",
                ["Weights", "Budget", "Tasks", "Test", "Validation"],
                [.. result.Means.Select(row => (string[])
                [
                    (row.Name == result.Chosen ? "*" : string.Empty) + row.Name, EvaluationTable.Ordinal(row.Budget), ReportText.Count(row.Tasks),
                    EvaluationTable.Signed(row.Difference), ReportText.Signed(row.ValidationDifference, 3),
                ])]);
        }

        foreach ((TaskRow row, EvaluatedTask task) in result.Tasks.Zip(tasks))
        {
            AddTask(report, row, task, suite, folder);
        }

        report.Section("The weights").Pairs(result.Weights.Select(static one => (one.Name, $"{one.Path}, sha256 {one.Sha256}")));
        return report.Section("Make it again").Code(command).ToHtml();
    }

    private static IEnumerable<(string Label, string Value, string Note)> Tiles(EvaluationResult result)
    {
        if (result.Chosen is { } chosen)
        {
            MeanRow few = result.Means.First(row => row.Name == chosen);
            yield return ("Chosen by validation", chosen, $"of {result.Weights.Count + result.Suite.OwnArms.Count} arms");
            yield return ("Gain, least budget", ReportText.Signed(few.Difference.Mean, 3), "test above new weights");
        }

        yield return ("Tasks", ReportText.Count(result.Tasks.Count), $"of {result.Suite.Tasks.Count}");
        yield return ("Trainings", ReportText.Count(result.Tasks.Sum(static task => task.Cells.Sum(static cell => cell.CaseScores.Count))), $"{result.Suite.Steps} steps each");
        double seconds = result.Tasks.Sum(static task => task.Cells.Sum(static cell => cell.Seconds));
        yield return ("Time", ReportText.Duration(TimeSpan.FromSeconds(seconds)), "of the tested trainings, one after another");
    }

    private static void AddTask(HtmlReport report, TaskRow row, EvaluatedTask task, EvaluationSuite suite, string folder)
    {
        report.Section(row.Name);
        string budget = task.Task.IsClassification ? "% of the images" : "Cases";
        (string, double, MeanInterval)[] differences =
            [.. row.Cells.Where(static cell => !double.IsNaN(cell.Difference.Mean)).Select(static cell => (cell.Name, cell.Budget, cell.Difference))];
        if (differences.Length > 0)
        {
            report.Chart(Forest($"{row.Measure} above new weights", budget.ToLowerInvariant(), differences));
        }

        string[][] control = row.Threshold is { } threshold
            ? [[$"control: {threshold.Name} ({threshold.Level})", "-", "-", ReportText.Interval(threshold.Dice, 3), "-", "-", "-", "-"]]
            : [];
        report.Table(
            "Test",
            ["Arm", budget, "Chosen", row.Measure, "Above new weights", "Seeds won", "HD95 (mm)", "Time"],
            [.. control, .. row.Cells.Select(cell => (string[])
            [
                cell.Name, ReportText.Number(cell.Budget), cell.Chosen, ReportText.Interval(cell.Score, 3),
                EvaluationTable.Signed(cell.Difference), double.IsNaN(cell.Difference.Mean) ? "-" : $"{cell.SeedsWon} of {suite.Seeds}",
                ReportText.Interval(cell.Hausdorff95, 2), ReportText.Duration(TimeSpan.FromSeconds(cell.Seconds)),
            ])]);
        report.Table(
            "What was done with the head",
            ["Arm", "Head"],
            [.. row.Cells.DistinctBy(static cell => cell.Name).Select(static cell => (string[])[cell.Name, cell.Head])]);
        if (row.Probe.Count > 0)
        {
            report.Table(
                "Frozen features, linear read-out on validation cases",
                ["Features", "Level", "Dice"],
                [.. row.Probe.Select(static probe => (string[])
                [
                    (probe.Kind == ProbeRun.WeightsKind ? string.Empty : "control: ") + probe.Name, probe.Level, ReportText.Interval(probe.Dice, 3),
                ])]);
        }

        EvaluatedArm[] tried = [.. task.Arms.Where(static arm => arm.Trials.Count > 1)];
        if (tried.Length > 0)
        {
            report.Table(
                $"Validation Dice at every learning rate, {task.Task.RatesAt} cases",
                ["Arm", .. tried[0].Trials.Select(static trial => trial.Rate.ToString("0.######", CultureInfo.InvariantCulture))],
                [.. tried.Select(static arm => (string[])[arm.Name, .. arm.Trials.Select(static trial => ReportText.Fixed(trial.BestValidationDice, 3))])]);
        }

        FineTuneCurves.Add(
            report,
            [.. task.Arms.SelectMany(static arm => arm.Results.Select(result => Curve(arm.Name, result)))],
            [.. task.Arms.Select(static arm => arm.Name)]);
        foreach (EvaluatedArm arm in task.Arms.Where(static arm => arm.Results.Count > 0))
        {
            ArmResult shown = arm.Results.Where(static one => one.TrainCases > 0).OrderBy(static one => one.TrainCases).ThenBy(static one => one.Seed).First();
            string place = suite.LabelMaps.Any(one => one.Name == arm.Name) ? MapPretraining.TrainingFolder(row.Name, shown.TrainCases, shown.Seed) : row.Name;
            string picture = Path.Combine(EvaluationRun.ArmFolder(folder, arm.Name), place, "arms", shown.Arm.Name, TestEvaluation.PreviewName);
            if (File.Exists(picture))
            {
                report.Picture(new ReportPicture($"{arm.Name}, {shown.TrainCases} training cases: test cases with their labels and predictions", File.ReadAllBytes(picture)));
            }
        }
    }

    // One column for each weights and number of cases.
    private static LineChart Forest(string title, string place, IReadOnlyList<(string Name, double Number, MeanInterval Value)> rows)
    {
        double[] numbers = [.. rows.Select(static row => row.Number).Distinct().Order()];
        string[] names = [.. rows.Select(static row => row.Name).Distinct()];
        return new LineChart(title, place, "difference", [.. names.Select((name, n) =>
        {
            double aside = 0.08 * (n - ((names.Length - 1) / 2.0));
            (string Name, double Number, MeanInterval Value)[] own = [.. rows.Where(row => row.Name == name).OrderBy(static row => row.Number)];
            return new ChartSeries(name, [.. own.Select(row => Array.IndexOf(numbers, row.Number) + 1 + aside)], [.. own.Select(static row => row.Value.Mean)])
            {
                Style = ChartStyle.Points,
                Colour = n % 6,
                Low = [.. own.Select(static row => row.Value.Low)],
                High = [.. own.Select(static row => row.Value.High)],
                Places = [.. own.Select(row => Array.IndexOf(numbers, row.Number) + 1.0)],
            };
        })])
        {
            IncludeY = 0,
            XTicks = [.. Enumerable.Range(1, numbers.Length).Select(static n => (double)n)],
            XNames = [.. numbers.Select(ReportText.Number)],
        };
    }

    private static FineTuneArmResult Curve(string name, ArmResult arm) => new()
    {
        Init = name,
        TrainCases = arm.TrainCases,
        Seed = arm.Seed,
        Metrics = [],
        BestValidationDice = arm.BestValidationDice,
        BestStep = arm.BestStep,
        Curve = [.. arm.Curve.Select(static point => (point.Step, point.Dice))],
    };
}
