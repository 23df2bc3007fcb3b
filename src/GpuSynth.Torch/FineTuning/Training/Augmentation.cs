namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// What crops are changed by, drawn anew at every presentation. By itself the light one: flips, quarter turns and the shift as RaSD's
/// downstream training has them.
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

    /// <summary>
    /// For long trainings: rotation, scale, noise, blur, brightness, contrast, resolution and gamma as nnU-Net has them (Isensee et
    /// al., 2021). Without its mirroring: cases are on the body's axes, where left and right, front and back mean something.
    /// </summary>
    public static Augmentation Full { get; } = new()
    {
        FlipProbability = 0,
        QuarterTurnProbability = 0,
        IntensityProbability = 0,
        RotationProbability = 0.2,
        ScalingProbability = 0.2,
        NoiseProbability = 0.1,
        BlurProbability = 0.2,
        BrightnessProbability = 0.15,
        ContrastProbability = 0.15,
        LowResolutionProbability = 0.25,
        GammaProbability = 0.3,
        InvertedGammaProbability = 0.1,
    };

    /// <summary>The names of the three.</summary>
    public static IReadOnlyList<string> Names { get; } = ["none", "light", "full"];

    /// <summary>The one of a name.</summary>
    public static Augmentation Of(string name) => name switch
    {
        "none" => None,
        "light" => new Augmentation(),
        "full" => Full,
        _ => throw new ArgumentException($"There is no augmentation '{name}'; choose one of {string.Join(", ", Names)}.", nameof(name)),
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

    /// <summary>Of a rotation about the crop's middle.</summary>
    public double RotationProbability { get; init; }

    /// <summary>Largest angle, about every axis of a volume or in the plane of an image.</summary>
    public float RotationDegrees { get; init; } = 30;

    /// <summary>Of a change of size.</summary>
    public double ScalingProbability { get; init; }

    /// <summary>Smallest factor of the size.</summary>
    public float SmallestScale { get; init; } = 0.7f;

    /// <summary>Largest factor of the size.</summary>
    public float LargestScale { get; init; } = 1.4f;

    /// <summary>Of Gaussian noise, as all below for every channel by itself.</summary>
    public double NoiseProbability { get; init; }

    /// <summary>Largest standard deviation of the noise, in standard deviations (z-score) or windows (HU).</summary>
    public float MostNoise { get; init; } = 0.3f;

    /// <summary>Of a Gaussian blur, sigma 0.5 to 1 voxels.</summary>
    public double BlurProbability { get; init; }

    /// <summary>Of a factor, 0.75 to 1.25.</summary>
    public double BrightnessProbability { get; init; }

    /// <summary>Of a factor of the contrast, 0.75 to 1.25.</summary>
    public double ContrastProbability { get; init; }

    /// <summary>Of a resolution of 0.5 to 1.</summary>
    public double LowResolutionProbability { get; init; }

    /// <summary>Of an exponent of 0.7 to 1.5.</summary>
    public double GammaProbability { get; init; }

    /// <summary>The same of the negative.</summary>
    public double InvertedGammaProbability { get; init; }

    /// <summary>What is ever drawn, in words.</summary>
    internal string Text
    {
        get
        {
            (string Name, double Probability)[] parts =
            [
                ("flips", FlipProbability), ("quarter turns", QuarterTurnProbability), ("intensity scale and shift", IntensityProbability),
                ("rotation", RotationProbability), ("size", ScalingProbability), ("noise", NoiseProbability), ("blur", BlurProbability),
                ("brightness", BrightnessProbability), ("contrast", ContrastProbability), ("resolution", LowResolutionProbability),
                ("gamma", GammaProbability + InvertedGammaProbability),
            ];
            string[] drawn = [.. parts.Where(static part => part.Probability > 0).Select(static part => part.Name)];
            return drawn.Length == 0 ? "nothing" : string.Join(", ", drawn);
        }
    }

    /// <summary>Whether any of what changes values by channel is ever drawn.</summary>
    internal bool ChangesChannels => NoiseProbability + BlurProbability + BrightnessProbability + ContrastProbability
        + LowResolutionProbability + GammaProbability + InvertedGammaProbability > 0;

    /// <summary>That a crop is placed around a labelled voxel, where the case is larger than the patch.</summary>
    public double ForegroundProbability { get; init; } = 0.5;
}
