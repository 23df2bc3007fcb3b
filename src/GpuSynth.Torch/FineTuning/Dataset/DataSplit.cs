namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// Which cases are for what, by their sorted names: the last are for the test, those before them for validation, all others for
/// training. Without numbers three of thirteen are test cases and one of thirteen is a validation case (130: 90, 10, 30).
/// </summary>
/// <param name="Training">Cases that networks are trained on.</param>
/// <param name="Validation">Cases that choose the weights to keep.</param>
/// <param name="Test">Cases that are looked at once, at the end.</param>
public sealed record DataSplit(
    IReadOnlyList<CaseFiles> Training, IReadOnlyList<CaseFiles> Validation, IReadOnlyList<CaseFiles> Test)
{
    private const int Parts = 13;
    private const int TestParts = 3;

    /// <summary>Splits cases.</summary>
    /// <param name="cases">The cases, sorted.</param>
    /// <param name="validationCases">How many for validation, or null for the usual share.</param>
    /// <param name="testCases">How many for the test, or null for the usual share.</param>
    /// <exception cref="DatasetException">No case would be left for training.</exception>
    public static DataSplit Of(IReadOnlyList<CaseFiles> cases, int? validationCases = null, int? testCases = null)
    {
        ArgumentNullException.ThrowIfNull(cases);
        int validation = validationCases ?? Share(cases.Count, 1);
        int test = testCases ?? Share(cases.Count, TestParts);
        int training = cases.Count - validation - test;
        if (validation < 1 || test < 1 || training < 1)
        {
            throw new DatasetException(
                $"{cases.Count} cases cannot be split into {Math.Max(0, training)} for training, {validation} for validation and "
                + $"{test} for the test: each needs one at least; change --validation-cases or --test-cases, or add cases.");
        }

        return new DataSplit(
            [.. cases.Take(training)], [.. cases.Skip(training).Take(validation)], [.. cases.Skip(training + validation)]);
    }

    /// <summary>Cases for cross-validation: the last are left out for a later test, all others are for training.</summary>
    /// <param name="cases">The cases, sorted.</param>
    /// <param name="folds">Parts of the cases for training.</param>
    /// <param name="testCases">How many are left out, or null for none.</param>
    /// <exception cref="DatasetException">A fold would have no case.</exception>
    public static DataSplit ForFolds(IReadOnlyList<CaseFiles> cases, int folds, int? testCases = null)
    {
        ArgumentNullException.ThrowIfNull(cases);
        int training = cases.Count - (testCases ?? 0);
        return folds < 2 || folds > training
            ? throw new DatasetException(
                $"{Math.Max(0, training)} cases cannot be split into {folds} folds: take 2 to as many folds as cases (--folds), or add cases.")
            : new DataSplit([.. cases.Take(training)], [], [.. cases.Skip(training)]);
    }

    /// <summary>The fold of every case: a seeded order is dealt out, so that folds differ by one case at most.</summary>
    public static int[] FoldsOf(int cases, int folds, ulong seed)
    {
        int[] order = new PlaceRandom(seed, 0, PlaceRandom.FoldStream).Shuffled(cases);
        int[] foldOf = new int[cases];
        for (int n = 0; n < cases; n++)
        {
            foldOf[order[n]] = n % folds;
        }

        return foldOf;
    }

    // Rounded, and never nothing.
    private static int Share(int cases, int parts) => Math.Max(1, ((parts * cases) + (Parts / 2)) / Parts);
}
