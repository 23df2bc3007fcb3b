using System.Text.Json;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>One tensor of a file: its element type, shape and place in the data.</summary>
internal readonly record struct SafeTensorsEntry(string Name, ScalarType Type, long[] Shape, long Start, long End);

/// <summary>
/// A header, read and checked: known types, sizes that agree with the offsets, tensors that fill the data without gap or overlap.
/// </summary>
internal sealed class SafeTensorsHeader
{
    private SafeTensorsHeader(List<SafeTensorsEntry> entries, Dictionary<string, string> metadata) =>
        (Entries, Metadata) = (entries, metadata);

    /// <summary>In the order of the data.</summary>
    public List<SafeTensorsEntry> Entries { get; }

    public Dictionary<string, string> Metadata { get; }

    /// <summary>Bytes of the data that the header asks for.</summary>
    public long DataBytes => Entries.Count == 0 ? 0 : Entries[^1].End;

    /// <param name="json">The header's text.</param>
    /// <param name="refuse">Makes the exception of a sentence's middle.</param>
    public static SafeTensorsHeader Parse(ReadOnlyMemory<byte> json, Func<string, Exception?, CheckpointException> refuse)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Parse(document.RootElement, refuse);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw refuse("its header is not that of a safetensors file; use one that this tool or PyTorch wrote", error);
        }
    }

    private static SafeTensorsHeader Parse(JsonElement root, Func<string, Exception?, CheckpointException> refuse)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        List<SafeTensorsEntry> entries = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!names.Add(property.Name))
            {
                throw refuse($"it names '{property.Name}' twice; use another copy", null);
            }

            if (property.Name == "__metadata__")
            {
                foreach (JsonProperty text in property.Value.EnumerateObject())
                {
                    metadata[text.Name] = text.Value.GetString() ?? string.Empty;
                }
            }
            else
            {
                entries.Add(Entry(property, refuse));
            }
        }

        entries.Sort(static (a, b) => (a.Start, a.End).CompareTo((b.Start, b.End)));
        long end = 0;
        foreach (SafeTensorsEntry entry in entries)
        {
            if (entry.Start != end)
            {
                throw refuse($"'{entry.Name}' starts at byte {entry.Start} of the data, not at {end}; use another copy", null);
            }

            end = entry.End;
        }

        return new SafeTensorsHeader(entries, metadata);
    }

    private static SafeTensorsEntry Entry(JsonProperty property, Func<string, Exception?, CheckpointException> refuse)
    {
        string name = property.Name;
        if (property.Value.ValueKind != JsonValueKind.Object
            || !property.Value.TryGetProperty("dtype", out JsonElement dtype)
            || !property.Value.TryGetProperty("shape", out JsonElement shape)
            || !property.Value.TryGetProperty("data_offsets", out JsonElement offsets)
            || offsets.GetArrayLength() != 2)
        {
            throw refuse($"'{name}' lacks its dtype, shape or data_offsets; use a safetensors file", null);
        }

        if (SafeTensorsType.Find(dtype.GetString()) is not { } type)
        {
            throw refuse($"'{name}' is of type {dtype.GetString()}; convert it to one of {SafeTensorsType.AllNames}", null);
        }

        long[] sizes = [.. shape.EnumerateArray().Select(static size => size.GetInt64())];
        long start = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        if (ByteCount(sizes, type.Bytes) is not { } bytes || start < 0 || end < start || end - start != bytes)
        {
            throw refuse(
                $"'{name}', {type.Name} of [{string.Join(", ", sizes)}], does not fill bytes {start} to {end}; copy it again",
                null);
        }

        return new SafeTensorsEntry(name, type.Type, sizes, start, end);
    }

    // Null for a negative size or more bytes than one tensor's memory can be asked for at once.
    private static long? ByteCount(long[] sizes, int elementBytes)
    {
        long bytes = elementBytes;
        foreach (long size in sizes)
        {
            if (size < 0 || (size > 0 && bytes > int.MaxValue / size))
            {
                return null;
            }

            bytes *= size;
        }

        return bytes;
    }
}
