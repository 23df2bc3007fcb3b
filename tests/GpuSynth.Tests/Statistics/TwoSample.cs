using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using MathNormal = MathNet.Numerics.Distributions.Normal;

namespace GpuSynth.Tests.Statistics;

/// <summary>Two samples from one law? Kolmogorov-Smirnov and Mann-Whitney, both by their laws for large samples.</summary>
internal static class TwoSample
{
    /// <summary>Largest distance of the two empirical distributions, the distance that rejects, and the p-value.</summary>
    public static (double Statistic, double Critical, double P) KolmogorovSmirnov(double[] first, double[] second, double alpha)
    {
        double distance = Ladder.KolmogorovSmirnov(first, second);
        double scaled = distance * Math.Sqrt((double)first.Length * second.Length / (first.Length + second.Length));
        double p = 0;
        for (int term = 1; term <= 100; term++)
        {
            p += (term % 2 == 1 ? 2 : -2) * Math.Exp(-2.0 * term * term * scaled * scaled);
        }

        // The series is one above the distribution function: near 0 it does not settle, and p is 1.
        return (distance, Ladder.Critical(alpha, first.Length, second.Length), scaled < 0.2 ? 1 : Math.Clamp(p, 0, 1));
    }

    /// <summary>|z| of the rank sum with the correction for ties, the |z| that rejects, and the p-value.</summary>
    public static (double Statistic, double Critical, double P) MannWhitney(double[] first, double[] second, double alpha)
    {
        (double Value, bool IsFirst)[] all =
            [.. first.Select(value => (value, true)).Concat(second.Select(value => (value, false))).OrderBy(pair => pair.Item1)];
        double rankSum = 0;
        double ties = 0;
        for (int start = 0; start < all.Length;)
        {
            int end = start;
            while (end < all.Length && all[end].Value == all[start].Value)
            {
                end++;
            }

            // Equal values share the mean of their ranks.
            double rank = (start + end + 1) / 2.0;
            rankSum += rank * all[start..end].Count(pair => pair.IsFirst);
            double tied = end - start;
            ties += (tied * tied * tied) - tied;
            start = end;
        }

        double n = first.Length;
        double m = second.Length;
        double variance = n * m / 12 * (n + m + 1 - (ties / ((n + m) * (n + m - 1))));
        double z = Math.Abs(rankSum - (n * (n + m + 1) / 2)) / Math.Sqrt(variance);
        return (z, NormalQuantile.AtUpperTail(alpha / 2), 2 * MathNormal.CDF(0, 1, -z));
    }

    /// <summary>
    /// The smallest shift between two normal samples, in their standard deviation, that the test sees with a probability: by
    /// bisection over simulated samples, the same ones at every shift.
    /// </summary>
    public static double DetectableShift(
        Func<double[], double[], double, (double Statistic, double Critical, double P)> test,
        int n,
        int m,
        double alpha,
        double power)
    {
        const int simulations = 1000;
        double low = 0;
        double high = 4;
        while (high - low > 0.01)
        {
            double shift = (low + high) / 2;
            int seen = 0;
            for (int simulation = 0; simulation < simulations; simulation++)
            {
                var place = new RandomPlace(20261121, (ulong)simulation, Streams.NoiseVoxels);
                double[] first = [.. Enumerable.Range(0, n).Select(element => (double)Normal.At(place, element))];
                double[] second = [.. Enumerable.Range(n, m).Select(element => Normal.At(place, element) + shift)];
                (double statistic, double critical, _) = test(first, second, alpha);
                seen += statistic > critical ? 1 : 0;
            }

            (low, high) = seen >= power * simulations ? (low, shift) : (shift, high);
        }

        return high;
    }
}
