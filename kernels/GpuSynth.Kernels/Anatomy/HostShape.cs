namespace GpuSynth.Kernels;

/// <summary>
/// A shape with a rough surface on the host: one piece draws the tile of its lattices, then slabs of eight planes of a volume, or eight rows of an
/// image, row by row.
/// </summary>
internal abstract unsafe class HostShape : HostAnatomy
{
    private const int SlabSlices = 8;

    private readonly string name;
    private readonly uint tileStream;
    private int piece;

    /// <summary>A shape.</summary>
    /// <param name="place">Where the component stands.</param>
    /// <param name="name">What it is called in the plan: "shell".</param>
    /// <param name="tileStream">Stream of the lattices' tile.</param>
    /// <param name="lattices">Lattices of a sample.</param>
    protected HostShape(in StepPlace place, string name, uint tileStream, int lattices)
    {
        this.name = name;
        this.tileStream = place.Stream(tileStream);
        Entry = place.Entry;
        Shape = place.Facts.Shape;
        Lattices = new LatticeRows(Shape, lattices);
    }

    /// <inheritdoc/>
    public override int PreparationCount => 1;

    /// <inheritdoc/>
    public override int SlabCount => (Slices + SlabSlices - 1) / SlabSlices;

    /// <inheritdoc/>
    public override long ScratchLength => Lattices.Width + Lattices.ScratchLength;

    /// <summary>The component's place in the row.</summary>
    protected RowEntry Entry { get; }

    /// <summary>Shape of a sample.</summary>
    protected VolumeShape Shape { get; }

    /// <summary>The roughness of rows.</summary>
    protected LatticeRows Lattices { get; }

    // A slice is a plane of H rows in a volume, one row in an image.
    private int Slices => Shape.Dimensions == 3 ? Shape.Depth : Shape.Height;

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory) =>
        piece = memory.Floats($"{name} lattices{Entry.Suffix}", Lattices.MemoryLength, "the roughness of a surface");

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        WordList words = LatticesOf(row);
        if (words.Count > 0)
        {
            fixed (uint* at = row)
            {
                Lattices.Prepare(RowLayout.AnatomyPlace(row, tileStream), (float*)at + words.First, memory[this.piece]);
            }
        }
    }

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        int first = slab * SlabSlices;
        int end = Math.Min(first + SlabSlices, Slices);
        bool isVolume = Shape.Dimensions == 3;
        var rows = new ShapeRows(isVolume ? first : 0, isVolume ? end : 1, isVolume ? 0 : first, isVolume ? Shape.Height : end);
        fixed (uint* at = row)
        {
            Paint(row, (float*)at, memory[piece], in rows, labelsDHW, scratch);
        }
    }

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab)
    {
        int rowsPerSlice = Shape.Dimensions == 3 ? Shape.Height : 1;
        int first = slab * SlabSlices;
        return (first * rowsPerSlice, Math.Min(SlabSlices, Slices - first) * rowsPerSlice);
    }

    /// <summary>The <see cref="LatticeWords"/> of a sample; none where nothing is rough.</summary>
    protected abstract WordList LatticesOf(ReadOnlySpan<uint> row);

    /// <summary>Writes the labels of some rows.</summary>
    /// <param name="row">What was drawn for the sample.</param>
    /// <param name="words">The same, as floats.</param>
    /// <param name="lattices">What was prepared of the lattices.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="labelsDHW">The whole label map.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    protected abstract void Paint(
        ReadOnlySpan<uint> row, float* words, float* lattices, in ShapeRows rows, byte* labelsDHW, float* scratch);

    /// <summary>Where a row of labels begins.</summary>
    protected byte* RowOf(byte* labelsDHW, int z, int y) => labelsDHW + ((((long)z * Shape.Height) + y) * Shape.Width);

    /// <summary>Writes the roughness of a row.</summary>
    /// <param name="words">The <see cref="LatticeWords"/> of the sample.</param>
    /// <param name="lattices">What was prepared of them.</param>
    /// <param name="z">Plane of the row.</param>
    /// <param name="y">Its y.</param>
    /// <param name="first">The first voxel, a multiple of 16.</param>
    /// <param name="end">Behind the last voxel, a multiple of 16.</param>
    /// <param name="scratch">Written from the first voxel on; <see cref="HostShape.ScratchLength"/> floats.</param>
    protected void Roughness(float* words, float* lattices, int z, int y, int first, int end, float* scratch)
    {
        new Span<float>(scratch + first, end - first).Clear();
        if (HostStep.Lanes == 16)
        {
            Lattices.Add<Real16, Word16>(words, lattices, z, y, first, end, scratch, scratch + Lattices.Width);
        }
        else
        {
            Lattices.Add<Real8, Word8>(words, lattices, z, y, first, end, scratch, scratch + Lattices.Width);
        }
    }
}

/// <summary>Some rows of a volume, or of an image's one plane.</summary>
/// <param name="FirstZ">The first plane.</param>
/// <param name="EndZ">Behind the last plane.</param>
/// <param name="FirstY">The first row of each.</param>
/// <param name="EndY">Behind the last row of each.</param>
internal readonly record struct ShapeRows(int FirstZ, int EndZ, int FirstY, int EndY);
