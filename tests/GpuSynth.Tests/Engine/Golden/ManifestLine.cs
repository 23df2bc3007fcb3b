using System.Text.Json;
using System.Text.RegularExpressions;

namespace GpuSynth.Tests.Engine.Golden;

/// <summary>Lines of manifests, and how they differ.</summary>
internal static partial class ManifestLine
{
    /// <summary>The line without the files (their checksums are the compressor's affair) and the tool's version.</summary>
    public static string WithoutFilesAndVersion(string line) =>
        Version().Replace(Files().Replace(line, "\"files\":[]", 1), "}", 1);

    /// <summary>What differs, value by value, for people.</summary>
    public static List<string> Changes(IReadOnlyList<string> before, IReadOnlyList<string> now)
    {
        var changes = new List<string>();
        if (now.Count != before.Count)
        {
            changes.Add($"manifest: {now.Count} lines; the file has {before.Count}");
        }

        for (int n = 0; n < Math.Min(now.Count, before.Count); n++)
        {
            if (now[n] != before[n])
            {
                Dictionary<string, string> values = Values(now[n]);
                Dictionary<string, string> heldValues = Values(before[n]);
                string[] keys =
                [
                    .. values.Keys.Union(heldValues.Keys).Where(key => ValueOf(values, key) != ValueOf(heldValues, key)),
                ];
                string line = $"manifest line {n + 1}";
                changes.AddRange(keys.Select(
                    key => $"{line}: {key} is {ValueOf(values, key)}; the file has {ValueOf(heldValues, key)}"));
                if (keys.Length == 0)
                {
                    changes.Add($"{line}: the same values in another order or spelling: {now[n]}");
                }
            }
        }

        return changes;

        static string ValueOf(Dictionary<string, string> values, string key) => values.GetValueOrDefault(key, "absent");
    }

    [GeneratedRegex("\"files\":\\[[^\\]]*\\]")]
    private static partial Regex Files();

    [GeneratedRegex(",\"gpusynth\":\"[^\"]*\"}$")]
    private static partial Regex Version();

    // "drawn.means[2]" and what stands there.
    private static Dictionary<string, string> Values(string line)
    {
        var values = new Dictionary<string, string>();
        using JsonDocument document = JsonDocument.Parse(line);
        Add(string.Empty, document.RootElement);
        return values;

        void Add(string path, JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    Add(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.Value);
                }
            }
            else if (element.ValueKind == JsonValueKind.Array)
            {
                for (int n = 0; n < element.GetArrayLength(); n++)
                {
                    Add($"{path}[{n}]", element[n]);
                }
            }
            else
            {
                values.Add(path, element.GetRawText());
            }
        }
    }
}
