namespace GpuSynth.Kernels;

// Deformation: label(p) = before[nearest(q)],  q = A^-1 (p + u(p) - c - t) + c, of the labels that the anatomies before it have made.
//   u: a smooth displacement in voxels (SmoothShift), drawn as it is or the flow of a velocity, which never folds. c: the middle of the volume.
//   A: what moves the anatomy, in this order: reflections, quarter turns, scaling, shear, rotation; then t (LabelMapGeometry). Reflections and
//   quarter turns are exact.
//   Outside: the label at the edge goes on, or label 0, or the other end comes in.
//   An odd number of reflections makes a left side of a right one: labels of label maps whose sides are known (lateralPairs) change sides.
// before, label: byte[D,H,W], two images, for a label is read elsewhere than it is written. About 2 B/voxel; nodes from the cache.
// Labels: the same on every device, away from ties (q within rounding of the middle between two voxels).
// Reference: LabelMapAnatomy.Reference.cs, FlowGrid.Reference.cs. Sources: SynthSeg; cornucopia; anatomix; Arsigny et al., MICCAI 2006.

/// <summary>
/// Moves the labels of the anatomies before it: reflections, quarter turns, an affine and a smooth displacement. What follows it in the list is
/// painted over it unmoved. The laws that shapes before it were drawn by are recorded as they were. Sources: SynthSeg (Billot et al., Medical Image
/// Analysis 2023), cornucopia, anatomix.
/// </summary>
/// <param name="RotationDegrees">Angle about each axis, drawn independently; one angle in 2D. -360 to 360 degrees.</param>
/// <param name="Scaling">Factor along each axis, drawn independently; 0.1 to 10.</param>
/// <param name="Shear">Each off-diagonal entry of the shear matrix, drawn independently; -1 to 1.</param>
/// <param name="UpperShear">Whether the shear matrix has entries above its diagonal alone. Null: no.</param>
/// <param name="TranslationOfSide">Shift along each axis as a fraction of the side, drawn independently; -1 to 1.</param>
/// <param name="FlipZ">Probability that z is reflected; nothing to an image.</param>
/// <param name="FlipY">Probability that y is.</param>
/// <param name="FlipX">Probability that x is.</param>
/// <param name="QuarterTurn">Probability, for each axis, of 1, 2 or 3 quarter turns about it, as likely each; one axis in 2D.</param>
/// <param name="Displacement">Smooth displacement shared by all labels. Null: none.</param>
/// <param name="Velocity">Smooth velocity whose flow over a unit of time moves all labels and never folds. Null: none.</param>
/// <param name="Outside">What lies outside, <see cref="OutsideLabels"/>; the nearest to what is drawn.</param>
[Component(
    "deformation",
    Streams.DeformationLaws,
    Source = "SynthSeg, cornucopia, anatomix",
    Says = "Moves the labels of the anatomies before it: flips, an affine, a smooth displacement or a flow that never folds.",
    Example = "deformation: { rotationDegrees: 20, scaling: 0.9, velocity: { scales: [side/6], stdOfSide: 0.06 } }")]
