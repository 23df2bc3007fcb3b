using GpuSynth.Kernels;
using GpuSynth.Recipes;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>Noise-field anatomy on a GPU: coarse nodes, merged knots, labels; each a launch or two over the batch.</summary>
internal sealed class GpuNoiseAnatomy : IGpuStage
{
    private readonly SampleLayout layout;
    private readonly int batchSize;
    private readonly FieldGrid grid;
    private readonly GpuShifts shifts;
    private int nodesPiece;
    private int scalesPiece;
    private int weightsPiece;
    private int placesPiece;
    private int cellsPiece;
    private ArrayView<float> nodes;
    private ArrayView<NoiseGridScale> scales;
    private ArrayView<KnotWeight> weights;
    private ArrayView<FieldPlace> places;
    private ArrayView<FieldCell> cells;
    private CoarseDraw.Launcher? draw;
    private KnotMerge.Launcher? merge;
    private AnatomyRows.Launcher? rows;

    public GpuNoiseAnatomy(NoiseAnatomy recipe, VolumeShape shape, SampleLayout layout, int batchSize)
    {
        this.layout = layout;
        this.batchSize = batchSize;
        int labels = recipe.LabelCount(shape.Side);
        grid = new FieldGrid(new NoiseGridLayout(shape, recipe.Field.ScalesInVoxels(shape.Side), labels));
        NoiseGridLayout? displacement = recipe.Displacement is null
            ? null
            : new NoiseGridLayout(shape, recipe.Displacement.ScalesInVoxels(shape.Side), checked(labels * shape.Dimensions));
        shifts = new GpuShifts(
            new ShiftGrid(shape, displacement, labels, slips: true),
            layout,
            batchSize,
            Streams.DisplacementNodes,
            "displacement");
    }

    /// <inheritdoc/>
    public void Declare(GpuArena arena)
    {
        nodesPiece = arena.Declare<float>(
            "label-field nodes", (long)batchSize * grid.Layout.Length, "coarse grids of the label fields");
        scalesPiece = arena.Declare<NoiseGridScale>("label-field scales", grid.Layout.ScaleCount, "where the coarse grids lie");
        weightsPiece = arena.Declare<KnotWeight>("label-field weights", grid.Weights.Length, "what a knot takes from the nodes");
        placesPiece = arena.Declare<FieldPlace>("label-field places", grid.Places.Length, "which cell a position lies in");
        cellsPiece = arena.Declare<FieldCell>(
            "label-field knots", (long)batchSize * grid.Plan.Cells, "the label fields on merged grids");
        shifts.Declare(arena);
    }

    /// <inheritdoc/>
    public void Start(GpuBackend backend, GpuArena arena)
    {
        nodes = arena.View<float>(nodesPiece);
        scales = arena.View<NoiseGridScale>(scalesPiece);
        weights = arena.View<KnotWeight>(weightsPiece);
        places = arena.View<FieldPlace>(placesPiece);
        cells = arena.View<FieldCell>(cellsPiece);
        draw = new CoarseDraw.Launcher(backend.Kernels);
        merge = new KnotMerge.Launcher(backend.Kernels);
        rows = new AnatomyRows.Launcher(backend.Kernels);
        backend.Upload<NoiseGridScale>(NoiseField.Scales(grid.Layout), scales);
        backend.Upload<KnotWeight>(grid.Weights, weights);
        backend.Upload<FieldPlace>(grid.Places, places);
        shifts.Start(backend, arena);
    }

    /// <inheritdoc/>
    public void Enqueue(in GpuBatch batch)
    {
        if (grid.Layout.Length > 0)
        {
            draw!.Run(
                batch.Words, layout, batch.Samples, false, Streams.FieldNodes, layout.FieldStd, scales, grid.Layout.Length,
                nodes);
        }

        merge!.Fields(grid, batch.Samples, nodes, scales, weights, cells);
        shifts.Enqueue(in batch);
        rows!.Run(shifts.Grid, grid, batch.Samples, shifts.Cells, shifts.Places, cells, places, batch.Labels);
    }
}
