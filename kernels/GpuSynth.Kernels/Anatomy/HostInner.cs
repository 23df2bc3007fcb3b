namespace GpuSynth.Kernels;

/// <summary>An anatomy inside labels of those before it, on the host: its own pieces and slabs, and room in scratch for as many labels as a slab has.</summary>
internal abstract unsafe class HostInner : HostAnatomy
{
    private readonly int width;
    private readonly long ownScratch;
    private readonly int slabVoxels;

    protected HostInner(HostAnatomy own, VolumeShape shape)
    {
        Own = own;
        width = shape.Width;
        ownScratch = HostMath.RoundUp(checked((int)own.ScratchLength), 16);
        slabVoxels = checked(Enumerable.Range(0, own.SlabCount).Max(slab => own.RowsOf(slab).Count) * width);
    }

    /// <inheritdoc/>
    public override int PreparationCount => Own.PreparationCount;

    /// <inheritdoc/>
    public override int SlabCount => Own.SlabCount;

    /// <inheritdoc/>
    public override long ScratchLength => ownScratch + ((slabVoxels + sizeof(float) - 1) / sizeof(float));

    /// <summary>The anatomy by itself.</summary>
    protected HostAnatomy Own { get; }

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory) => Own.Declare(memory);

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch) =>
        Own.Prepare(memory, row, piece, scratch);

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab) => Own.RowsOf(slab);

    /// <inheritdoc/>
    public override void Record(Span<uint> row) => Own.Record(row);

    /// <summary>Where a slab's labels begin, and how many they are.</summary>
    protected (long First, int Count) VoxelsOf(int slab)
    {
        (int first, int count) = Own.RowsOf(slab);
        return ((long)first * width, count * width);
    }

    /// <summary>Room for a slab's labels, behind the scratch of the anatomy by itself.</summary>
    protected byte* Beside(float* scratch) => (byte*)(scratch + ownScratch);
}
