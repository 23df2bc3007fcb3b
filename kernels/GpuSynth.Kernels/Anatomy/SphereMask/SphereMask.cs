using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// SphereMask: s(p) = |p - c| - R + f(p),  f a sum of lattice noises, cut at 3 of its standard deviations.
//   s >= 0 is outside, |s| < w the rim, where there is one.
//   anatomix moves the points by a vector of three such fields; the part of it along the radius is f, the part across changes a sphere in second
//   order only, and a third of the noise suffices.

/// <summary>
/// A rough sphere as foreground over the anatomies before it. Outside becomes label 0, and all around the surface may go a rim of a label of its own.
/// What label 0 is, is the recipe's: a new one, every label before being one higher from there on, in samples without a mask too, so that a label
/// is the same in all of them; or label 0 as it was, as of label maps whose 0 is the background.
/// Source: anatomix (radius 48 to 71 of 128, middle within 32 of the volume's, grids of 8, 16 and 32 voxels of deviation 1 to 5 each, a mask in 2/3 of
/// samples, a rim of half-width 2 to 4 in half of those).
/// </summary>
/// <param name="RadiusOfSide">R as a fraction of the side, drawn once.</param>
/// <param name="CentreOfSide">From the volume's middle to c as a fraction of the side, drawn for each axis.</param>
/// <param name="Spacings">Widths of the lattices in voxels, or side/N.</param>
/// <param name="RoughnessOfSide">Strength of a lattice as a fraction of the side, drawn for each.</param>
/// <param name="MaskChance">Probability that a sample has a mask.</param>
/// <param name="RimChance">Probability that a mask has a rim; 0: there is no label for one.</param>
/// <param name="RimOfSide">w as a fraction of the side, drawn once.</param>
/// <param name="OwnBackground">Whether outside becomes a label of its own, which is 0.</param>
[Component(
    "sphereMask",
    Streams.SphereMaskLaws,
    Source = "anatomix",
    Says = "A rough sphere as foreground: outside becomes label 0, and its surface may get a rim.",
    Example = "sphereMask: { radiusOfSide: 0.36, centreOfSide: 0, spacings: [side/16, side/8, side/4], roughnessOfSide: 0.013, maskChance: 1, rimChance: 1,"
        + " rimOfSide: 0.023, ownBackground: false }")]
