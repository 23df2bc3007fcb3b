using System.Globalization;

namespace GpuSynth.Kernels;

// Hounsfield: I = m + s (sqrt(1 - c) z + sqrt(c) n(A x + o)), the form of Texture, with m and s those of the tissue that a label is in CT.
// Reads 1 B/voxel, and of the tile 2^d numbers for each of two octaves. Random bits: the same on every device.

/// <summary>
/// Intensities of labels in Hounsfield units, as CT shows them: a label is a tissue by weights, and a tissue has its range of means and of
/// deviations (<see cref="HounsfieldClasses"/>). What follows may be in Hounsfield units until a window. Source: T. M. Buzug, Computed Tomography,
/// Springer 2008.
/// </summary>
/// <param name="Classes">What labels are; null: <see cref="HounsfieldClasses.Organs"/>.</param>
/// <param name="Given">What some labels are; null: all are alike.</param>
/// <param name="Randomised">Probability that a sample's means are anything from -200 to 200, but for air, whatever the tissue.</param>
/// <param name="Share">c, the structured part of the variance, drawn per label, 0 to 1; the rest is white noise.</param>
/// <param name="SpacingVoxels">Width of the finest structure in voxels, drawn per label, 1 to 1024.</param>
[Component(
    "hounsfield",
    80,
    Source = "Buzug 2008",
    Says = "Intensity per label in Hounsfield units: every label is a tissue of CT, given or drawn by weights.",
    Example = "hounsfield: { given: [{ label: 0, classes: { lung: 1 } }, { label: 1, classes: { soft: 1 } }, { label: 2, classes: { fat: 1 } },"
        + " { label: 3, classes: { fluid: 1 } }, { label: 4, classes: { spongyBone: 1 } }] }\nwindow: { level: -200, width: 1200 }")]
