namespace GpuSynth.Torch.Reports;

/// <summary>A mean and its 95% confidence interval.</summary>
/// <param name="Mean">Of all values; NaN of none.</param>
/// <param name="Low">2.5% of the resampled means lie below.</param>
/// <param name="High">2.5% of the resampled means lie above.</param>
/// <param name="Count">Values.</param>
public readonly record struct MeanInterval(double Mean, double Low, double High, int Count)
{
    /// <summary>Of nothing.</summary>
    public static MeanInterval None { get; } = new(double.NaN, double.NaN, double.NaN, 0);
}

/// <summary>All seeds of one initialisation and number of cases; a case counts with its mean over the seeds.</summary>
/// <param name="Init">"pretrained" or "none".</param>
/// <param name="TrainCases">Cases trained on.</param>
/// <param name="Seeds">How many seeds.</param>
/// <param name="Dice">Mean over the labels.</param>
/// <param name="Hausdorff95">Mean over the labels, in millimetres.</param>
/// <param name="LabelDice">Per label from 1 on.</param>
/// <param name="LabelHausdorff95">Per label from 1 on, in millimetres.</param>
public sealed record ArmGroup(
    string Init,
    int TrainCases,
    int Seeds,
    MeanInterval Dice,
    MeanInterval Hausdorff95,
    IReadOnlyList<MeanInterval> LabelDice,
    IReadOnlyList<MeanInterval> LabelHausdorff95)
{
    /// <summary>Area under the learning curve of the validation cases, divided by its width.</summary>
    public MeanInterval CurveArea { get; init; } = MeanInterval.None;
}

/// <summary>Pre-trained minus from scratch at one number of cases, paired by seed and test case.</summary>
/// <param name="TrainCases">Cases trained on.</param>
/// <param name="Dice">Difference of the mean over labels; above 0: pre-trained is better.</param>
/// <param name="Hausdorff95">The same in millimetres; below 0: pre-trained is better.</param>
/// <param name="LabelDice">Per label from 1 on.</param>
/// <param name="Seeds">Seeds that both have.</param>
/// <param name="BetterSeeds">Seeds whose mean Dice is higher with pre-training.</param>
/// <param name="Pairs">Pairs of seed and test case.</param>
/// <param name="BetterPairs">Pairs whose Dice is higher with pre-training.</param>
public sealed record ArmComparison(
    int TrainCases,
    MeanInterval Dice,
    MeanInterval Hausdorff95,
    IReadOnlyList<MeanInterval> LabelDice,
    int Seeds,
    int BetterSeeds,
    int Pairs,
    int BetterPairs)
{
    /// <summary>Difference of the areas under the learning curves; above 0: pre-trained learns faster.</summary>
    public MeanInterval CurveArea { get; init; } = MeanInterval.None;
}
