using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>Lays a file out, then writes it. See <see cref="SafeTensors"/>.</summary>
internal sealed class SafeTensorsWriter
{
    // Known only once all else is: written as zeros first, then put in their place.
    private static readonly string NoChecksum = new('0', 2 * SHA256.HashSizeInBytes);

    private readonly (string Name, Tensor Tensor)[] ordered;
    private readonly byte[] header;
    private readonly long dataBytes;

    public SafeTensorsWriter(
        IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata, bool checksum)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ordered = [.. tensors.OrderByDescending(static entry => SafeTensorsType.Of(entry.Tensor.dtype).Bytes)];
        Dictionary<string, string> texts = new(metadata ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        texts.Remove(SafeTensors.ChecksumKey);
        if (checksum)
        {
            texts.Add(SafeTensors.ChecksumKey, NoChecksum);
        }

        header = Header(texts, out dataBytes);
        if (checksum)
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Parts(part => hash.AppendData(part));
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()), header.AsSpan(ChecksumPlace(header)));
        }
    }

    /// <summary>The size of the file.</summary>
    public long FileBytes => header.Length + dataBytes;

    public void WriteTo(Stream stream) => Parts(part => stream.Write(part));

    /// <summary>Where the checksum's digits stand in a header, or -1.</summary>
    public static int ChecksumPlace(ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> opening = "\"sha256\":\""u8;
        int place = header.IndexOf(opening);
        return place < 0 ? -1 : place + opening.Length;
    }

    private void Parts(SpanAction write)
    {
        write(header);
        foreach ((_, Tensor tensor) in ordered)
        {
            using Tensor detached = tensor.detach();
            using Tensor local = detached.cpu();
            using Tensor packed = local.contiguous();
            write(packed.bytes);
        }
    }

    private byte[] Header(Dictionary<string, string> metadata, out long dataBytes)
    {
        using MemoryStream text = new();
        text.Write(new byte[sizeof(ulong)]);
        long offset = 0;
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                // The checksum comes first: its place is found by its name, which no later text can then be mistaken for.
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderByDescending(static e => e.Key == SafeTensors.ChecksumKey))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            foreach ((string name, Tensor tensor) in ordered)
            {
                offset = WriteEntry(json, name, tensor, offset);
            }

            json.WriteEndObject();
        }

        // Spaces after the JSON put the data on a multiple of 8.
        while (text.Length % sizeof(ulong) != 0)
        {
            text.WriteByte((byte)' ');
        }

        dataBytes = offset;
        byte[] bytes = text.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)(bytes.Length - sizeof(ulong)));
        return bytes;
    }

    private static long WriteEntry(Utf8JsonWriter json, string name, Tensor tensor, long offset)
    {
        (string type, _, int elementBytes) = SafeTensorsType.Of(tensor.dtype);
        long end = offset + (tensor.numel() * elementBytes);
        json.WriteStartObject(name);
        json.WriteString("dtype", type);
        json.WriteStartArray("shape");
        foreach (long size in tensor.shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private delegate void SpanAction(ReadOnlySpan<byte> bytes);
}
