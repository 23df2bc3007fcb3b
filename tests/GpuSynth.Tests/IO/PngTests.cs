using System.Buffers.Binary;
using System.IO.Compression;
using GpuSynth.IO;

namespace GpuSynth.Tests.IO;

public sealed class PngTests
{
    [Test]
    public void TheFile_IsTheStandards()
    {
        using TestFolder folder = new();
        byte[] rgb = [.. Enumerable.Range(0, 3 * 5 * 2).Select(n => (byte)(n * 7))];
        Png.WriteRgb(folder["a.png"], 5, 2, rgb);
        byte[] file = File.ReadAllBytes(folder["a.png"]);

        Assert.That(Convert.ToHexString(file[..8]), Is.EqualTo("89504E470D0A1A0A"));
        // IHDR of a 5 x 2 picture, 8 bits, type 2; the checksum is zlib's crc32 of the 17 bytes from "IHDR" on.
        const string header = "0000000D" + "49484452" + "0000000500000002" + "0802000000" + "1F08810A";
        Assert.That(Convert.ToHexString(file[8..33]), Is.EqualTo(header));
        Assert.That(Convert.ToHexString(file[^12..]), Is.EqualTo("0000000049454E44AE426082"), "the IEND of every PNG file");
        Assert.That(Decode(file, out int width, out int height), Is.EqualTo(rgb));
        Assert.That((width, height), Is.EqualTo((5, 2)));
    }

    [Test]
    public void AStream_StaysOpen()
    {
        using MemoryStream stream = new();
        Png.WriteRgb(stream, 1, 1, [1, 2, 3]);
        Assert.That(Decode(stream.ToArray(), out _, out _), Is.EqualTo("\u0001\u0002\u0003"u8.ToArray()));
        Assert.That(stream.CanWrite);
    }

    [Test]
    public void WrongSizes_AreRefused()
    {
        Assert.That(
            () => Png.WriteRgb(Stream.Null, 2, 2, new byte[11]),
            Throws.ArgumentException.With.Message.Contains("2 x 2 has 12 bytes"));
        Assert.That(() => Png.WriteRgb(Stream.Null, 0, 2, []), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>The pixels of a file without filters, and every chunk in its place.</summary>
    internal static byte[] Decode(byte[] file, out int width, out int height)
    {
        width = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(16));
        height = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(20));
        int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(33));
        Assert.That(file.AsSpan(37, 4).SequenceEqual("IDAT"u8));
        using ZLibStream zlib = new(new MemoryStream(file, 41, length), CompressionMode.Decompress);
        byte[] rgb = new byte[3 * width * height];
        for (int row = 0; row < height; row++)
        {
            Assert.That(zlib.ReadByte(), Is.Zero, "filter");
            zlib.ReadExactly(rgb.AsSpan(3 * width * row, 3 * width));
        }

        Assert.That(zlib.ReadByte(), Is.EqualTo(-1));
        return rgb;
    }
}
