using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>Reads one file from a seekable stream; no memory is asked for that the file's length contradicts.</summary>
internal sealed class SafeTensorsReader(Stream stream, string name)
{
    // The format's own limit.
    private const long MostHeaderBytes = 100_000_000;

    private readonly long fileBytes = stream.Length - stream.Position;

    public SafeTensorsFile Read(bool requireChecksum)
    {
        byte[] bytes = HeaderBytes();
        SafeTensorsHeader header = SafeTensorsHeader.Parse(bytes.AsMemory(sizeof(ulong)), Refuse);
        long expected = bytes.Length + header.DataBytes;
        if (fileBytes != expected)
        {
            throw fileBytes < expected
                ? Refuse($"it ends after {fileBytes} of {expected} bytes; copy it again or use an older one")
                : Refuse($"it has {fileBytes - expected} bytes after its last tensor; copy it again");
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        bool isChecked = BeginChecksum(hash, bytes, header);
        if (requireChecksum && !isChecked)
        {
            throw Refuse("it carries no checksum, so it is damaged or foreign; use a checkpoint that this tool wrote");
        }

        Dictionary<string, Tensor> tensors = new(StringComparer.Ordinal);
        SafeTensorsFile file = new(tensors, header.Metadata);
        try
        {
            foreach (SafeTensorsEntry entry in header.Entries)
            {
                Tensor tensor = empty(entry.Shape, entry.Type).DetachFromDisposeScope();
                tensors.Add(entry.Name, tensor);
                stream.ReadExactly(tensor.bytes);
                if (isChecked)
                {
                    hash.AppendData(tensor.bytes);
                }
            }

            if (isChecked && Convert.ToHexStringLower(hash.GetHashAndReset()) != header.Metadata[SafeTensors.ChecksumKey])
            {
                throw Refuse("its bytes do not give its checksum, so it is damaged; copy it again or use an older one");
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // The length and the JSON, as they stand in the file.
    private byte[] HeaderBytes()
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (fileBytes < prefix.Length)
        {
            throw Refuse($"its {fileBytes} bytes are too few for a safetensors file; copy it again");
        }

        stream.ReadExactly(prefix);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length is < 2 or > MostHeaderBytes)
        {
            throw Refuse("it is not a safetensors file; use one that this tool or PyTorch wrote");
        }

        if ((long)length > fileBytes - prefix.Length)
        {
            throw Refuse($"it ends within its header or is not a safetensors file ({fileBytes} bytes); copy it again");
        }

        byte[] bytes = new byte[prefix.Length + (int)length];
        prefix.CopyTo(bytes);
        stream.ReadExactly(bytes.AsSpan(prefix.Length));
        return bytes;
    }

    // True when the file carries a checksum; the header then counts with zeros in its place.
    private static bool BeginChecksum(IncrementalHash hash, byte[] header, SafeTensorsHeader parsed)
    {
        int place = SafeTensorsWriter.ChecksumPlace(header);
        if (place < 0 || !parsed.Metadata.TryGetValue(SafeTensors.ChecksumKey, out string? checksum)
            || checksum.Length != 2 * SHA256.HashSizeInBytes || place + checksum.Length > header.Length)
        {
            return false;
        }

        header.AsSpan(place, checksum.Length).Fill((byte)'0');
        hash.AppendData(header);
        return true;
    }

    private CheckpointException Refuse(string what, Exception? cause = null) => CheckpointException.Reading(name, what, cause);
}
