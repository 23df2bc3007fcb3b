namespace GpuSynth.Kernels;

/// <summary>A deformation on the host: the label map's form, of a sample's own labels.</summary>
internal sealed unsafe class HostDeformation : HostLabelMove
{
    private readonly StepPlace place;
    private readonly VolumeShape shape;
    private readonly HostSmoothShift shift;
    private readonly LabelMapAnatomyHost kernel;

    public HostDeformation(Deformation component, in StepPlace place)
        : base(place.Facts.Shape)
    {
        this.place = place;
        shape = place.Facts.Shape;
        SmoothShift smooth = component.ShiftOf(shape);
        kernel = new LabelMapAnatomyHost(shape, smooth.Layout);
        (uint, uint) streams = (place.Stream(Streams.DisplacementOfAllNodes), place.Stream(Streams.VelocityOfAllNodes));
        shift = new HostSmoothShift(smooth, kernel.Deformation, streams, "displacement", $" of all{place.Entry.Suffix}");
    }

    /// <inheritdoc/>
    public override int PreparationCount => shift.PreparationCount;

    /// <inheritdoc/>
    public override long ScratchLength => Math.Max(kernel.ScratchLength, shift.ScratchLength);

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory) => shift.Declare(memory);

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch) =>
        shift.Prepare(memory, row, place.Entry.Drawn<Deformation.Drawn>(row).ShiftStd, piece, scratch);

    /// <inheritdoc/>
    public override void Move(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* beforeDHW, byte* labelsDHW, float* scratch)
    {
        Deformation.Drawn drawn = place.Entry.Drawn<Deformation.Drawn>(row);
        LabelMapTransform transform = drawn.Place.Transform(shape);
        (int first, int count) = RowsOf(slab);
        float* knots = shift.Knots(memory, row, drawn.ShiftStd);
        kernel.Rows(first, count, knots, in transform, beforeDHW, labelsDHW, scratch, (OutsideLabels)drawn.Outside);
        if (drawn.Place.Exchange != 0 && place.Entry.Mirror is { } mirror)
        {
            var written = new Span<byte>(labelsDHW + ((long)first * shape.Width), count * shape.Width);
            ByteTable.Apply(mirror, place.Facts.LabelCount, written);
        }
    }
}
