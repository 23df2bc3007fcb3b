namespace GpuSynth.Kernels;

/// <summary>
/// An anatomy on the host that changes labels one by one, whatever is around them: it needs no walk over the volume of its own, but follows the
/// slabs of the anatomy before it, while those are in the cache. It may also rename the labels that a sample is given with.
/// </summary>
/// <param name="shape">Shape of a sample.</param>
public abstract unsafe class HostLabelChange(VolumeShape shape) : HostAnatomy
{
    private const int RowsPerSlab = 128;

    /// <inheritdoc/>
    public sealed override int PreparationCount => 0;

    /// <inheritdoc/>
    public sealed override int SlabCount => (Rows + RowsPerSlab - 1) / RowsPerSlab;

    /// <inheritdoc/>
    public sealed override long ScratchLength => 0;

    private int Rows => shape.Depth * shape.Height;

    /// <summary>Changes labels of which intensities are made.</summary>
    /// <param name="row">What was drawn for the sample.</param>
    /// <param name="labels">Changed.</param>
    public abstract void Change(ReadOnlySpan<uint> row, Span<byte> labels);

    /// <summary>Changes what labels are called in the sample, once all intensities are made.</summary>
    /// <param name="row">What was drawn for the sample.</param>
    /// <param name="targets">What each of 256 labels is called so far; changed.</param>
    public abstract void Rename(ReadOnlySpan<uint> row, Span<byte> targets);

    /// <inheritdoc/>
    public sealed override void Declare(IHostMemory memory)
    {
        // Everything stands in the row.
    }

    /// <inheritdoc/>
    public sealed override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        // There is no piece.
    }

    /// <inheritdoc/>
    public sealed override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        (int first, int count) = RowsOf(slab);
        Change(row, new Span<byte>(labelsDHW + ((long)first * shape.Width), count * shape.Width));
    }

    /// <inheritdoc/>
    public sealed override (int First, int Count) RowsOf(int slab) =>
        (slab * RowsPerSlab, Math.Min(RowsPerSlab, Rows - (slab * RowsPerSlab)));
}
