namespace GpuSynth.Kernels;

/// <summary>Noise-field anatomy on a device: coarse nodes, merged knots, labels; each a launch or two over the batch.</summary>
internal sealed class DeviceNoiseAnatomy : DeviceAnatomy
{
    private readonly StepPlace place;
    private readonly FieldGrid grid;
    private readonly DeviceKnots<FieldPlace, FieldCell> fields;
    private readonly DeviceShifts shifts;
    private KnotMerge.Launcher? merge;
    private AnatomyRows.Launcher? rows;

    public DeviceNoiseAnatomy(NoiseAnatomy component, in StepPlace place)
    {
        this.place = place;
        VolumeShape shape = place.Facts.Shape;
        int labels = component.LabelCount(shape.Side);
        grid = new FieldGrid(component.Field.Layout(shape, labels));
        fields = new DeviceKnots<FieldPlace, FieldCell>(
            grid.Layout,
            grid.Weights,
            grid.Places,
            grid.Plan.Cells,
            new NodeNumbers(place.Stream(Streams.FieldNodes), place.Entry.Lists),
            new KnotTexts("label-field", "label fields", "which cell a position lies in", place.Entry.Suffix));
        shifts = new DeviceShifts(
            new ShiftGrid(shape, component.Displacement?.Layout(shape, checked(labels * shape.Dimensions)), labels, slips: true),
            new NodeNumbers(place.Stream(Streams.DisplacementNodes), place.Entry.Lists + component.Field.Scales.Count),
            "displacement",
            place.Entry.Suffix);
    }

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        fields.Declare(memory, batchSize);
        shifts.Declare(memory, batchSize);
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        fields.Start(loader, memory);
        shifts.Start(loader, memory);
        merge = new KnotMerge.Launcher(loader);
        rows = new AnatomyRows.Launcher(loader, place.Entry.MayBeMissing);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        fields.Draw(in batch);
        merge!.Fields(grid, batch.Samples, fields.Nodes, fields.Scales, fields.Weights, fields.Knots);
        shifts.Run(in batch);
        rows!.Run(
            shifts.Grid, grid, batch.Samples, shifts.Cells, shifts.Places, fields.Knots, fields.Places, batch.Labels, batch.GateOf(place.Entry));
    }
}
