using System.Text;

namespace GpuSynth.Torch.Reports;

/// <summary>
/// Builds a page that needs nothing but itself: styles, script, charts and pictures are inside, and a policy in its head forbids
/// the browser to load anything. Light or dark as the reader's system is. Parts appear in the order in which they are added.
/// </summary>
public sealed class HtmlReport
{
    private readonly MarkupText body = new();
    private readonly string title;
    private string openGroup = string.Empty; // What stands side by side: "grid" (charts) or "tables"; empty outside of both.
    private bool isInSection;

    /// <summary>An empty page.</summary>
    /// <param name="title">The page's heading.</param>
    /// <param name="subtitle">One line below it.</param>
    /// <param name="status">A word or two beside it, such as "finished".</param>
    public HtmlReport(string title, string subtitle, string status = "")
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(subtitle);
        ArgumentNullException.ThrowIfNull(status);
        this.title = title;
        body.Put($"<header><h1>").Text(title);
        if (status.Length > 0)
        {
            body.Put($"""<span class="status {(status == "finished" ? "done" : "open")}">""").Text(status).Put($"</span>");
        }

        body.Put($"</h1><p>").Text(subtitle).Put($"</p></header>");
    }

    /// <summary>Numbers at a glance: a label, the number, and a small note.</summary>
    public HtmlReport Tiles(IEnumerable<(string Label, string Value, string Note)> tiles)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        EndGroup();
        body.Put($"""<div class="tiles">""");
        foreach ((string label, string value, string note) in tiles)
        {
            body.Put($"""<div class="tile"><div class="label">""").Text(label).Put($"""</div><div class="value">""").Text(value);
            body.Put($"""</div><div class="note">""").Text(note).Put($"</div></div>");
        }

        body.Put($"</div>");
        return this;
    }

    /// <summary>Begins a section.</summary>
    public HtmlReport Section(string heading)
    {
        EndSection();
        isInSection = true;
        body.Put($"<section><h2>").Text(heading).Put($"</h2>");
        return this;
    }

    /// <summary>A paragraph of plain text.</summary>
    public HtmlReport Paragraph(string text)
    {
        EndGroup();
        body.Put($"<p>").Text(text).Put($"</p>");
        return this;
    }

    /// <summary>Names and what they are.</summary>
    public HtmlReport Pairs(IEnumerable<(string Name, string Value)> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        EndGroup();
        body.Put($"""<dl class="facts card">""");
        foreach ((string name, string value) in pairs)
        {
            body.Put($"<div><dt>").Text(name).Put($"</dt><dd>").Text(value).Put($"</dd></div>");
        }

        body.Put($"</dl>");
        return this;
    }

    /// <summary>A chart; several in a row stand side by side where the window is wide.</summary>
    public HtmlReport Chart(LineChart chart)
    {
        Group("grid");
        body.Markup(SvgChart.ToHtml(chart));
        return this;
    }

    /// <summary>
    /// A table, beside the one before it where there is room. Numbers stand at the right of their columns, words at the left; the
    /// first column names the row.
    /// </summary>
    /// <param name="caption">One line above it.</param>
    /// <param name="headers">The columns' names.</param>
    /// <param name="rows">The rows, without empty cells; one whose first cell begins with "*" is printed strong.</param>
    public HtmlReport Table(string caption, IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(rows);
        Group("tables");
        // A column of words, unlike one of numbers, stands at the left.
        string[] classes = [.. headers.Select((_, n) => rows.Any(row => char.IsLetter(row[n][0])) ? " class=\"text\"" : "")];
        body.Put($"""<div class="card"><table><caption>""").Text(caption).Put($"</caption><thead><tr>");
        foreach ((int n, string header) in headers.Index())
        {
            body.Put($"<th scope=\"col\"{classes[n]}>").Text(header).Put($"</th>");
        }

        body.Put($"</tr></thead><tbody>");
        foreach (IReadOnlyList<string> row in rows)
        {
            bool isStrong = row[0].StartsWith('*');
            body.Put($"<tr{(isStrong ? " class=\"strong\"" : "")}><th scope=\"row\">");
            body.Text(isStrong ? row[0][1..] : row[0]).Put($"</th>");
            foreach ((int n, string cell) in row.Index().Skip(1))
            {
                body.Put($"<td{classes[n]}>").Text(cell).Put($"</td>");
            }

            body.Put($"</tr>");
        }

        body.Put($"</tbody></table></div>");
        return this;
    }

    /// <summary>A picture, embedded.</summary>
    public HtmlReport Picture(ReportPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        EndGroup();
        (int width, int height) = PngSize.Of(picture.Png);
        body.Put($"""<figure class="picture card"><img width="{width}" height="{height}" alt=""").Put($"\"");
        body.Text(picture.Caption).Put($"\" src=\"data:image/png;base64,").Markup(Convert.ToBase64String(picture.Png));
        body.Put($"\"><figcaption>").Text(picture.Caption).Put($"</figcaption></figure>");
        return this;
    }

    /// <summary>Text as a machine reads it: a command.</summary>
    public HtmlReport Code(string text)
    {
        EndGroup();
        body.Put($"""<pre class="card">""").Text(text).Put($"</pre>");
        return this;
    }

    /// <summary>A long text of a machine that opens when its title is clicked.</summary>
    public HtmlReport Details(string summary, string text)
    {
        EndGroup();
        body.Put($"""<details class="card"><summary>""").Text(summary);
        body.Put($"</summary><pre>").Text(text).Put($"</pre></details>");
        return this;
    }

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        EndSection();
        const string policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
        MarkupText page = new();
        page.Put($"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Put($"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n");
        page.Put($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>").Text(title);
        page.Put($"</title>\n<style>\n").Markup(Resource("report.css")).Put($"</style>\n</head>\n<body>\n<main>\n");
        page.Markup(body.ToString()).Put($"</main>\n<script>\n").Markup(Resource("report.js"));
        return page.Put($"</script>\n</body>\n</html>\n").ToString();
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("GpuSynth.Torch.Reports." + name)!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private void Group(string name)
    {
        if (openGroup != name)
        {
            EndGroup();
            body.Put($"""<div class="{name}">""");
            openGroup = name;
        }
    }

    private void EndGroup()
    {
        if (openGroup.Length > 0)
        {
            body.Put($"</div>");
            openGroup = string.Empty;
        }
    }

    private void EndSection()
    {
        EndGroup();
        if (isInSection)
        {
            body.Put($"</section>");
            isInSection = false;
        }
    }
}
