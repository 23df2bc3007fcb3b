namespace GpuSynth.Torch.Probing;

/// <summary>Mean 0 and standard deviation 1 of every channel over given rows; a channel without contrast becomes 0.</summary>
/// <param name="Means">By channel.</param>
/// <param name="Factors">1 / std, by channel.</param>
internal sealed record ChannelScale(double[] Means, double[] Factors)
{
    private const double Flat = 1e-10;

    /// <summary>The scale of rows [n, channels].</summary>
    public static ChannelScale Of(IReadOnlyList<float[]> sets, int channels)
    {
        double[] sums = new double[channels];
        double[] squares = new double[channels];
        long count = sets.Sum(static rows => (long)rows.Length) / channels;
        foreach (float[] rows in sets)
        {
            for (int n = 0; n < rows.Length; n++)
            {
                sums[n % channels] += rows[n];
                squares[n % channels] += (double)rows[n] * rows[n];
            }
        }

        double[] means = [.. sums.Select(sum => sum / count)];
        return new ChannelScale(means, [.. squares.Select((square, n) =>
        {
            double variance = (square / count) - (means[n] * means[n]);
            return variance > Flat * square / count ? 1 / Math.Sqrt(variance) : 0;
        })]);
    }

    /// <summary>Rows on this scale.</summary>
    public float[] Apply(float[] rows) =>
        [.. rows.Select((value, n) => (float)((value - Means[n % Means.Length]) * Factors[n % Means.Length]))];
}
