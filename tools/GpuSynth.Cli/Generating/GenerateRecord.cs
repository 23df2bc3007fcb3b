using System.Text;
using System.Text.Json;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Cli.Generating;

/// <summary>
/// What decides every sample of a run: run.json. A folder holds samples of one run only; the record is what is compared.
/// </summary>
/// <param name="RecipeName">Name of the recipe.</param>
/// <param name="RecipeText">The recipe as YAML.</param>
/// <param name="RecipeChecksum">SHA-256 of that text.</param>
/// <param name="Size">Voxels in array order: "128x96x80".</param>
/// <param name="Seed">Seed.</param>
/// <param name="Format">"nifti" or "npz".</param>
/// <param name="LabelMaps">File name and SHA-256 of every label map, in order; empty without any.</param>
/// <param name="LabelMapAxes">How label maps are turned: "RAS+", the body's axes; null in runs of earlier versions.</param>
internal sealed record GenerateRecord(
    string RecipeName,
    string RecipeText,
    string RecipeChecksum,
    string Size,
    ulong Seed,
    string Format,
    IReadOnlyList<(string Name, string Checksum)> LabelMaps,
    string? LabelMapAxes)
{
    private const string BodyAxes = "RAS+";

    /// <summary>What a seed means: <see cref="SampleVersion"/>.</summary>
    public int Samples { get; init; } = SampleVersion.Current;

    /// <summary>The components that the run's recipe may name.</summary>
    public ComponentCatalogue Components { get; init; } = ComponentCatalogue.Own;

    /// <summary>Name of the file.</summary>
    public const string FileName = "run.json";

    /// <summary>The record of a run; the label maps' files are read for their checksums.</summary>
    public static GenerateRecord Of(ChosenSamples samples, LabelMapSet? maps, SampleFormat format)
    {
        string text = RecipeYaml.Write(samples.Recipe);
        return new GenerateRecord(
            samples.Recipe.Name,
            text,
            Checksum.Sha256(Encoding.UTF8.GetBytes(text)),
            samples.Shape.ToString(),
            samples.Seed,
            format.Name,
            [
                .. (maps?.Maps ?? [])
                    .Select(map => (map.FileName, Checksum.Sha256(PathOf(samples.LabelPath!, map.FileName)))),
            ],
            BodyAxes)
        {
            Components = samples.Components,
        };
    }

    /// <summary>Reads run.json, without the recipe's text.</summary>
    /// <exception cref="GpuSynthException">The file is not a run.json, or cannot be read.</exception>
    public static GenerateRecord Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            return new GenerateRecord(
                root.GetProperty("recipe").GetString()!,
                string.Empty,
                root.GetProperty("recipeSha256").GetString()!,
                root.GetProperty("size").GetString()!,
                root.GetProperty("seed").GetUInt64(),
                root.GetProperty("format").GetString()!,
                [
                    .. root.GetProperty("labelMaps").EnumerateArray()
                        .Select(static map => (map.GetProperty("name").GetString()!, map.GetProperty("sha256").GetString()!)),
                ],
                root.TryGetProperty("labelMapAxes", out JsonElement axes) ? axes.GetString() : null)
            {
                Samples = root.TryGetProperty("samples", out JsonElement samples) ? samples.GetInt32() : SampleVersion.Unwritten,
            };
        }
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new GpuSynthException($"'{path}' does not say what the folder's samples are; choose another folder.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GpuSynthException(
                $"Cannot read '{path}': {error.Message.TrimEnd('.')}; check its permissions or choose another folder.", error);
        }
    }

    /// <summary>Writes run.json.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maps">The label maps: which stored values became which label is worth keeping.</param>
    /// <exception cref="VolumeFileException">The file cannot be written.</exception>
    public void Write(string path, LabelMapSet? maps)
    {
        string text = JsonText.Of(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("gpusynth", ToolVersion.Short);
            writer.WriteString("recipe", RecipeName);
            writer.WriteString("recipeSha256", RecipeChecksum);
            writer.WriteString("size", Size);
            writer.WriteNumber("seed", Seed);
            writer.WriteNumber("samples", Samples);
            writer.WriteString("format", Format);
            writer.WriteObjects("labelMaps", LabelMaps, map =>
            {
                writer.WriteString("name", map.Name);
                writer.WriteString("sha256", map.Checksum);
            });
            if (maps is not null)
            {
                writer.WriteString("labelMapAxes", LabelMapAxes);
                WriteSourceValues(writer, maps);
            }

            writer.WriteEndObject();
        });
        AtomicFile.WriteText(path, text + "\n");
    }

    /// <summary>How another run differs, for "This folder has ..., this run ...": null where it does not.</summary>
    /// <param name="there">The folder's record.</param>
    /// <param name="recipeThere">The folder's recipe as YAML, or null where it cannot be read.</param>
    public string? DifferenceFrom(GenerateRecord there, string? recipeThere)
    {
        if (RecipeName != there.RecipeName)
        {
            return $"recipe {there.RecipeName}, and this run has {RecipeName}";
        }

        if (RecipeChecksum != there.RecipeChecksum)
        {
            return $"another recipe {RecipeName}{LineDifference(recipeThere)}";
        }

        if (Size != there.Size)
        {
            return $"size {there.Size}, and this run has {Size}";
        }

        if (Seed != there.Seed)
        {
            return $"seed {there.Seed}, and this run has {Seed}";
        }

        if (Format != there.Format)
        {
            return $"format {there.Format}, and this run has {Format}";
        }

        if (!LabelMaps.SequenceEqual(there.LabelMaps))
        {
            return LabelMapDifference(there);
        }

        if (Samples != there.Samples)
        {
            return $"samples of another version ({there.Samples}), and this one makes others of the same seed ({Samples})";
        }

        return LabelMaps.Count == 0 || LabelMapAxes == there.LabelMapAxes
            ? null
            : "label maps on their files' axes, as an earlier version left them, and this run has them on the body's";
    }

    private static string PathOf(string labelPath, string name) =>
        File.Exists(labelPath) ? labelPath : Path.Combine(labelPath, name);

    private static void WriteSourceValues(Utf8JsonWriter writer, LabelMapSet maps)
    {
        writer.WriteStartArray("storedValuesOfLabels");
        foreach (int[] values in maps.SourceValues)
        {
            writer.WriteStartArray();
            foreach (int value in values)
            {
                writer.WriteNumberValue(value);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private string LineDifference(string? recipeThere)
    {
        if (recipeThere is null)
        {
            return string.Empty;
        }

        string[] here = RecipeText.Split('\n');
        string[] lines = recipeThere.Split('\n');
        for (int n = 0; n < Math.Min(here.Length, lines.Length); n++)
        {
            if (here[n] != lines[n])
            {
                return $": '{lines[n].Trim()}', and this run has '{here[n].Trim()}'";
            }
        }

        return string.Empty;
    }

    private string LabelMapDifference(GenerateRecord there)
    {
        if (LabelMaps.Count != there.LabelMaps.Count)
        {
            return $"{there.LabelMaps.Count} label maps, and this run has {LabelMaps.Count}";
        }

        int first = Enumerable.Range(0, LabelMaps.Count).First(n => LabelMaps[n] != there.LabelMaps[n]);
        return LabelMaps[first].Name == there.LabelMaps[first].Name
            ? $"another label map {LabelMaps[first].Name}: its checksum differs"
            : $"the label map {there.LabelMaps[first].Name}, and this run has {LabelMaps[first].Name}";
    }
}
