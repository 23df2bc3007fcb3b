namespace GpuSynth.Torch.ReadOuts;

/// <summary>Mean and variance of every channel over given rows; a channel without contrast becomes 0.</summary>
/// <param name="Means">By channel.</param>
/// <param name="Variances">By channel, divided by the number of rows; 0 where rounding alone makes values differ.</param>
internal sealed record ChannelScale(double[] Means, double[] Variances)
{
    private const double Flat = 1e-10;

    /// <summary>The scale of sets of rows [n, channels].</summary>
    public static ChannelScale Of(IReadOnlyList<float[]> sets, int channels)
    {
        double[] means = new double[channels], variances = new double[channels];
        long count = sets.Sum(static rows => (long)rows.Length) / channels;
        foreach (float[] rows in sets)
        {
            for (int n = 0; n < rows.Length; n++)
            {
                means[n % channels] += rows[n] / (double)count;
            }
        }

        foreach (float[] rows in sets)
        {
            for (int n = 0; n < rows.Length; n++)
            {
                double difference = rows[n] - means[n % channels];
                variances[n % channels] += difference * difference / count;
            }
        }

        return new ChannelScale(
            means,
            [.. variances.Zip(means, static (variance, mean) => variance > Flat * (variance + (mean * mean)) ? variance : 0)]);
    }

    /// <summary>Rows of mean 0 and standard deviation 1, where these were measured.</summary>
    /// <param name="rows">[n, channels].</param>
    /// <param name="epsilon">What is added to variances, as batch norm does.</param>
    public float[] Apply(float[] rows, double epsilon = 0)
    {
        double[] factors = [.. Variances.Select(variance => variance > 0 ? 1 / Math.Sqrt(variance + epsilon) : 0)];
        return [.. rows.Select((value, n) => (float)((value - Means[n % factors.Length]) * factors[n % factors.Length]))];
    }
}
