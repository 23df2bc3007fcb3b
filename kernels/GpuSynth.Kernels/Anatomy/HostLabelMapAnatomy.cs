namespace GpuSynth.Kernels;

/// <summary>Label-map anatomy on the host: the deformation's pieces of preparation; a slab is one plane.</summary>
internal sealed unsafe class HostLabelMapAnatomy : HostAnatomy
{
    private readonly StepPlace place;
    private readonly VolumeShape shape;
    private readonly ILabelMaps maps;
    private readonly byte[]? exchange;
    private readonly HostSmoothShift shift;
    private readonly LabelMapAnatomyHost kernel;
    private readonly int rowsPerSlab;

    public HostLabelMapAnatomy(LabelMapAnatomy component, in StepPlace place)
    {
        this.place = place;
        shape = place.Facts.Shape;
        maps = place.Facts.LabelMaps!;
        exchange = component.CanFlip ? maps.Exchange(component.LateralPairs!) : null;
        SmoothShift deformation = component.ShiftOf(shape);
        kernel = new LabelMapAnatomyHost(shape, deformation.Layout);
        (uint, uint) streams = (place.Stream(Streams.DeformationNodes), place.Stream(Streams.VelocityNodes));
        shift = new HostSmoothShift(deformation, kernel.Deformation, streams, "deformation", place.Entry.Suffix);
        rowsPerSlab = shape.Dimensions == 3 ? shape.Height : 16;
    }

    /// <inheritdoc/>
    public override int PreparationCount => shift.PreparationCount;

    /// <inheritdoc/>
    public override int SlabCount => (kernel.RowCount + rowsPerSlab - 1) / rowsPerSlab;

    /// <inheritdoc/>
    public override long ScratchLength => Math.Max(kernel.ScratchLength, shift.ScratchLength);

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory) => shift.Declare(memory);

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch) =>
        shift.Prepare(memory, row, place.Entry.Drawn<LabelMapAnatomy.Drawn>(row).ShiftStd, piece, scratch);

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        LabelMapAnatomy.Drawn drawn = place.Entry.Drawn<LabelMapAnatomy.Drawn>(row);
        LabelMapTransform transform = drawn.Place.Transform(shape);
        (int first, int count) = RowsOf(slab);
        fixed (byte* labels = maps.Labels(drawn.Map))
        {
            kernel.Rows(first, count, shift.Knots(memory, row, drawn.ShiftStd), in transform, labels, labelsDHW, scratch);
        }

        if (drawn.Flipped != 0 && exchange is not null)
        {
            var own = new Span<byte>(labelsDHW + ((long)first * shape.Width), count * shape.Width);
            for (int n = 0; n < own.Length; n++)
            {
                own[n] = exchange[own[n]];
            }
        }
    }

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab)
    {
        int first = slab * rowsPerSlab;
        return (first, Math.Min(rowsPerSlab, kernel.RowCount - first));
    }
}
