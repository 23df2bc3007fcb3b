using System.Xml.Linq;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.Reports;

public sealed class ChartTests
{
    [TestCase(0, 0.74, 5, "0,0.2,0.4,0.6,0.8")]
    [TestCase(3, 97, 5, "0,20,40,60,80,100")]
    [TestCase(0, 2e-4, 4, "0,5e-5,1e-4,1.5e-4,2e-4")]
    [TestCase(-1, 1, 4, "-1.0,-0.5,0,0.5,1.0")]
    [TestCase(0, 2_000_000, 4, "0,500k,1,000k,1,500k,2,000k")]
    [TestCase(5, 5, 5, "2,3,4,5,6,7,8")]
    public void Marks_AreRoundNumbers(double from, double to, int count, string expected)
    {
        ChartAxis axis = ChartAxis.Of(from, to, new AxisStyle(count) { IsRounded = true });
        Assert.That(string.Join(",", axis.Ticks.Select(axis.Label)), Is.EqualTo(expected));
        Assert.That(axis.Holds(from) && axis.Holds(to));
    }

    [TestCase(0.01, 300, "0.01,0.1,1,10,100")]
    [TestCase(0.2, 41, "0.2,0.5,1,2,5,10,20")]
    [TestCase(0.5, 0.53, "0.50,0.51,0.52,0.53")]
    [TestCase(0, 2, "0,0.5,1.0,1.5,2.0")]
    public void LogarithmicMarks_AreRoundNumbers(double from, double to, string expected)
    {
        ChartAxis axis = ChartAxis.Of(from, to, new AxisStyle(5, IsLog: true) { IsRounded = true });
        Assert.That(string.Join(",", axis.Ticks.Select(axis.Label)), Is.EqualTo(expected));
        Assert.That(axis.IsLog, Is.EqualTo(from > 0), "an axis with a zero is linear");
    }

    [Test]
    public void NamedMarks_AreWrittenBelowTheAxisAndInTheTooltips()
    {
        var chart = new LineChart("Levels", "level", "Dice", [new ChartSeries("a", [0.95, 1.95], [0.1, 0.2])
        {
            Style = ChartStyle.Points,
            Places = [1, 2],
        }])
        {
            XTicks = [1, 2],
            XNames = ["encoder/2", "deepest & last"],
        };
        string page = new HtmlReport("x", "y", "finished").Chart(chart).ToHtml();
        Assert.That(page, Does.Contain(">encoder/2</text>").And.Contain(">deepest &amp; last</text>").And.Contain("\"encoder/2\",\"0.1\""));
        Assert.That(chart.PlaceName(3), Is.EqualTo("3"));
    }

    [Test]
    public void Smoothing_KeepsALine_AndPassesOverGaps()
    {
        double[] line = [.. Enumerable.Range(0, 500).Select(n => 3.0 - (0.01 * n))];
        Assert.That(ChartCurve.Smooth(line), Is.EqualTo(line).Within(1e-9), "ends included: no lag, no hook");
        line[100] = double.NaN;
        double[] smoothed = ChartCurve.Smooth(line);
        Assert.That(smoothed[100], Is.EqualTo(2).Within(1e-9));
        Assert.That(ChartCurve.Smooth([double.NaN]), Is.EqualTo(new[] { double.NaN }));
        Assert.That(ChartCurve.Smooth([]), Is.Empty);
    }

    [Test]
    public void Thinning_KeepsEverySpike()
    {
        double[] values = new double[100_000];
        values[54_321] = 9;
        values[12_345] = -9;
        IReadOnlyList<int> kept = ChartCurve.Thin(values, 500);
        Assert.That(kept, Has.Count.LessThanOrEqualTo(2000).And.Contains(54_321).And.Contains(12_345));
        Assert.That(kept, Is.Ordered.And.Unique);
    }

    [Test]
    public void OneSpike_DoesNotFlattenTheCurve()
    {
        IEnumerable<double> values = Enumerable.Range(0, 1000).Select(n => n == 500 ? 1e6 : Math.Sin(n));
        (double least, double greatest) = ChartCurve.Range(values, isLog: false);
        Assert.That(least, Is.EqualTo(-1.2).Within(0.01));
        Assert.That(greatest, Is.EqualTo(1.2).Within(0.01));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void AnyValues_GiveAFigureThatParses(bool isLog)
    {
        double[][] all = [[], [double.NaN], [1], [0, 0], [-1, 2, double.PositiveInfinity], [1e-12, 1e12], [double.NaN, 3, 4]];
        foreach (double[] values in all)
        {
            double[] places = [.. Enumerable.Range(1, values.Length).Select(n => (double)n)];
            ChartStyle[] styles = Enum.GetValues<ChartStyle>();
            ChartSeries[] series = [.. styles.Select(style => new ChartSeries("a < b & \"c\"", places, values)
            {
                Style = style,
                Low = [.. values.Select(value => value - 1)],
                High = [.. values.Select(value => value + 1)],
            })];
            string html = SvgChart.ToHtml(new LineChart("<t>", "x", "y", series) { IsLogX = isLog, IsLogY = isLog });
            XElement figure = XElement.Parse(html.Replace("hidden", "hidden=\"\"", StringComparison.Ordinal));
            IEnumerable<string> numbers = figure.Descendants().Attributes()
                .Where(attribute => attribute.Name.LocalName is "d" or "x" or "y" or "cx" or "cy" or "width" or "viewBox")
                .Select(attribute => attribute.Value);
            Assert.That(
                numbers, Has.None.Contains("NaN").And.None.Contains("∞").And.None.Contains("Inf"), string.Join(' ', values));
        }
    }
}
