using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>Noise-field anatomy on a device: coarse nodes, merged knots, labels; each a launch or two over the batch.</summary>
internal sealed class DeviceNoiseAnatomy : DeviceAnatomy
{
    private readonly StepPlace place;
    private readonly FieldGrid grid;
    private readonly DeviceShifts shifts;
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

    public DeviceNoiseAnatomy(NoiseAnatomy component, in StepPlace place)
    {
        this.place = place;
        VolumeShape shape = place.Facts.Shape;
        int labels = component.LabelCount(shape.Side);
        grid = new FieldGrid(new NoiseGridLayout(shape, component.Field.ScalesInVoxels(shape.Side), labels));
        NoiseGridLayout? displacement = component.Displacement is null
            ? null
            : new NoiseGridLayout(shape, component.Displacement.ScalesInVoxels(shape.Side), checked(labels * shape.Dimensions));
        shifts = new DeviceShifts(
            new ShiftGrid(shape, displacement, labels, slips: true),
            place.Stream(Streams.DisplacementNodes),
            place.Entry.Lists + component.Field.Scales.Count,
            "displacement",
            place.Entry.Suffix);
    }

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        string suffix = place.Entry.Suffix;
        nodesPiece = memory.Declare<float>(
            $"label-field nodes{suffix}", (long)batchSize * grid.Layout.Length, "coarse grids of the label fields");
        scalesPiece = memory.Declare<NoiseGridScale>(
            $"label-field scales{suffix}", grid.Layout.ScaleCount, "where the coarse grids lie");
        weightsPiece = memory.Declare<KnotWeight>(
            $"label-field weights{suffix}", grid.Weights.Length, "what a knot takes from the nodes");
        placesPiece = memory.Declare<FieldPlace>($"label-field places{suffix}", grid.Places.Length, "which cell a position lies in");
        cellsPiece = memory.Declare<FieldCell>(
            $"label-field knots{suffix}", (long)batchSize * grid.Plan.Cells, "the label fields on merged grids");
        shifts.Declare(memory, batchSize);
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        nodes = memory.View<float>(nodesPiece);
        scales = memory.View<NoiseGridScale>(scalesPiece);
        weights = memory.View<KnotWeight>(weightsPiece);
        places = memory.View<FieldPlace>(placesPiece);
        cells = memory.View<FieldCell>(cellsPiece);
        draw = new CoarseDraw.Launcher(loader);
        merge = new KnotMerge.Launcher(loader);
        rows = new AnatomyRows.Launcher(loader, place.Entry.MayBeMissing);
        memory.Upload<NoiseGridScale>(NoiseField.Scales(grid.Layout), scales);
        memory.Upload<KnotWeight>(grid.Weights, weights);
        memory.Upload<FieldPlace>(grid.Places, places);
        shifts.Start(loader, memory);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        if (grid.Layout.Length > 0)
        {
            draw!.Run(
                batch.Words, batch.Layout, batch.Samples, false, place.Stream(Streams.FieldNodes), place.Entry.Lists, scales,
                grid.Layout.Length, nodes);
        }

        merge!.Fields(grid, batch.Samples, nodes, scales, weights, cells);
        shifts.Run(in batch);
        rows!.Run(
            shifts.Grid, grid, batch.Samples, shifts.Cells, shifts.Places, cells, places, batch.Labels, batch.GateOf(place.Entry));
    }
}
