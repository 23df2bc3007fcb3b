using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace GpuSynth.Torch.Reports;

/// <summary>HTML and SVG under construction: numbers are written the same in every country, and text is escaped.</summary>
internal sealed class MarkupText
{
    private readonly StringBuilder builder = new();

    /// <summary>Writes markup as it stands, with its numbers.</summary>
    public MarkupText Put(FormattableString markup)
    {
        builder.Append(markup.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>Writes markup that another method made.</summary>
    public MarkupText Markup(string markup)
    {
        builder.Append(markup);
        return this;
    }

    /// <summary>Writes text, which may hold anything.</summary>
    public MarkupText Text(string text)
    {
        builder.Append(WebUtility.HtmlEncode(text));
        return this;
    }

    /// <summary>Text within a string of JSON, which may stand within a script: "&lt;" is escaped too.</summary>
    public static string Json(string text) => JsonEncodedText.Encode(text).ToString();

    /// <inheritdoc/>
    public override string ToString() => builder.ToString();
}
