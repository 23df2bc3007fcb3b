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

    /// <summary>Writes an array of objects.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="name">The array's name; null where it has none.</param>
    /// <param name="items">An object each.</param>
    /// <param name="write">Writes the properties of one.</param>
    public static void WriteObjects<T>(this Utf8JsonWriter writer, string? name, IEnumerable<T> items, Action<T> write)
    {
        if (name is not null)
        {
            writer.WritePropertyName(name);
        }

        writer.WriteStartArray();
        foreach (T item in items)
        {
            writer.WriteStartObject();
            write(item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
