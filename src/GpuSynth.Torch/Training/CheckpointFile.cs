using System.Security.Cryptography;
using System.Text;
using GpuSynth.IO;
using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>
/// A checkpoint: one safetensors file, complete or not there, whose values are held against their checksum when it is read.
/// </summary>
internal sealed class CheckpointFile : IDisposable
{
    public const string NetworkPrefix = "network.";

    private const string ChecksumName = "sha256";

    // The header's JSON, beside the values: generous, it is only told to the user when the disk is full.
    private const long HeaderBytes = 1 << 16;

    private readonly SafeTensorsFile file;

    private CheckpointFile(SafeTensorsFile file, CheckpointFacts facts) => (this.file, Facts) = (file, facts);

    public CheckpointFacts Facts { get; }

    public IReadOnlyDictionary<string, Tensor> Tensors => file.Tensors;

    public static void Write(string path, CheckpointFacts facts, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        Dictionary<string, string> metadata = facts.ToMetadata();
        metadata[ChecksumName] = ChecksumOf(tensors);
        long bytes = HeaderBytes + tensors.Sum(static pair => pair.Tensor.numel() * pair.Tensor.element_size());
        AtomicFile.Write(
            path, bytes, (tensors, metadata),
            static (stream, content) => SafeTensors.Write(stream, content.tensors, content.metadata));
    }

    /// <exception cref="CheckpointException">The file is torn, damaged, or no checkpoint.</exception>
    public static CheckpointFile Read(string path)
    {
        SafeTensorsFile file = SafeTensors.Read(path);
        try
        {
            CheckpointFacts facts = CheckpointFacts.Of(file.Metadata, path);
            string checksum = ChecksumOf([.. file.Tensors.Select(static pair => (pair.Key, pair.Value))]);
            return file.Metadata.GetValueOrDefault(ChecksumName) == checksum
                ? new CheckpointFile(file, facts)
                : throw new CheckpointException($"'{path}' is damaged: its values do not match its checksum; use another checkpoint.");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => file.Dispose();

    // Of names and values in the order of the names, so that it does not depend on how the file is laid out.
    private static string ChecksumOf(IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, Tensor tensor) in tensors.OrderBy(static pair => pair.Name, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            using Tensor values = tensor.detach().cpu().contiguous();
            hash.AppendData(values.bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
