namespace GpuSynth.Torch.Reports;

/// <summary>How a series is drawn.</summary>
public enum ChartStyle
{
    /// <summary>Every value as a thin line, and a smoothed curve over it.</summary>
    Smoothed,

    /// <summary>One line of ordinary strength.</summary>
    Line,

    /// <summary>A thin pale line without an entry in the legend: one of several runs behind their mean.</summary>
    Thin,

    /// <summary>Joined markers, with bars from <see cref="ChartSeries.Low"/> to <see cref="ChartSeries.High"/>.</summary>
    Points,
}

/// <summary>Values over an axis. Values that are not finite leave a gap.</summary>
/// <param name="Name">What the legend and the tooltip call it.</param>
/// <param name="X">Places, ascending.</param>
/// <param name="Y">As many values.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>How it is drawn.</summary>
    public ChartStyle Style { get; init; } = ChartStyle.Smoothed;

    /// <summary>Its colour, 0 to 5; by the series' place in the chart when null.</summary>
    public int? Colour { get; init; }

    /// <summary>What the places are called where that differs from X, as for points moved aside a little.</summary>
    public IReadOnlyList<double>? Places { get; init; }

    /// <summary>Lower ends of the bars, when there are any.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>Upper ends of the bars, when there are any.</summary>
    public IReadOnlyList<double>? High { get; init; }
}

/// <summary>A chart of lines.</summary>
/// <param name="Title">Written above it.</param>
/// <param name="XLabel">What the horizontal axis counts.</param>
/// <param name="YLabel">What the vertical axis measures, with its unit.</param>
/// <param name="Series">The lines.</param>
public sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>Whether the horizontal axis is logarithmic. Asked for values that are not positive, it is linear.</summary>
    public bool IsLogX { get; init; }

    /// <summary>Whether the vertical axis is logarithmic. Asked for values that are not positive, it is linear.</summary>
    public bool IsLogY { get; init; }

    /// <summary>Whether values are shares that are shown in per cent.</summary>
    public bool IsPercent { get; init; }

    /// <summary>Whether the chart takes the page's whole width.</summary>
    public bool IsWide { get; init; }

    /// <summary>A value that the vertical axis must reach down to, such as 0.</summary>
    public double? IncludeY { get; init; }

    /// <summary>The horizontal axis' marks; chosen by itself when null.</summary>
    public IReadOnlyList<double>? XTicks { get; init; }

    /// <summary>What the marks are called, as many as there are; their numbers when null.</summary>
    public IReadOnlyList<string>? XNames { get; init; }

    /// <summary>What a place on the horizontal axis is called: its mark's name, else its number.</summary>
    internal string PlaceName(double place)
    {
        int at = XNames is null || XTicks is null ? -1 : XTicks.TakeWhile(tick => tick != place).Count();
        return at >= 0 && at < XNames!.Count ? XNames[at] : ReportText.Number(place);
    }
}
