using System.Text.Json;
using GpuSynth.IO;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>
/// Pre-trained weights, from whatever holds some: a run's folder (its latest checkpoint that is whole), a checkpoint, or a file
/// of weights alone.
/// </summary>
public sealed class CheckpointReader : IDisposable
{
    /// <summary>Name of the file of weights in a run's folder.</summary>
    public const string WeightsName = "weights.safetensors";

    private readonly IDisposable file;

    private CheckpointReader(IDisposable file, NetworkOptions network, IReadOnlyDictionary<string, Tensor> tensors, string path)
    {
        this.file = file;
        Network = network;
        NetworkTensors = tensors;
        Path = path;
    }

    /// <summary>The network that the weights are of.</summary>
    public NetworkOptions Network { get; }

    /// <summary>The weights by their names; they live as long as the reader.</summary>
    public IReadOnlyDictionary<string, Tensor> NetworkTensors { get; }

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>Name of the recipe that was trained on, or null.</summary>
    public string? RecipeName { get; private init; }

    /// <summary>Name of the objective, or null.</summary>
    public string? Objective { get; private init; }

    /// <summary>Steps that were done, or null.</summary>
    public long? Step { get; private init; }

    /// <summary>How many classes the outputs name, the background included; null: they are features.</summary>
    public int? Classes { get; private init; }

    /// <summary>The classes' names, the background first; null where they are not known.</summary>
    public IReadOnlyList<string>? ClassNames { get; private init; }

    /// <summary>Opens weights.</summary>
    /// <param name="path">
    /// A run's folder, a checkpoint, weights in a safetensors file that says what network they are of, or a name of <see cref="ShippedWeights"/>.
    /// </param>
    /// <param name="say">Told about damaged checkpoints that are left out; null: nobody.</param>
    /// <exception cref="CheckpointException">There is nothing of the kind, or it is damaged or foreign.</exception>
    public static CheckpointReader Open(string path, Action<string>? say = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = ShippedWeights.PathOf(path);
        if (!Directory.Exists(path))
        {
            bool mayBeName = path.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');
            return mayBeName && !File.Exists(path) && MissingFile.LinkReason(path) is null
                ? throw CheckpointException.Reading(
                    path, $"there is no such file or folder, and of weights that come with gpusynth there are {string.Join(", ", ShippedWeights.Names)}; check the path")
                : OpenFile(path);
        }

        var folder = new CheckpointFolder(System.IO.Path.Combine(path, CheckpointFolder.Name), keep: 1);
        if (folder.ReadLatest(say ?? (static _ => { })) is { } latest)
        {
            return Of(latest, folder.PathOf(latest.Metadata.Step));
        }

        string weights = System.IO.Path.Combine(path, WeightsName);
        return File.Exists(weights) || MissingFile.LinkReason(weights) is not null
            ? OpenFile(weights)
            : throw new CheckpointException(
                $"'{path}' holds neither {CheckpointFolder.Name} nor {WeightsName}; "
                + "name the folder of a 'gpusynth pretrain' run.");
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static CheckpointReader OpenFile(string path)
    {
        SafeTensorsFile file = SafeTensors.Read(path);
        if (file.Metadata.GetValueOrDefault("format") == CheckpointMetadata.Format)
        {
            return Of(CheckpointFile.Of(file, path), path);
        }

        try
        {
            string? objective = file.Metadata.GetValueOrDefault("objective");
            return file.Metadata.TryGetValue(Weights.NetworkKey, out string? network)
                ? new CheckpointReader(file, NetworkOptions.FromJson(network), file.Tensors, path)
                {
                    RecipeName = file.Metadata.GetValueOrDefault("recipe"),
                    Objective = objective,
                    Step = long.TryParse(file.Metadata.GetValueOrDefault("step"), out long step) ? step : null,
                    Classes = int.TryParse(file.Metadata.GetValueOrDefault(Weights.ClassesKey), out int classes)
                        ? classes
                        : ClassesOf(objective, NetworkOptions.FromJson(network)),
                    ClassNames = file.Metadata.TryGetValue(Weights.ClassNamesKey, out string? names) ? NamesOf(names) : null,
                }
                : throw new CheckpointException(
                    $"'{path}' does not say what network its weights are of; use a file that gpusynth wrote.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static CheckpointReader Of(CheckpointFile file, string path) =>
        new(file, file.Metadata.Network, file.NetworkTensors, path)
        {
            RecipeName = file.Metadata.RecipeName,
            Objective = file.Metadata.Objective,
            Step = file.Metadata.Step,
            Classes = ClassesOf(file.Metadata.Objective, file.Metadata.Network),
        };

    // The outputs of "segment" are the labels that it was trained on; those of the other objectives are features.
    private static int? ClassesOf(string? objective, NetworkOptions network) =>
        objective is not null && ObjectiveTerm.Parse(objective).Any(static term => term.Name == SegmentObjective.ObjectiveName)
            ? network.OutChannels
            : null;

    // Names that cannot be read are names that are not known.
    private static string[]? NamesOf(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<string[]>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
