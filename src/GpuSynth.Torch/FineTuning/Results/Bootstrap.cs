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

    /// <summary>
    /// The mean over cases of their mean over seeds, and its interval over draws of seeds and of cases, each with replacement and
    /// crossed: a drawn seed counts with all drawn cases. Draws depend on the numbers of seeds and cases alone, so that the
    /// difference of two arms, given per seed and case, is drawn as both arms are. A NaN is not counted.
    /// </summary>
    /// <param name="values">[seed][case]. Of one seed it is <see cref="Mean"/>.</param>
    /// <param name="seed">Of the draws.</param>
    public static MeanInterval Crossed(IReadOnlyList<IReadOnlyList<double>> values, ulong seed = 0)
    {
        int[] cases = CasesOf(values);
        if (cases.Length == 0)
        {
            return MeanInterval.None;
        }

        return Of(MeanOf(values, [.. Enumerable.Range(0, values.Count)], cases), Draws(values, cases, seed), cases.Length);
    }

    /// <summary>The means of the draws that <see cref="Crossed"/> has its interval from; empty where there is no value.</summary>
    internal static double[] CrossedDraws(IReadOnlyList<IReadOnlyList<double>> values, ulong seed = 0) =>
        CasesOf(values) is { Length: > 0 } cases ? [.. Draws(values, cases, seed)] : [];

    /// <summary>The mean over tasks of a difference, and its interval: every task is drawn by itself. The tasks are those that they are: they are not drawn.</summary>
    /// <param name="tasks">Of every task its value and that of every draw, <see cref="Resamples"/> of them.</param>
    internal static MeanInterval OverTasks(IReadOnlyList<(double Mean, double[] Draws)> tasks)
    {
        if (tasks.Count == 0)
        {
            return MeanInterval.None;
        }

        double[] means = [.. Enumerable.Range(0, Resamples).Select(n => tasks.Average(task => task.Draws[n]))];
        return Of(tasks.Average(static task => task.Mean), means, tasks.Count);
    }

    /// <summary>A value and the interval that its draws give.</summary>
    internal static MeanInterval Of(double mean, IEnumerable<double> draws, int count)
    {
        double[] sorted = [.. draws.Where(static one => !double.IsNaN(one)).Order()];
        return new MeanInterval(mean, Quantile(sorted, 0.025), Quantile(sorted, 0.975), count);
    }

    // Those of which a seed has a value.
    private static int[] CasesOf(IReadOnlyList<IReadOnlyList<double>> values) => values.Count == 0
        ? []
        : [.. Enumerable.Range(0, values[0].Count).Where(n => values.Any(one => !double.IsNaN(one[n])))];

    private static IEnumerable<double> Draws(IReadOnlyList<IReadOnlyList<double>> values, int[] cases, ulong seed)
    {
        var random = new PlaceRandom(seed, 0, PlaceRandom.BootstrapStream);
        var seedRandom = new PlaceRandom(seed, 0, PlaceRandom.SeedBootstrapStream);
        int[] drawnSeeds = new int[values.Count], drawnCases = new int[cases.Length];
        for (int n = 0; n < Resamples; n++)
        {
            for (int drawn = 0; drawn < drawnSeeds.Length; drawn++)
            {
                drawnSeeds[drawn] = seedRandom.Below(drawnSeeds.Length);
            }

            for (int drawn = 0; drawn < drawnCases.Length; drawn++)
            {
                drawnCases[drawn] = cases[random.Below(cases.Length)];
            }

            yield return MeanOf(values, drawnSeeds, drawnCases);
        }
    }

    // A case of which no drawn seed has a value is not counted.
    private static double MeanOf(IReadOnlyList<IReadOnlyList<double>> values, int[] seeds, int[] cases)
    {
        (double sum, int count) = (0, 0);
        foreach (int n in cases)
        {
            (double ofCase, int known) = (0, 0);
            foreach (int seed in seeds)
            {
                double value = values[seed][n];
                (ofCase, known) = double.IsNaN(value) ? (ofCase, known) : (ofCase + value, known + 1);
            }

            (sum, count) = known == 0 ? (sum, count) : (sum + (ofCase / known), count + 1);
        }

        return count == 0 ? double.NaN : sum / count;
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
