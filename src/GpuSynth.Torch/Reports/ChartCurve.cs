namespace GpuSynth.Torch.Reports;

/// <summary>Points of a curve made ready to draw: smoothed, and thinned to what a screen can show.</summary>
internal static class ChartCurve
{
    /// <summary>
    /// A straight line fitted around every point, with Gaussian weights over the indices (local linear regression). It looks both
    /// ways, so that the curve does not lag behind the values as a running average does, and it keeps a slope at both ends;
    /// values that are not finite have no weight.
    /// </summary>
    public static double[] Smooth(IReadOnlyList<double> values)
    {
        // A hundredth and a half of the curve: flat enough to read, sharp enough to keep a step in it.
        double sigma = Math.Clamp(values.Count * 0.015, 0.6, 400);
        int reach = (int)Math.Ceiling(3 * sigma);
        double[] weights = [.. Enumerable.Range(0, reach + 1).Select(n => Math.Exp(-0.5 * n * n / (sigma * sigma)))];
        double[] smoothed = new double[values.Count];
        for (int n = 0; n < smoothed.Length; n++)
        {
            smoothed[n] = Fit(values, n, weights);
        }

        return smoothed;
    }

    /// <summary>
    /// Indices to draw: all of them where there are few, otherwise the first, least, greatest and last of each of a number of
    /// equal pieces, so that no spike is lost.
    /// </summary>
    public static IReadOnlyList<int> Thin(IReadOnlyList<double> values, int pieces)
    {
        if (values.Count <= 4 * pieces)
        {
            return [.. Enumerable.Range(0, values.Count)];
        }

        SortedSet<int> kept = [];
        for (int piece = 0; piece < pieces; piece++)
        {
            int from = (int)((long)values.Count * piece / pieces);
            int to = (int)((long)values.Count * (piece + 1) / pieces);
            (int least, int greatest) = (from, from);
            for (int n = from; n < to; n++)
            {
                least = values[n] < values[least] ? n : least;
                greatest = values[n] > values[greatest] ? n : greatest;
            }

            kept.UnionWith([from, least, greatest, to - 1]);
        }

        return [.. kept];
    }

    /// <summary>
    /// The range to show. All of it, unless rare spikes would flatten everything else: where the whole range is more than four
    /// times that of the middle 98%, the middle is shown.
    /// </summary>
    /// <param name="values">Values that can be shown: finite, and positive on a logarithmic axis.</param>
    /// <param name="isLog">Whether ratios are compared, not differences.</param>
    public static (double Least, double Greatest) Range(IEnumerable<double> values, bool isLog)
    {
        double[] sorted = [.. values.Select(value => isLog ? Math.Log(value) : value).Order()];
        if (sorted.Length == 0)
        {
            return isLog ? (1, 10) : (0, 1);
        }

        double least = sorted[sorted.Length / 100];
        double greatest = sorted[sorted.Length - 1 - (sorted.Length / 100)];
        double air = 0.1 * (greatest - least);
        (least, greatest) = sorted.Length >= 100 && air > 0 && sorted[^1] - sorted[0] > 40 * air
            ? (least - air, greatest + air)
            : (sorted[0], sorted[^1]);
        return isLog ? (Math.Exp(least), Math.Exp(greatest)) : (least, greatest);
    }

    private static double Fit(IReadOnlyList<double> values, int at, double[] weights)
    {
        (double weight, double place, double square, double sum, double product) = (0, 0, 0, 0, 0);
        (double least, double greatest) = (double.PositiveInfinity, double.NegativeInfinity);
        int last = Math.Min(values.Count - 1, at + weights.Length - 1);
        for (int n = Math.Max(0, at - weights.Length + 1); n <= last; n++)
        {
            if (double.IsFinite(values[n]))
            {
                double w = weights[Math.Abs(n - at)];
                weight += w;
                place += w * (n - at);
                square += w * (n - at) * (n - at);
                sum += w * values[n];
                product += w * (n - at) * values[n];
                (least, greatest) = (Math.Min(least, values[n]), Math.Max(greatest, values[n]));
            }
        }

        if (weight == 0)
        {
            return double.NaN;
        }

        double determinant = (weight * square) - (place * place);
        double fit = determinant > 1e-9 * weight * weight ? ((square * sum) - (place * product)) / determinant : sum / weight;
        // A line may leave the values at an end of the curve: a share below 0 would be a lie.
        return Math.Clamp(fit, least, greatest);
    }
}
