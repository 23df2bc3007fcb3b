namespace GpuSynth.Torch.Reports;

/// <summary>A chart's SVG: grid, axes, curves and markers.</summary>
internal static class ChartDrawing
{
    /// <summary>Writes the <c>svg</c> element.</summary>
    public static void Write(MarkupText svg, ChartFrame frame)
    {
        svg.Put($"""<svg viewBox="0 0 {frame.Width:0.#} {frame.Height:0.#}" role="img" """);
        svg.Put($"aria-label=\"").Text(Description(frame)).Put($"\">");
        WriteAxes(svg, frame);
        // An inner svg clips: a spike beyond the axis leaves the picture instead of crossing the title.
        (double left, double width) = (ChartFrame.Left - 6, frame.Right - ChartFrame.Left + 12);
        double height = frame.Bottom - ChartFrame.Top;
        svg.Put($"""<svg x="{left:0.#}" y="{ChartFrame.Top:0.#}" width="{width:0.#}" height="{height:0.#}" """);
        svg.Put($"""viewBox="{left:0.#} {ChartFrame.Top:0.#} {width:0.#} {height:0.#}">""");
        // Strong lines last, so that no other series' thin one crosses them.
        foreach (bool isStrong in (bool[])[false, true])
        {
            for (int n = 0; n < frame.Curves.Count; n++)
            {
                svg.Put($"""<g class="s{SvgChart.ColourOf(frame.Chart, n)}">""");
                WriteSeries(svg, frame, n, isStrong);
                svg.Put($"</g>");
            }
        }

        svg.Put($"</svg>");
        WriteNote(svg, frame);
        svg.Put($"""<g class="hover"></g></svg>""");
    }

    private static string Description(ChartFrame frame)
    {
        LineChart chart = frame.Chart;
        IEnumerable<string> ends = chart.Series.Where(series => series.Style != ChartStyle.Thin && series.Y.Count > 0)
            .Select(series => $"{series.Name} from {frame.Number(series.Y[0])} to {frame.Number(series.Y[^1])}");
        return $"{chart.YLabel} over {chart.XLabel}; {string.Join(", ", ends)}";
    }

    private static void WriteAxes(MarkupText svg, ChartFrame frame)
    {
        (double left, double right, double bottom) = (ChartFrame.Left, frame.Right, frame.Bottom);
        svg.Put($"""<g class="grid">""");
        foreach (double down in frame.Y.Ticks.Select(frame.Down))
        {
            svg.Put($"""<path d="M{left:0.#} {down:0.#}H{right:0.#}"/>""");
        }

        svg.Put($"""</g><g class="axis"><path d="M{left:0.#} {bottom:0.#}H{right:0.#}"/>""");
        foreach (double tick in frame.X.Ticks)
        {
            double across = frame.Across(tick);
            svg.Put($"""<path d="M{across:0.#} {bottom:0.#}v4"/>""");
            svg.Put($"""<text x="{across:0.#}" y="{bottom + 17:0.#}" class="x">""");
            svg.Text(frame.Chart.XNames is null ? frame.X.Label(tick) : frame.Chart.PlaceName(tick)).Put($"</text>");
        }

        foreach (double tick in frame.Y.Ticks)
        {
            svg.Put($"""<text x="{left - 8:0.#}" y="{frame.Down(tick) + 4:0.#}" class="y">{frame.Y.Label(tick)}</text>""");
        }

        svg.Put($"""<text x="{(left + right) / 2:0.#}" y="{frame.Height - 6:0.#}" class="x name">""");
        svg.Text(frame.Chart.XLabel).Put($"</text>");
        svg.Put($"""<text transform="translate(13 {(ChartFrame.Top + bottom) / 2:0.#}) rotate(-90)" class="x name">""");
        svg.Text(frame.Chart.YLabel).Put($"</text></g>");
    }

    private static void WriteSeries(MarkupText svg, ChartFrame frame, int n, bool isStrong)
    {
        ChartSeries series = frame.Chart.Series[n];
        if (!isStrong)
        {
            if (series.Style is ChartStyle.Smoothed or ChartStyle.Thin)
            {
                WritePath(svg, frame, series.X, series.Y, series.Style == ChartStyle.Thin ? "thin" : "raw");
            }

            return;
        }

        if (series.Style != ChartStyle.Thin)
        {
            WritePath(svg, frame, series.X, frame.Curves[n], "line");
        }

        // A single value would be a line of no length.
        if (series.Style == ChartStyle.Points || series.Y.Count(double.IsFinite) == 1)
        {
            WritePoints(svg, frame, n);
        }
    }

    private static void WritePath(
        MarkupText svg, ChartFrame frame, IReadOnlyList<double> places, IReadOnlyList<double> values, string style)
    {
        MarkupText path = new();
        bool isDown = false;
        foreach (int n in ChartCurve.Thin(values, (int)frame.Width))
        {
            bool isShown = frame.CanShow(values[n]);
            if (isShown)
            {
                path.Put($"{(isDown ? 'L' : 'M')}{frame.Across(places[n]):0.#} {frame.Down(values[n]):0.#}");
            }

            isDown = isShown;
        }

        svg.Put($"""<path class="{style}" d="{path}"/>""");
    }

    private static void WritePoints(MarkupText svg, ChartFrame frame, int n)
    {
        ChartSeries series = frame.Chart.Series[n];
        for (int at = 0; at < series.Y.Count; at++)
        {
            if (!frame.CanShow(series.Y[at]))
            {
                continue;
            }

            (double across, double down) = (frame.Across(series.X[at]), frame.Down(series.Y[at]));
            string place = frame.Chart.PlaceName((series.Places ?? series.X)[at]);
            string title = $"{series.Name}, {place} {frame.Chart.XLabel}: {frame.Number(series.Y[at])}";
            svg.Put($"""<g class="point">""");
            if (series.Low is not null && series.High is not null && series.High[at] > series.Low[at])
            {
                // A bar that reaches below a logarithmic axis ends outside the picture.
                double low = frame.CanShow(series.Low[at]) ? frame.Down(series.Low[at]) : frame.Height;
                double high = frame.CanShow(series.High[at]) ? frame.Down(series.High[at]) : 0;
                svg.Put($"""<path class="bar" d="M{across:0.#} {low:0.#}V{high:0.#}m-5 0h10M{across - 5:0.#} {low:0.#}h10"/>""");
                title += $" ({frame.Number(series.Low[at])} to {frame.Number(series.High[at])})";
            }

            // Colour is never the only difference: neighbouring series have markers of different shapes.
            svg.Put((SvgChart.ColourOf(frame.Chart, n) % 3) switch
            {
                0 => $"""<circle cx="{across:0.#}" cy="{down:0.#}" r="4.5"/>""",
                1 => $"""<rect x="{across - 4:0.#}" y="{down - 4:0.#}" width="8" height="8"/>""",
                _ => (FormattableString)$"""<path d="M{across:0.#} {down - 5.5:0.#}l5 9h-10z"/>""",
            });
            svg.Put($"<title>").Text(title).Put($"</title></g>");
        }
    }

    private static void WriteNote(MarkupText svg, ChartFrame frame)
    {
        double[] values = [.. frame.Chart.Series.SelectMany(series => series.Y).Where(double.IsFinite)];
        int beyond = values.Count(value => !frame.Y.Holds(value));
        string note = values.Length == 0
            ? "no values yet"
            : beyond > 0 ? $"values beyond the axis: {ReportText.Count(beyond)}" : string.Empty;
        svg.Put($"""<text class="note" x="{frame.Right - 4:0.#}" y="{ChartFrame.Top + 12:0.#}">{note}</text>""");
    }
}
