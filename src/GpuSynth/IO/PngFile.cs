using System.Buffers.Binary;
using System.IO.Compression;

namespace GpuSynth.IO;

// A file is a signature and chunks: length, name, content, checksum of name and content. IHDR says what there is; PLTE the palette;
// the contents of all IDAT, joined, are one zlib stream of rows; each begins with the number of its filter, which undoes a
// prediction from the bytes to the left (a), above (b) and above to the left (c), a pixel (at least a byte) away.
// Adam7 stores seven pictures instead: every 8th pixel of every 8th row first, then those between.
// Source: W3C, "Portable Network Graphics (PNG) Specification", third edition.

/// <summary>Reads PNG files: every colour type and depth, interlaced or not.</summary>
/// <remarks>Packages that decode PNG give 8-bit colours: neither the 16 bits of a scanner nor the numbers of a palette.</remarks>
internal static class PngFile
{
    private const int Grey = 0, Colour = 2, Indexed = 3, GreyAlpha = 4, ColourAlpha = 6;

    // Deflate makes a byte of at most this many.
    private const long LargestRatio = 1032;

    // Of Adam7's seven passes: first row and column, and how far the next ones are.
    private static readonly (int Y, int X, int RowStep, int ColumnStep)[] Passes =
        [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)];

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <summary>What the header says; no pixel is read.</summary>
    /// <exception cref="VolumeFileException">It is no PNG file, or damaged.</exception>
    public static PictureInfo ReadInfo(string path)
    {
        Content content = Chunks(path, isHeaderOnly: true);
        return content.Header.Info(content.Palette);
    }

    /// <summary>Reads the picture.</summary>
    /// <exception cref="VolumeFileException">It is no PNG file, or damaged.</exception>
    public static Picture Read(string path)
    {
        Content content = Chunks(path, isHeaderOnly: false);
        Header header = content.Header;
        PictureInfo info = header.Info(content.Palette);
        int stored = header.Samples;
        long bytes = (((long)header.Width * stored * header.Depth) + 7) / 8 * header.Height;
        if ((long)header.Width * header.Height * stored > Array.MaxLength)
        {
            throw VolumeFileException.Reading(
                path, $"it has {header.Width} x {header.Height} pixels, more than fit into memory at once; cut it into tiles");
        }

        if (bytes > LargestRatio * (content.Pixels.Length + 1L))
        {
            throw Damaged(path, $"its pixels are {bytes} bytes, and it holds too few for that");
        }

        var samples = new double[header.Width * header.Height * header.Colours];
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(content.Pixels), CompressionMode.Decompress);
            foreach ((int y, int x, int rowStep, int columnStep) in header.IsInterlaced ? Passes : [(0, 0, 1, 1)])
            {
                ReadPass(path, zlib, header, samples, (y, x, rowStep, columnStep));
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(path, "its pixels end too soon or cannot be decompressed", error);
        }

        int colours = content.Palette.Length / 3;
        if (header.ColourType == Indexed && samples.Max() is double most && most >= colours)
        {
            throw Damaged(path, $"a pixel has colour {most}, and its palette has {colours}");
        }

        return new Picture(info, samples, content.Palette);
    }

    private static void ReadPass(
        string path, Stream zlib, Header header, double[] samples, (int Y, int X, int RowStep, int ColumnStep) pass)
    {
        int kept = header.Colours;
        int columns = (header.Width - pass.X + pass.ColumnStep - 1) / pass.ColumnStep;
        if (columns <= 0)
        {
            return;
        }

        int stored = header.Samples;
        int apart = Math.Max(1, stored * header.Depth / 8);
        byte[] row = new byte[(((long)columns * stored * header.Depth) + 7) / 8];
        byte[] above = new byte[row.Length];
        for (int y = pass.Y; y < header.Height; y += pass.RowStep)
        {
            int filter = zlib.ReadByte();
            zlib.ReadExactly(row);
            Unfilter(path, filter, row, above, apart);
            for (int n = 0; n < columns; n++)
            {
                int pixel = (y * header.Width) + pass.X + (n * pass.ColumnStep);
                for (int channel = 0; channel < kept; channel++)
                {
                    samples[(pixel * kept) + channel] = Sample(row, (n * stored) + channel, header.Depth);
                }
            }

            (row, above) = (above, row);
        }
    }

    private static int Sample(byte[] row, int number, int depth) => depth switch
    {
        16 => BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * number)),
        8 => row[number],
        // Several in a byte, the first in the highest bits.
        _ => (row[number * depth / 8] >> (8 - depth - (number * depth % 8))) & ((1 << depth) - 1),
    };

    private static void Unfilter(string path, int filter, byte[] row, byte[] above, int apart)
    {
        if (filter is < 0 or > 4)
        {
            throw filter < 0 ? Damaged(path, "its pixels end too soon") : Damaged(path, $"a row has the filter {filter}");
        }

        for (int n = 0; n < row.Length && filter > 0; n++)
        {
            int a = n >= apart ? row[n - apart] : 0;
            int b = above[n];
            int c = n >= apart ? above[n - apart] : 0;
            row[n] += (byte)(filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, _ => Paeth(a, b, c) });
        }
    }

    // Of a, b and c the one nearest to a + b - c; ties in this order.
    private static int Paeth(int a, int b, int c)
    {
        int guess = a + b - c;
        (int toA, int toB, int toC) = (Math.Abs(guess - a), Math.Abs(guess - b), Math.Abs(guess - c));
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }

    private static Content Chunks(string path, bool isHeaderOnly)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw VolumeFileException.Reading(path, error);
        }

        if (!file.AsSpan().StartsWith(Signature))
        {
            throw VolumeFileException.Reading(path, "it is no PNG file, whatever its name says; convert it or rename it");
        }

        Header? header = null;
        byte[] palette = [];
        using var pixels = new MemoryStream();
        for (int at = Signature.Length; at + 12 <= file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            if (length < 0 || length > file.Length - at - 12)
            {
                break;
            }

            ReadOnlySpan<byte> name = file.AsSpan(at + 4, 4);
            ReadOnlySpan<byte> content = file.AsSpan(at + 8, length);
            bool isCritical = (name[0] & 0x20) == 0;
            if (isCritical && Crc32.Of(file.AsSpan(at + 4, 4 + length)) != BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)))
            {
                throw Damaged(path, "a checksum in it is wrong");
            }

            if (name.SequenceEqual("IHDR"u8))
            {
                header = Header.Of(path, content);
            }
            else if (name.SequenceEqual("PLTE"u8))
            {
                palette = content.ToArray();
            }
            else if (name.SequenceEqual("IDAT"u8))
            {
                pixels.Write(content);
            }

            bool isEnd = name.SequenceEqual("IEND"u8) || (isHeaderOnly && name.SequenceEqual("IDAT"u8));
            if (isEnd)
            {
                return header is null || (header.ColourType == Indexed && palette.Length < 3)
                    ? throw Damaged(path, "it lacks its header or its palette")
                    : new Content(header, header.ColourType == Indexed ? palette : [], pixels.ToArray());
            }

            at += 12 + length;
        }

        throw Damaged(path, $"it ends at byte {file.Length}, before its last part");
    }

    private static VolumeFileException Damaged(string path, string how, Exception? cause = null) =>
        VolumeFileException.Reading(path, $"the PNG file is damaged ({how}); copy it again", cause);

    private sealed record Content(Header Header, byte[] Palette, byte[] Pixels);

    private sealed record Header(int Width, int Height, int Depth, int ColourType, bool IsInterlaced)
    {
        // In the file, of every pixel.
        public int Samples => ColourType switch { Colour => 3, GreyAlpha => 2, ColourAlpha => 4, _ => 1 };

        // Of them, those that are kept: all but alpha.
        public int Colours => ColourType is Colour or ColourAlpha ? 3 : 1;

        public static Header Of(string path, ReadOnlySpan<byte> content)
        {
            if (content.Length != 13)
            {
                throw Damaged(path, "its header is too short");
            }

            (int width, int height) =
                (BinaryPrimitives.ReadInt32BigEndian(content), BinaryPrimitives.ReadInt32BigEndian(content[4..]));
            (int depth, int type) = (content[8], content[9]);
            bool isKnown = type switch
            {
                Grey => depth is 1 or 2 or 4 or 8 or 16,
                Indexed => depth is 1 or 2 or 4 or 8,
                Colour or GreyAlpha or ColourAlpha => depth is 8 or 16,
                _ => false,
            };
            return isKnown && width > 0 && height > 0 && content[10] == 0 && content[11] == 0 && content[12] <= 1
                ? new Header(width, height, depth, type, content[12] == 1)
                : throw Damaged(path, $"its header says {width} x {height} pixels of type {type} with {depth} bits");
        }

        public PictureInfo Info(byte[] palette) => new(
            Width,
            Height,
            1,
            ColourType == Indexed ? Picture.ChannelsOf(palette) : Colours,
            ColourType == Indexed,
            ColourType is GreyAlpha or ColourAlpha);
    }
}
