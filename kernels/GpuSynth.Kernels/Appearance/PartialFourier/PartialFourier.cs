namespace GpuSynth.Kernels;

// PartialFourier: along the phase-encode axis, of the N frequencies of a line the n from floor(N/2) - n + 1 to floor(N/2) stay, n = f N rounded, and
// the others are 0: y(i) = |sum over k of P(i - k) x(k)|, cyclic, P of those frequencies as FrequencyBand has it, for every length N.
// 2 N multiply-adds per voxel.

/// <summary>
/// An acquisition that left out lines on one side of the centre and filled them with zeros: edges across the phase-encode axis, which is drawn, are
/// blurred and ring. The object has no phase of its own. Where lines are missing the image is a magnitude, at least 0. Source: D. A. Feinberg et al.,
/// Radiology 161 (1986) 527, without a reconstruction that uses the symmetry.
/// </summary>
/// <param name="Kept">f, the share of the lines that is acquired, drawn once, 0.5 to 1.</param>
[Component(
    "partialFourier",
    65,
    Degrades = true,
    Source = "Feinberg 1986",
    Says = "Lines on one side of the centre were not acquired, along a drawn axis: edges are blurred and ring.",
    Example = "partialFourier: { kept: 0.55 }")]
public sealed record PartialFourier(
    [property: Allowed(0.5, 1, Says = "Share of the lines that is acquired, drawn once. Like MR images: uniform 0.6 to 0.9; 1 changes nothing.")]
    Law Kept)
    : Component<PartialFourier.Drawn>, IStageComponent
{
    // Elements of the stream: append only.
    private const uint KeptElement = 0;
    private const uint AxisElement = 1;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => 2 * LineAxis.Longest(facts.Shape);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int axes = drawing.Facts.Shape.Dimensions;
        return new Drawn
        {
            Kept = drawing.Number(Kept, KeptElement),
            PhaseAxis = 3 - axes + MathF.Floor(drawing.Number(Unit, AxisElement) * axes),
            Kernel = drawing.List(ListWords(drawing.Facts)),
        };
    }

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.Kept = 1;

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        LaunchCheck.Finite(drawn.Kept, nameof(drawn.Kept));
        drawn.Axis = (int)Math.Clamp(Math.Round(drawn.PhaseAxis), 3 - facts.Shape.Dimensions, 2);
        int length = LineAxis.LengthOf(facts.Shape, drawn.Axis);
        int kept = Math.Max(1, (int)Math.Round(Math.Clamp(drawn.Kept, 0, 1) * (double)length));
        drawn.Acts = kept < length ? 1 : 0;
        Span<float> kernel = row.Slice(drawn.Kernel.First, drawn.Kernel.Count);
        FrequencyBand.Write((length / 2) - kept + 1, kept, kernel[..length], kernel.Slice(kernel.Length / 2, length));
    }

    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place) => new PartialFourierHostStage(place);

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) =>
        new StageKernelStage<MissingLines>(place, static (place, stride) => new MissingLines(place.Facts.Shape, stride, place.Entry));

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>f.</summary>
        [Recorded("partialFourierKept")]
        public float Kept;

        /// <summary>The phase-encode axis: 0 is z, 1 is y, 2 is x.</summary>
        [Recorded("partialFourierAxis")]
        public float PhaseAxis;

        /// <summary>Worked out: the same as a whole number.</summary>
        public int Axis;

        /// <summary>Worked out: 1 where lines are missing.</summary>
        public int Acts;

        /// <summary>Worked out: P along the axis, real parts, and in the second half imaginary parts.</summary>
        public WordList Kernel;
    }
}
