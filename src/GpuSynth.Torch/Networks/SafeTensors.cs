using GpuSynth.IO;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// The safetensors format: u64 length of the header (little endian), the header in JSON (name -> dtype, shape, data_offsets;
/// texts under __metadata__), the tensors' bytes, packed. Reads and writes F32, F64, F16, BF16, I64, I32, U8 and BOOL. Wider
/// elements are written first, so that every tensor is aligned.
/// </summary>
/// <remarks>
/// With a checksum, the metadata's <see cref="ChecksumKey"/> is the SHA-256 of the whole file in which the checksum's own digits
/// are zeros: reading then finds a single flipped bit anywhere.
/// </remarks>
public static class SafeTensors
{
    /// <summary>The metadata key of a file's own checksum.</summary>
    public const string ChecksumKey = "sha256";

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="tensors">Names and tensors of any device; each is copied to contiguous CPU memory as it is written.</param>
    /// <param name="metadata">Texts to go with them.</param>
    /// <param name="checksum">Adds the file's checksum to its metadata.</param>
    /// <exception cref="VolumeFileException">The folder is missing or not writable, or the disk is full.</exception>
    public static void Write(
        string path,
        IReadOnlyList<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        bool checksum = false)
    {
        SafeTensorsWriter writer = new(tensors, metadata, checksum);
        AtomicFile.Write(path, writer.FileBytes, writer, static (stream, content) => content.WriteTo(stream));
    }

    /// <summary>Writes to a stream.</summary>
    public static void Write(
        Stream stream,
        IReadOnlyList<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        bool checksum = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        new SafeTensorsWriter(tensors, metadata, checksum).WriteTo(stream);
    }

    /// <summary>Reads a file; a checksum in it is checked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="requireChecksum">Refuses a file without one: its name may be what is damaged.</param>
    /// <exception cref="CheckpointException">No such file, or not safetensors, truncated, damaged, inconsistent.</exception>
    public static SafeTensorsFile Read(string path, bool requireChecksum = false)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.Reading(path, WhyNotOpened(path, error), error);
        }

        using (stream)
        {
            return Read(stream, path, requireChecksum);
        }
    }

    /// <summary>Reads a seekable stream from where it stands to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="requireChecksum">Refuses a file without a checksum.</param>
    /// <exception cref="CheckpointException">Not a safetensors file, truncated, damaged, or inconsistent.</exception>
    public static SafeTensorsFile Read(Stream stream, string name, bool requireChecksum = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            return new SafeTensorsReader(stream, name).Read(requireChecksum);
        }
        catch (IOException error)
        {
            throw CheckpointException.Reading(name, $"{error.Message.TrimEnd('.')}; check the disk and the path", error);
        }
    }

    private static string WhyNotOpened(string path, Exception error) => error switch
    {
        _ when Directory.Exists(path) => "it is a folder; name a safetensors file",
        FileNotFoundException or DirectoryNotFoundException when MissingFile.LinkReason(path) is { } reason => reason,
        FileNotFoundException or DirectoryNotFoundException => "there is no such file; check the path",
        UnauthorizedAccessException => "this user may not read it; change its permissions",
        _ => $"{error.Message.TrimEnd('.')}; check the disk and the path",
    };
}
