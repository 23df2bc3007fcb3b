using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Probing;

// Gaussians are cut at four sigma. Derivatives are central differences
// of the smoothed image in voxels. Eigenvalues of 3 x 3: the trigonometric form (O. K. Smith, 1961).

/// <summary>Smoothed images and their derivatives.</summary>
internal static class ScaleSpace
{
    private const double Reach = 4;

    /// <summary>The image under a Gaussian.</summary>
    /// <param name="image">[(D,) H, W].</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="sigma">In voxels, above 0.</param>
    public static float[] Gaussian(float[] image, VolumeShape shape, double sigma) =>
        GaussianBlur.Of(image, shape, sigma, (int)Math.Ceiling(Reach * sigma));

    /// <summary>The gradient's length and the Hessian's eigenvalues, ascending: 3 maps of an image, 4 of a volume.</summary>
    public static float[][] Derivatives(float[] image, VolumeShape shape)
    {
        (int Stride, int Side)[] axes = [.. GaussianBlur.Axes(shape)];
        float[][] first = [.. axes.Select(axis => Difference(image, axis.Stride, axis.Side))];
        float[][] maps = [.. Enumerable.Range(0, axes.Length + 1).Select(_ => new float[image.Length])];
        float[][] second =
        [
            .. axes.SelectMany((axis, a) => axes.Take(a + 1).Select((_, b) =>
                a == b ? SecondDifference(image, axis.Stride, axis.Side) : Difference(first[b], axis.Stride, axis.Side))),
        ];
        double[] eigenvalues = new double[axes.Length];
        for (int n = 0; n < image.Length; n++)
        {
            maps[0][n] = (float)Math.Sqrt(first.Sum(map => (double)map[n] * map[n]));
            if (axes.Length == 2)
            {
                OfTwo(second[0][n], second[1][n], second[2][n], eigenvalues);
            }
            else
            {
                OfThree(second[0][n], second[1][n], second[2][n], second[3][n], second[4][n], second[5][n], eigenvalues);
            }

            for (int m = 0; m < eigenvalues.Length; m++)
            {
                maps[m + 1][n] = (float)eigenvalues[m];
            }
        }

        return maps;
    }

    /// <summary>The eigenvalues, ascending, of the matrix with the lower triangle (a; b, c).</summary>
    internal static void OfTwo(double a, double b, double c, Span<double> values)
    {
        double middle = (a + c) / 2;
        double half = Math.Sqrt((a - c) * (a - c) / 4 + (b * b));
        (values[0], values[1]) = (middle - half, middle + half);
    }

    /// <summary>The eigenvalues, ascending, of the matrix with the lower triangle (a; b, c; d, e, f).</summary>
    internal static void OfThree(double a, double b, double c, double d, double e, double f, Span<double> values)
    {
        double mean = (a + c + f) / 3;
        (double aa, double cc, double ff) = (a - mean, c - mean, f - mean);
        double spread = Math.Sqrt(((aa * aa) + (cc * cc) + (ff * ff) + (2 * ((b * b) + (d * d) + (e * e)))) / 6);
        if (spread == 0)
        {
            values.Fill(mean);
            return;
        }

        double determinant = (aa * ((cc * ff) - (e * e))) - (b * ((b * ff) - (e * d))) + (d * ((b * e) - (cc * d)));
        double angle = Math.Acos(Math.Clamp(determinant / (2 * spread * spread * spread), -1, 1)) / 3;
        values[2] = mean + (2 * spread * Math.Cos(angle));
        values[0] = mean + (2 * spread * Math.Cos(angle + (Math.Tau / 3)));
        values[1] = (3 * mean) - values[0] - values[2];
    }

    private static float[] Difference(float[] image, int stride, int side) => Each(
        image, stride, side, (before, _, after) => (after - before) / 2);

    private static float[] SecondDifference(float[] image, int stride, int side) => Each(
        image, stride, side, static (before, here, after) => before - (2 * here) + after);

    private static float[] Each(float[] image, int stride, int side, Func<float, float, float, float> of)
    {
        float[] result = new float[image.Length];
        for (int n = 0; n < image.Length; n++)
        {
            int at = n / stride % side;
            result[n] = of(image[at > 0 ? n - stride : n], image[n], image[at < side - 1 ? n + stride : n]);
        }

        return result;
    }
}
