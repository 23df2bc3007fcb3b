namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// What crops are changed by, drawn anew at every presentation. Flips, quarter turns and the shift as RaSD's downstream training
/// has them.
/// </summary>
public sealed record Augmentation
{
    /// <summary>Nothing but the crop itself.</summary>
    public static Augmentation None { get; } = new()
    {
        FlipProbability = 0,
        QuarterTurnProbability = 0,
        IntensityProbability = 0,
        ForegroundProbability = 0,
    };

    /// <summary>Of a mirroring, for every axis by itself.</summary>
    public double FlipProbability { get; init; } = 0.2;

    /// <summary>Of one to three quarter turns in a plane of two axes.</summary>
    public double QuarterTurnProbability { get; init; } = 0.2;

    /// <summary>Of a change of intensity.</summary>
    public double IntensityProbability { get; init; } = 0.5;

    /// <summary>Largest relative change of the intensities.</summary>
    public float IntensityScale { get; init; } = 0.1f;

    /// <summary>Largest shift, in standard deviations (z-score) or windows (HU).</summary>
    public float IntensityShift { get; init; } = 0.1f;

    /// <summary>That a crop is placed around a labelled voxel, where the case is larger than the patch.</summary>
    public double ForegroundProbability { get; init; } = 0.5;
}
