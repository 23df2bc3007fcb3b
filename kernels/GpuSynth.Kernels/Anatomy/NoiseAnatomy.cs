namespace GpuSynth.Kernels;

/// <summary>
/// Labels as the argmax over displaced noise fields, one field per label; the lowest label wins a tie and there is no background.
/// Source: RaSD (arXiv 2602.12317), synthesis, anatomy steps 1 to 4.
/// </summary>
/// <param name="Labels">Number of labels K, 2 to 255 where it is a whole number; RaSD: side/16 in 3D, side/32 in 2D.</param>
/// <param name="Field">Label fields P[k] (step 1); its Std is in arbitrary units, the argmax sees only ratios.</param>
/// <param name="Displacement">
/// Displacements F[k] (step 2), an independent field per label and axis. Null: not displaced.
/// </param>
[Component(
    "noiseField",
    Streams.AnatomyLaws,
    Source = "RaSD, steps 1 to 4",
    Says = "Labels drawn from noise fields: a voxel's label is the largest field (RaSD).",
    Example = "noiseField: { labels: 6, field: { scales: [side/16, side/4], std: 0.5 },"
        + " displacement: { scales: [side/16, side/8], stdOfSide: 0.02 } }")]
public sealed partial record NoiseAnatomy(
    [property: Allowed(2, 255, "labels", Says = "Number of labels, or side/N. RaSD: side/16 in 3D, side/32 in 2D.")]
    SideMeasure Labels,
    [property: Says("Label fields, one per label; a voxel's label is the largest field (RaSD, steps 1 and 4).")]
    NoiseGrids Field,
    [property: Says("Displacement of each label's field (RaSD, steps 2 and 3); absent: none.")]
    ShiftGrids? Displacement)
    : AnatomyComponent<NoiseAnatomy.Drawn>
{
    // Elements of the stream: append only.
    private const uint FieldElement = 0;
    private const uint DisplacementElement = 64;

    /// <summary>Number of labels at a side: max(2, side / N) or the whole number.</summary>
    /// <param name="side">S in voxels, at least 1.</param>
    public int LabelCount(int side) => Labels.Resolve(side, least: 2);

    /// <inheritdoc/>
    public override string MadeOf => "grids";

    /// <inheritdoc/>
    public override int BytesPerVoxel => 1;

    /// <inheritdoc/>
    public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => LabelCount(shape.Side);

    /// <summary>All are of one kind: their fields are drawn alike.</summary>
    public override int[]? KindTable(VolumeShape shape) => new int[LabelCount(shape.Side)];

    /// <inheritdoc/>
    public override HostAnatomy CreateHostAnatomy(in StepPlace place) => new HostNoiseAnatomy(this, in place);

    /// <inheritdoc/>
    public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => new DeviceNoiseAnatomy(this, in place);

    /// <inheritdoc/>
    public override int ListWords(in SampleFacts facts) => Field.Scales.Count + (Displacement?.Scales.Count ?? 0);

    /// <inheritdoc/>
    public override Drawn Draw(ref Drawing drawing) => new()
    {
        FieldStd = drawing.Each(Field.Std, FieldElement, Field.Scales.Count),
        DisplacementStdVoxels = Displacement is null ? default : Displacement.Draw(ref drawing, DisplacementElement),
    };

    /// <summary>What is drawn.</summary>
    public struct Drawn
    {
        /// <summary>Standard deviation of the label fields' nodes per scale.</summary>
        [Recorded("fieldStd")]
        public WordList FieldStd;

        /// <summary>Standard deviation of the displacements' nodes per scale, in voxels.</summary>
        [Recorded("displacementStdVoxels")]
        public WordList DisplacementStdVoxels;
    }
}

/// <summary>
/// noise(scales, std): for each scale a coarse grid of normal values with one standard deviation drawn per scale and shared by
/// every channel, upsampled linearly with corners aligned, and summed. Source: RaSD (arXiv 2602.12317), synthesis.
/// </summary>
/// <param name="Scales">Node spacing per grid in voxels, 1 to 8 grids.</param>
/// <param name="Std">Standard deviation of a grid's nodes, drawn once per scale.</param>
public sealed record NoiseGrids(
    [property: Allowed(1, 4096, "voxels", Says = "Distance of the grid nodes, one grid per entry: voxels or side/N.")]
    ValueList<SideMeasure> Scales,
    [property: Allowed(0, 1000, Says = "Standard deviation of the nodes, drawn once per scale. RaSD: uniform 0 to 1.")]
    Law Std)
{
    /// <summary>
    /// Node spacing per grid at a side, in voxels, in the recipe's order: max(1, side / N) or the whole number.
    /// </summary>
    /// <param name="side">S in voxels, at least 1.</param>
    public int[] ScalesInVoxels(int side) => [.. Scales.Select(scale => scale.Resolve(side, least: 1))];

    /// <summary>Layout of the grids of a sample.</summary>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="channels">Fields that have a set of grids each.</param>
    public NoiseGridLayout Layout(VolumeShape shape, int channels) => new(shape, ScalesInVoxels(shape.Side), channels);
}

/// <summary>As <see cref="NoiseGrids"/>, for a displacement or a deformation.</summary>
/// <param name="Scales">Node spacing per grid in voxels, 1 to 8 grids.</param>
/// <param name="StdOfSide">Standard deviation of a grid's nodes as a fraction of the side S, drawn once per scale.</param>
public sealed record ShiftGrids(
    [property: Allowed(1, 4096, "voxels", Says = "Distance of the grid nodes, one grid per entry: voxels or side/N.")]
    ValueList<SideMeasure> Scales,
    [property: Allowed(
        0,
        1,
        "of the side",
        Says = "Standard deviation of the nodes as a fraction of the side, drawn once per scale. RaSD: uniform 0 to 0.0625.")]
    Law StdOfSide)
{
    /// <inheritdoc cref="NoiseGrids.ScalesInVoxels"/>
    public int[] ScalesInVoxels(int side) => [.. Scales.Select(scale => scale.Resolve(side, least: 1))];

    /// <inheritdoc cref="NoiseGrids.Layout"/>
    public NoiseGridLayout Layout(VolumeShape shape, int channels) => new(shape, ScalesInVoxels(shape.Side), channels);

    /// <summary>Draws the standard deviations per scale, in voxels.</summary>
    internal WordList Draw(ref Drawing drawing, uint element) =>
        drawing.Each(StdOfSide, element, Scales.Count, factor: drawing.Facts.Shape.Side);
}