public sealed partial record SphereMask(
    [property: Allowed(0.05, 2, "of the side", Says = "Radius of the sphere as a fraction of the side, drawn once. anatomix: uniform 0.375 to 0.5547.")]
    Law RadiusOfSide,
    [property: Allowed(
        -1, 1, "of the side", Says = "From the volume's middle to the sphere's, as a fraction of the side, drawn for each axis. anatomix: -0.25 to 0.25.")]
    Law CentreOfSide,
    [property: Allowed(1, 4096, "voxels", Says = "Widths of its roughness, one lattice each, or side/N. anatomix: side/16, side/8, side/4.")]
    ValueList<SideMeasure> Spacings,
    [property: Allowed(
        0,
        0.2,
        "of the side",
        Says = "Deviation of the surface by a lattice as a fraction of the side, drawn for each. anatomix: 0.0078 to 0.039 on upsampled grids, which are 0.0043 to 0.021 here.")]
    Law RoughnessOfSide,
    [property: Allowed(0, 1, Says = "Probability that a sample has a mask. anatomix: 2/3.")]
    double MaskChance,
    [property: Allowed(0, 1, Says = "Probability that a mask has a rim; 0: there is no label for one. anatomix: 0.5.")]
    double RimChance,
    [property: Allowed(0, 0.2, "of the side", Says = "Half of the rim's width as a fraction of the side, drawn once. anatomix: 2, 3 or 4 of 128.")]
    Law RimOfSide,
    [property: Says(
        "Whether outside becomes a label of its own, 0, and every label before it is one higher, in samples without a mask too; else outside becomes "
        + "label 0 as it is, the background of label maps.")]
    bool OwnBackground)
    : AnatomyComponent<SphereMask.Drawn>
{
    // Elements of the stream: append only.
    private const uint RadiusElement = 0;
    private const uint MaskElement = 1;
    private const uint RimElement = 2;
    private const uint RimWidthElement = 3;
    private const uint CentreElement = 4;
    private const uint RoughnessElement = 1 << 8;
    private const uint OffsetElement = 2 << 8;

    private const float MostDeviations = 3;

    private static readonly UniformLaw Unit = new(0, 1);

    /// <inheritdoc/>
    public override bool Covers => false;

    /// <inheritdoc/>
    public override bool AddsLabels => true;

    /// <inheritdoc/>
    public override bool LiftsLabels => OwnBackground;

    // Without a background of its own what lies outside gets label 0 of those before it.
    /// <inheritdoc/>
    public override bool Relabels => !OwnBackground;

    /// <inheritdoc/>
    public override string MadeOf => "lattices";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 2;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => (OwnBackground ? 1 : 0) + (RimChance > 0 ? 1 : 0);

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostSphereMask(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceSphereMask(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (4 + LatticeWords.Count) * Spacings.Count;

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (OwnBackground && Chance < 1)
        {
            yield return "makes every label one higher (ownBackground), and would do so in some samples only, in which a label were another one; "
                + "take chance away and set maskChance, or set ownBackground: false";
        }

        if (OwnBackground && list.Take(at).Any(static one => one is IAnatomyComponent { NeedsLabelMaps: true }))
        {
            yield return "makes every label one higher (ownBackground), and those of label maps are known by their values; set ownBackground: false, "
                + "so that outside becomes their label 0";
        }
    }

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        VolumeShape shape = drawing.Facts.Shape;
        Law steps = LatticeOffsets.Of(shape);
        AxisNumbers centre = drawing.Axes(CentreOfSide, CentreElement);
        int count = Spacings.Count;
        return new Drawn
        {
            RadiusVoxels = drawing.Number(RadiusOfSide, RadiusElement) * shape.Side,
            CentreVoxelsZyx = new AxisNumbers(centre.Z * shape.Side, centre.Y * shape.Side, centre.X * shape.Side),
            IsMasked = drawing.Number(Unit, MaskElement) < MaskChance ? 1 : 0,
            HasRim = drawing.Number(Unit, RimElement) < RimChance ? 1 : 0,
            RimVoxels = drawing.Number(RimOfSide, RimWidthElement) * shape.Side,
            RoughnessVoxels = drawing.Each(RoughnessOfSide, RoughnessElement, count, shape.Side),
            OffsetsZyx = drawing.Each(steps, OffsetElement, 3 * count),
            Lattices = drawing.List(count * LatticeWords.Count),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        VolumeShape shape = facts.Shape;
        AxisNumbers from = drawn.CentreVoxelsZyx;
        float sum = drawn.RadiusVoxels + drawn.RimVoxels + MathF.Abs(from.Z) + MathF.Abs(from.Y) + MathF.Abs(from.X);
        double squares = 0;
        for (int lattice = 0; lattice < Spacings.Count; lattice++)
        {
            float strength = row[drawn.RoughnessVoxels.First + lattice];
            Span<float> offset = row.Slice(drawn.OffsetsZyx.First + (3 * lattice), 3);
            LatticeWords.Write(
                row.Slice(drawn.Lattices.First + (lattice * LatticeWords.Count), LatticeWords.Count),
                strength,
                (float)(1.0 / Spacings[lattice].Resolve(shape.Side)),
                offset);
            squares += (double)strength * strength;
            sum += MathF.Abs(strength) + MathF.Abs(offset[0]) + MathF.Abs(offset[1]) + MathF.Abs(offset[2]);
        }

        if (!(drawn.RadiusVoxels > 0) || !(drawn.RimVoxels >= 0) || !(sum < 1e6f))
        {
            throw new ArgumentException(
                "A number of the sphere is no number, too large, or its radius not above 0; give back what was drawn, or other numbers of its kind.");
        }

        drawn.MostRoughness = (float)(MostDeviations * Math.Sqrt(squares));
        drawn.Ball = new Ellipsoid(
            new AxisNumbers(
                shape.Dimensions == 3 ? ((shape.Depth - 1) / 2f) + from.Z : 0, ((shape.Height - 1) / 2f) + from.Y, ((shape.Width - 1) / 2f) + from.X),
            new AxisNumbers(drawn.RadiusVoxels, drawn.RadiusVoxels, drawn.RadiusVoxels),
            shape.Dimensions);
        drawn.HalfRim = drawn.HasRim == 0 ? 0 : drawn.RimVoxels;
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Radius of the sphere.</summary>
        [Recorded("sphereRadiusVoxels")]
        public float RadiusVoxels;

        /// <summary>From the volume's middle to the sphere's; z is nothing to an image.</summary>
        [Recorded("sphereCentreVoxelsZyx")]
        public AxisNumbers CentreVoxelsZyx;

        /// <summary>Whether the sample has a mask.</summary>
        [Recorded("isSphereMasked", Kind = RecordedKind.Flag)]
        public int IsMasked;

        /// <summary>Whether the mask has a rim, where there is one.</summary>
        [Recorded("hasSphereRim", Kind = RecordedKind.Flag)]
        public int HasRim;

        /// <summary>Half of the rim's width.</summary>
        [Recorded("sphereRimVoxels")]
        public float RimVoxels;

        /// <summary>Standard deviation of the surface by each lattice.</summary>
        [Recorded("sphereRoughnessVoxels")]
        public WordList RoughnessVoxels;

        /// <summary>Where the tile begins along z, y, x, in lattice steps, for each lattice; z is nothing to an image.</summary>
        [Recorded("sphereOffsetsZyx")]
        public WordList OffsetsZyx;

        /// <summary>Worked out: <c>LatticeWords</c> of each lattice.</summary>
        public WordList Lattices;

        /// <summary>Worked out: what the surface is moved by at most.</summary>
        internal float MostRoughness;

        /// <summary>Worked out: half of the rim's width, 0 without one.</summary>
        internal float HalfRim;

        /// <summary>Worked out: the sphere.</summary>
        internal Ellipsoid Ball;

        /// <summary>s at a place: below 0 inside.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal static F Distance<F, U>(in Drawn drawn, in Row row, in LatticeTile tile, F z, F y, F x)
            where F : struct, IReal<F, U>
            where U : struct, IWord<F, U>
        {
            F rough = LatticeSum.Add<F, U>(in row, drawn.Lattices, in tile, z, y, x, F.Of(0f));
            F most = F.Of(drawn.MostRoughness);
            return drawn.Ball.Distance<F, U>(z, y, x) + F.Min(F.Max(rough, F.Of(0f) - most), most);
        }
    }
}