public sealed record Hounsfield(
    [property: Says("Weights of what a label may be, drawn per label; absent: soft 0.6, fat 0.15, fluid 0.1, lung 0.1, spongyBone 0.05.")]
    HounsfieldClasses? Classes,
    [property: Says("What some labels are; absent: all are alike.")] ValueList<HounsfieldLabel>? Given,
    [property: Allowed(0, 1, Says = "Probability that a sample's means are any from -200 to 200 HU, but for air.")]
    [property: Absent(0)]
    double Randomised,
    [property: Allowed(0, 1, PerLabel = true, Says = "Share of a tissue's variance that is structure, drawn per label; the rest is white noise.")]
    [property: Absent(0.8)]
    Law Share,
    [property: Allowed(1, 1024, "voxels", PerLabel = true, Says = "Width of the finest structure, drawn per label.")]
    [property: Absent(3)]
    Law SpacingVoxels)
    : LinkedComponent<Hounsfield.Drawn, TissueLink>, ITableComponent
{
    // The first elements of lists per label, 256 each: append only. An element's low byte is the label.
    private const uint ClassElement = 0;
    private const uint MeanElement = 1 << 8;
    private const uint StdElement = 2 << 8;
    private const uint ShareElement = 3 << 8;
    private const uint SpacingElement = 4 << 8;
    private const uint OffsetElement = 5 << 8;
    private const uint RandomisedElement = 8 << 8;
    private const int Lists = 8;
    private const int Octaves = 2;
    private const float RandomisedEnd = 200;
    private static readonly UniformLaw Unit = new(0, 1);

    /// <summary>The stream of the voxels' white noise: a part of its own that no law draws from.</summary>
    public uint VoxelStream => Stream + (1u << 24);

    /// <summary>The stream of the lattice's tile.</summary>
    public uint TileStream => Stream + (2u << 24);

    /// <inheritdoc/>
    public override bool Begins => true;

    /// <inheritdoc/>
    public override bool ReadsLabels => true;

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => (Lists * facts.LabelCount) + TissueTable.Length(facts.LabelCount);

    /// <inheritdoc/>
    public override bool DrawsAlike(int label, int other) => base.DrawsAlike(label, other) && ClassesOf(label) == ClassesOf(other);

    /// <inheritdoc/>
    public override IEnumerable<(string Key, int Label)> NamedLabels => (Given ?? []).Select(static one => ("given", one.Label));

    /// <inheritdoc/>
    public override Component OnOtherLabels() =>
        Given is null ? this : this with { Given = Given.Any(static one => one.Label == 0) ? [.. Given.Where(static one => one.Label == 0)] : null };

    /// <inheritdoc/>
    public override IEnumerable<string> Complaints(IReadOnlyList<Component> list, int at) =>
        (Given ?? []).GroupBy(static one => one.Label).Where(static same => same.Count() > 1).Select(static same => string.Create(
            CultureInfo.InvariantCulture, $"says twice in given what label {same.Key} is; take one away"));

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int labels = drawing.Facts.LabelCount;
        float side = LatticeTile.Side(drawing.Facts.Shape);
        var drawn = new Drawn
        {
            Classes = drawing.EachLabel(Unit, ClassElement),
            Means = drawing.EachLabel(Unit, MeanElement),
            Stds = drawing.EachLabel(Unit, StdElement),
            Shares = drawing.EachLabel(Share, ShareElement),
            SpacingsVoxels = drawing.EachLabel(SpacingVoxels, SpacingElement),

            // Labels of one tissue are alike, and each has its own piece of it.
            OffsetsZ = drawing.Each(Unit, OffsetElement, labels, side),
            OffsetsY = drawing.Each(Unit, OffsetElement + (1 << 8), labels, side),
            OffsetsX = drawing.Each(Unit, OffsetElement + (2 << 8), labels, side),
            Words = drawing.List(TissueTable.Length(labels)),
            IsRandomised = drawing.Number(Unit, RandomisedElement) < Randomised ? 1 : 0,
        };
        Span<float> classes = drawing.Numbers(drawn.Classes);
        Span<float> means = drawing.Numbers(drawn.Means);
        Span<float> stds = drawing.Numbers(drawn.Stds);
        for (int label = 0; label < labels; label++)
        {
            bool isAir = drawing.Facts.Tables?.IsAir(label) == true;
            int number = isAir ? HounsfieldClasses.AirClass : ClassesOf(drawing.TissueOf(label)).Choose(classes[label]);
            ClassNumbers numbers = HounsfieldClasses.NumbersOf(number);
            bool isRandomised = drawn.IsRandomised != 0 && number != HounsfieldClasses.AirClass;
            classes[label] = number;
            means[label] = isRandomised
                ? RandomisedEnd * ((2 * means[label]) - 1)
                : numbers.LowMean + (means[label] * (numbers.HighMean - numbers.LowMean));
            stds[label] = numbers.LowStd + (stds[label] * (numbers.HighStd - numbers.LowStd));
        }

        return drawn;
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row) =>
        drawn.Tissue = TissueTable.Write(row, drawn.Words, Octaves, facts.Shape, drawn);

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) =>
        new TissueStep(place, FirstOf(in place), place.Stream(VoxelStream), place.Stream(TileStream));

    /// <inheritdoc/>
    public DeviceTable CreateTable(in StepPlace place) => new TileTable("hounsfield tile", place.Facts.Shape, place.Stream(TileStream));

    /// <inheritdoc/>
    protected override TissueLink LinkAt(in StepPlace place) => new(in place, FirstOf(in place), place.Stream(VoxelStream));

    private static int FirstOf(in StepPlace place) => SampleLayout.FieldOf<Drawn>(place.Entry, nameof(Drawn.Tissue));

    private HounsfieldClasses ClassesOf(int label)
    {
        for (int one = 0; one < (Given?.Count ?? 0); one++)
        {
            if (Given![one].Label == label)
            {
                return Given[one].Classes;
            }
        }

        return Classes ?? HounsfieldClasses.Organs;
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn : ITissueNumbers
    {
        /// <summary>What every label is: the number of its class, from 0 on in the order of the keys.</summary>
        [Recorded("hounsfieldClasses")]
        public WordList Classes;

        /// <summary>Mean per label.</summary>
        [Recorded("hounsfieldMeans")]
        public WordList Means;

        /// <summary>Standard deviation within the tissue per label.</summary>
        [Recorded("hounsfieldStds")]
        public WordList Stds;

        /// <summary>Structured share of the variance per label.</summary>
        [Recorded("hounsfieldShares")]
        public WordList Shares;

        /// <summary>Width of the finest structure per label, in voxels.</summary>
        [Recorded("hounsfieldSpacingsVoxels")]
        public WordList SpacingsVoxels;

        /// <summary>Where the tile begins along z, in lattice steps, per label; nothing to an image.</summary>
        [Recorded("hounsfieldOffsetsZ")]
        public WordList OffsetsZ;

        /// <summary>Where it begins along y.</summary>
        [Recorded("hounsfieldOffsetsY")]
        public WordList OffsetsY;

        /// <summary>Where it begins along x.</summary>
        [Recorded("hounsfieldOffsetsX")]
        public WordList OffsetsX;

        /// <summary>Whether means are any from -200 to 200, but for air.</summary>
        [Recorded("hounsfieldIsRandomised", Kind = RecordedKind.Flag)]
        public float IsRandomised;

        /// <summary>Worked out: the words of labels.</summary>
        public WordList Words;

        /// <summary>Worked out: what voxels need of their labels.</summary>
        public TissueTable Tissue;

        // A direction along no axis, for lattices show theirs.
        /// <inheritdoc/>
        readonly TissueNumbers ITissueNumbers.Of(ReadOnlySpan<float> row, int label) => new()
        {
            Mean = row[Means.First + label],
            Std = row[Stds.First + label],
            Share = row[Shares.First + label],
            SpacingVoxels = row[SpacingsVoxels.First + label],
            Elongation = 1,
            Hurst = 0.5f,
            Tilt = 0.83f,
            Turn = 0.09f,
            Spin = 0.13f,
            OffsetZ = row[OffsetsZ.First + label],
            OffsetY = row[OffsetsY.First + label],
            OffsetX = row[OffsetsX.First + label],
        };
    }
}
