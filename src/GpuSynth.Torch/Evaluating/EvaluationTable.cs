using System.Text;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Evaluating;

/// <summary>The results as tables in Markdown.</summary>
internal static class EvaluationTable
{
    /// <summary>Means over the tasks, then every task.</summary>
    public static string Markdown(EvaluationResult result)
    {
        var text = new StringBuilder();
        if (result.Means.Count > 0)
        {
            Append(text, ["weights", "budget", "tasks", "above new weights", "on validation"], [.. result.Means.Select(static row => (string[])
            [
                row.Name, Ordinal(row.Budget), ReportText.Count(row.Tasks), Signed(row.Difference), ReportText.Signed(row.ValidationDifference, 3),
            ])]);
            text.Append('\n');
        }

        foreach (TaskRow task in result.Tasks)
        {
            text.Append("## ").Append(task.Name).Append("\n\n");
            string[][] control = task.Threshold is { } threshold
                ? [[$"{threshold.Name} ({threshold.Level})", "-", "-", ReportText.Interval(threshold.Dice, 3), "-", "-", "-"]]
                : [];
            Append(
                text,
                ["arm", task.Measure == "AUC" ? "% of the images" : "cases", "chosen", task.Measure, "above new weights", "seeds won", "HD95 mm"],
                [.. control, .. task.Cells.Select(cell => Row(cell, result.Suite.Seeds))]);
            text.Append('\n');
            if (task.Probe.Count > 0)
            {
                Append(text, ["frozen features", "level", "Dice, linear read-out"], [.. task.Probe.Select(static row => (string[])
                [
                    row.Name, row.Level, ReportText.Interval(row.Dice, 3),
                ])]);
                text.Append('\n');
            }
        }

        text.Append(EvaluationResult.Method).Append('\n');
        if (result.Chosen is { } chosen)
        {
            text.Append("\nChosen by validation cases: ").Append(chosen).Append(".\n");
        }

        foreach (string notice in result.Notices)
        {
            text.Append("\n- ").Append(notice).Append('.');
        }

        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>"+0.021 (0.010 to 0.032)".</summary>
    public static string Signed(MeanInterval value) => double.IsNaN(value.Mean)
        ? "-"
        : $"{ReportText.Signed(value.Mean, 3)} ({ReportText.Signed(value.Low, 3)} to {ReportText.Signed(value.High, 3)})";

    /// <summary>"least", "2nd", "3rd".</summary>
    public static string Ordinal(int budget) => budget switch
    {
        1 => "least",
        2 => "2nd",
        3 => "3rd",
        _ => $"{ReportText.Count(budget)}th",
    };

    private static string[] Row(ArmCell cell, int seeds) =>
    [
        cell.Name,
        ReportText.Number(cell.Budget),
        cell.Chosen,
        ReportText.Interval(cell.Score, 3),
        Signed(cell.Difference),
        double.IsNaN(cell.Difference.Mean) ? "-" : $"{cell.SeedsWon} of {seeds}",
        ReportText.Interval(cell.Hausdorff95, 2),
    ];

    private static void Append(StringBuilder text, string[] headers, IReadOnlyList<string[]> rows)
    {
        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        Line(headers);
        Line(headers.Select(static _ => "---"));
        foreach (string[] row in rows)
        {
            Line(row);
        }
    }
}
