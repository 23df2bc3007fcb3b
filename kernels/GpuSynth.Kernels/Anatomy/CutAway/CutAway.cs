namespace GpuSynth.Kernels;

// CutAway: a voxel becomes air where d >= 0,  d in voxels how deep it lies in the piece that holds it deepest (CutPiece).
// Labels: the same on every device away from ties. A piece is 8 words of the row.

/// <summary>
/// Parts of the anatomies before it are cut away: boxes, half-spaces, or all outside a cylinder, as where a field of view ends. A sample's label is 0 there, and
/// intensities are made of a label of their own, so that what is cut has the intensity of an air of its own; of Hounsfield units it is air. Drawn of the anatomy:
/// two appearances of it are cut at the same places. What cuts the image alone is <see cref="CutOut"/>. Source: AnyStar (20 boxes of 12 of 64 voxels become 0 in
/// image and label, probability 0.2); laws: our choice.
/// </summary>
/// <param name="Kind">What is cut, drawn for each piece, the nearest whole number: 0 a box, 1 a half-space, 2 all outside a cylinder.</param>
/// <param name="Size">
/// How much, drawn for each piece, 0 (nothing) to 1 (all): the edge of a box as a share of the axis, drawn per axis; the depth of a half-space as a share of the extent
/// across it; the share of the half diagonal that a cylinder's radius is short of it.
/// </param>
/// <param name="Count">Pieces, 1 to 32.</param>
/// <param name="OwnAir">Whether intensities are made of a label of its own there; else of label 0, as it is.</param>
[Component(
    "cutAway",
    151,
    Source = "AnyStar",
    Says = "Boxes, half-spaces or all outside a cylinder are cut from the labels: they become 0, and air of its own in the image.",
    Example = "cutAway: { kind: 1, size: 0.3, count: 2, ownAir: true }")]
public sealed record CutAway(
    [property: Allowed(0, 2, Says = "What is cut, drawn for each piece and rounded: 0 a box, 1 a half-space, 2 all outside a cylinder.")]
    Law Kind,
    [property: Allowed(
        0,
        1,
        Says = "How much, drawn for each piece: edges of a box as shares of the axes, depth of a half-space as share of the extent, share of the half "
            + "diagonal that a cylinder lacks.")]
    Law Size,
    [property: Allowed(1, 32, Says = "Pieces; AnyStar: 20 boxes of size 0.1875.")] int Count,
    [property: Says("Whether intensities there are those of a label of its own, air in Hounsfield units; else those of label 0.")]
    bool OwnAir)
    : AnatomyComponent<CutAway.Drawn>
{
    /// <inheritdoc/>
    public override bool Covers => false;

    /// <inheritdoc/>
    public override bool MakesAir => OwnAir;

    /// <inheritdoc/>
    public override string MadeOf => "pieces";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 1;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => OwnAir ? 0 : 1;

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostCutAway(in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceCutAway(in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => CutPieces.ListWords(Count);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing)
    {
        CutNumbers pieces = CutPieces.Draw(ref drawing, Kind, Size, Count);
        return new Drawn
        {
            Kinds = pieces.Kinds,
            SizesZyx = pieces.SizesZyx,
            PositionsZyx = pieces.PositionsZyx,
            Tilts = pieces.Tilts,
            Turns = pieces.Turns,
            Pieces = drawing.List(CutPiece.WordCount * Count),
        };
    }

    /// <inheritdoc/>
    public override void Prepare(in SampleFacts facts, ref Drawn drawn, Span<float> row)
    {
        CutNumbers numbers = new(drawn.Kinds, drawn.SizesZyx, drawn.PositionsZyx, drawn.Tilts, drawn.Turns);
        CutPieces.Prepare(facts.Shape, in numbers, drawn.Pieces, row);
    }

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>What is cut per piece, the nearest whole number: 0 a box, 1 a half-space, 2 all outside a cylinder.</summary>
        [Recorded("cutAwayKinds")]
        public WordList Kinds;

        /// <summary>How much per piece along z, y, x; z is nothing to an image, and the last of them is that of a half-space and of a cylinder.</summary>
        [Recorded("cutAwaySizesZyx")]
        public WordList SizesZyx;

        /// <summary>Where per piece along z, y, x, 0 to 1 of where it can be; nothing to a half-space.</summary>
        [Recorded("cutAwayPositionsZyx")]
        public WordList PositionsZyx;

        /// <summary>Cosine of the angle between a half-space's normal and z, per piece; nothing to others and to an image.</summary>
        [Recorded("cutAwayTilts")]
        public WordList Tilts;

        /// <summary>Angle of a half-space's normal from x to y in turns, per piece; which axis a cylinder has, z in the first third, then y, then x.</summary>
        [Recorded("cutAwayTurns")]
        public WordList Turns;

        /// <summary>Worked out: the pieces, <see cref="CutPiece"/>.</summary>
        public WordList Pieces;
    }
}
