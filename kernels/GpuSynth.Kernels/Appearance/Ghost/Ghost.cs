namespace GpuSynth.Kernels;

// Ghost: y(x) = sum_m c_m I(x - d_m) along one axis, cyclic, d_m whole, c_m complex; its real part, or its magnitude. Of N lines of k-space
//   periodic: line k is weighted by 1 + a cos(2 pi (k D / N + p)), D = N / n rounded: c = 1 at 0, a/2 e^(-2 pi i p) at D, a/2 e^(2 pi i p) at -D;
//   a comb:   every n-th line, those of k = q mod n with q of 1 to n - 1, is weighted by 1 - s: c_m = [m = 0] - s/n e^(2 pi i q m / n) at m N / n rounded.
// Both are exactly that of the discrete Fourier transform of the line, the comb where n divides N; else the weights are those of the rounded distances.
// The middle line is never weakened by a comb: the mean stays.

/// <summary>
/// Ghosts: weak copies of the image at equal distances along one axis, as breathing and pulsation leave them, which make lines of k-space stronger and
/// weaker in turn. The axis is drawn, each alike. What leaves the image on one side comes in on the other, as a scanner has it. The magnitude is what a
/// scanner shows, the real part what TorchIO shows. Labels stay. Sources: periodic ghosts: M. L. Wood, R. M. Henkelman, Med. Phys. 12 (1985) 143; comb: TorchIO RandomGhosting
/// (whose comb may take the middle line and puts it back).
/// </summary>
/// <param name="Count">
/// n, copies along the axis, the image itself among them, drawn once, 2 to 16; the nearest whole number counts: draw it by an integer law. TorchIO: 4 to 10.
/// </param>
/// <param name="Strength">a of periodic ghosts, s of a comb, drawn once, 0 to 1; TorchIO: uniform 0.5 to 1.</param>
/// <param name="Comb">Probability of a comb, 0 to 1; else the ghosts are periodic. Absent: 0.</param>
/// <param name="Magnitude">Probability that the image is the magnitude of the complex sum, 0 to 1; else its real part. Absent: 0.</param>
[Component(
    "ghost",
    71,
    Degrades = true,
    Source = "Wood and Henkelman 1985, TorchIO",
    Says = "Ghosts: weak copies of the image at equal distances along an axis (magnetic resonance).",
    Example = "ghost: { count: 3, strength: 0.5 }")]
