using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using GpuSynth.IO;

namespace GpuSynth.Torch.Images;

/// <summary>A page of a TIFF file: what its tags say, and its pixels.</summary>
internal sealed class TiffPage
{
    private readonly string path;
    private readonly Tiff file;
    private readonly int bits;
    private readonly SampleFormat format;
    private readonly bool isSeparate; // A plane for each channel, instead of a pixel's channels side by side.
    private readonly bool isWhiteZero;

    private TiffPage(string path, Tiff file)
    {
        (this.path, this.file) = (path, file);
        Width = Number(TiffTag.IMAGEWIDTH, 0);
        Height = Number(TiffTag.IMAGELENGTH, 0);
        Samples = Number(TiffTag.SAMPLESPERPIXEL, 1);
        bits = Number(TiffTag.BITSPERSAMPLE, 1);
        format = (SampleFormat)Number(TiffTag.SAMPLEFORMAT, (int)SampleFormat.UINT);
        isSeparate = Samples > 1 && (PlanarConfig)Number(TiffTag.PLANARCONFIG, 1) == PlanarConfig.SEPARATE;
        var photometric = (Photometric)Number(TiffTag.PHOTOMETRIC, (int)Photometric.MINISBLACK);
        isWhiteZero = photometric == Photometric.MINISWHITE;
        Check(photometric);
        Palette = photometric == Photometric.PALETTE ? ReadPalette() : [];
        // 0: the channel is said to be none of colours, and is not said to be alpha.
        AlphaSamples = file.GetField(TiffTag.EXTRASAMPLES) is [_, var kinds]
            && kinds.Value is ExtraSample[] all
                ? all.Count(static kind => kind is ExtraSample.ASSOCALPHA or ExtraSample.UNASSALPHA)
                : 0;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Of every pixel, alpha among them.</summary>
    public int Samples { get; }

    /// <summary>Of them, the last: alpha.</summary>
    public int AlphaSamples { get; }

    /// <summary>Red, green and blue of every number, 0 to 255; empty where there is none.</summary>
    public byte[] Palette { get; }

    /// <summary>The file's current page.</summary>
    /// <exception cref="VolumeFileException">It holds what is not read.</exception>
    public static TiffPage Of(string path, Tiff file) => new(path, file);

    /// <summary>Whether both can be slices of one volume.</summary>
    public bool IsLike(TiffPage other) => Width == other.Width && Height == other.Height && Samples == other.Samples
        && bits == other.bits && format == other.format && isWhiteZero == other.isWhiteZero;

    /// <summary>Reads the pixels: the first channels of each side by side.</summary>
    public void ReadInto(Span<double> samples, int kept)
    {
        TiffComplaints.Listen();
        int inRow = isSeparate ? 1 : Samples;
        for (int plane = 0; plane < (isSeparate ? kept : 1); plane++)
        {
            if (file.IsTiled())
            {
                ReadTiles(samples, kept, inRow, plane);
            }
            else
            {
                ReadRows(samples, kept, inRow, plane);
            }
        }
    }

    private void ReadRows(Span<double> samples, int kept, int inRow, int plane)
    {
        byte[] row = new byte[file.ScanlineSize()];
        for (int y = 0; y < Height; y++)
        {
            if (!file.ReadScanline(row, y, (short)plane))
            {
                throw Damaged();
            }

            Put(samples, kept, row, inRow, plane, at: y * Width, count: Width);
        }
    }

    private void ReadTiles(Span<double> samples, int kept, int inRow, int plane)
    {
        (int width, int height) = (Number(TiffTag.TILEWIDTH, 0), Number(TiffTag.TILELENGTH, 0));
        byte[] tile = new byte[file.TileSize()];
        int rowBytes = file.TileRowSize();
        for (int y = 0; y < Height; y += height)
        {
            for (int x = 0; x < Width; x += width)
            {
                if (file.ReadTile(tile, 0, x, y, 0, (short)plane) < 0)
                {
                    throw Damaged();
                }

                for (int row = 0; row < Math.Min(height, Height - y); row++)
                {
                    ReadOnlySpan<byte> bytes = tile.AsSpan(row * rowBytes, rowBytes);
                    Put(samples, kept, bytes, inRow, plane, ((y + row) * Width) + x, Math.Min(width, Width - x));
                }
            }
        }
    }

    // Of `count` pixels from `at` on.
    private void Put(Span<double> samples, int kept, ReadOnlySpan<byte> row, int inRow, int plane, int at, int count)
    {
        for (int n = 0; n < count; n++)
        {
            for (int channel = 0; channel < (isSeparate ? 1 : kept); channel++)
            {
                double value = Sample(row, (n * inRow) + channel);
                samples[((at + n) * kept) + plane + channel] = isWhiteZero ? Math.Pow(2, bits) - 1 - value : value;
            }
        }
    }

    // LibTiff has brought the bytes into the machine's order.
    private double Sample(ReadOnlySpan<byte> row, int number) => (format, bits) switch
    {
        (SampleFormat.IEEEFP, 32) => MemoryMarshal.Cast<byte, float>(row)[number],
        (SampleFormat.IEEEFP, _) => MemoryMarshal.Cast<byte, double>(row)[number],
        (SampleFormat.INT, 8) => (sbyte)row[number],
        (SampleFormat.INT, 16) => MemoryMarshal.Cast<byte, short>(row)[number],
        (SampleFormat.INT, _) => MemoryMarshal.Cast<byte, int>(row)[number],
        (_, 32) => MemoryMarshal.Cast<byte, uint>(row)[number],
        (_, 16) => MemoryMarshal.Cast<byte, ushort>(row)[number],
        (_, 8) => row[number],
        // Several in a byte, the first in the highest bits.
        _ => (row[number * bits / 8] >> (8 - bits - (number * bits % 8))) & ((1 << bits) - 1),
    };

    private void Check(Photometric photometric)
    {
        bool isNumberKnown = format switch
        {
            SampleFormat.UINT or SampleFormat.VOID => bits is 1 or 2 or 4 or 8 or 16 or 32,
            SampleFormat.INT => bits is 8 or 16 or 32,
            SampleFormat.IEEEFP => bits is 32 or 64,
            _ => false,
        };
        if (!isNumberKnown)
        {
            throw VolumeFileException.Reading(
                path, $"its pixels have {bits} bits of type {format}; save them as 8, 16 or 32 bits or as 32-bit floats");
        }

        if (photometric is not (Photometric.MINISBLACK or Photometric.MINISWHITE or Photometric.RGB or Photometric.PALETTE)
            || (isWhiteZero && format == SampleFormat.IEEEFP) || (photometric == Photometric.PALETTE && (Samples > 1 || bits > 16)))
        {
            throw VolumeFileException.Reading(path, $"its pixels are stored as {photometric}; save them as grey values or as RGB");
        }

        if (Width <= 0 || Height <= 0 || Samples <= 0)
        {
            throw Damaged();
        }
    }

    private byte[] ReadPalette()
    {
        if (file.GetField(TiffTag.COLORMAP) is not [var red, var green, var blue]
            || (red.Value, green.Value, blue.Value) is not (ushort[] r, ushort[] g, ushort[] b))
        {
            throw Damaged();
        }

        // 16 bits each; some programs write 8.
        int shift = r.Concat(g).Concat(b).Max() > byte.MaxValue ? 8 : 0;
        return [.. Enumerable.Range(0, r.Length).SelectMany(n => new[] { r[n], g[n], b[n] }).Select(value => (byte)(value >> shift))];
    }

    private int Number(TiffTag tag, int otherwise) => file.GetField(tag) is [var value, ..] ? value.ToInt() : otherwise;

    private VolumeFileException Damaged() =>
        VolumeFileException.Reading(path, $"the TIFF file is damaged or uses a form that is not read ({TiffComplaints.Last}); convert it");
}
