using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>What the header of a PNG, TIFF or JPEG file says of its pixels.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows, the first on top.</param>
/// <param name="Slices">1, or the pages of a stack.</param>
/// <param name="Channels">Of the image: 1 for grey, 3 for colours; alpha is none.</param>
/// <param name="HasPalette">Whether pixels are numbers of colours.</param>
/// <param name="HasAlpha">Whether there is an alpha channel, which is left out.</param>
internal sealed record PictureInfo(int Width, int Height, int Slices, int Channels, bool HasPalette, bool HasAlpha)
{
    /// <summary>Whether the camera says that it was not held upright, and the pixels are as it saw them.</summary>
    public bool IsTurned { get; init; }

    /// <summary>What of the file is not in the values, in words; null where nothing is.</summary>
    public string? Remark => HasAlpha ? "has an alpha channel, which is left out"
        : IsTurned ? "says that it is to be turned for the eye (EXIF orientation), and is taken as it is stored"
        : null;

    /// <summary>[H, W], or [D, H, W] of a stack.</summary>
    public VolumeShape Shape =>
        Slices == 1 ? VolumeShape.Image(Height, Width) : VolumeShape.Volume(Slices, Height, Width);

    /// <summary>1 mm pixels that lie nowhere: a picture says neither how large its pixels are nor where it was taken.</summary>
    public NiftiGeometry Geometry => new(new NiftiForms(
        [Slices == 1 ? 2 : 3, Width, Height, Slices, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1], new double[6], new double[12], 0, 0, 0));
}

/// <summary>A picture as it is stored.</summary>
/// <param name="Info">What its header says.</param>
/// <param name="Samples">Of every pixel, row by row, slice by slice: its channels side by side; of a palette its number.</param>
/// <param name="Palette">Red, green and blue of every number, 0 to 255; empty where there is none.</param>
internal sealed record Picture(PictureInfo Info, double[] Samples, byte[] Palette)
{
    private const double LabelTolerance = 1e-3; // As of NIfTI.

    /// <summary>Values [C, (D,) H, W]; a palette's colours, of one channel where all of them are grey.</summary>
    public NiftiImage ToImage()
    {
        int channels = Info.Channels;
        int pixels = (int)Info.Shape.VoxelCount;
        float[] values = new float[channels * pixels];
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                values[(channel * pixels) + pixel] = Info.HasPalette
                    ? Palette[(3 * (int)Samples[pixel]) + channel]
                    : (float)Samples[(pixel * channels) + channel];
            }
        }

        return new NiftiImage(Info.Shape, values, Info.Geometry)
        {
            Channels = channels,
            Remark = Info.Remark,
        };
    }

    /// <summary>The grey values or the numbers of the palette's colours, as they are.</summary>
    /// <param name="path">The file, for messages.</param>
    public NiftiLabels ToLabels(string path)
    {
        if (!Info.HasPalette && Info.Channels > 1)
        {
            throw VolumeFileException.Reading(
                path,
                "it is in colour without a palette, so that its pixels are no label numbers; save the labels as grey values or as a "
                + "picture with a palette");
        }

        int[] labels = new int[Samples.Length];
        long rounded = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            double nearest = Math.Round(Samples[n]);
            // The conversion saturates and makes 0 of a NaN: a value that is no 32-bit integer differs from it.
            labels[n] = (int)nearest;
            if (labels[n] != nearest || !(Math.Abs(Samples[n] - nearest) <= LabelTolerance))
            {
                throw VolumeFileException.Reading(path, string.Create(
                    CultureInfo.InvariantCulture,
                    $"pixel (x {n % Info.Width}, y {n / Info.Width % Info.Height}) holds {Samples[n]}, and labels are whole numbers of "
                    + $"32 bits; check that it is a label map"));
            }

            rounded += nearest != Samples[n] ? 1 : 0;
        }

        return new NiftiLabels(Info.Shape, labels, Info.Geometry) { RoundedVoxels = rounded };
    }

    /// <summary>Channels of a palette's colours: 1 where all of them are grey.</summary>
    public static int ChannelsOf(ReadOnlySpan<byte> palette)
    {
        for (int n = 0; n + 2 < palette.Length; n += 3)
        {
            if (palette[n] != palette[n + 1] || palette[n] != palette[n + 2])
            {
                return 3;
            }
        }

        return 1;
    }
}
