namespace GpuSynth.Torch.Evaluating;

/// <summary>
/// An arm that is pre-trained on the label maps of the very cases that it is then trained with: it sees no image but those, and no label that scratch has not.
/// Source: SynthSeg (Billot et al., 2023), for its anatomies; the comparison is ours.
/// </summary>
public sealed record MapArm : SuiteArm
{
    /// <summary>What is learnt. With "segment" the outputs are the task's classes, and fine-tuning keeps them.</summary>
    public string Objective { get; init; } = "segment";

    /// <summary>Steps of every pre-training.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Samples of a step.</summary>
    public int Batch { get; init; } = 4;
}
