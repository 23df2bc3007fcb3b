using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// Motion: of the N lines of k-space along the phase-encode axis, acquired in the order of their frequency, each segment sees the object at a pose:
//   y(x) = sum over segments s of (P_s * I_s)(x) = I(x) + sum over s of (P_s * (I_s - I))(x),   I_s(x) = I(M_s x + t_s),
// * cyclic along that axis, P_s of the segment's frequencies as FrequencyBand has it; their sum is 1 at 0 and 0 elsewhere. M_s x + t_s is where the
// voxel x of the moved object lay before; the segment of frequency 0 has I_s = I. Exactly that of the discrete Fourier transform of each moved object.
// Per moved segment 8 reads and 2 N multiply-adds; copies are read where they are needed, so that nothing of full size is written but the result.

/// <summary>
/// A head that moved while it was scanned: k-space along the phase-encode axis, which is drawn, each alike, consists of segments, each of which
/// sees the object where it was by then: rotated about the centre of the volume and shifted, linear between voxels, cyclic at the edges. **The
/// segment that holds the centre of k-space does not move**, so that labels lie where the image shows them. The magnitude is what a scanner shows,
/// the real part what TorchIO shows. Labels stay. Sources: TorchIO RandomMotion (R. Shaw et al., MIDL 2019): 3 segments, jitter 0.3, 10 degrees, 10
/// mm, real part; cornucopia IntraScanMotionTransform: 4 segments, 15 degrees, 0.1 of the side, and milder 2 segments, jitter 1, 5 degrees, 0.05 of
/// the side.
/// </summary>
/// <param name="Segments">How many segments, drawn once, 1 to 8; the nearest whole number counts: draw it by an integer law.</param>
/// <param name="RotationDegrees">Angle about each axis, one in 2D, drawn for each segment, -180 to 180 degrees.</param>
/// <param name="TranslationOfSide">Shift along each axis as a fraction of the side, drawn for each segment, -1 to 1.</param>
/// <param name="Jitter">
/// How far the ends of segments lie from those of equal ones, 0 to 1 of a segment: cut j of S is at (j + Jitter u) / S of the axis, u uniform of -1
/// to 1. Absent: 0. Of two segments 1 is a cut anywhere.
/// </param>
/// <param name="Magnitude">Probability that the image is the magnitude of the complex sum, 0 to 1; else its real part. Absent: 0.</param>
[Component(
    "motion",
    61,
    Degrades = true,
    Source = "TorchIO, cornucopia",
    Says = "The object moved between segments of k-space: edges double and ring along an axis (magnetic resonance).",
    Example = "motion: { segments: 3, rotationDegrees: 6, translationOfSide: 0.04, magnitude: 1 }")]
