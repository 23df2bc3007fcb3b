namespace GpuSynth.Torch.Reports;

/// <summary>Points of a curve made ready to draw: smoothed, and thinned to what a screen can show.</summary>
internal static class ChartCurve
{
    /// <summary>
    /// A Gaussian average around every point, over indices. It looks both ways, so that the curve does not lag behind the values
    /// as a running average does; values that are not finite have no weight.
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
            double sum = 0;
            double weight = 0;
            // At the ends as far to one side as to the other: a one-sided average of a falling curve would hide its start.
            int within = Math.Min(reach, Math.Max(Math.Min(n, smoothed.Length - 1 - n), 0));
            for (int m = n - within; m <= n + within; m++)
            {
                if (double.IsFinite(values[m]))
                {
                    sum += weights[Math.Abs(m - n)] * values[m];
                    weight += weights[Math.Abs(m - n)];
                }
            }

            smoothed[n] = weight > 0 ? sum / weight : double.NaN;
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
    public static (double Least, double Greatest) Range(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Where(double.IsFinite).Order()];
        if (sorted.Length == 0)
        {
            return (0, 1);
        }

        double least = sorted[sorted.Length / 100];
        double greatest = sorted[sorted.Length - 1 - (sorted.Length / 100)];
        return sorted.Length >= 100 && sorted[^1] - sorted[0] > 4 * (greatest - least) && greatest > least
            ? (least - (0.1 * (greatest - least)), greatest + (0.1 * (greatest - least)))
            : (sorted[0], sorted[^1]);
    }
}
