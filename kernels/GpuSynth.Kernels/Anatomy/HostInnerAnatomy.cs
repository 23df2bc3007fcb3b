namespace GpuSynth.Kernels;

/// <summary>
/// An anatomy inside labels of those before it, on the host: a slab is drawn into scratch and put where it belongs; one in which there is no such
/// label is not drawn.
/// </summary>
internal sealed unsafe class HostInnerAnatomy : HostAnatomy
{
    private readonly HostAnatomy own;
    private readonly InnerLabels labels;
    private readonly int width;
    private readonly long ownScratch;
    private readonly int slabVoxels;

    public HostInnerAnatomy(HostAnatomy own, InnerLabels labels, VolumeShape shape)
    {
        (this.own, this.labels) = (own, labels);
        width = shape.Width;
        ownScratch = HostMath.RoundUp(checked((int)own.ScratchLength), 16);
        slabVoxels = checked(Enumerable.Range(0, own.SlabCount).Max(slab => own.RowsOf(slab).Count) * width);
    }

    /// <inheritdoc/>
    public override int PreparationCount => own.PreparationCount;

    /// <inheritdoc/>
    public override int SlabCount => own.SlabCount;

    /// <inheritdoc/>
    public override long ScratchLength => ownScratch + ((slabVoxels + sizeof(float) - 1) / sizeof(float));

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory) => own.Declare(memory);

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch) =>
        own.Prepare(memory, row, piece, scratch);

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        (int first, int count) = own.RowsOf(slab);
        long at = (long)first * width;
        var outer = new Span<byte>(labelsDHW + at, count * width);
        if (labels.AreIn(outer))
        {
            // The anatomy writes to the slab's place in a label map of which nothing else is there.
            byte* drawn = (byte*)(scratch + ownScratch);
            own.Slab(memory, row, slab, drawn - at, scratch);
            labels.Put(new ReadOnlySpan<byte>(drawn, outer.Length), outer);
        }
    }

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab) => own.RowsOf(slab);
}
