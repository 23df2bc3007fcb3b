using System.Buffers.Binary;
using System.IO.Compression;

namespace GpuSynth.IO;

/// <summary>
/// Writes PNG, not interlaced and without alpha: colour pictures of 8 bits per channel, and whole numbers as grey values.
/// </summary>
/// <remarks>Source: W3C, "Portable Network Graphics (PNG) Specification", third edition.</remarks>
public static class Png
{
    private const int ChunkOverhead = 12; // Length, name, checksum.

    private static ReadOnlySpan<byte> Signature =>
        [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <summary>Writes a picture to a file, which appears complete or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows, the first on top.</param>
    /// <param name="rgb">Red, green and blue of every pixel, row by row.</param>
    /// <exception cref="VolumeFileException">The file cannot be written.</exception>
    public static void WriteRgb(string path, int width, int height, ReadOnlySpan<byte> rgb)
    {
        byte[] file = Encode(width, height, rgb);
        AtomicFile.Write(path, file.Length, file, static (stream, content) => stream.Write(content));
    }

    /// <summary>Writes whole numbers as grey values, of 8 bits or where they need it 16; the file appears complete or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows, the first on top.</param>
    /// <param name="numbers">0 to 65,535, row by row.</param>
    /// <exception cref="VolumeFileException">The file cannot be written.</exception>
    public static void WriteNumbers(string path, int width, int height, ReadOnlySpan<int> numbers)
    {
        int most = 0;
        foreach (int number in numbers)
        {
            most = Math.Max(most, number);
            ArgumentOutOfRangeException.ThrowIfNegative(number, nameof(numbers));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(most, ushort.MaxValue, nameof(numbers));
        int bytes = most > byte.MaxValue ? 2 : 1;
        byte[] rows = new byte[bytes * numbers.Length];
        for (int n = 0; n < numbers.Length; n++)
        {
            if (bytes == 1)
            {
                rows[n] = (byte)numbers[n];
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(rows.AsSpan(2 * n), (ushort)numbers[n]);
            }
        }

        byte[] file = Encode(width, height, rows, bytes, bits: (byte)(8 * bytes), colourType: 0);
        AtomicFile.Write(path, file.Length, file, static (stream, content) => stream.Write(content));
    }

    /// <summary>Writes a picture to a stream.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows, the first on top.</param>
    /// <param name="rgb">Red, green and blue of every pixel, row by row.</param>
    public static void WriteRgb(Stream stream, int width, int height, ReadOnlySpan<byte> rgb)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(Encode(width, height, rgb));
    }

    private static byte[] Encode(int width, int height, ReadOnlySpan<byte> rgb) =>
        Encode(width, height, rgb, pixelBytes: 3, bits: 8, colourType: 2); // Colour without palette or alpha.

    private static byte[] Encode(int width, int height, ReadOnlySpan<byte> rows, int pixelBytes, byte bits, byte colourType)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (rows.Length != (long)pixelBytes * width * height)
        {
            throw new ArgumentException(
                $"A picture of {width} x {height} has {(long)pixelBytes * width * height} bytes, but {rows.Length} were given.",
                nameof(rows));
        }

        byte[] pixels = CompressRows(pixelBytes * width, height, rows);
        byte[] file = new byte[Signature.Length + (3 * ChunkOverhead) + 13 + pixels.Length];
        Signature.CopyTo(file);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = bits; // Per channel.
        header[9] = colourType;
        Span<byte> rest = file.AsSpan(Signature.Length);
        rest = PutChunk(rest, "IHDR"u8, header);
        rest = PutChunk(rest, "IDAT"u8, pixels);
        PutChunk(rest, "IEND"u8, default);
        return file;
    }

    private static byte[] CompressRows(int rowBytes, int height, ReadOnlySpan<byte> rows)
    {
        using MemoryStream compressed = new();
        using (ZLibStream zlib = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int row = 0; row < height; row++)
            {
                zlib.WriteByte(0); // No filter: enlarged pixels repeat exactly, which deflate finds by itself.
                zlib.Write(rows.Slice(rowBytes * row, rowBytes));
            }
        }

        return compressed.ToArray();
    }

    private static Span<byte> PutChunk(Span<byte> to, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> content)
    {
        BinaryPrimitives.WriteInt32BigEndian(to, content.Length);
        name.CopyTo(to[4..]);
        content.CopyTo(to[8..]);
        BinaryPrimitives.WriteUInt32BigEndian(to[(8 + content.Length)..], Crc32.Of(to.Slice(4, 4 + content.Length)));
        return to[(ChunkOverhead + content.Length)..];
    }
}
