namespace GpuSynth.Torch.ReadOuts;

/// <summary>How well scores put one class before the other.</summary>
internal static class Ranking
{
    /// <summary>
    /// The area under the ROC curve: the share of pairs of a positive and a negative whose positive has the higher score, ties
    /// counting one half; NaN where either kind is missing.
    /// </summary>
    /// <param name="scores">Higher means positive.</param>
    /// <param name="isPositive">The truth, one for each score.</param>
    public static double Auc(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        double[] sorted = scores.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        // The sum of the positives' ranks (Mann and Whitney), equal scores sharing the mean of theirs.
        (double rankSum, long positives) = (0, 0);
        for (int first = 0; first < sorted.Length;)
        {
            int end = first;
            int own = 0;
            for (; end < sorted.Length && sorted[end] == sorted[first]; end++)
            {
                own += isPositive[order[end]] ? 1 : 0;
            }

            rankSum += own * ((first + end + 1) / 2.0);
            positives += own;
            first = end;
        }

        long negatives = sorted.Length - positives;
        return positives == 0 || negatives == 0
            ? double.NaN
            : (rankSum - (positives * (positives + 1) / 2.0)) / ((double)positives * negatives);
    }
}
