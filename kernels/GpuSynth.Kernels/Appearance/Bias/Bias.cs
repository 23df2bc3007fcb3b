namespace GpuSynth.Kernels;

/// <summary>
/// I *= exp(b) with b a very smooth Gaussian field: white noise of the drawn standard deviation after a separable Gaussian blur,
/// rescaled so that its maximum is the white noise's (<see cref="BiasField"/>). b never exceeds that maximum's magnitude: at most 8.5 times
/// Std, and so 17. Source: RaSD (arXiv 2602.12317), appearance step 6.
/// </summary>
/// <param name="Std">Standard deviation of the white noise before the blur, drawn once; RaSD: uniform(0.01, 0.1).</param>
/// <param name="FwhmVoxels">
/// Full width at half maximum of the blur in voxels, drawn per axis; sigma = fwhm / 2.355. RaSD: uniform(16, 32).
/// </param>
/// <param name="Taps">Length of the blur's kernel in voxels, odd, 1 to 511; RaSD: 83.</param>
[Component(
    "bias",
    Streams.BiasLaws,
    Degrades = true,
    Source = "RaSD, step 6",
    Says = "Smooth multiplicative field (RaSD, step 6).",
    Example = "bias: { std: 0.15, fwhmVoxels: 32, taps: 83 }")]
public sealed record Bias(
    [property: Allowed(
        0,
        2,
        Says = "Standard deviation of the field's white noise before its blur, drawn once. RaSD: uniform 0.01 to 0.1.")]
    Law Std,
    [property: Allowed(
        1,
        256,
        "voxels",
        Says = "Full width at half maximum of the blur, drawn per axis; sigma = fwhm / 2.355. RaSD: uniform 16 to 32.")]
    Law FwhmVoxels,
    [property: Allowed(1, 511, "voxels", Odd = true, Says = "Length of the blur's kernel. RaSD: 83.")]
    int Taps)
    : Component<Bias.Drawn>, ITableComponent, ILinkedBy<BiasLink>
{
    /// <summary>Full width at half maximum of a Gaussian over its sigma, as RaSD rounds 2 sqrt(2 ln 2).</summary>
    public const double FwhmPerSigma = 2.355;

    // Elements of the stream: append only.
    private const uint StdElement = 0;
    private const uint FwhmElement = 1;
    private const uint MaximumElement = 4;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public bool ReadsLabels => false;

    /// <inheritdoc/>
    public MeasureNeed Needs => MeasureNeed.None;

    /// <summary>The grid that the field is drawn on.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public BiasGrid Grid(VolumeShape shape) => new(shape, (float)(FwhmVoxels.Minimum / FwhmPerSigma), Taps);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Std = drawing.Number(Std, StdElement),
        FwhmVoxels = drawing.Axes(FwhmVoxels, FwhmElement),
        MaximumUniform = drawing.Number(Unit, MaximumElement),
    };

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.Std = 0;

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        drawn.Peak = (float)(drawn.Std * NormalQuantile.OfMaximum(drawn.MaximumUniform, facts.Shape.VoxelCount));
        drawn.SigmaVoxels = new AxisNumbers(
            (float)(drawn.FwhmVoxels.Z / FwhmPerSigma),
            (float)(drawn.FwhmVoxels.Y / FwhmPerSigma),
            (float)(drawn.FwhmVoxels.X / FwhmPerSigma));
    }

    /// <inheritdoc/>
    public ValueType CreateLink(in StepPlace place) => new BiasLink(in place, Grid(place.Facts.Shape));

    /// <inheritdoc/>
    public DeviceTable CreateTable(in StepPlace place) => new BiasTable(place, Grid(place.Facts.Shape));

    /// <inheritdoc/>
    public HostStep CreateStep(in StepPlace place) => new BiasStep(place, Grid(place.Facts.Shape));

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Standard deviation of the field's white noise.</summary>
        [Recorded("biasStd")]
        public float Std;

        /// <summary>Full width at half maximum of the field's blur along z, y, x, in voxels.</summary>
        [Recorded("biasFwhmVoxelsZyx")]
        public AxisNumbers FwhmVoxels;

        /// <summary>Uniform number that decides the maximum of the field.</summary>
        [Recorded("biasMaximumUniform")]
        public float MaximumUniform;

        /// <summary>Worked out: what the largest node of the field is scaled to, but for its sign.</summary>
        public float Peak;

        /// <summary>Worked out: standard deviation of the blur along z, y, x, in voxels.</summary>
        public AxisNumbers SigmaVoxels;
    }
}
