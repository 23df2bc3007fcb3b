namespace GpuSynth.Kernels;

/// <summary>
/// An unsharp mask of a slightly blurred image: f = G_s I, y = f + a (f - G_d f), G separable Gaussians. What lies outside the volume does not
/// count, so that a constant image stays as it is. Source: MONAI RandGaussianSharpen, as anatomix and AnyStar use it.
/// </summary>
/// <param name="SigmaVoxels">Sigma of the first Gaussian in voxels, drawn per axis, 0 to 4; MONAI: uniform(0.5, 1).</param>
/// <param name="DetailSigmaVoxels">Sigma of the second in voxels, drawn per axis, 0 to 4; MONAI: 0.5.</param>
/// <param name="Amount">a, drawn once, 0 to 100; MONAI: uniform(10, 30).</param>
/// <param name="Taps">Length of the kernels in voxels, odd, 1 to 31.</param>
[Component(
    "sharpen",
    19,
    Degrades = true,
    Source = "MONAI",
    Says = "Unsharp mask of a slightly blurred image: details are made stronger.",
    Example = "sharpen: { sigmaVoxels: 0.75, detailSigmaVoxels: 0.5, amount: 20, taps: 7 }")]
public sealed record Sharpen(
    [property: Allowed(0, 4, "voxels", Says = "Sigma of the blur before, drawn per axis. MONAI: uniform 0.5 to 1.")] Law SigmaVoxels,
    [property: Allowed(0, 4, "voxels", Says = "Sigma of what counts as detail, drawn per axis. MONAI: 0.5.")] Law DetailSigmaVoxels,
    [property: Allowed(0, 100, Says = "How much stronger details become, drawn once. MONAI: uniform 10 to 30.")] Law Amount,
    [property: Allowed(1, 31, "voxels", Odd = true, Says = "Length of the kernels.")] int Taps)
    : Component<Sharpen.Drawn>, IStageComponent
{
    // Elements of the stream: append only.
    private const uint AmountElement = 6;
    private const uint DetailElement = 3;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => 6 * Taps;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        SigmaVoxels = drawing.Axes(SigmaVoxels, 0),
        DetailSigmaVoxels = drawing.Axes(DetailSigmaVoxels, DetailElement),
        Amount = drawing.Number(Amount, AmountElement),
        Weights = drawing.List(6 * Taps),
    };

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => (drawn.SigmaVoxels, drawn.DetailSigmaVoxels) = (default, default);

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        Span<float> weights = row.Slice(drawn.Weights.First, drawn.Weights.Count);
        float[] sigmas = [.. drawn.SigmaVoxels.ToArray(), .. drawn.DetailSigmaVoxels.ToArray()];
        for (int filter = 0; filter < sigmas.Length; filter++)
        {
            Blur.Weights(sigmas[filter], weights.Slice(filter * Taps, Taps));
        }
    }

    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place) => new SharpenHostStage(place, Taps);

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) => new SharpenDeviceStage(place, Taps);

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Sigma of the first Gaussian along z, y, x, in voxels.</summary>
        [Recorded("sharpenSigmaVoxelsZyx")]
        public AxisNumbers SigmaVoxels;

        /// <summary>Sigma of the second along z, y, x, in voxels.</summary>
        [Recorded("sharpenDetailSigmaVoxelsZyx")]
        public AxisNumbers DetailSigmaVoxels;

        /// <summary>a.</summary>
        [Recorded("sharpenAmount")]
        public float Amount;

        /// <summary>Worked out: the taps' weights, [first, second][z, y, x].</summary>
        public WordList Weights;
    }
}
