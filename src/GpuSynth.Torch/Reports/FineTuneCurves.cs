using System.Globalization;

namespace GpuSynth.Torch.Reports;

/// <summary>The part of a fine-tuning report that shows how fast arms learn, and at which rate.</summary>
internal static class FineTuneCurves
{
    /// <summary>Adds learning curves over the logarithm of the step, and the rates that were tried.</summary>
    public static void Add(HtmlReport report, IReadOnlyList<FineTuneArmResult> arms, string[] inits)
    {
        FineTuneArmResult[] known = [.. arms.Where(static arm => arm.Curve.Count > 1)];
        if (known.Length > 0)
        {
            report.Section("Learning curves");
            report.Paragraph(
                "Validation Dice after 25, 50, 100, 200 ... steps and at the end. The area under a curve over the logarithm of the "
                + "step, divided by its width, is the mean height: what learns faster has more of it.");
            int[] cases = [.. known.Select(static arm => arm.TrainCases).Distinct().Order()];
            foreach (int number in cases)
            {
                report.Chart(Curves(known.Where(arm => arm.TrainCases == number), number, inits) with { IsWide = cases.Length == 1 });
            }
        }

        FineTuneArmResult[] tried = [.. arms.Where(static arm => arm.Trials.Count > 1)];
        if (tried.Length > 0)
        {
            report.Section("Learning rates").Table(
                "Best validation Dice at every rate, mean over seeds; the best rate of each arm was tested",
                ["Cases", "Weights", .. tried[0].Trials.Select(static trial => Rate(trial.Rate))],
                [.. tried.GroupBy(static arm => (arm.TrainCases, arm.Init)).OrderBy(static group => group.Key.TrainCases)
                    .Select(static group => (string[])
                    [
                        ReportText.Count(group.Key.TrainCases),
                        group.Key.Init,
                        .. group.First().Trials.Select((_, n) => ReportText.Fixed(group.Average(arm => arm.Trials[n].Dice), 3)),
                    ])]);
        }
    }

    private static LineChart Curves(IEnumerable<FineTuneArmResult> arms, int number, string[] inits)
    {
        List<ChartSeries> series = [];
        double[] ticks = [.. arms.SelectMany(static arm => arm.Curve).Select(static point => (double)point.Step).Distinct().Order()];
        foreach ((int n, string init) in inits.Index())
        {
            FineTuneArmResult[] own = [.. arms.Where(arm => arm.Init == init)];
            series.AddRange(own.Length < 2 ? [] : own.Select(arm => Series($"{init} {arm.Seed}", [arm]) with
            {
                Style = ChartStyle.Thin,
                Colour = n,
            }));
            if (own.Length > 0)
            {
                series.Add(Series(init, own) with { Style = ChartStyle.Points, Colour = n });
            }
        }

        string title = string.Create(CultureInfo.InvariantCulture, $"{number} case{(number == 1 ? string.Empty : "s")}");
        return new LineChart(title, "step", "mean validation Dice", series) { IsLogX = true, XTicks = ticks };
    }

    // Several seeds become their mean.
    private static ChartSeries Series(string name, FineTuneArmResult[] arms)
    {
        (double Step, double Dice)[] means =
        [
            .. arms.SelectMany(static arm => arm.Curve).GroupBy(static point => point.Step).OrderBy(static step => step.Key)
                .Select(static step => ((double)step.Key, step.Average(static point => point.Dice))),
        ];
        return new ChartSeries(name, [.. means.Select(static mean => mean.Step)], [.. means.Select(static mean => mean.Dice)]);
    }

    private static string Rate(double rate) => rate.ToString("0.######", CultureInfo.InvariantCulture);
}
