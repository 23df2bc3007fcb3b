namespace GpuSynth.Kernels;

// Resolution: along each axis y = U D G x. G a Gaussian of sigma s, its weights inside the volume with the sum 1; D its value at the slices, linear
// between two voxels or the nearest one's; U linear between two slices. Rows of U D G have the sum 1. Two short operators, not their product: a slice
// is worked out once and not for each voxel beside it, which makes (6 s + 3) / r + 2 multiply-adds per voxel and axis.
// With noise y = U n(D G x): the slices along all axes are worked out first, each number of them gets its noise, and then come the voxels between.
//   Spacing r and thickness h of an axis: along slices, or of all axes alike; h = min(r, T + t (r - T)); s = c h, or that of native axes where r = 1.

/// <summary>
/// Thick slices: each axis is blurred by the profile of a slice, sampled at the slices, and sampled back linearly to its voxels. A voxel is the unit
/// of every length. Either the slices lie along one axis, which is drawn, or every axis is as coarse. Sources: B. Billot et al., SynthSeg, Medical
/// Image Analysis 86 (2023); Brain-ID; cornucopia; TorchIO's RandomAnisotropy.
/// </summary>
/// <param name="SpacingVoxels">r along the drawn axis, drawn once, 1 to 32 voxels.</param>
/// <param name="SigmaOfThickness">c, sigma of the profile over the thickness, drawn per axis, 0 to 1.</param>
/// <param name="Thickness">t, drawn per axis, 0 to 1; absent: 1.</param>
/// <param name="ThinnestVoxels">T, drawn per axis, 0 to 32 voxels; absent: 1.</param>
/// <param name="InPlaneVoxels">r along the other axes, drawn for each, 1 to 32 voxels; absent: 1.</param>
/// <param name="All">Probability that a sample has r of its own along every axis, 0 to 1; absent: 0.</param>
/// <param name="AllVoxels">r along every axis then, drawn for each, 1 to 32 voxels; absent: 1.</param>
/// <param name="NativeSigmaVoxels">Sigma along axes of r = 1, drawn for each, 0 to 4 voxels; absent: 0.</param>
/// <param name="Nearest">Probability that a sample's slices are those about the nearest voxels, 0 to 1; absent: 0.</param>
/// <param name="Noise">
/// Standard deviation of the noise of slices, drawn once, 0 to 4, in the unit of the intensities: white where slices are taken, and as coarse as they
/// are in the image. Absent: none.
/// </param>
/// <param name="NoiseDegrees">
/// Gaussian components n of that noise, drawn once, 1 to 16; the nearest whole number counts. 1: it is added. More: the magnitude
/// sqrt((I + s n_1)^2 + s^2 (n_2^2 + ...)), as of <see cref="RicianNoise"/> with n / 2 coils. Absent: 1.
/// </param>
/// <param name="NoiseInQuadrature">
/// Probability that more than one component become sqrt(I^2 + c^2), c the size of all of them, scaled to the standard deviation s: without a cross
/// term, so that it lowers nothing, as cornucopia has it. Else the magnitude above. 0 to 1; absent: 0.
/// </param>
[Component(
    "resolution",
    60,
    Degrades = true,
    Source = "SynthSeg, Brain-ID",
    Says = "Thick slices along one axis or a coarse grid along all: slice profile, sampling, and back to the voxels.",
    Example = "resolution: { spacingVoxels: 8, sigmaOfThickness: 0.4 }")]
