namespace GpuSynth.Kernels;

/// <summary>
/// Label-map anatomy on the host: one piece of preparation per component of the deformation; a slab is one plane.
/// </summary>
internal sealed unsafe class HostLabelMapAnatomy : HostAnatomy
{
    private readonly StepPlace place;
    private readonly VolumeShape shape;
    private readonly ILabelMaps maps;
    private readonly byte[]? exchange;
    private readonly NoiseGridLayout? layout;
    private readonly LabelMapAnatomyHost kernel;
    private readonly int rowsPerSlab;
    private int nodes;
    private int knots;

    public HostLabelMapAnatomy(LabelMapAnatomy component, in StepPlace place)
    {
        this.place = place;
        shape = place.Facts.Shape;
        maps = place.Facts.LabelMaps!;
        exchange = component.CanFlip ? maps.Exchange(component.LateralPairs!) : null;
        layout = component.Deformation?.Layout(shape, shape.Dimensions);
        kernel = new LabelMapAnatomyHost(shape, layout);
        rowsPerSlab = shape.Dimensions == 3 ? shape.Height : 16;
    }

    /// <inheritdoc/>
    public override int PreparationCount => layout?.Channels ?? 0;

    /// <inheritdoc/>
    public override int SlabCount => (kernel.RowCount + rowsPerSlab - 1) / rowsPerSlab;

    /// <inheritdoc/>
    public override long ScratchLength => Math.Max(kernel.ScratchLength, kernel.Deformation?.ScratchLength ?? 0);

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory)
    {
        string suffix = place.Entry.Suffix;
        nodes = memory.Floats($"deformation nodes{suffix}", (layout?.Length ?? 0) + 16, "coarse grids of the deformation");
        knots = memory.Floats($"deformation knots{suffix}", kernel.Deformation?.Length ?? 0, "the deformation on merged grids");
    }

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        RandomPlace numbers = RowLayout.AnatomyPlace(row, place.Stream(Streams.DeformationNodes));
        WordList std = place.Entry.Drawn<LabelMapAnatomy.Drawn>(row).DeformationStdVoxels;
        NodeDraw.Channel(layout!, in numbers, piece, RowLayout.Numbers(row, std), memory[nodes]);
        kernel.Deformation!.Merge(memory[nodes], piece, 1, memory[knots], scratch);
    }

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        LabelMapAnatomy.Drawn drawn = place.Entry.Drawn<LabelMapAnatomy.Drawn>(row);
        LabelMapTransform transform = drawn.Place.Transform(shape);
        (int first, int count) = RowsOf(slab);
        fixed (byte* labels = maps.Labels(drawn.Map))
        {
            kernel.Rows(first, count, memory[knots], in transform, labels, labelsDHW, scratch);
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
