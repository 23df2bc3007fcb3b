namespace GpuSynth.Kernels;

/// <summary>
/// An anatomy on the host that reads the labels so far at other voxels than it writes: those stand in another image than its own. A slab is one plane
/// of a volume, or sixteen rows of an image.
/// </summary>
/// <param name="shape">Shape of a sample.</param>
public abstract unsafe class HostLabelMove(VolumeShape shape) : HostAnatomy
{
    private const int RowsOfImage = 16;

    private readonly int rowCount = checked(shape.Depth * shape.Height);
    private readonly int rowsPerSlab = shape.Dimensions == 3 ? shape.Height : RowsOfImage;

    /// <inheritdoc/>
    public sealed override int SlabCount => (rowCount + rowsPerSlab - 1) / rowsPerSlab;

    /// <summary>Writes the labels of one slab.</summary>
    /// <param name="memory">What was declared.</param>
    /// <param name="row">What was drawn for the sample.</param>
    /// <param name="slab">Which.</param>
    /// <param name="beforeDHW">The whole label map of the anatomies before it; not changed.</param>
    /// <param name="labelsDHW">The whole label map; the slab is written.</param>
    /// <param name="scratch"><see cref="HostAnatomy.ScratchLength"/> floats.</param>
    public abstract void Move(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* beforeDHW, byte* labelsDHW, float* scratch);

    /// <inheritdoc/>
    public sealed override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch) =>
        throw new NotSupportedException("Labels move from one image to another; call Move.");

    /// <inheritdoc/>
    public sealed override (int First, int Count) RowsOf(int slab)
    {
        int first = slab * rowsPerSlab;
        return (first, Math.Min(rowsPerSlab, rowCount - first));
    }
}
