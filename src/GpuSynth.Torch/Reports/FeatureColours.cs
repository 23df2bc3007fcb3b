namespace GpuSynth.Torch.Reports;

/// <summary>
/// Features as colours: their first three principal components over the voxels as red, green and blue. Voxels whose features
/// point the same way get the same colour; what a network tells apart is seen at a glance.
/// </summary>
public static class FeatureColours
{
    private const int Sweeps = 30; // Jacobi's method needs about eight for 32 channels.
    private const double Saturated = 0.01; // Share of voxels that may lie beyond black or full colour, on each side.

    /// <summary>Colours [3, voxels], 0 to 1, of features [channels, voxels].</summary>
    /// <param name="features">Channel by channel. Voxels with values that are not finite become black.</param>
    /// <param name="channels">How many channels.</param>
    public static float[] Of(ReadOnlySpan<float> features, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        if (features.Length == 0 || features.Length % channels != 0)
        {
            throw new ArgumentException($"{features.Length} values are not voxels of {channels} channels.", nameof(features));
        }

        int voxels = features.Length / channels;
        double[] means = Means(features, channels, voxels);
        double[][] axes = PrincipalAxes(Covariance(features, means, voxels), Math.Min(3, channels));
        float[] colours = new float[3 * voxels];
        for (int colour = 0; colour < axes.Length; colour++)
        {
            Span<float> to = colours.AsSpan(colour * voxels, voxels);
            for (int voxel = 0; voxel < voxels; voxel++)
            {
                double sum = 0;
                for (int channel = 0; channel < channels; channel++)
                {
                    sum += axes[colour][channel] * (features[(channel * voxels) + voxel] - means[channel]);
                }

                to[voxel] = (float)sum;
            }

            Stretch(to);
        }

        return colours;
    }

    private static double[] Means(ReadOnlySpan<float> features, int channels, int voxels)
    {
        double[] means = new double[channels];
        for (int channel = 0; channel < channels; channel++)
        {
            double sum = 0;
            int count = 0;
            foreach (float value in features.Slice(channel * voxels, voxels))
            {
                sum += float.IsFinite(value) ? value : 0;
                count += float.IsFinite(value) ? 1 : 0;
            }

            means[channel] = count > 0 ? sum / count : 0;
        }

        return means;
    }

    private static double[,] Covariance(ReadOnlySpan<float> features, double[] means, int voxels)
    {
        int channels = means.Length;
        double[,] covariance = new double[channels, channels];
        for (int a = 0; a < channels; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double sum = 0;
                for (int voxel = 0; voxel < voxels; voxel++)
                {
                    double product = (features[(a * voxels) + voxel] - means[a]) * (features[(b * voxels) + voxel] - means[b]);
                    sum += double.IsFinite(product) ? product : 0;
                }

                covariance[a, b] = covariance[b, a] = sum / voxels;
            }
        }

        return covariance;
    }

    // Jacobi's rotations (Golub and Van Loan, Matrix Computations, 8.5): slow, exact, and a page long.
    private static double[][] PrincipalAxes(double[,] matrix, int count)
    {
        int size = matrix.GetLength(0);
        double[,] vectors = new double[size, size];
        for (int n = 0; n < size; n++)
        {
            vectors[n, n] = 1;
        }

        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            for (int p = 0; p < size; p++)
            {
                for (int q = p + 1; q < size; q++)
                {
                    if (Math.Abs(matrix[p, q]) > 1e-300)
                    {
                        Rotate(matrix, vectors, p, q);
                    }
                }
            }
        }

        int[] order = [.. Enumerable.Range(0, size).OrderByDescending(n => matrix[n, n])];
        return [.. order.Take(count).Select(column => Axis(vectors, column))];
    }

    private static void Rotate(double[,] matrix, double[,] vectors, int p, int q)
    {
        int size = matrix.GetLength(0);
        double tau = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);
        double tangent = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + (tau * tau)));
        double cosine = 1 / Math.Sqrt(1 + (tangent * tangent));
        double sine = tangent * cosine;
        for (int n = 0; n < size; n++)
        {
            (double a, double b) = (matrix[n, p], matrix[n, q]);
            (matrix[n, p], matrix[n, q]) = ((cosine * a) - (sine * b), (sine * a) + (cosine * b));
        }

        for (int n = 0; n < size; n++)
        {
            (double a, double b) = (matrix[p, n], matrix[q, n]);
            (matrix[p, n], matrix[q, n]) = ((cosine * a) - (sine * b), (sine * a) + (cosine * b));
            (a, b) = (vectors[n, p], vectors[n, q]);
            (vectors[n, p], vectors[n, q]) = ((cosine * a) - (sine * b), (sine * a) + (cosine * b));
        }
    }

    // An axis has no sign of its own: the greatest component is made positive, so that pictures of two steps can be compared.
    private static double[] Axis(double[,] vectors, int column)
    {
        double[] axis = [.. Enumerable.Range(0, vectors.GetLength(0)).Select(n => vectors[n, column])];
        double sign = Math.Sign(axis.MaxBy(Math.Abs));
        return [.. axis.Select(value => sign * value)];
    }

    // To 0..1 between the quantiles: a few bright voxels must not darken all others.
    private static void Stretch(Span<float> values)
    {
        float[] sorted = [.. values.ToArray().Where(float.IsFinite)];
        Array.Sort(sorted);
        if (sorted.Length == 0)
        {
            values.Clear();
            return;
        }

        float low = sorted[(int)(Saturated * (sorted.Length - 1))];
        float high = sorted[(int)((1 - Saturated) * (sorted.Length - 1))];
        // No contrast at all is a middle grey.
        float scale = high > low ? 1 / (high - low) : 0;
        foreach (ref float value in values)
        {
            value = !float.IsFinite(value) ? 0 : scale == 0 ? 0.5f : Math.Clamp((value - low) * scale, 0f, 1f);
        }
    }
}
