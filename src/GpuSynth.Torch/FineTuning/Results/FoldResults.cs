namespace GpuSynth.Torch.FineTuning;

/// <summary>The folds of a cross-validation as one result: every case by the network that was not trained on it.</summary>
internal static class FoldResults
{
    /// <summary>
    /// Joins the folds of each initialisation and seed, the cases by their names; arms that have not
    /// yet the cases of the furthest are left out. Arms without folds stay as they are.
    /// </summary>
    public static IReadOnlyList<ArmResult> Joined(IReadOnlyList<ArmResult> arms)
    {
        if (arms.All(static arm => arm.Fold is null))
        {
            return arms;
        }

        ArmResult[] joined =
        [
            .. arms.GroupBy(static arm => (arm.Init, arm.Seed)).Select(static group => group.First() with
            {
                Fold = null,
                TrainCases = group.Max(static arm => arm.TrainCases),
                Test = [.. group.SelectMany(static arm => arm.Test).OrderBy(static one => one.Case, StringComparer.Ordinal)],
            }),
        ];
        // Of a run under way arms may have other folds: only the same cases are compared.
        string[] cases = NamesOf(joined.MaxBy(static arm => arm.Test.Count)!);
        ArmResult[] whole = [.. joined.Where(arm => NamesOf(arm).SequenceEqual(cases))];
        // Of a run under way the folds that are there may give another number of cases to train on.
        int trained = whole.Max(static arm => arm.TrainCases);
        return [.. whole.Select(arm => arm with { TrainCases = trained })];
    }

    private static string[] NamesOf(ArmResult arm) => [.. arm.Test.Select(static one => one.Case)];
}
