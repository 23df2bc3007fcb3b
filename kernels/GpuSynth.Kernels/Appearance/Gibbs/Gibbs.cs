namespace GpuSynth.Kernels;

// Gibbs: along each axis that is drawn, of the frequencies of a line those from -K to K stay: y(i) = sum over k of D(i - k) x(k), cyclic, with
//   D(m) = sin(pi (2K + 1) m / N) / (N sin(pi m / N)),  D(0) = (2K + 1) / N,
// which is what a transform to frequencies, a cut and one back makes, for every length N. D has the sum 1: the mean stays. N multiply-adds per voxel
// and axis. K = floor(f N / 2); where that is N / 2 or more, the line stays as it is.

/// <summary>
/// Ringing at edges, as images have that were acquired with too few frequencies. Intensities fall below 0 beside an edge of the background; behind
/// it ricianNoise makes the magnitude. A box of frequencies is kept, not a ball. Source: J. W. Gibbs, Nature 59 (1898) 200; the Dirichlet kernel of a
/// discrete transform.
/// </summary>
/// <param name="Kept">f, the share of the frequencies along an axis that is kept, drawn per axis, 0 to 1.</param>
/// <param name="Axes">Along how many axes, drawn once, 1 to 3: which, is drawn evenly; the nearest whole number counts; absent: 3.</param>
[Component(
    "gibbs",
    64,
    Degrades = true,
    Source = "Gibbs 1898",
    Says = "Ringing at edges: the high frequencies along some axes are missing.",
    Example = "gibbs: { kept: 0.4 }")]
public sealed record Gibbs(
    [property: Allowed(0, 1, Says = "Share of the frequencies that is kept, drawn per axis. Like MR images: uniform 0.5 to 1; 1 changes nothing.")]
    Law Kept,
    [property: Allowed(1, 3, Says = "Along how many axes, drawn once and rounded, which are drawn evenly. In two dimensions 3 is 2.")]
    [property: Absent(3)]
    Law Axes)
    : Component<Gibbs.Drawn>, IStageComponent
{
    // Elements of the stream, those of axes with the two behind them: append only.
    private const uint KeptElement = 0;
    private const uint AxesElement = 3;
    private const uint OrderElement = 4;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => facts.Shape.Depth + facts.Shape.Height + facts.Shape.Width;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        Kept = drawing.Axes(Kept, KeptElement),
        Axes = drawing.Number(Axes, AxesElement),
        Order = drawing.Axes(Unit, OrderElement),
        Kernels = drawing.List(ListWords(drawing.Facts)),
    };

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => drawn.Kept = new(1, 1, 1);

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        Span<float> kernels = row.Slice(drawn.Kernels.First, drawn.Kernels.Count);
        drawn.ActsZ = facts.Shape.Dimensions == 3 ? Prepared(in facts, in drawn, 0, kernels) : 0;
        drawn.ActsY = Prepared(in facts, in drawn, 1, kernels[facts.Shape.Depth..]);
        drawn.ActsX = Prepared(in facts, in drawn, 2, kernels[(facts.Shape.Depth + facts.Shape.Height)..]);
    }

    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place) => new GibbsHostStage(place);

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) => new GibbsDeviceStage(place);

    /// <summary>D of a line, 0 to N - 1.</summary>
    /// <param name="highest">K, below N / 2.</param>
    /// <param name="kernel">Written: N numbers.</param>
    public static void Dirichlet(int highest, Span<float> kernel)
    {
        int length = kernel.Length;
        kernel[0] = (float)(((2.0 * highest) + 1) / length);
        for (int at = 1; at < length; at++)
        {
            // The numerator's angle without whole turns: its sine stays exact however long the line is.
            long turns = (2L * highest + 1) * at % (2L * length);
            kernel[at] = (float)(Math.Sin(Math.PI * turns / length) / (length * Math.Sin(Math.PI * at / length)));
        }
    }

    // Writes D and returns 1 where the axis is one of those drawn and misses frequencies; else 0.
    private static int Prepared(in SampleFacts facts, in Drawn drawn, int axis, Span<float> kernel)
    {
        float kept = drawn.Kept.Along(axis);
        LaunchCheck.Finite(kept, nameof(kept));
        int length = LineAxis.LengthOf(facts.Shape, axis);
        int highest = (int)(Math.Clamp(kept, 0, 1) * (double)length / 2);
        if (!drawn.IsDrawn(axis, facts.Shape.Dimensions) || (2 * highest) + 1 >= length)
        {
            return 0;
        }

        Dirichlet(highest, kernel[..length]);
        return 1;
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>f along z, y, x.</summary>
        [Recorded("gibbsKeptZyx")]
        public AxisNumbers Kept;

        /// <summary>Along how many axes; the nearest whole number counts.</summary>
        [Recorded("gibbsAxes")]
        public float Axes;

        /// <summary>Which axes: those of the smallest numbers.</summary>
        [Recorded("gibbsOrderZyx")]
        public AxisNumbers Order;

        /// <summary>Worked out: 1 where lines along z change.</summary>
        public int ActsZ;

        /// <summary>Worked out: 1 where lines along y change.</summary>
        public int ActsY;

        /// <summary>Worked out: 1 where lines along x change.</summary>
        public int ActsX;

        /// <summary>Worked out: D along z, y, x.</summary>
        public WordList Kernels;

        /// <summary>Whether an axis is one of those that were drawn.</summary>
        /// <param name="axis">0 is z, 1 is y, 2 is x.</param>
        /// <param name="dimensions">Axes of a sample: of two, y and x.</param>
        public readonly bool IsDrawn(int axis, int dimensions)
        {
            int before = 0;
            for (int other = 3 - dimensions; other < 3; other++)
            {
                bool isBefore = Order.Along(other) < Order.Along(axis) || (Order.Along(other) == Order.Along(axis) && other < axis);
                before += isBefore ? 1 : 0;
            }

            return before < (int)(Axes + 0.5f);
        }

        /// <summary>Whether lines along an axis change.</summary>
        internal readonly bool Acts(int axis) => (axis == 0 ? ActsZ : axis == 1 ? ActsY : ActsX) != 0;
    }
}
