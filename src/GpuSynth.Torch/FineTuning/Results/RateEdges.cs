namespace GpuSynth.Torch.FineTuning;

/// <summary>Says where the best learning rate is the lowest or the highest that was tried: a better one may lie beyond.</summary>
internal static class RateEdges
{
    /// <summary>A sentence for every initialisation and edge.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<ArmResult> arms)
    {
        var sentences = new List<string>();
        foreach (IGrouping<string, ArmResult> group in arms.Where(static arm => arm.Trials.Count > 1).GroupBy(static arm => arm.Init))
        {
            Add(group, "lowest", static arm => arm.Trials.Min(static trial => trial.Rate));
            Add(group, "highest", static arm => arm.Trials.Max(static trial => trial.Rate));
        }

        return sentences;

        void Add(IGrouping<string, ArmResult> group, string edge, Func<ArmResult, double> rateOf)
        {
            (int all, int there) = (group.Count(), group.Count(arm => arm.Rate == rateOf(arm)));
            if (there > 0)
            {
                sentences.Add(FormattableString.Invariant(
                    $"The best learning rate of the arms '{group.Key}' is the {edge} that was tried, {rateOf(group.First())}, in {there} of {all}: a better one may lie beyond, so widen --rates"));
            }
        }
    }
}
