using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;
using TorchSharp;

namespace GpuSynth.Torch.Prediction;

/// <summary>The files of weights that predict together, and the one task that they learned.</summary>
/// <param name="Files">Files of weights.</param>
/// <param name="Checksums">Of each, SHA-256.</param>
/// <param name="Task">What they learned.</param>
internal sealed partial record PredictionModels(
    IReadOnlyList<string> Files, IReadOnlyList<string> Checksums, TaskDescription Task)
{
    /// <summary>Tells these weights from others, in whatever folder they are.</summary>
    public string Checksum => IO.Checksum.Sha256(Encoding.UTF8.GetBytes(string.Join('\n', Checksums)));

    /// <summary>Finds the weights of models and checks that they belong together.</summary>
    /// <param name="models">Runs, arms or files.</param>
    /// <param name="arm">The arm of a run; null: the best.</param>
    /// <param name="say">Told which arm was chosen.</param>
    /// <exception cref="GpuSynthException">There are none, they are of a pre-training, or they do not belong together.</exception>
    public static PredictionModels Find(IReadOnlyList<string> models, string? arm, Action<string> say)
    {
        string[] files = [.. models.SelectMany(model => FilesOf(model, arm, say))];
        if (files.Distinct(StringComparer.Ordinal).Count() < files.Length)
        {
            throw new GpuSynthException($"'{files.GroupBy(static file => file).First(static one => one.Count() > 1).Key}' is there twice "
                + "and would count double; name it once (--model).");
        }

        TaskDescription first = TaskOf(files[0]);
        foreach (string file in files.Skip(1))
        {
            if (first.Difference(TaskOf(file)) is { } difference)
            {
                throw new GpuSynthException(
                    $"'{file}' has learned {difference} than '{files[0]}', and only networks of one task can be averaged; "
                    + "name them one by one (--model).");
            }
        }

        return new PredictionModels(files, [.. files.Select(IO.Checksum.Sha256)], first);
    }

    /// <summary>New networks with the weights, on a device.</summary>
    public SegmentationNetwork[] Load(torch.Device device) => [.. Files.Select(path =>
    {
        using SafeTensorsFile file = SafeTensors.Read(path);
        SegmentationNetwork network = FineTuneModel.CreateFor(
            NetworkOptions.FromJson(file.Metadata[Weights.NetworkKey]), Task.Numbers.Count, file.Tensors.Keys);
        try
        {
            Weights.LoadStrict(network, file.Tensors, path);
            network.to(device);
            network.eval();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    })];

    private static string[] FilesOf(string model, string? arm, Action<string> say)
    {
        if (File.Exists(model))
        {
            return [model];
        }

        if (!Directory.Exists(model))
        {
            throw new GpuSynthException($"There is no model '{model}'; name the folder of a 'gpusynth finetune' run (--model).");
        }

        string arms = Path.Combine(model, "arms");
        if (Directory.Exists(arms))
        {
            return ArmsOf(model, arms, arm, say);
        }

        string weights = Path.Combine(model, CheckpointReader.WeightsName);
        return File.Exists(weights) ? [weights]
            : Directory.Exists(Path.Combine(model, CheckpointFolder.Name)) ? throw PreTraining(model)
            : throw new GpuSynthException(
                $"'{model}' holds neither arms nor {CheckpointReader.WeightsName}; name the folder of a 'gpusynth finetune' run (--model).");
    }

    // Folds of one arm belong together: "none_n12_s0_f0", "none_n12_s0_f1".
    private static string[] ArmsOf(string model, string arms, string? wanted, Action<string> say)
    {
        string[] complete =
        [
            .. Directory.GetDirectories(arms).Order(StringComparer.Ordinal)
                .Where(static one => File.Exists(Path.Combine(one, CheckpointReader.WeightsName)) && ValidationDice(one) is not null),
        ];
        if (complete.Length == 0)
        {
            throw new GpuSynthException($"'{model}' holds no arm that is complete; let 'gpusynth finetune' end first.");
        }

        (string Name, string[] Arms)[] groups =
        [
            .. complete.GroupBy(static one => Fold().Replace(Path.GetFileName(one), string.Empty))
                .Select(static group => (group.Key, group.ToArray())),
        ];
        string[]? single = complete.Where(one => Path.GetFileName(one) == wanted).ToArray() is [_] found ? found : null;
        var choice = new ArmChoice<string[]>(model, "arm", groups);
        static double Mean(string[] group) => group.Average(static one => ValidationDice(one)!.Value);
        string[] chosen = wanted is null
            ? choice.Best(
                static (one, other) => Mean(one) > Mean(other),
                static best => FormattableString.Invariant($"its validation Dice of {Mean(best):0.0000} is the highest"),
                say)
            : single ?? choice.Named(wanted);
        return [.. chosen.Select(static one => Path.Combine(one, CheckpointReader.WeightsName))];
    }

    // -1: the arm is complete and had no number to be told by.
    private static double? ValidationDice(string arm)
    {
        try
        {
            using var result = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(arm, ArmResult.FileName)));
            return result.RootElement.TryGetProperty("bestValidationDice", out JsonElement dice)
                && dice.ValueKind == JsonValueKind.Number ? dice.GetDouble() : -1;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static TaskDescription TaskOf(string path)
    {
        using SafeTensorsFile file = SafeTensors.Read(path);
        if (!file.Metadata.TryGetValue(TaskDescription.Key, out string? json))
        {
            throw file.Metadata.ContainsKey("classes")
                ? new GpuSynthException(
                    $"'{path}' does not say how images are prepared for it, for an older gpusynth wrote it; fine-tune once more "
                    + "('gpusynth finetune' with another --out).")
                : PreTraining(path);
        }

        return file.Metadata.ContainsKey(Weights.NetworkKey) && TaskDescription.FromJson(json) is { } task ? task
            : throw new GpuSynthException(
                $"'{path}' describes its task in a way that this gpusynth does not know; use the version that wrote it, or a newer one.");
    }

    private static GpuSynthException PreTraining(string path) => new(
        $"The weights of '{path}' are of a pre-training and know no classes yet; 'gpusynth finetune --init {path}' trains them on "
        + "labelled cases, and its run can predict.");

    [GeneratedRegex(@"_f\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex Fold();
}
