using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Comparing;

/// <summary>
/// What an image looks like, in numbers. Intensities are first brought so that their quantiles of 1 % and 99 % become 0 and 1: scanners'
/// units differ. Places are counted in voxels.
/// </summary>
/// <param name="Measures">One number for each of <see cref="Names"/>.</param>
/// <param name="Histogram">Share of the voxels in each of <see cref="Bins"/> equal parts of 0 to 1; what is outside is in the last on its side.</param>
/// <param name="Spectrum">Relative power in rings of spatial frequency, <see cref="SliceSpectrum"/>.</param>
/// <param name="Gradients">Share of the voxels in each of <see cref="Bins"/> equal parts of 0 to 1/2 per voxel; what is steeper is in the last.</param>
public sealed record ImageStatistics(
    IReadOnlyList<double> Measures, IReadOnlyList<double> Histogram, IReadOnlyList<double> Spectrum, IReadOnlyList<double> Gradients)
{
    /// <summary>Parts of a histogram.</summary>
    public const int Bins = 32;

    private const double SteepestGradient = 0.5;
    private const double Flat = 0.01;
    private const int MostSorted = 1 << 22;

    /// <summary>Names of the measures, and what each is.</summary>
    public static IReadOnlyList<(string Name, string Says)> Names { get; } =
    [
        ("mean", "mean intensity"),
        ("sd", "standard deviation of the intensities"),
        ("10 %", "intensity that a tenth of the voxels are below"),
        ("50 %", "median intensity"),
        ("90 %", "intensity that nine tenths of the voxels are below"),
        ("gradient 50 %", "median length of the gradient, per voxel"),
        ("gradient 90 %", "its 90 % quantile: how strong edges are"),
        ("gradient 99 %", "its 99 % quantile: the strongest edges"),
        ("flat", "share of the voxels whose gradient is below 0.01"),
        ("spectral slope", "d log power / d log frequency from 1/16 to 3/8 cycle per voxel: the nearer to 0, the more like white noise"),
        ("fine share", "share of the variance that is finer than 1/4 cycle per voxel; 0.80 of white noise"),
    ];

    /// <summary>Measures an image.</summary>
    /// <param name="name">What it is called in a complaint.</param>
    /// <param name="image">[D, H, W] or [H, W], finite; brought to its range of 0 to 1 in place.</param>
    /// <param name="shape">Its shape.</param>
    /// <exception cref="GpuSynthException">Nearly all voxels have one value, or it is too small to have a spectrum.</exception>
    public static ImageStatistics Of(string name, float[] image, VolumeShape shape)
    {
        ArgumentNullException.ThrowIfNull(image);
        Normalise(name, image);
        double[] sorted = Sorted(image);
        (double[] gradients, double[] gradientShares) = GradientsOf(image, shape);
        (double[] rings, double fine) = SliceSpectrum.Of(image, shape) ?? throw new GpuSynthException(
            $"'{name}' ({shape}) has no slice of {SliceSpectrum.LeastSide}x{SliceSpectrum.LeastSide} voxels in which anything varies, so that it has no spectrum; leave it out.");
        double mean = sorted.Average();
        return new ImageStatistics(
            [
                mean,
                Math.Sqrt(sorted.Average(value => (value - mean) * (value - mean))),
                Bootstrap.Quantile(sorted, 0.1), Bootstrap.Quantile(sorted, 0.5), Bootstrap.Quantile(sorted, 0.9),
                Bootstrap.Quantile(gradients, 0.5), Bootstrap.Quantile(gradients, 0.9), Bootstrap.Quantile(gradients, 0.99),
                (double)gradients.Count(static length => length < Flat) / gradients.Length,
                Slope(rings),
                fine,
            ],
            Shares(image, 1), rings, gradientShares);
    }

    private static void Normalise(string name, float[] image)
    {
        double[] sorted = Sorted(image);
        (double low, double high) = (Bootstrap.Quantile(sorted, 0.01), Bootstrap.Quantile(sorted, 0.99));
        if (high <= low)
        {
            throw new GpuSynthException($"'{name}' has one value ({low:g6}) in nearly all of its voxels; there is nothing to compare: leave it out.");
        }

        for (int voxel = 0; voxel < image.Length; voxel++)
        {
            image[voxel] = (float)((image[voxel] - low) / (high - low));
        }
    }

    // Of a large image evenly spaced ones: its quantiles do not need every voxel.
    private static double[] Sorted(float[] values)
    {
        int every = (values.Length + MostSorted - 1) / MostSorted;
        double[] sorted = new double[(values.Length + every - 1) / every];
        for (int n = 0; n < sorted.Length; n++)
        {
            sorted[n] = values[n * every];
        }

        Array.Sort(sorted);
        return sorted;
    }

    // Central differences where both neighbours are there; an axis of fewer than three voxels has none.
    private static (double[] Sorted, double[] Shares) GradientsOf(float[] image, VolumeShape shape)
    {
        int[] counts = [shape.Depth, shape.Height, shape.Width];
        int[] steps = [shape.Height * shape.Width, shape.Width, 1];
        int[] border = [.. counts.Select(static count => count > 2 ? 1 : 0)];
        List<float> lengths = [];
        for (int z = border[0]; z < counts[0] - border[0]; z++)
        {
            for (int y = border[1]; y < counts[1] - border[1]; y++)
            {
                for (int x = border[2]; x < counts[2] - border[2]; x++)
                {
                    int at = (z * steps[0]) + (y * steps[1]) + x;
                    double square = 0;
                    for (int axis = 0; axis < 3; axis++)
                    {
                        double slope = border[axis] * 0.5 * (image[at + (border[axis] * steps[axis])] - image[at - (border[axis] * steps[axis])]);
                        square += slope * slope;
                    }

                    lengths.Add((float)Math.Sqrt(square));
                }
            }
        }

        float[] all = [.. lengths];
        return (Sorted(all), Shares(all, SteepestGradient));
    }

    private static double[] Shares(float[] values, double most)
    {
        double[] shares = new double[Bins];
        foreach (float value in values)
        {
            shares[(int)Math.Clamp(value / most * Bins, 0, Bins - 1)] += 1.0 / values.Length;
        }

        return shares;
    }

    private static double Slope(double[] rings)
    {
        (double X, double Y)[] points =
        [
            .. rings.Select(static (power, ring) => (X: Math.Log10(SliceSpectrum.Frequency(ring)), Y: Math.Log10(power), Ring: ring))
                .Where(static one => SliceSpectrum.Frequency(one.Ring) is > 1.0 / 16 and < 3.0 / 8 && double.IsFinite(one.Y))
                .Select(static one => (one.X, one.Y)),
        ];
        if (points.Length < 2)
        {
            return double.NaN;
        }

        (double x, double y) = (points.Average(static one => one.X), points.Average(static one => one.Y));
        return points.Sum(one => (one.X - x) * (one.Y - y)) / points.Sum(one => (one.X - x) * (one.X - x));
    }
}
