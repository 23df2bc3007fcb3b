using System.Numerics;
using GpuSynth.Kernels;
using MathNet.Numerics.IntegralTransforms;

namespace GpuSynth.Torch.Comparing;

/// <summary>
/// How an image's variance is spread over spatial frequencies: periodograms of slices, mean removed, under a Hann window, averaged over
/// rings of |f| and divided by their mean over all frequencies, so that white noise has 1 in every ring. Source: the modified periodogram
/// (Welch 1967), rings as in studies of natural images.
/// </summary>
internal sealed class SliceSpectrum
{
    /// <summary>Rings from 0 to 1/2 cycle per voxel, of equal width; the mean itself (f = 0) is in none.</summary>
    public const int Rings = 16;

    /// <summary>Voxels along a slice's sides, at least: fewer have no low frequencies to tell.</summary>
    public const int LeastSide = 8;

    private readonly double[] power = new double[Rings];
    private readonly long[] places = new long[Rings];
    private double all;
    private double fine;
    private long count;

    /// <summary>The middle of a ring, in cycles per voxel.</summary>
    public static double Frequency(int ring) => (ring + 0.5) / (2 * Rings);

    /// <summary>The spectrum of an image: of a volume three slices along each axis, at 1/4, 1/2 and 3/4.</summary>
    /// <param name="image">[D, H, W] or [H, W], not the same everywhere.</param>
    /// <param name="shape">Its shape; slices with a side below <see cref="LeastSide"/> are left out.</param>
    /// <returns>Relative power of every ring, and the share of all variance that is finer than 1/4 cycle per voxel; null: nothing varies.</returns>
    public static (double[] Rings, double FineShare)? Of(float[] image, VolumeShape shape)
    {
        var spectrum = new SliceSpectrum();
        (int plane, int row) = (shape.Height * shape.Width, shape.Width);
        if (shape.Dimensions == 2)
        {
            spectrum.Add(image, 0, (shape.Height, row), (shape.Width, 1));
        }

        for (int quarter = 1; shape.Dimensions == 3 && quarter < 4; quarter++)
        {
            spectrum.Add(image, plane * (shape.Depth * quarter / 4), (shape.Height, row), (shape.Width, 1));
            spectrum.Add(image, row * (shape.Height * quarter / 4), (shape.Depth, plane), (shape.Width, 1));
            spectrum.Add(image, shape.Width * quarter / 4, (shape.Depth, plane), (shape.Height, row));
        }

        return spectrum.all > 0
            ? ([.. spectrum.power.Zip(spectrum.places, (sum, n) => n == 0 ? double.NaN : sum / n * spectrum.count / spectrum.all)], spectrum.fine / spectrum.all)
            : null;
    }

    private void Add(float[] image, int first, (int Count, int Step) rows, (int Count, int Step) columns)
    {
        if (Math.Min(rows.Count, columns.Count) < LeastSide)
        {
            return;
        }

        var values = new Complex[rows.Count, columns.Count];
        double mean = 0;
        for (int y = 0; y < rows.Count; y++)
        {
            for (int x = 0; x < columns.Count; x++)
            {
                mean += image[first + (y * rows.Step) + (x * columns.Step)] / ((double)rows.Count * columns.Count);
            }
        }

        for (int y = 0; y < rows.Count; y++)
        {
            for (int x = 0; x < columns.Count; x++)
            {
                double value = image[first + (y * rows.Step) + (x * columns.Step)] - mean;
                values[y, x] = value * Hann(y, rows.Count) * Hann(x, columns.Count);
            }
        }

        Transform(values);
        // Of one size, so that large slices do not outweigh small ones.
        double scale = 1.0 / ((double)rows.Count * columns.Count);
        for (int y = 0; y < rows.Count; y++)
        {
            for (int x = y == 0 ? 1 : 0; x < columns.Count; x++)
            {
                double square = scale * values[y, x].Magnitude * values[y, x].Magnitude;
                double frequency = double.Hypot(FrequencyOf(y, rows.Count), FrequencyOf(x, columns.Count));
                int ring = (int)(frequency * 2 * Rings);
                (all, fine, count) = (all + square, frequency > 0.25 ? fine + square : fine, count + 1);
                if (ring < Rings)
                {
                    (power[ring], places[ring]) = (power[ring] + square, places[ring] + 1);
                }
            }
        }
    }

    private static double Hann(int n, int count) => 0.5 - (0.5 * Math.Cos(2 * Math.PI * (n + 0.5) / count));

    private static double FrequencyOf(int n, int count) => (double)Math.Min(n, count - n) / count;

    private static void Transform(Complex[,] values)
    {
        (int height, int width) = (values.GetLength(0), values.GetLength(1));
        var row = new Complex[width];
        var column = new Complex[height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                row[x] = values[y, x];
            }

            Fourier.Forward(row, FourierOptions.NoScaling);
            for (int x = 0; x < width; x++)
            {
                values[y, x] = row[x];
            }
        }

        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
            {
                column[y] = values[y, x];
            }

            Fourier.Forward(column, FourierOptions.NoScaling);
            for (int y = 0; y < height; y++)
            {
                values[y, x] = column[y];
            }
        }
    }
}
