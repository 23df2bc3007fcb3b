using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Evaluating;

/// <summary>
/// An arm of new weights whose crops are changed by a recipe's appearance besides: whether what the engine does to images is worth as much as augmentation
/// of the few that there are as it is in pre-training.
/// </summary>
public sealed record AppearanceArm : SuiteArm
{
    /// <summary>The share of the crops that are changed.</summary>
    public double Probability { get; init; } = AppearanceChange.UsualProbability;
}
