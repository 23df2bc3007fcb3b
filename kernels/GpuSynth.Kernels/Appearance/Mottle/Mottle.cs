namespace GpuSynth.Kernels;

// Mottle: I *= 1 + g sum_j s_j n(x / h_j + o_j),  n the noise of a LatticeTile, all lattices along the axes; in all labels, or in some.
// 8 B/voxel, and of the tile 2^d numbers per lattice. Values: the same run to run on one device.

/// <summary>
/// I *= 1 + g P, with P a sum of lattice noises of given spacings, each of a drawn strength: patches that know nothing of labels, in all of them or
/// in some. A NaN stays one.
/// Source: anatomix (gain 0.02; strength uniform 0 to 5 at spacings of 4, 8, 16 and 32 voxels, on upsampled grids, whose deviation is
/// (2/3)^(d/2) of the strength on average; here it is the strength, so that its gain is 0.02 (2/3)^(3/2) = 0.01089 in a volume).
/// </summary>
/// <param name="Spacings">h_j in voxels, 1 to 4096 each, or side/N.</param>
/// <param name="Std">s_j, drawn for each spacing, at least 0.</param>
/// <param name="Gain">g, drawn once, at least 0.</param>
/// <param name="Only">The labels that have patches; null: all.</param>
/// <param name="Except">Labels that have none; null: none.</param>
[Component(
    "mottle",
    51,
    Degrades = true,
    Source = "anatomix",
    Says = "Brighter and darker patches of several widths, whatever the labels.",
    Example = "mottle: { spacings: [8, 32], std: 1, gain: 0.2 }")]
public sealed record Mottle(
    [property: Allowed(1, 4096, "voxels", Says = "Widths of the patches, or side/N, one lattice each. anatomix: 4, 8, 16, 32.")]
    ValueList<SideMeasure> Spacings,
    [property: Allowed(0, 1000, Says = "Strength of a lattice, drawn for each. anatomix: uniform 0 to 5.")]
    Law Std,
    [property: Allowed(0, 100, Says = "What all of them are multiplied by, drawn once. anatomix: 0.01089 in volumes (0.02 on its upsampled grids).")]
    Law Gain,
    [property: Says("Labels that have the patches; absent: all.")]
    ValueList<int>? Only = null,
    [property: Says("Labels that have none; absent: all have.")]
    ValueList<int>? Except = null)
    : LinkedComponent<Mottle.Drawn, MottleLink>, ITableComponent
{
    // Elements of the stream: append only.
    private const uint GainElement = 0;
    private const uint StdElement = 1 << 8;
    private const uint OffsetElement = 2 << 8;

    /// <summary>The stream of the lattice's tile: a part of its own that no law draws from.</summary>
    public uint TileStream => Stream + (2u << 24);

    /// <inheritdoc/>
    public override bool ReadsLabels => Only is not null || Except is not null;

    /// <inheritdoc/>
    public override IEnumerable<(string Key, int Label)> NamedLabels =>
        [.. (Only ?? []).Select(static label => ("only", label)), .. (Except ?? []).Select(static label => ("except", label))];

    /// <inheritdoc/>
    public override Component? OnOtherLabels() => Only is not null && !Only.Contains(0)
        ? null
        : this with { Only = Only is null ? null : [0], Except = Except is not null && Except.Contains(0) ? [0] : null };

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => ((4 + LatticeWords.Count) * Spacings.Count) + MaskLength(in facts);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        int count = Spacings.Count;
        Law steps = LatticeOffsets.Of(drawing.Facts.Shape);
        return new Drawn
        {
            Gain = drawing.Number(Gain, GainElement),
            Stds = drawing.Each(Std, StdElement, count),
            OffsetsZyx = drawing.Each(steps, OffsetElement, 3 * count),
            Lattices = drawing.List(count * LatticeWords.Count),
            Mask = drawing.List(MaskLength(drawing.Facts)),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        drawn.Place = new VoxelPlace(facts.Shape);
        for (int lattice = 0; lattice < Spacings.Count; lattice++)
        {
            LatticeWords.Write(
                row.Slice(drawn.Lattices.First + (lattice * LatticeWords.Count), LatticeWords.Count),
                drawn.Gain * row[drawn.Stds.First + lattice],
                (float)(1.0 / Spacings[lattice].Resolve(facts.Shape.Side)),
                row.Slice(drawn.OffsetsZyx.First + (3 * lattice), 3));
        }

        for (int label = 0; label < drawn.Mask.Count; label++)
        {
            bool has = (Only is null || Only.AsSpan().Contains(label)) && (Except is null || !Except.AsSpan().Contains(label));
            row[drawn.Mask.First + label] = has ? 1 : 0;
        }
    }

    /// <inheritdoc/>
    public override HostStep CreateStep(in StepPlace place) => new MottleStep(this, place);

    /// <inheritdoc/>
    public DeviceTable CreateTable(in StepPlace place) => new TileTable("mottle tile", place.Facts.Shape, place.Stream(TileStream));

    /// <inheritdoc/>
    protected override MottleLink LinkAt(in StepPlace place) => new(in place);

    private int MaskLength(in SampleFacts facts) => ReadsLabels ? facts.LabelCount : 0;

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>What all lattices are multiplied by.</summary>
        [Recorded("mottleGain")]
        public float Gain;

        /// <summary>Strength per lattice.</summary>
        [Recorded("mottleStds")]
        public WordList Stds;

        /// <summary>Where the tile begins along z, y, x, in lattice steps, per lattice; z is nothing to an image.</summary>
        [Recorded("mottleOffsetsZyx")]
        public WordList OffsetsZyx;

        /// <summary>Worked out: <see cref="LatticeWords"/> per lattice.</summary>
        public WordList Lattices;

        /// <summary>Worked out: 1 of a label that has patches, 0 of another; empty where all have.</summary>
        public WordList Mask;

        /// <summary>Worked out: where voxels lie.</summary>
        public VoxelPlace Place;
    }
}
