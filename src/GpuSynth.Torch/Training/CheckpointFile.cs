using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>A checkpoint: one safetensors file with a checksum, complete or not there.</summary>
internal sealed class CheckpointFile : IDisposable
{
    public const string NetworkPrefix = "network.";
    public const string PartsPrefix = "objective.";

    private readonly SafeTensorsFile file;

    private CheckpointFile(SafeTensorsFile file, CheckpointMetadata metadata)
    {
        this.file = file;
        Metadata = metadata;
        NetworkTensors = Under(NetworkPrefix);
        PartsTensors = Under(PartsPrefix);
    }

    public CheckpointMetadata Metadata { get; }

    public IReadOnlyDictionary<string, Tensor> NetworkTensors { get; }

    /// <summary>The state of the objective's parts; empty where it has none.</summary>
    public IReadOnlyDictionary<string, Tensor> PartsTensors { get; }

    public static void Write(string path, CheckpointMetadata metadata, IReadOnlyList<(string Name, Tensor Tensor)> tensors) =>
        SafeTensors.Write(path, tensors, metadata.ToMetadata(), checksum: true);

    /// <exception cref="CheckpointException">The file is torn, damaged, or no checkpoint.</exception>
    public static CheckpointFile Read(string path) => Of(SafeTensors.Read(path, requireChecksum: true), path);

    /// <summary>Takes a file as a checkpoint; disposes of it where it is not one.</summary>
    public static CheckpointFile Of(SafeTensorsFile file, string path)
    {
        try
        {
            CheckpointMetadata metadata = CheckpointMetadata.Of(file.Metadata, path);
            return file.Metadata.ContainsKey(SafeTensors.ChecksumKey)
                ? new CheckpointFile(file, metadata)
                : throw new CheckpointException($"'{path}' has lost its checksum; use another checkpoint.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A tensor of the optimiser.</summary>
    /// <exception cref="CheckpointException">There is none of that name and shape.</exception>
    public Tensor Get(string name, long[]? shape = null) =>
        file.Tensors.TryGetValue(name, out Tensor? tensor) && (shape is null || tensor.shape.SequenceEqual(shape))
            ? tensor
            : throw new CheckpointException(
                $"The checkpoint of step {Metadata.Step} lacks '{name}' in the shape of this run's network; "
                + "begin another run (--out).");

    public void Dispose() => file.Dispose();

    private Dictionary<string, Tensor> Under(string prefix) => file.Tensors
        .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(pair => pair.Key[prefix.Length..], static pair => pair.Value);
}
