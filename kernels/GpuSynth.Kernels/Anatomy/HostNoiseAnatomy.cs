namespace GpuSynth.Kernels;

/// <summary>Noise-field anatomy on the host: one piece of preparation per label field, one per displacement component.</summary>
internal sealed unsafe class HostNoiseAnatomy : HostAnatomy
{
    private readonly StepPlace place;
    private readonly VolumeShape shape;
    private readonly NoiseGridLayout fieldLayout;
    private readonly NoiseGridLayout? displacementLayout;
    private readonly NoiseAnatomyHost kernel;
    private int fieldNodes;
    private int fieldKnots;
    private int displacementNodes;
    private int displacementKnots;

    public HostNoiseAnatomy(NoiseAnatomy component, in StepPlace place)
    {
        this.place = place;
        shape = place.Facts.Shape;
        int labels = component.LabelCount(shape.Side);
        fieldLayout = component.Field.Layout(shape, labels);
        displacementLayout = component.Displacement?.Layout(shape, checked(labels * shape.Dimensions));
        kernel = new NoiseAnatomyHost(shape, fieldLayout, displacementLayout);
    }

    /// <inheritdoc/>
    public override int PreparationCount => fieldLayout.Channels + (displacementLayout?.Channels ?? 0);

    /// <inheritdoc/>
    public override int SlabCount => kernel.SlabCount;

    /// <inheritdoc/>
    public override long ScratchLength =>
        Math.Max(kernel.ScratchLength, Math.Max(kernel.Field.ScratchLength, kernel.Displacement?.ScratchLength ?? 0));

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory)
    {
        string suffix = place.Entry.Suffix;
        fieldNodes = memory.Floats($"label-field nodes{suffix}", fieldLayout.Length + 16, "coarse grids of the label fields");
        fieldKnots = memory.Floats($"label-field knots{suffix}", kernel.Field.Length, "the label fields on merged grids");
        displacementNodes = memory.Floats(
            $"displacement nodes{suffix}", (displacementLayout?.Length ?? 0) + 16, "coarse grids of the displacements");
        displacementKnots = memory.Floats(
            $"displacement knots{suffix}", kernel.Displacement?.Length ?? 0, "the displacements on merged grids");
    }

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        NoiseAnatomy.Drawn drawn = place.Entry.Drawn<NoiseAnatomy.Drawn>(row);
        if (piece < fieldLayout.Channels)
        {
            RandomPlace nodes = RowLayout.AnatomyPlace(row, place.Stream(Streams.FieldNodes));
            NodeDraw.Channel(fieldLayout, in nodes, piece, RowLayout.Numbers(row, drawn.FieldStd), memory[fieldNodes]);
            kernel.Field.Merge(memory[fieldNodes], piece, 1, memory[fieldKnots], scratch);
        }
        else
        {
            int channel = piece - fieldLayout.Channels;
            RandomPlace nodes = RowLayout.AnatomyPlace(row, place.Stream(Streams.DisplacementNodes));
            NodeDraw.Channel(
                displacementLayout!, in nodes, channel, RowLayout.Numbers(row, drawn.DisplacementStdVoxels), memory[displacementNodes]);
            float stretch = kernel.Stretch(channel % shape.Dimensions);
            kernel.Displacement!.Merge(memory[displacementNodes], channel, stretch, memory[displacementKnots], scratch);
        }
    }

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch) =>
        kernel.Slab(slab, memory[fieldKnots], memory[displacementKnots], labelsDHW, scratch);

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab)
    {
        // A slice is a plane of H rows in a volume, one row in an image.
        int rowsPerSlice = shape.Dimensions == 3 ? shape.Height : 1;
        int slices = shape.Dimensions == 3 ? shape.Depth : shape.Height;
        int first = slab * NoiseAnatomyHost.SlabSlices;
        return (first * rowsPerSlice, Math.Min(NoiseAnatomyHost.SlabSlices, slices - first) * rowsPerSlice);
    }
}
