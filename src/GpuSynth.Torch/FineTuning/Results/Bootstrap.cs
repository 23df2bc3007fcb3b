using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.FineTuning;

/// <summary>Confidence intervals by resampling (Efron's percentile bootstrap).</summary>
public static class Bootstrap
{
    /// <summary>How often the values are drawn again.</summary>
    public const int Resamples = 2000;

    /// <summary>
    /// The mean of values, one per case, and its interval over draws of as many cases with replacement. Of a difference, give the
    /// difference of every case: that pairs them. A NaN is not counted.
    /// </summary>
    /// <param name="values">One per case.</param>
    /// <param name="seed">Of the draws.</param>
    public static MeanInterval Mean(IEnumerable<double> values, ulong seed = 0)
    {
        double[] cases = [.. values.Where(static value => !double.IsNaN(value))];
        if (cases.Length == 0)
        {
            return new MeanInterval(double.NaN, double.NaN, double.NaN, 0);
        }

        double[] means = new double[Resamples];
        var random = new PlaceRandom(seed, 0, PlaceRandom.BootstrapStream);
        for (int n = 0; n < Resamples; n++)
        {
            double sum = 0;
            for (int drawn = 0; drawn < cases.Length; drawn++)
            {
                sum += cases[random.Below(cases.Length)];
            }

            means[n] = sum / cases.Length;
        }

        Array.Sort(means);
        return new MeanInterval(cases.Average(), Quantile(means, 0.025), Quantile(means, 0.975), cases.Length);
    }

    /// <summary>A quantile of sorted values, linear between ranks: rank = share * (count - 1).</summary>
    internal static double Quantile(IReadOnlyList<double> sorted, double share)
    {
        double rank = share * (sorted.Count - 1);
        int low = (int)rank;
        int high = Math.Min(low + 1, sorted.Count - 1);
        return sorted[low] + ((rank - low) * (sorted[high] - sorted[low]));
    }
}
