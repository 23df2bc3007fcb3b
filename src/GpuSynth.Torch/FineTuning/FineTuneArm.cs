namespace GpuSynth.Torch.FineTuning;

/// <summary>What tells an arm from the others of its run.</summary>
/// <param name="Init">"pretrained" or "none".</param>
/// <param name="TrainCases">Cases to train on.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Fold">The fold that it is tested on, from 0; null without cross-validation.</param>
public readonly record struct FineTuneArm(string Init, int TrainCases, ulong Seed, int? Fold = null)
{
    /// <summary>The arm's folder in "arms": "pretrained_n5_s0", "pretrained_n16_s0_f2".</summary>
    public string Name => FormattableString.Invariant($"{Init}_n{TrainCases}_s{Seed}")
        + (Fold is { } fold ? FormattableString.Invariant($"_f{fold}") : string.Empty);
}
