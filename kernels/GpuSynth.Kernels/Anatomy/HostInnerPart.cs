namespace GpuSynth.Kernels;

/// <summary>
/// A part inside labels of those before it, on the host: it paints over a slab as it would by itself, with the labels of the first that it is drawn in; then these
/// are put where they belong, and where that is nowhere the slab's own label is back.
/// </summary>
internal sealed unsafe class HostInnerPart : HostAnatomy
{
    private readonly HostAnatomy own;
    private readonly int first;
    private readonly int ownCount;
    private readonly byte[] table;
    private readonly int width;
    private readonly long ownScratch;
    private readonly int slabVoxels;

    public HostInnerPart(HostAnatomy own, InnerLabels labels, VolumeShape shape)
    {
        this.own = own;
        (first, ownCount, table) = (labels.First, labels.OwnCount, labels.FirstInsideRegions());
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
        (int firstRow, int count) = own.RowsOf(slab);
        var labels = new Span<byte>(labelsDHW + ((long)firstRow * width), count * width);
        var before = new Span<byte>(scratch + ownScratch, labels.Length);
        labels.CopyTo(before);
        own.Slab(memory, row, slab, labelsDHW, scratch);
        int at = 0;
        while ((at += labels[at..].CommonPrefixLength(before[at..])) < labels.Length)
        {
            int label = labels[at] - first;
            int inside = table[before[at]];
            labels[at] = (uint)label < (uint)ownCount && inside != 0 ? (byte)(inside + label) : before[at];
            at++;
        }
    }

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab) => own.RowsOf(slab);

    /// <inheritdoc/>
    public override void Record(Span<uint> row) => own.Record(row);
}
