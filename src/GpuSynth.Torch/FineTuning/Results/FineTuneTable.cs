using GpuSynth.Torch.Reports;
using System.Globalization;
using System.Text;

namespace GpuSynth.Torch.FineTuning;

/// <summary>The results as a table in Markdown, which reads well as plain text too.</summary>
public static class FineTuneTable
{
    private const string Signed = "+0.0000;-0.0000;0.0000";

    /// <summary>A row per number of cases, label and initialisation; of a comparison the difference as well.</summary>
    public static string Markdown(FineTuneSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var rows = new List<string[]>
        {
            (string[])["cases", "label", "initial weights", "seeds", "Dice", "95% interval", "HD95 mm", "95% interval", "curve area"],
        };
        foreach (ArmGroup group in summary.Groups)
        {
            string[] head = [Text(group.TrainCases), "mean", group.Init, Text(group.Seeds)];
            rows.Add([.. head, .. Cells(group.Dice, "0.0000"), .. Cells(group.Hausdorff95, "0.00"), Cells(group.CurveArea, "0.0000")[0]]);
            for (int label = 0; label < summary.LabelNames.Count && summary.LabelNames.Count > 1; label++)
            {
                head[1] = summary.LabelNames[label];
                rows.Add([.. head, .. Cells(group.LabelDice[label], "0.0000"), .. Cells(group.LabelHausdorff95[label], "0.00"), ""]);
            }
        }

        var text = new StringBuilder(Lines(rows));
        if (summary.Comparisons.Count > 0)
        {
            rows = [["cases", "label", "pretrained - none, Dice", "95% interval", "better seeds", "better cases", "curve area", "95% interval"]];
            foreach (ArmComparison comparison in summary.Comparisons)
            {
                string seeds = $"{Text(comparison.BetterSeeds)} of {Text(comparison.Seeds)}";
                string pairs = $"{Text(comparison.BetterPairs)} of {Text(comparison.Pairs)}";
                rows.Add([Text(comparison.TrainCases), "mean", .. Cells(comparison.Dice, Signed), seeds, pairs, .. Cells(comparison.CurveArea, Signed)]);
                for (int label = 0; label < summary.LabelNames.Count && summary.LabelNames.Count > 1; label++)
                {
                    string[] cells = Cells(comparison.LabelDice[label], Signed);
                    rows.Add([Text(comparison.TrainCases), summary.LabelNames[label], .. cells, "", "", "", ""]);
                }
            }

            text.Append('\n').Append(Lines(rows));
        }

        return text.ToString();
    }

    private static string[] Cells(MeanInterval value, string format)
    {
        string Number(double number) => double.IsNaN(number) ? "-" : number.ToString(format, CultureInfo.InvariantCulture);
        return [Number(value.Mean), $"{Number(value.Low)} to {Number(value.High)}"];
    }

    private static string Lines(List<string[]> rows)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        void Add(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        Add(rows[0].Select((cell, column) => cell.PadRight(widths[column])));
        Add(widths.Select(static width => new string('-', width)));
        foreach (string[] row in rows.Skip(1))
        {
            Add(row.Select((cell, column) => cell.PadRight(widths[column])));
        }

        return text.ToString();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
