using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using GpuSynth.IO;

namespace GpuSynth.Cli.Generating;

/// <summary>A file of a sample, as the manifest has it.</summary>
/// <param name="Name">Name in the run's folder.</param>
/// <param name="Bytes">Length.</param>
internal sealed record ManifestFile(string Name, long Bytes);

/// <summary>
/// A line of the manifest: one JSON object that says what a sample is, which files hold it, and the checksums of the files and of
/// their voxels. The voxels' are of the raw arrays (image: little-endian float32; label: bytes), the same in every format.
/// </summary>
/// <param name="Index">Number of the sample.</param>
/// <param name="Files">Its files.</param>
/// <param name="Line">The line, UTF-8, without its end.</param>
internal sealed record ManifestEntry(long Index, IReadOnlyList<ManifestFile> Files, ReadOnlyMemory<byte> Line)
{
    /// <summary>The entry of a sample whose files were just written.</summary>
    /// <exception cref="VolumeFileException">A file cannot be read back.</exception>
    public static ManifestEntry Of(
        long index,
        string folder,
        IReadOnlyList<string> fileNames,
        ReadOnlySpan<float> image,
        ReadOnlySpan<byte> label,
        DrawnSample drawn)
    {
        var files = new List<ManifestFile>();
        var line = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", index);
            writer.WriteNumber("seed", drawn.Seed);
            writer.WriteNumber("samples", SampleVersion.Current);
            writer.WriteStartArray("files");
            foreach (string name in fileNames)
            {
                string path = Path.Combine(folder, name);
                var file = new ManifestFile(name, new FileInfo(path).Length);
                files.Add(file);
                writer.WriteStartObject();
                writer.WriteString("name", name);
                writer.WriteNumber("bytes", file.Bytes);
                writer.WriteString("sha256", Checksum.Sha256(path));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartObject("voxelsSha256");
            writer.WriteString("image", ChecksumOf(image));
            writer.WriteString("label", Checksum.Sha256(label));
            writer.WriteEndObject();
            writer.WritePropertyName("drawn");
            drawn.WriteJson(writer);
            writer.WriteString("gpusynth", ToolVersion.Short);
            writer.WriteEndObject();
        }

        return new ManifestEntry(index, files, line.WrittenMemory);
    }

    /// <summary>Reads a line.</summary>
    /// <returns>The entry, or null where the line is not an entry.</returns>
    public static ManifestEntry? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            List<ManifestFile> files =
            [
                .. root.GetProperty("files").EnumerateArray()
                    .Select(static file =>
                        new ManifestFile(file.GetProperty("name").GetString()!, file.GetProperty("bytes").GetInt64())),
            ];
            return new ManifestEntry(root.GetProperty("index").GetInt64(), files, line);
        }
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Whether all files of the sample are in the folder, as long as they were written.</summary>
    public bool IsComplete(string folder, SampleFormat format) =>
        Files.Select(static file => file.Name).SequenceEqual(format.FileNames(Index))
        && Files.Select(file => (Found: new FileInfo(Path.Combine(folder, file.Name)), file.Bytes))
            .All(static file => file.Found.Exists && file.Found.Length == file.Bytes);

    private static string ChecksumOf(ReadOnlySpan<float> image)
    {
        if (BitConverter.IsLittleEndian && image.Length <= int.MaxValue / sizeof(float))
        {
            return Checksum.Sha256(MemoryMarshal.AsBytes(image));
        }

        // More bytes than a span can count, or the other byte order: piece by piece.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[sizeof(float) << 14];
        for (; !image.IsEmpty; image = image[Math.Min(image.Length, 1 << 14)..])
        {
            int count = Math.Min(image.Length, 1 << 14);
            for (int n = 0; n < count; n++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(piece.AsSpan(sizeof(float) * n), image[n]);
            }

            hash.AppendData(piece, 0, sizeof(float) * count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