public sealed record Ghost(
    [property: Allowed(2, Ghost.Most, Says = "Copies along the axis, the image itself among them, drawn once and rounded. Like breathing: integer 2 to 8; TorchIO: 4 to 10.")]
    Law Count,
    [property: Allowed(0, 1, Says = "How strong they are, drawn once: of periodic ghosts 0.05 to 0.4 are like breathing; of a comb TorchIO has uniform 0.5 to 1.")]
    Law Strength,
    [property: Allowed(0, 1, Says = "Probability of a comb, which weakens every line of k-space of so many; else the lines' strength goes up and down as a cosine.")]
    [property: Absent(0)]
    double Comb,
    [property: Allowed(0, 1, Says = "Probability that the image is the magnitude of the complex sum; else its real part, as TorchIO has it.")]
    [property: Absent(0)]
    double Magnitude)
    : Component<Ghost.Drawn>, IStageComponent
{
    /// <summary>The most copies.</summary>
    public const int Most = 16;

    /// <summary>Words of a copy in the row: its distance in voxels, below the axis' length, then its complex weight.</summary>
    internal const int CopyWords = 3;

    // Elements of the stream: append only.
    private const uint CountElement = 0;
    private const uint StrengthElement = 1;
    private const uint AxisElement = 2;
    private const uint TurnElement = 3;
    private const uint CombElement = 4;
    private const uint MagnitudeElement = 5;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public bool ReadsFar => true;

    /// <summary>Copies that are read at most: three of periodic ghosts.</summary>
    internal int Copies => Comb > 0 ? Math.Clamp((int)(Count.Maximum + 0.5), 3, Most) : 3;

    /// <summary>Whether every sample shows the real part.</summary>
    internal bool IsReal => Magnitude == 0;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => CopyWords * Copies;

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int axes = drawing.Facts.Shape.Dimensions;
        return new Drawn
        {
            Count = drawing.Number(Count, CountElement),
            Strength = drawing.Number(Strength, StrengthElement),
            Axis = 3 - axes + (int)(drawing.Number(Unit, AxisElement) * axes),
            Turns = drawing.Number(Unit, TurnElement),
            IsComb = drawing.Number(Unit, CombElement) < Comb ? 1 : 0,
            IsMagnitude = drawing.Number(Unit, MagnitudeElement) < Magnitude ? 1 : 0,
            Weights = drawing.List(CopyWords * Copies),
        };
    }

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => (drawn.Strength, drawn.IsMagnitude) = (0, 0);

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        int length = LengthOf(facts.Shape, drawn.Axis);
        int count = Math.Clamp((int)(drawn.Count + 0.5f), 2, Most);
        Span<float> weights = row.Slice(drawn.Weights.First, drawn.Weights.Count);
        weights.Clear();
        weights[1] = 1;
        drawn.Used = 1;
        if (drawn.Strength == 0)
        {
            return;
        }

        if (drawn.IsComb == 0)
        {
            int distance = Distance(length, 1, count) % length;
            Put(weights, 1, distance, drawn.Strength / 2.0, -drawn.Turns);
            Put(weights, 2, (length - distance) % length, drawn.Strength / 2.0, drawn.Turns);
            drawn.Used = 3;
            return;
        }

        drawn.Used = Math.Min(count, Copies);
        int line = 1 + Math.Min((int)(drawn.Turns * (drawn.Used - 1)), drawn.Used - 2);
        for (int copy = 0; copy < drawn.Used; copy++)
        {
            double turns = line * copy % drawn.Used / (double)drawn.Used;
            Put(weights, copy, Distance(length, copy, drawn.Used) % length, -drawn.Strength / (double)drawn.Used, turns);
        }

        weights[1] += 1;
    }

    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place) => new GhostHostStage(in place);

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) =>
        new StageKernelStage<GhostCopies>(place, static (place, stride) => new GhostCopies(place.Facts.Shape, stride, place.Entry.First));

    /// <summary>Voxels along an axis: 0 is z, 1 is y, 2 is x.</summary>
    internal static int LengthOf(VolumeShape shape, float axis) => axis < 0.5f ? shape.Depth : axis < 1.5f ? shape.Height : shape.Width;

    /// <summary>Voxels from one to the next along an axis.</summary>
    internal static int StepOf(VolumeShape shape, float axis) => axis < 0.5f ? shape.Height * shape.Width : axis < 1.5f ? shape.Width : 1;

    // copy N / n, to the nearest whole number; with its mirror image it is the whole axis.
    private static int Distance(int length, int copy, int count) =>
        2 * copy <= count ? ((2 * copy * length) + count) / (2 * count) : length - Distance(length, count - copy, count);

    private static void Put(Span<float> weights, int copy, int distance, double size, double turns)
    {
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * turns);
        weights[CopyWords * copy] = distance;
        weights[(CopyWords * copy) + 1] = (float)(size * cosine);
        weights[(CopyWords * copy) + 2] = (float)(size * sine);
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Copies along the axis, the image among them; the nearest whole number counts.</summary>
        [Recorded("ghostCount")]
        public float Count;

        /// <summary>How strong they are.</summary>
        [Recorded("ghostStrength")]
        public float Strength;

        /// <summary>The axis along which they lie: 0 is z, 1 is y, 2 is x.</summary>
        [Recorded("ghostAxis")]
        public float Axis;

        /// <summary>Phase of periodic ghosts in turns; which of the lines a comb takes, 0 to 1.</summary>
        [Recorded("ghostTurns")]
        public float Turns;

        /// <summary>1 of a comb, 0 of periodic ghosts.</summary>
        [Recorded("ghostIsComb", Kind = RecordedKind.Flag)]
        public int IsComb;

        /// <summary>1 where the image is the magnitude of the complex sum, 0 where it is its real part.</summary>
        [Recorded("ghostIsMagnitude", Kind = RecordedKind.Flag)]
        public int IsMagnitude;

        /// <summary>Worked out: copies that are read.</summary>
        public int Used;

        /// <summary>Worked out: distance, real and imaginary part of the weight of each.</summary>
        public WordList Weights;
    }
}
