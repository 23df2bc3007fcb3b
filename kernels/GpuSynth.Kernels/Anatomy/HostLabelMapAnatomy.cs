namespace GpuSynth.Kernels;

/// <summary>
/// Label-map anatomy on the host: one piece of preparation per component of the deformation, or one for all of a flow; a slab is one plane.
/// </summary>
internal sealed unsafe class HostLabelMapAnatomy : HostAnatomy
{
    private readonly StepPlace place;
    private readonly VolumeShape shape;
    private readonly ILabelMaps maps;
    private readonly byte[]? exchange;
    private readonly NoiseGridLayout? layout;
    private readonly NoiseGridLayout? deformation;
    private readonly FlowGrid? grid;
    private readonly HostFlow? flow;
    private readonly LabelMapAnatomyHost kernel;
    private readonly int rowsPerSlab;
    private int nodes;
    private int knots;
    private int velocity;
    private int flows;
    private int flowsBeside;

    public HostLabelMapAnatomy(LabelMapAnatomy component, in StepPlace place)
    {
        this.place = place;
        shape = place.Facts.Shape;
        maps = place.Facts.LabelMaps!;
        exchange = component.CanFlip ? maps.Exchange(component.LateralPairs!) : null;
        deformation = component.Deformation?.Layout(shape, shape.Dimensions);
        grid = component.Flow(shape);
        flow = grid is null ? null : new HostFlow(grid);
        layout = component.Displacement(shape, grid);
        kernel = new LabelMapAnatomyHost(shape, layout);
        rowsPerSlab = shape.Dimensions == 3 ? shape.Height : 16;
    }

    /// <inheritdoc/>
    public override int PreparationCount => flow is null ? layout?.Channels ?? 0 : 1;

    /// <inheritdoc/>
    public override int SlabCount => (kernel.RowCount + rowsPerSlab - 1) / rowsPerSlab;

    /// <inheritdoc/>
    public override long ScratchLength =>
        Math.Max(Math.Max(kernel.ScratchLength, kernel.Deformation?.ScratchLength ?? 0), flow?.ScratchLength ?? 0);

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory)
    {
        string suffix = place.Entry.Suffix;
        nodes = memory.Floats($"deformation nodes{suffix}", (layout?.Length ?? 0) + 16, "coarse grids of the deformation");
        knots = memory.Floats($"deformation knots{suffix}", kernel.Deformation?.Length ?? 0, "the deformation on merged grids");
        if (flow is not null)
        {
            velocity = memory.Floats($"velocity nodes{suffix}", flow.VelocityLength, "coarse grids of the velocity");
            flows = memory.Floats($"flow{suffix}", flow.GridLength, "the flow of a velocity");
            flowsBeside = memory.Floats($"flow beside{suffix}", flow.GridLength, "the flow of every other squaring");
        }
    }

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        if (flow is null)
        {
            Displacement(memory, row, piece, scratch);
            return;
        }

        RandomPlace numbers = RowLayout.AnatomyPlace(row, place.Stream(Streams.VelocityNodes));
        WordList std = place.Entry.Drawn<LabelMapAnatomy.Drawn>(row).VelocityStdVoxels;
        for (int channel = 0; channel < layout!.Channels; channel++)
        {
            NodeDraw.Channel(grid!.Velocity, in numbers, channel, RowLayout.Numbers(row, std), memory[velocity]);
        }

        flow.Integrate(memory[velocity], memory[flows], memory[flowsBeside], memory[nodes], scratch);
        for (int channel = 0; channel < layout.Channels; channel++)
        {
            Displacement(memory, row, channel, scratch);
        }
    }

    private void Displacement(IHostMemory memory, ReadOnlySpan<uint> row, int channel, float* scratch)
    {
        if (deformation is not null)
        {
            RandomPlace numbers = RowLayout.AnatomyPlace(row, place.Stream(Streams.DeformationNodes));
            WordList std = place.Entry.Drawn<LabelMapAnatomy.Drawn>(row).DeformationStdVoxels;
            NodeDraw.Channel(deformation, in numbers, channel, RowLayout.Numbers(row, std), memory[nodes] + (grid?.Layout.Length ?? 0));
        }

        kernel.Deformation!.Merge(memory[nodes], channel, 1, memory[knots], scratch);
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