public sealed record Motion(
    [property: Allowed(1, Motion.Most, Says = "Segments of k-space, each at a pose of its own, drawn once and rounded. TorchIO: 3; cornucopia: 4, mildly 2.")]
    Law Segments,
    [property: Allowed(-180, 180, "degrees", Says = "Angle about each axis (one in 2D), drawn for each segment. TorchIO: uniform -10 to 10; cornucopia: -15 to 15, mildly -5 to 5.")]
    Law RotationDegrees,
    [property: Allowed(-1, 1, Says = "Shift along each axis as a fraction of the side, drawn for each segment. cornucopia: uniform -0.1 to 0.1, mildly -0.05 to 0.05.")]
    Law TranslationOfSide,
    [property: Allowed(0, 1, Says = "How far segments begin from where equal ones do, as a fraction of a segment. TorchIO: 0.3; of two segments 1 is a cut anywhere.")]
    [property: Absent(0)]
    double Jitter,
    [property: Allowed(0, 1, Says = "Probability that the image is the magnitude of the complex sum; else its real part, as TorchIO has it.")]
    [property: Absent(0)]
    double Magnitude)
    : Component<Motion.Drawn>, IStageComponent
{
    /// <summary>The most segments.</summary>
    public const int Most = 8;

    // Elements of the stream: append only.
    private const uint SegmentsElement = 0;
    private const uint AxisElement = 1;
    private const uint MagnitudeElement = 2;
    private const uint CutElement = 1 << 8;
    private const uint RotationElement = 2 << 8;
    private const uint TranslationElement = 3 << 8;
    private static readonly UniformLaw Unit = new(0, 1);
    private static readonly UniformLaw EitherWay = new(-1, 1);

    /// <inheritdoc/>
    public bool ReadsFar => true;

    /// <summary>Words of where the voxels of a moved copy lay.</summary>
    internal static int PlaceWords => Marshal.SizeOf<LabelMapTransform>() / sizeof(uint);

    /// <summary>Moved copies at most: the segment in the middle does not move.</summary>
    internal int Copies => MostSegments - 1;

    private int MostSegments => Math.Clamp((int)(Segments.Maximum + 0.5), 1, Most);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) =>
        (7 * MostSegments) - 1 + ((PlaceWords + (2 * LineAxis.Longest(facts.Shape))) * Copies);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int axes = drawing.Facts.Shape.Dimensions;
        return new Drawn
        {
            Segments = drawing.Number(Segments, SegmentsElement),
            PhaseAxis = 3 - axes + MathF.Floor(drawing.Number(Unit, AxisElement) * axes),
            IsMagnitude = drawing.Number(Unit, MagnitudeElement) < Magnitude ? 1 : 0,
            Cuts = drawing.Each(EitherWay, CutElement, MostSegments - 1),
            RotationDegrees = drawing.Each(RotationDegrees, RotationElement, 3 * MostSegments),
            TranslationOfSide = drawing.Each(TranslationOfSide, TranslationElement, 3 * MostSegments),
            Places = drawing.List(PlaceWords * Copies),
            Kernels = drawing.List(2 * LineAxis.Longest(drawing.Facts.Shape) * Copies),
        };
    }

    /// <inheritdoc/>
    public override void LeaveOut(ref Drawn drawn) => (drawn.Segments, drawn.IsMagnitude) = (1, 0);

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        VolumeShape shape = facts.Shape;
        drawn.Axis = (int)Math.Clamp(Math.Round(drawn.PhaseAxis), 3 - shape.Dimensions, 2);
        drawn.Moved = 0;
        int length = LineAxis.LengthOf(shape, drawn.Axis);
        int longest = LineAxis.Longest(shape);
        Span<int> ends = stackalloc int[Math.Clamp((int)(drawn.Segments + 0.5f), 1, MostSegments) + 1];
        Cut(row.Slice(drawn.Cuts.First, drawn.Cuts.Count), length, ends);

        // Lines in the order of their frequency, the lowest first; this one is frequency 0.
        int centre = length - 1 - (length / 2);
        for (int segment = 0; segment < ends.Length - 1; segment++)
        {
            (int first, int end) = (ends[segment], ends[segment + 1]);
            LabelMapPose pose = PoseOf(shape, in drawn, row, segment);
            if (first == end || (first <= centre && centre < end) || pose == new LabelMapPose())
            {
                continue;
            }

            LabelMapTransform places = MovedImage.Places(shape, in pose);
            MemoryMarshal.Write(MemoryMarshal.AsBytes(row[(drawn.Places.First + (PlaceWords * drawn.Moved))..]), in places);
            Span<float> kernel = row.Slice(drawn.Kernels.First + (2 * longest * drawn.Moved), 2 * longest);
            FrequencyBand.Write(first - centre, end - first, kernel[..length], kernel.Slice(longest, length));
            drawn.Moved++;
        }
    }

    /// <inheritdoc/>
    public HostStage CreateHostStage(in StepPlace place) => new MotionHostStage(place);

    /// <inheritdoc/>
    public DeviceStage CreateDeviceStage(in StepPlace place) =>
        new StageKernelStage<MovedLines>(place, static (place, stride) => new MovedLines(place.Facts.Shape, stride, place.Entry.First));

    // Where segments begin, and where the last one ends, in lines.
    private void Cut(ReadOnlySpan<float> moved, int length, Span<int> ends)
    {
        int segments = ends.Length - 1;
        (ends[0], ends[segments]) = (0, length);
        for (int cut = 1; cut < segments; cut++)
        {
            LaunchCheck.Finite(moved[cut - 1], nameof(Drawn.Cuts));
            ends[cut] = (int)Math.Round(length * Math.Clamp((cut + (Jitter * moved[cut - 1])) / segments, 0, 1));
        }

        ends[1..segments].Sort();
    }

    private static LabelMapPose PoseOf(VolumeShape shape, in Drawn drawn, ReadOnlySpan<float> row, int segment)
    {
        ReadOnlySpan<float> degrees = row.Slice(drawn.RotationDegrees.First + (3 * segment), 3);
        ReadOnlySpan<float> shift = row.Slice(drawn.TranslationOfSide.First + (3 * segment), 3);
        for (int axis = 0; axis < 3; axis++)
        {
            LaunchCheck.Finite(degrees[axis], nameof(Drawn.RotationDegrees));
            LaunchCheck.Finite(shift[axis], nameof(Drawn.TranslationOfSide));
        }

        bool isVolume = shape.Dimensions == 3;
        return new LabelMapPose
        {
            RotationDegrees = isVolume ? (degrees[0], degrees[1], degrees[2]) : (degrees[0], 0, 0),
            TranslationOfSide = (isVolume ? Math.Clamp(shift[0], -1, 1) : 0, Math.Clamp(shift[1], -1, 1), Math.Clamp(shift[2], -1, 1)),
        };
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Segments; the nearest whole number counts.</summary>
        [Recorded("motionSegments")]
        public float Segments;

        /// <summary>The phase-encode axis: 0 is z, 1 is y, 2 is x.</summary>
        [Recorded("motionAxis")]
        public float PhaseAxis;

        /// <summary>1 where the image is the magnitude of the complex sum, 0 where it is its real part.</summary>
        [Recorded("motionIsMagnitude", Kind = RecordedKind.Flag)]
        public int IsMagnitude;

        /// <summary>u of each cut between segments, -1 to 1.</summary>
        [Recorded("motionCuts")]
        public WordList Cuts;

        /// <summary>
        /// Angles of each segment about z, y, x in degrees, the lowest frequencies first; those of the segment that holds frequency 0 are nothing
        /// to it, and of an image those about y and x.
        /// </summary>
        [Recorded("motionRotationDegreesZyx")]
        public WordList RotationDegrees;

        /// <summary>Shifts of each segment along z, y, x as a fraction of the side, likewise.</summary>
        [Recorded("motionTranslationOfSideZyx")]
        public WordList TranslationOfSide;

        /// <summary>Worked out: the phase-encode axis as a whole number.</summary>
        public int Axis;

        /// <summary>Worked out: segments that are moved.</summary>
        public int Moved;

        /// <summary>Worked out: where the voxels of each lay before, <see cref="LabelMapTransform"/>.</summary>
        public WordList Places;

        /// <summary>Worked out: P of each along the axis, real parts, and in the second half imaginary parts.</summary>
        public WordList Kernels;

        /// <summary>Whether the image changes.</summary>
        internal readonly bool Acts => Moved > 0 || IsMagnitude != 0;
    }
}