public sealed record Resolution(
    [property: Allowed(1, 32, "voxels", Says = "Spacing of slices along an axis that is drawn. SynthSeg: uniform 1 to 8; TorchIO: 1.5 to 5.")]
    Law SpacingVoxels,
    [property: Allowed(0, 1, Says = "Sigma of a slice's profile over its thickness, drawn per axis. SynthSeg: 0.728 to 0.773; Brain-ID: 0.436 to 0.589; FWHM as thick: 0.4247.")]
    Law SigmaOfThickness,
    [property: Allowed(0, 1, Says = "Thickness, from thinnestVoxels at 0 to the spacing at 1, drawn per axis. SynthSeg: uniform 0 to 1.")]
    [property: Absent(1)]
    Law Thickness,
    [property: Allowed(0, 32, "voxels", Says = "Thickness at 0, drawn per axis, at most the spacing. SynthSeg: 1; cornucopia: 0; Brain-ID: uniform 4 to 6.")]
    [property: Absent(1)]
    Law ThinnestVoxels,
    [property: Allowed(1, 32, "voxels", Says = "Spacing along the other axes, drawn for each. Brain-ID: uniform 1.3 to 1.7.")]
    [property: Absent(1)]
    Law InPlaneVoxels,
    [property: Allowed(0, 1, Says = "Probability that all axes are coarse, each by allVoxels, in place of slices. SynthSeg: 0.1; cornucopia: 0.5; MONAI: 1.")]
    [property: Absent(0)]
    double All,
    [property: Allowed(1, 32, "voxels", Says = "Spacing along each axis then, drawn for each. SynthSeg: uniform 1 to 4; MONAI: 1 to 2.")]
    [property: Absent(1)]
    Law AllVoxels,
    [property: Allowed(0, 4, "voxels", Says = "Sigma of a blur along axes of spacing 1, drawn for each. SynthSeg: 0.5.")]
    [property: Absent(0)]
    Law NativeSigmaVoxels,
    [property: Allowed(0, 1, Says = "Probability that slices are taken at the nearest voxels, not between two. TorchIO, MONAI: 1.")]
    [property: Absent(0)]
    double Nearest,
    [property: Allowed(
        0, 4, Says = "Standard deviation of noise of the slices, before the voxels between them, drawn once; absent: none. cornucopia: uniform 0 to 0.1.")]
    Law? Noise = null,
    [property: Allowed(1, 16, Says = "Gaussian components of that noise, drawn once and rounded: 1 is added, more make a magnitude; absent: 1. cornucopia: 2 to 8.")]
    Law? NoiseDegrees = null,
    [property: Allowed(0, 1, Says = "Probability that these are added as squares to that of the intensity, which lowers nothing. cornucopia: 1.")]
    [property: Absent(0)]
    double NoiseInQuadrature = 0)
    : Component<Resolution.Drawn>, IStageComponent
{
    // Elements of the stream, those of axes with the two behind them: append only.
    private const uint SpacingElement = 0;
    private const uint AxisElement = 1;
    private const uint AllElement = 2;
    private const uint NearestElement = 3;
    private const uint InPlaneElement = 4;
    private const uint AllVoxelsElement = 7;
    private const uint ThicknessElement = 10;
    private const uint ThinnestElement = 13;
    private const uint SigmaElement = 16;
    private const uint NativeSigmaElement = 19;
    private const uint NoiseElement = 22;
    private const uint NoiseDegreesElement = 23;
    private const uint QuadratureElement = 24;
    private static readonly UniformLaw Unit = new(0, 1);

    // Noise is that of slices along all axes, so that a slice is made of whole planes.
    /// <inheritdoc/>
    public bool ReadsFar => Noise is not null;

    /// <summary>The stream of the noise, its element a slice's place in a sample whose first places hold the slices.</summary>
    internal uint NoiseStream => Stream + (1u << 24);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => 3 * WeightWords(facts.Shape);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int axes = drawing.Facts.Shape.Dimensions;
        return new Drawn
        {
            SpacingVoxels = drawing.Number(SpacingVoxels, SpacingElement),
            SliceAxis = 3 - axes + MathF.Floor(drawing.Number(Unit, AxisElement) * axes),
            IsAll = drawing.Number(Unit, AllElement) < All ? 1 : 0,
            IsNearest = drawing.Number(Unit, NearestElement) < Nearest ? 1 : 0,
            InPlaneVoxels = drawing.Axes(InPlaneVoxels, InPlaneElement),
            AllVoxels = drawing.Axes(AllVoxels, AllVoxelsElement),
            Thickness = drawing.Axes(Thickness, ThicknessElement),
            ThinnestVoxels = drawing.Axes(ThinnestVoxels, ThinnestElement),
            SigmaOfThickness = drawing.Axes(SigmaOfThickness, SigmaElement),
            NativeSigmaVoxels = drawing.Axes(NativeSigmaVoxels, NativeSigmaElement),
            Weights = drawing.List(3 * WeightWords(drawing.Facts.Shape)),
            NoiseStd = Noise is null ? 0 : drawing.Number(Noise, NoiseElement),
            NoiseDegrees = NoiseDegrees is null ? 1 : drawing.Number(NoiseDegrees, NoiseDegreesElement),
            IsNoiseInQuadrature = drawing.Number(Unit, QuadratureElement) < NoiseInQuadrature ? 1 : 0,
        };
    }

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn)
    {
        drawn.SpacingVoxels = 1;
        drawn.InPlaneVoxels = drawn.AllVoxels = new(1, 1, 1);
        drawn.NativeSigmaVoxels = default;
        drawn.NoiseStd = 0;
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        int words = WeightWords(facts.Shape);
        drawn.Z = Axis(facts.Shape, in drawn, 0, row.Slice(drawn.Weights.First, words));
        drawn.Y = Axis(facts.Shape, in drawn, 1, row.Slice(drawn.Weights.First + words, words));
        drawn.X = Axis(facts.Shape, in drawn, 2, row.Slice(drawn.Weights.First + (2 * words), words));
        drawn.Noise = SliceNoise.Of(drawn.NoiseStd, drawn.NoiseDegrees, drawn.IsNoiseInQuadrature != 0);
    }

    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place)
    {
        int words = WeightWords(place.Facts.Shape);
        LaneCost cost = CostOf(place.Facts.Shape.Dimensions);
        return Noise is null
            ? new ResolutionHostStage(place, words, cost)
            : new NoisyResolutionHostStage(place, words, NoiseStream, cost + NoiseCost(place.Facts.Shape.Dimensions));
    }

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) => Noise is null
        ? new ResolutionDeviceStage(place, WeightWords(place.Facts.Shape))
        : new NoisyResolutionDeviceStage(place, WeightWords(place.Facts.Shape), NoiseStream);

    // Three sigmas on either side hold 99.7 % of a Gaussian; a 0 at either end makes its weights those of the voxel beside, too. Beyond the volume
    // there is nothing to weigh.
    private int WeightWords(VolumeShape shape)
    {
        double widest = Math.Max(SpacingVoxels.Maximum, Math.Max(InPlaneVoxels.Maximum, AllVoxels.Maximum));
        double sigma = Math.Max(SigmaOfThickness.Maximum * widest, NativeSigmaVoxels.Maximum);
        return (2 * Math.Min((int)Math.Ceiling(3 * sigma), LineAxis.Longest(shape) - 1)) + 3;
    }

    // Of laws at their middle.
    private LaneCost CostOf(int axes)
    {
        (double slices, double inPlane, double all) = (Taps(SpacingVoxels), Taps(InPlaneVoxels), Taps(AllVoxels));
        double taps = (All * axes * all) + ((1 - All) * (slices + ((axes - 1) * inPlane)));
        double lines = (All * axes * Math.Sign(all)) + ((1 - All) * (Math.Sign(slices) + ((axes - 1) * Math.Sign(inPlane))));

        // A multiply-add for each voxel that a slice is made of; a difference and a multiply-add for each voxel between two slices.
        return new LaneCost((2 * taps) + (3 * lines), taps + (2 * lines));
    }

    // Of as many numbers as the slices have, for each voxel.
    private LaneCost NoiseCost(int axes)
    {
        double slices = (1 - All) / (Middle(SpacingVoxels) * Math.Pow(Middle(InPlaneVoxels), axes - 1));
        double share = slices + (All / Math.Pow(Middle(AllVoxels), axes));
        LaneCost one = SliceNoise.CostOf(NoiseDegrees is null ? 1 : Middle(NoiseDegrees));
        return new LaneCost(share * one.Flops, share * one.Instructions);
    }

    // Voxels that the slices are made of, over those of a line; 0 where the lines stay as they are.
    private double Taps(Law spacing)
    {
        double r = Middle(spacing);
        double thinnest = Middle(ThinnestVoxels);
        double thickness = Math.Min(r, thinnest + (Middle(Thickness) * (r - thinnest)));
        double sigma = r == 1 ? Middle(NativeSigmaVoxels) : Middle(SigmaOfThickness) * thickness;
        return r == 1 && sigma == 0 ? 0 : ((2 * Math.Ceiling(3 * sigma)) + 2) / r;
    }

    private static double Middle(Law law) => (law.Minimum + law.Maximum) / 2;

    private static ResampledAxis Axis(VolumeShape shape, in Drawn drawn, int axis, Span<float> weights)
    {
        float spacing = drawn.SpacingAlong(axis);
        LaunchCheck.Finite(spacing, nameof(spacing));
        if (spacing is < 1 or > ResampledAxis.Widest)
        {
            throw new ArgumentException($"resolution: a spacing of {spacing} voxels cannot be made; give 1 to {ResampledAxis.Widest}.");
        }

        float sigma = drawn.SigmaAlong(axis, spacing);
        LaunchCheck.Finite(sigma, nameof(sigma));
        ArgumentOutOfRangeException.ThrowIfNegative(sigma);
        int length = LineAxis.LengthOf(shape, axis);
        int most = Math.Min((weights.Length - 3) / 2, length - 1);
        int radius = (int)Math.Min(Math.Ceiling(3 * sigma), most);
        weights.Clear();
        Blur.Weights(sigma, weights.Slice(1, (2 * radius) + 1));
        return ResampledAxis.Of(length, spacing, radius, drawn.IsNearest != 0);
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Spacing of slices in voxels.</summary>
        [Recorded("resolutionSpacingVoxels")]
        public float SpacingVoxels;

        /// <summary>The axis that slices lie along: 0 is z, 1 is y, 2 is x.</summary>
        [Recorded("resolutionSliceAxis")]
        public float SliceAxis;

        /// <summary>1 where every axis is coarse, in place of slices along one.</summary>
        [Recorded("resolutionAll", Kind = RecordedKind.Flag)]
        public int IsAll;

        /// <summary>1 where slices are those about the nearest voxels.</summary>
        [Recorded("resolutionNearest", Kind = RecordedKind.Flag)]
        public int IsNearest;

        /// <summary>Spacing in voxels along z, y, x where that is not the axis of slices.</summary>
        [Recorded("resolutionInPlaneVoxelsZyx")]
        public AxisNumbers InPlaneVoxels;

        /// <summary>Spacing in voxels along z, y, x where every axis is coarse.</summary>
        [Recorded("resolutionAllVoxelsZyx")]
        public AxisNumbers AllVoxels;

        /// <summary>Thickness along z, y, x: 0 the thinnest, 1 the spacing.</summary>
        [Recorded("resolutionThicknessZyx")]
        public AxisNumbers Thickness;

        /// <summary>The thinnest in voxels along z, y, x.</summary>
        [Recorded("resolutionThinnestVoxelsZyx")]
        public AxisNumbers ThinnestVoxels;

        /// <summary>Sigma of a slice's profile over its thickness along z, y, x.</summary>
        [Recorded("resolutionSigmaOfThicknessZyx")]
        public AxisNumbers SigmaOfThickness;

        /// <summary>Sigma in voxels along z, y, x where the spacing is 1.</summary>
        [Recorded("resolutionNativeSigmaVoxelsZyx")]
        public AxisNumbers NativeSigmaVoxels;

        /// <summary>Standard deviation of the slices' noise; 0: none.</summary>
        [Recorded("resolutionNoiseStd", OfKey = nameof(Resolution.Noise))]
        public float NoiseStd;

        /// <summary>Gaussian components of that noise; the nearest whole number counts.</summary>
        [Recorded("resolutionNoiseDegrees", OfKey = nameof(Resolution.Noise))]
        public float NoiseDegrees;

        /// <summary>1 where they are added as squares to that of the intensity.</summary>
        [Recorded("resolutionNoiseInQuadrature", Kind = RecordedKind.Flag, OfKey = nameof(Resolution.Noise))]
        public int IsNoiseInQuadrature;

        /// <summary>Worked out: the slices along z.</summary>
        public ResampledAxis Z;

        /// <summary>Worked out: the slices along y.</summary>
        public ResampledAxis Y;

        /// <summary>Worked out: the slices along x.</summary>
        public ResampledAxis X;

        /// <summary>Worked out: the weights of the profile along z, y, x, a 0 before and behind them.</summary>
        public WordList Weights;

        /// <summary>Worked out: the slices' noise.</summary>
        public SliceNoise Noise;

        /// <summary>r along an axis, in voxels.</summary>
        public readonly float SpacingAlong(int axis) =>
            IsAll != 0 ? AllVoxels.Along(axis) : axis == (int)(SliceAxis + 0.5f) ? SpacingVoxels : InPlaneVoxels.Along(axis);

        /// <summary>s along an axis, in voxels.</summary>
        public readonly float SigmaAlong(int axis, float spacing)
        {
            float thinnest = ThinnestVoxels.Along(axis);
            float thickness = MathF.Min(spacing, thinnest + (Thickness.Along(axis) * (spacing - thinnest)));
            return spacing == 1 ? NativeSigmaVoxels.Along(axis) : SigmaOfThickness.Along(axis) * thickness;
        }

        /// <summary>The slices along an axis.</summary>
        internal readonly ResampledAxis Along(int axis) => axis == 0 ? Z : axis == 1 ? Y : X;
    }
}
