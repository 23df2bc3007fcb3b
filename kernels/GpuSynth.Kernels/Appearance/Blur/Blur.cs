namespace GpuSynth.Kernels;

// Blur: separable Gaussian, one pass per axis:  y[p] = sum over t of w[t] x[p + t - radius],  zero outside the volume (no
// renormalisation at the border: it darkens there, as in the method).
// x, y: float[D,H,W], different buffers; w: float[taps], taps odd. 8 B/voxel and pass, neighbours from the cache.
// Values: the same run to run on one device. Reference: Blur.Reference.cs. Source: RaSD, appearance step 8.

/// <summary>Separable Gaussian blur, zero padded. Source: RaSD (arXiv 2602.12317), appearance step 8.</summary>
/// <param name="SigmaVoxels">Sigma in voxels, drawn per axis, 0 to 8; RaSD: uniform(0, 1).</param>
/// <param name="Taps">Length of the kernel in voxels, odd, 1 to 31; RaSD: 7.</param>
[Component(
    "blur",
    Streams.BlurLaws,
    Degrades = true,
    Source = "RaSD, step 8",
    Says = "Gaussian blur (RaSD, step 8).",
    Example = "blur: { sigmaVoxels: 2, taps: 13 }")]
public sealed partial record Blur(
    [property: Allowed(0, 8, "voxels", Says = "Sigma, drawn per axis. RaSD: uniform 0 to 1.")] Law SigmaVoxels,
    [property: Allowed(1, 31, "voxels", Odd = true, Says = "Length of the kernel. RaSD: 7.")] int Taps)
    : Component<Blur.Drawn>, IStageComponent
{
    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place) => new BlurHostStage(place, Taps);

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) =>
        Taps <= TilePass.MostTaps ? new BlurTileStage(place, Taps) : new BlurLineStage(place, Taps);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => 3 * Taps;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        SigmaVoxels = drawing.Axes(SigmaVoxels, 0),
        Weights = drawing.List(3 * Taps),
    };

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.SigmaVoxels = default;

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        Span<float> weights = row.Slice(drawn.Weights.First, drawn.Weights.Count);
        Weights(drawn.SigmaVoxels.Z, weights[..Taps]);
        Weights(drawn.SigmaVoxels.Y, weights.Slice(Taps, Taps));
        Weights(drawn.SigmaVoxels.X, weights[(2 * Taps)..]);
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Sigma along z, y, x, in voxels.</summary>
        [Recorded("blurSigmaVoxelsZyx")]
        public AxisNumbers SigmaVoxels;

        /// <summary>Worked out: the taps' weights along z, y, x.</summary>
        public WordList Weights;
    }

    /// <summary>w[t] proportional to exp(-(t - radius)^2 / (2 sigma^2)), computed in double and normalised to the sum
    /// 1.</summary>
    /// <param name="sigmaVoxels">Standard deviation in voxels, at least 0; 0 gives the identity.</param>
    /// <param name="taps">Length, odd; radius = (taps - 1) / 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is negative or not finite, or taps is even or below 1.</exception>
    public static float[] Weights(float sigmaVoxels, int taps)
    {
        CheckTaps(taps);
        var weights = new float[taps];
        Weights(sigmaVoxels, weights);
        return weights;
    }

    /// <summary>The same weights, written to memory of the caller; the length is the number of taps.</summary>
    /// <param name="sigmaVoxels">Standard deviation in voxels, at least 0; 0 gives the identity.</param>
    /// <param name="weights">Written; an odd length.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is negative or not finite, or the length is even.</exception>
    public static void Weights(float sigmaVoxels, Span<float> weights)
    {
        LaunchCheck.Finite(sigmaVoxels, nameof(sigmaVoxels));
        ArgumentOutOfRangeException.ThrowIfNegative(sigmaVoxels);
        CheckTaps(weights.Length);
        int radius = weights.Length / 2;
        double sum = 0;
        for (int tap = 0; tap < weights.Length; tap++)
        {
            sum += Gaussian(tap - radius, sigmaVoxels);
        }

        for (int tap = 0; tap < weights.Length; tap++)
        {
            weights[tap] = (float)(Gaussian(tap - radius, sigmaVoxels) / sum);
        }
    }

    // The centre is 1 by itself: 0 / 0 would be what a sigma of 0 makes of it.
    private static double Gaussian(int distance, double sigma) =>
        distance == 0 ? 1.0 : Math.Exp(-0.5 * (distance / sigma) * (distance / sigma));

    private static void CheckTaps(int taps)
    {
        if (taps < 1 || taps % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(taps), taps, "must be an odd number, at least 1.");
        }
    }
}
