namespace GpuSynth.Torch.Reports;

/// <summary>Draws line charts as HTML figures with inline SVG. Colours are the page's style variables.</summary>
public static class SvgChart
{
    internal const int Colours = 6;

    // Points per series that the page's script can show under the pointer.
    private const int HoverPoints = 200;

    /// <summary>The chart as a <c>figure</c>: title, legend, and the drawing.</summary>
    public static string ToHtml(LineChart chart)
    {
        ArgumentNullException.ThrowIfNull(chart);
        ChartFrame frame = new(chart);
        MarkupText html = new();
        html.Put($"""<figure class="{(chart.IsWide ? "chart wide" : "chart")}"><figcaption><span class="title">""");
        html.Text(chart.Title).Put($"</span>");
        WriteLegend(html, chart);
        html.Put($"</figcaption>");
        ChartDrawing.Write(html, frame);
        WriteHoverData(html, frame);
        return html.Put($"""<div class="tip" hidden></div></figure>""").ToString() + "\n";
    }

    /// <summary>A series' colour, 0 to 5.</summary>
    internal static int ColourOf(LineChart chart, int series) => (chart.Series[series].Colour ?? series) % Colours;

    // A single line is named by the title already.
    private static void WriteLegend(MarkupText html, LineChart chart)
    {
        int[] named = [.. Enumerable.Range(0, chart.Series.Count).Where(n => chart.Series[n].Style != ChartStyle.Thin)];
        if (named.Length < 2)
        {
            return;
        }

        html.Put($"""<span class="legend">""");
        foreach (int n in named)
        {
            html.Put($"""<span class="key s{ColourOf(chart, n)}">""").Text(chart.Series[n].Name).Put($"</span>");
        }

        html.Put($"</span>");
    }

    // Per series, from the right: places in the drawing, and what is written there.
    private static void WriteHoverData(MarkupText html, ChartFrame frame)
    {
        html.Put($"""<script type="application/json">[""");
        string between = string.Empty;
        for (int n = 0; n < frame.Curves.Count; n++)
        {
            ChartSeries series = frame.Chart.Series[n];
            if (series.Style == ChartStyle.Thin)
            {
                continue;
            }

            html.Put($$"""{{between}}{"c":{{ColourOf(frame.Chart, n)}},"n":"{{MarkupText.Json(series.Name)}}","p":[""");
            between = ",";
            int stride = Math.Max(1, (series.Y.Count + HoverPoints - 1) / HoverPoints);
            string comma = string.Empty;
            for (int at = series.Y.Count - 1; at >= 0; at -= stride)
            {
                double value = frame.Curves[n][at];
                if (frame.CanShow(value))
                {
                    string place = frame.Chart.PlaceName((series.Places ?? series.X)[at]);
                    html.Put($"{comma}[{frame.Across(series.X[at]):0.#},{frame.Down(value):0.#},");
                    html.Put($"\"{MarkupText.Json(place)}\",\"{frame.Number(value)}\"]");
                    comma = ",";
                }
            }

            html.Put($"]}}");
        }

        html.Put($"]</script>");
    }
}
