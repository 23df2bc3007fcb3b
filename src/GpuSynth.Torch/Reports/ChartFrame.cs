namespace GpuSynth.Torch.Reports;

/// <summary>Where things lie in a chart: its axes, its margins, and the curves as they are drawn.</summary>
internal sealed class ChartFrame
{
    public const double Left = 66;
    public const double Top = 10;

    private const double RightMargin = 14;
    private const double BottomMargin = 44;
    private const double PixelsPerXTick = 90;
    private const double PixelsPerYTick = 36;

    // The page is about 1,100 pixels wide: at these widths a unit is about a pixel, and text is as large as the page's.
    private static readonly (double Width, double Height) Narrow = (520, 250);
    private static readonly (double Width, double Height) Wide = (1080, 330);

    public ChartFrame(LineChart chart)
    {
        Chart = chart;
        (Width, Height) = chart.IsWide ? Wide : Narrow;
        Curves = [.. chart.Series.Select(series => series.Style == ChartStyle.Smoothed ? Smooth(series.Y) : series.Y)];
        double[] places = [.. chart.Series.SelectMany(series => series.X).Concat(chart.XTicks ?? []).DefaultIfEmpty(0)];
        int xTicks = (int)((Right - Left) / PixelsPerXTick);
        X = ChartAxis.Of(places.Min(), places.Max(), new AxisStyle(xTicks, chart.IsLogX) { Ticks = chart.XTicks });
        (double least, double greatest) = Range();
        int yTicks = (int)((Bottom - Top) / PixelsPerYTick);
        Y = ChartAxis.Of(
            least, greatest, new AxisStyle(yTicks, chart.IsLogY) { IsRounded = true, IsPercent = chart.IsPercent });
    }

    public LineChart Chart { get; }

    /// <summary>Per series, the values of its strong line.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Curves { get; }

    public ChartAxis X { get; }

    public ChartAxis Y { get; }

    public double Width { get; }

    public double Height { get; }

    public double Right => Width - RightMargin;

    public double Bottom => Height - BottomMargin;

    /// <summary>Whether a value has a place: it is finite, and positive on a logarithmic axis.</summary>
    public bool CanShow(double value) => double.IsFinite(value) && (!Y.IsLog || value > 0);

    public double Across(double value) => Left + ((Right - Left) * X.Place(value));

    public double Down(double value) => Bottom - ((Bottom - Top) * Y.Place(value));

    /// <summary>A value as the tooltip writes it.</summary>
    public string Number(double value) => Chart.IsPercent ? ReportText.Percent(value) : ReportText.Number(value);

    // On a logarithmic axis the logarithms are smoothed, so that the curve lies in the middle of what is seen.
    private double[] Smooth(IReadOnlyList<double> values) => Chart.IsLogY
        ? [.. ChartCurve.Smooth([.. values.Select(value => Math.Log(value))]).Select(Math.Exp)]
        : ChartCurve.Smooth(values);

    private (double Least, double Greatest) Range()
    {
        bool Counts(double value) => double.IsFinite(value) && (!Chart.IsLogY || value > 0);
        IEnumerable<double> raw = Chart.Series.SelectMany(series => series.Y).Where(Counts);
        (double least, double greatest) = ChartCurve.Range(raw, Chart.IsLogY);
        // Raw values may be spikes; what is smooth, or a bar, is always shown whole.
        IEnumerable<double> whole = Curves.SelectMany(curve => curve)
            .Concat(Chart.Series.SelectMany(series => (series.Low ?? []).Concat(series.High ?? [])))
            .Concat(Chart.IncludeY is double value ? [value] : []);
        foreach (double number in whole.Where(Counts))
        {
            (least, greatest) = (Math.Min(least, number), Math.Max(greatest, number));
        }

        return (least, greatest);
    }
}
