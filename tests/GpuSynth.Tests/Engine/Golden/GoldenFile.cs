using System.Text;
using System.Text.Json;
using GpuSynth.Tests.Architecture;

namespace GpuSynth.Tests.Engine.Golden;

/// <summary>What the file holds of one case.</summary>
internal sealed record GoldenEntry
{
    /// <summary>What is drawn, for people.</summary>
    public string What { get; init; } = string.Empty;

    /// <summary>SHA-256 of the batch's images, float32[B,(D,)H,W].</summary>
    public string Image { get; init; } = string.Empty;

    /// <summary>SHA-256 of the batch's labels, byte[B,(D,)H,W].</summary>
    public string Label { get; init; } = string.Empty;

    /// <summary>A line of the manifest per sample.</summary>
    public IReadOnlyList<string> Manifest { get; init; } = [];

    /// <summary>Voxels of a sample on ILGPU's CPU accelerator.</summary>
    public string SmallShape { get; init; } = string.Empty;

    /// <summary>The largest magnitude of the host's image at that shape.</summary>
    public float LargestIntensity { get; init; }

    /// <summary>The largest difference of the accelerator's image from the host's.</summary>
    public float LargestDifference { get; init; }
}

/// <summary>Golden/samples.json, read and renewed where it lies in the source tree.</summary>
internal static class GoldenFile
{
    /// <summary>The environment variable that makes the tests write the file.</summary>
    public const string Variable = "GPUSYNTH_RENEW_GOLDEN";

    /// <summary>Its path in the source tree.</summary>
    public const string Name = "tests/GpuSynth.Tests/Engine/Golden/samples.json";

    public static bool IsRenewing => Environment.GetEnvironmentVariable(Variable) == "1";

    private static string Location => Path.Combine(Repository.Root, Name);

    /// <summary>All entries by the names of their cases.</summary>
    public static Dictionary<string, GoldenEntry> Read()
    {
        if (!File.Exists(Location))
        {
            return [];
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Location));
        return document.RootElement.EnumerateObject().ToDictionary(static entry => entry.Name, static entry => Read(entry.Value));
    }

    /// <summary>Changes the entry of a case; entries without a case go.</summary>
    public static void Renew(GoldenCase golden, Func<GoldenEntry, GoldenEntry> change)
    {
        Dictionary<string, GoldenEntry> entries = Read();
        entries[golden.Name] = change(entries.GetValueOrDefault(golden.Name, new GoldenEntry()));
        using MemoryStream stream = new();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n" };
        using (Utf8JsonWriter writer = new(stream, options))
        {
            writer.WriteStartObject();
            foreach (GoldenCase known in GoldenCases.All.Where(known => entries.ContainsKey(known.Name)))
            {
                Write(writer, known.Name, entries[known.Name]);
            }

            writer.WriteEndObject();
        }

        File.WriteAllText(Location, Encoding.UTF8.GetString(stream.ToArray()) + "\n");
    }

    private static GoldenEntry Read(JsonElement entry)
    {
        JsonElement device = entry.GetProperty("ilgpuCpu");
        return new GoldenEntry
        {
            What = entry.GetProperty("what").GetString()!,
            Image = entry.GetProperty("imageSha256").GetString()!,
            Label = entry.GetProperty("labelSha256").GetString()!,
            Manifest = [.. entry.GetProperty("manifest").EnumerateArray().Select(static line => line.GetRawText())],
            SmallShape = device.GetProperty("shape").GetString()!,
            LargestIntensity = device.GetProperty("largestIntensity").GetSingle(),
            LargestDifference = device.GetProperty("largestDifference").GetSingle(),
        };
    }

    // A manifest's line is JSON, and stays as it is, on a line of its own.
    private static void Write(Utf8JsonWriter writer, string name, GoldenEntry entry)
    {
        writer.WriteStartObject(name);
        writer.WriteString("what", entry.What);
        writer.WriteString("imageSha256", entry.Image);
        writer.WriteString("labelSha256", entry.Label);
        writer.WritePropertyName("manifest");
        writer.WriteRawValue($"[\n      {string.Join(",\n      ", entry.Manifest)}\n    ]");
        writer.WriteStartObject("ilgpuCpu");
        writer.WriteString("shape", entry.SmallShape);
        writer.WriteNumber("largestIntensity", entry.LargestIntensity);
        writer.WriteNumber("largestDifference", entry.LargestDifference);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
