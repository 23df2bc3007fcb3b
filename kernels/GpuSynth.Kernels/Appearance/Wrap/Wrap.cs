namespace GpuSynth.Kernels;

// Wrap: y(x) = sum over j of I(x + j M) along the phase-encode axis, M = f N rounded, for every x of the N: the spectrum of the line taken at distances of
// 1/M instead of 1/N, and back from M of them. That image of M points has the period M, and is shown over all N.

/// <summary>
/// A field of view that is smaller than the object along the phase-encode axis, which is drawn, each alike: what lies outside comes in on the other
/// side, over what is there. The image keeps its shape and nothing in it its place: the M points of the smaller field of view are repeated with
/// their period over the N of the axis, so that either end shows the sum of both ends, N - M wide each, and the middle stays. **Labels stay, those
/// of what lies there without wrapping:** what came from the other end has none. Source: the discrete Fourier transform; laws: our choice.
/// </summary>
/// <param name="FieldOfView">f, the field of view as a share of the axis, drawn once, 0.25 to 1.</param>
[Component(
    "wrap",
    76,
    Degrades = true,
    Source = "textbooks of magnetic resonance",
    Says = "A field of view too small along a drawn axis: what lies outside comes in on the other side, over what is there; labels stay (magnetic resonance).",
    Example = "wrap: { fieldOfView: 0.7 }")]
public sealed record Wrap(
    [property: Allowed(0.25, 1, Says = "Field of view as a share of the axis, drawn once. Like MR images: uniform 0.6 to 0.95; 1 changes nothing.")]
    Law FieldOfView)
    : Component<Wrap.Drawn>, IStageComponent
{
    // Elements of the stream: append only.
    private const uint FieldElement = 0;
    private const uint AxisElement = 1;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int axes = drawing.Facts.Shape.Dimensions;
        return new Drawn
        {
            FieldOfView = drawing.Number(FieldOfView, FieldElement),
            PhaseAxis = 3 - axes + MathF.Floor(drawing.Number(Unit, AxisElement) * axes),
        };
    }

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.FieldOfView = 1;

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        LaunchCheck.Finite(drawn.FieldOfView, nameof(drawn.FieldOfView));
        drawn.Axis = (int)Math.Clamp(Math.Round(drawn.PhaseAxis), 3 - facts.Shape.Dimensions, 2);
        drawn.Points = Math.Max(1, (int)Math.Round(Math.Clamp(drawn.FieldOfView, 0, 1) * (double)LineAxis.LengthOf(facts.Shape, drawn.Axis)));
    }

    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place) => new WrapHostStage(place);

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) =>
        new StageKernelStage<WrappedLines>(place, static (place, stride) => new WrappedLines(place.Facts.Shape, stride, place.Entry.First));

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>f.</summary>
        [Recorded("wrapFieldOfView")]
        public float FieldOfView;

        /// <summary>The phase-encode axis: 0 is z, 1 is y, 2 is x.</summary>
        [Recorded("wrapAxis")]
        public float PhaseAxis;

        /// <summary>Worked out: the same as a whole number.</summary>
        public int Axis;

        /// <summary>Worked out: M.</summary>
        public int Points;
    }
}
