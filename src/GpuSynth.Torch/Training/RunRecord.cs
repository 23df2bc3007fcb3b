using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Torch.Training;

/// <summary>run.json and recipe.yaml of a pre-training run: what it is, and how far it came.</summary>
internal sealed record RunRecord
{
    public const string FileName = "run.json";

    /// <summary>The status of a run whose steps are all done.</summary>
    public const string Finished = "finished";

    public const string RecipeFileName = "recipe.yaml";

    private const string Kind = "pretrain";
    private const string BodyAxes = "RAS+";

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string? recipeSha256;

    /// <summary>What is trained.</summary>
    public required PretrainOptions Options { get; init; }

    /// <summary>"running", "stopped", "failed" or "finished".</summary>
    public required string Status { get; init; }

    /// <summary>When the run was first started.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The command, as typed.</summary>
    public required string Command { get; init; }

    /// <summary>Names and SHA-256 of the label maps.</summary>
    public IReadOnlyList<(string Name, string Sha256)> LabelMaps { get; init; } = [];

    /// <summary>The recipe as YAML.</summary>
    public string RecipeText => RecipeYaml.Write(Options.Recipe);

    /// <summary>SHA-256 of the recipe as the run's first version wrote it; checkpoints carry it.</summary>
    public string RecipeSha256
    {
        get => recipeSha256 ?? Checksum.Sha256(Encoding.UTF8.GetBytes(RecipeText));
        init => recipeSha256 = value;
    }

    /// <summary>Whether a folder holds a run of pre-training.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>Reads a run's record.</summary>
    /// <exception cref="GpuSynthException">The folder holds none, or it cannot be read.</exception>
    public static RunRecord Read(string folder, ComponentCatalogue? components = null)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new GpuSynthException(
                $"'{folder}' holds no {FileName}, so there is no run to resume; leave out --resume to begin one.");
        }

        try
        {
            JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
            if ((string?)root["kind"] != Kind)
            {
                throw new GpuSynthException($"'{path}' is not that of a pre-training run; choose another folder (--out).");
            }

            string recipePath = Path.Combine(folder, RecipeFileName);
            Recipe recipe = RecipeYaml.Read(recipePath, components);
            var record = new RunRecord
            {
                Options = PretrainOptions.FromJson(root["settings"]!.ToJsonString(), recipe),
                Status = (string)root["status"]!,
                Started = (DateTimeOffset)root["started"]!,
                Command = (string)root["command"]!,
                LabelMaps =
                [
                    .. root["labelMaps"]!.AsArray().Select(static map => ((string)map!["name"]!, (string)map["sha256"]!)),
                ],
            };
            int samples = (int?)root["samples"] ?? SampleVersion.Unwritten;
            if (samples != SampleVersion.Current)
            {
                throw new GpuSynthException(
                    $"The run in '{folder}' was begun with samples of another version ({samples}), and this one makes others of the same seed "
                    + $"({SampleVersion.Current}); go on with the version that began it, or begin another run (--out).");
            }

            if (record.LabelMaps.Count > 0 && (string?)root["labelMapAxes"] != BodyAxes)
            {
                throw new GpuSynthException(
                    $"The run in '{folder}' has its label maps on their files' axes, as an earlier version left them, and its "
                    + "samples would be others now; begin another run (--out).");
            }

            // A recipe that was written in another form is known by its text.
            string began = (string)root["recipeSha256"]!;
            return record.RecipeSha256 == began || RecipeYaml.ChecksumOfFile(recipePath) == began
                ? record with { RecipeSha256 = began }
                : throw new GpuSynthException(
                    $"The {RecipeFileName} of '{folder}' was changed since the run began, and its samples would be others; "
                    + "put it back, or begin another run (--out).");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException
            or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new GpuSynthException(
                $"Cannot read '{path}': {error.Message.TrimEnd('.')}; put it back, or begin another run (--out).", error);
        }
    }

    /// <summary>Writes the record.</summary>
    /// <exception cref="VolumeFileException">It cannot be written.</exception>
    public void Write(string folder, long stepsDone, long samplesSeen, long parameterCount, int labelCount)
    {
        string recipePath = Path.Combine(folder, RecipeFileName);
        if (!File.Exists(recipePath))
        {
            AtomicFile.WriteText(
                recipePath, $"# The recipe of this run's samples; {FileName} has their size and seed.\n{RecipeText}");
        }

        var root = new JsonObject
        {
            ["gpusynth"] = TorchVersions.GpuSynth,
            ["kind"] = Kind,
            ["status"] = Status,
            ["stepsDone"] = stepsDone,
            ["samplesSeen"] = samplesSeen,
            ["started"] = Started,
            ["command"] = Command,
            ["samples"] = SampleVersion.Current,
            ["recipe"] = Options.Recipe.Name,
            ["recipeSha256"] = RecipeSha256,
            ["labels"] = labelCount,
            ["parameters"] = parameterCount,
            ["settings"] = JsonNode.Parse(Options.ToJson()),
            ["labelMaps"] = new JsonArray(
                [.. LabelMaps.Select(static map => new JsonObject { ["name"] = map.Name, ["sha256"] = map.Sha256 })]),
            ["labelMapAxes"] = LabelMaps.Count > 0 ? BodyAxes : null,
            ["versions"] = new JsonObject(
                TorchVersions.All.Select(static pair => KeyValuePair.Create(pair.Name, (JsonNode?)pair.Version))),
            ["torch"] = TorchSettings.ToJson(),
        };
        AtomicFile.WriteText(Path.Combine(folder, FileName), root.ToJsonString(Indented) + "\n");
    }
}
