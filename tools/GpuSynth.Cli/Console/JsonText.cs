using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace GpuSynth.Cli;

/// <summary>JSON for people and programs: indented, lines ending in "\n", letters as they are.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What a method writes, as text.</summary>
    /// <param name="write">Writes one JSON value.</param>
    public static string Of(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Indented))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