public sealed record Deformation(
    [property: Allowed(-360, 360, "degrees", Says = "Rotation about each axis, drawn independently; one angle in 2D.")]
    [property: Absent(0)]
    Law RotationDegrees,
    [property: Allowed(0.1, 10, Says = "Factor along each axis, drawn independently.")]
    [property: Absent(1)]
    Law Scaling,
    [property: Allowed(-1, 1, Says = "Each off-diagonal entry of the shear matrix, drawn independently.")]
    [property: Absent(0)]
    Law Shear,
    [property: Says("Whether the shear matrix has entries above its diagonal alone, as anatomix has; absent: no.")]
    bool? UpperShear,
    [property: Allowed(-1, 1, "of the side", Says = "Shift along each axis as a fraction of the side, drawn independently.")]
    [property: Absent(0)]
    Law TranslationOfSide,
    [property: Allowed(0, 1, Says = "Probability that z is reflected. Where reflections are odd in number, labels of lateralPairs change sides.")]
    [property: Absent(0)]
    double FlipZ,
    [property: Allowed(0, 1, Says = "Probability that y is reflected.")]
    [property: Absent(0)]
    double FlipY,
    [property: Allowed(0, 1, Says = "Probability that x is reflected, which runs from left to right in label maps of a body.")]
    [property: Absent(0)]
    double FlipX,
    [property: Allowed(0, 1, Says = "Probability, for each axis, of a turn by 90, 180 or 270 degrees about it; one axis in 2D.")]
    [property: Absent(0)]
    double QuarterTurn,
    [property: Says("Smooth displacement shared by all labels; absent: none.")]
    ShiftGrids? Displacement,
    [property: Says("Smooth velocity in voxels per unit of time: all labels follow its flow for one, which never folds; absent: none.")]
    ShiftGrids? Velocity,
    [property: Allowed(
        0, 2, Says = "What comes in from outside: 0 the label at the edge goes on, 1 label 0, 2 the other end; the nearest to what is drawn.")]
    [property: Absent(0)]
    Law Outside)
    : AnatomyComponent<Deformation.Drawn>
{
    // Elements of the stream: append only.
    private const uint RotationElement = 0;
    private const uint ScalingElement = 3;
    private const uint ShearElement = 6;
    private const uint TranslationElement = 12;
    private const uint FlipElement = 15;
    private const uint QuarterElement = 18;
    private const uint TurnsElement = 21;
    private const uint OutsideElement = 24;
    private const uint DisplacementElement = 64;
    private const uint VelocityElement = 128;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override bool Covers => false;

    // So that it stands behind labels; its own are none.
    /// <inheritdoc/>
    public override bool AddsLabels => true;

    /// <inheritdoc/>
    public override bool Relabels => true;

    /// <inheritdoc/>
    public override bool Mirrors => FlipZ > 0 || FlipY > 0 || FlipX > 0;

    /// <inheritdoc/>
    public override string MadeOf => "labels";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 2;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => 0;

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostDeformation(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceDeformation(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (Displacement?.Scales.Count ?? 0) + (Velocity?.Scales.Count ?? 0);

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at)
    {
        if (list.Take(at).FirstOrDefault(static one => one is IAnatomyComponent { FindsPlaces: true }) is { } found)
        {
            yield return $"moves what {found.Name} before it has painted, which records the voxels that it lies at; put {found.Name} "
                + "behind deformation";
        }

        IAnatomyComponent[] seen = [.. SeenBefore(list, at)];
        if (!Mirrors || Array.TrueForAll(seen, static one => one is { NeedsLabelMaps: false, SidePairs: null }))
        {
            yield break;
        }

        if (Array.Exists(seen, static one => one is { NeedsLabelMaps: true, SidePairs: null }))
        {
            yield return "reflects label maps of which it is not known what has a side; give labelMap lateralPairs "
                + $"({LateralPairs.FreeSurferName}, a list, or [] where nothing has one), or take flipZ, flipY and flipX away";
        }
        else if (seen.DistinctBy(static one => one.SidePairs ?? LateralPairs.None).Count() > 1 || seen.DistinctBy(LiftsBehind).Count() > 1)
        {
            yield return "reflects labels that have other sides in some samples than in others; give all labelMaps before it the same "
                + "lateralPairs, and put other anatomies into a recipe of their own, or take flipZ, flipY and flipX away";
        }

        int LiftsBehind(IAnatomyComponent one) => list.Take(at)
            .SkipWhile(other => !ReferenceEquals(other, one))
            .Count(static other => other is IAnatomyComponent { LiftsLabels: true });
    }

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        bool isVolume = drawing.Facts.Shape.Dimensions == 3;
        AxisNumbers flips = drawing.Axes(Unit, FlipElement);
        AxisNumbers turns = drawing.Axes(Unit, QuarterElement);
        AxisNumbers counts = drawing.Axes(Unit, TurnsElement);
        return new Drawn
        {
            Outside = Math.Clamp((int)MathF.Floor(drawing.Number(Outside, OutsideElement) + 0.5f), 0, (int)OutsideLabels.Wrap),
            RotationDegrees = PoseDraw.Rotation(in drawing, RotationDegrees, RotationElement),
            Scaling = PoseDraw.Scaling(in drawing, Scaling, ScalingElement),
            Shear = PoseDraw.Shear(in drawing, Shear, ShearElement, UpperShear ?? false),
            TranslationOfSide = PoseDraw.Translation(in drawing, TranslationOfSide, TranslationElement),
            Reflected = new AxisNumbers(isVolume && flips.Z < FlipZ ? 1 : 0, flips.Y < FlipY ? 1 : 0, flips.X < FlipX ? 1 : 0),
            QuarterTurns = new AxisNumbers(
                Turns(turns.Z, counts.Z), isVolume ? Turns(turns.Y, counts.Y) : 0, isVolume ? Turns(turns.X, counts.X) : 0),
            DisplacementStdVoxels = Displacement is null ? default : Displacement.Draw(ref drawing, DisplacementElement),
            VelocityStdVoxels = Velocity is null ? default : Velocity.Draw(ref drawing, VelocityElement),
        };

        float Turns(float chance, float number) => chance < QuarterTurn ? MathF.Min(3, 1 + MathF.Floor(3 * number)) : 0;
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        (AxisNumbers reflected, AxisNumbers turns) = (drawn.Reflected, drawn.QuarterTurns);
        if (!AreWhole(reflected, 1) || !AreWhole(turns, 3) || drawn.Outside is < 0 or > (int)OutsideLabels.Wrap)
        {
            throw new ArgumentException(
                "deformationReflectedZyx holds 0 and 1, deformationQuarterTurnsZyx 0 to 3, and deformationOutside is 0, 1 or 2; give back what "
                + "was drawn.");
        }

        LabelMapPose pose = PoseDraw.Of(drawn.RotationDegrees, drawn.Scaling, drawn.Shear, drawn.TranslationOfSide) with
        {
            Flip = (reflected.Z != 0, reflected.Y != 0, reflected.X != 0),
            QuarterTurns = ((int)turns.Z, (int)turns.Y, (int)turns.X),
        };
        drawn.Place = new MapPlace(TransformOf(facts.Shape, in pose), 0, (int)(reflected.Z + reflected.Y + reflected.X) & 1);

        static bool AreWhole(AxisNumbers numbers, int most) => IsWhole(numbers.Z, most) && IsWhole(numbers.Y, most) && IsWhole(numbers.X, most);

        static bool IsWhole(float number, int most) => number >= 0 && number <= most && number == MathF.Floor(number);
    }

    /// <summary>What displaces all labels.</summary>
    internal SmoothShift ShiftOf(VolumeShape shape) => new(shape, Displacement, Velocity);

    // From a voxel to the place that its label was at.
    private static LabelMapTransform TransformOf(VolumeShape shape, in LabelMapPose pose)
    {
        const float furthest = 1e6f;
        LabelMapTransform transform;
        try
        {
            transform = LabelMapGeometry.Transform(shape, shape, (1, 1, 1), 1, in pose);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException(
                "The pose drawn for deformation flattens the anatomy: scaling and shear leave it no volume; narrow their laws.", exception);
        }

        // Of the corner that is furthest, so that places are numbers whose whole part is known.
        (float z, float y, float x) = (shape.Depth, shape.Height, shape.Width);
        float reach = MathF.Abs(transform.ZZ * z) + MathF.Abs(transform.ZY * y) + MathF.Abs(transform.ZX * x) + MathF.Abs(transform.Z)
            + MathF.Abs(transform.YZ * z) + MathF.Abs(transform.YY * y) + MathF.Abs(transform.YX * x) + MathF.Abs(transform.Y)
            + MathF.Abs(transform.XZ * z) + MathF.Abs(transform.XY * y) + MathF.Abs(transform.XX * x) + MathF.Abs(transform.X);
        return reach < furthest ? transform : throw new ArgumentException(
            "The pose drawn for deformation takes labels from a million voxels away, or from nowhere; narrow the laws of scaling, shear and "
            + "translationOfSide.");
    }

    // The anatomies that a sample's labels may be of: the last that gives every voxel a label, and those before it while that may be left out.
    private static IEnumerable<IAnatomyComponent> SeenBefore(IReadOnlyList<Component> list, int at)
    {
        for (int other = at - 1; other >= 0; other--)
        {
            if (list[other] is IAnatomyComponent { Hides: true } one)
            {
                yield return one;
                if (list[other].Chance >= 1)
                {
                    yield break;
                }
            }
        }
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Worked out: where labels are taken from, and whether they change sides.</summary>
        public MapPlace Place;

        /// <summary>Rotation about z, y, x in degrees; in 2D the first.</summary>
        [Recorded("deformationRotationDegreesZyx")]
        public AxisNumbers RotationDegrees;

        /// <summary>Scaling along z, y, x.</summary>
        [Recorded("deformationScalingZyx")]
        public AxisNumbers Scaling;

        /// <summary>Off-diagonal entries of the shear matrix.</summary>
        [Recorded("deformationShearZyZxYzYxXzXy")]
        public ShearNumbers Shear;

        /// <summary>Translation along z, y, x as a fraction of the side.</summary>
        [Recorded("deformationTranslationOfSideZyx")]
        public AxisNumbers TranslationOfSide;

        /// <summary>1 of an axis that was reflected, z, y, x.</summary>
        [Recorded("deformationReflectedZyx")]
        public AxisNumbers Reflected;

        /// <summary>Turns by 90 degrees about z, y, x, 0 to 3.</summary>
        [Recorded("deformationQuarterTurnsZyx")]
        public AxisNumbers QuarterTurns;

        /// <summary>What lies outside, <see cref="OutsideLabels"/>.</summary>
        [Recorded("deformationOutside")]
        public int Outside;

        /// <summary>Standard deviation of the displacement's nodes per scale, in voxels.</summary>
        [Recorded("deformationDisplacementStdVoxels", OfKey = nameof(Displacement))]
        public WordList DisplacementStdVoxels;

        /// <summary>Standard deviation of the velocity's nodes per scale, in voxels.</summary>
        [Recorded("deformationVelocityStdVoxels", OfKey = nameof(Velocity))]
        public WordList VelocityStdVoxels;

        /// <summary>The deviations of what displaces all labels.</summary>
        internal readonly ShiftStd ShiftStd => new(DisplacementStdVoxels, VelocityStdVoxels);
    }
}
