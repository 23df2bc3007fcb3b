namespace GpuSynth.Kernels;

/// <summary>
/// Gaussian blobs on the host: one piece makes the noise's tile; then slabs of eight planes of a volume, or eight rows of an image, brick by brick.
/// A brick in which one blob wins for certain is filled; of others only those blobs are looked at that may win somewhere in it.
/// </summary>
internal sealed unsafe class HostGaussians : HostAnatomy
{
    /// <summary>Voxels along an edge of a brick.</summary>
    public const int Edge = 8;

    private readonly StepPlace place;
    private readonly VolumeShape shape;
    private readonly GaussianTile tile;
    private readonly int room;
    private readonly int points;
    private int tilePiece;
    private int alongPiece;

    public HostGaussians(Gaussians component, in StepPlace place)
    {
        this.place = place;
        shape = place.Facts.Shape;
        room = component.Room;
        tile = new GaussianTile(shape);

        points = component.Roughness.Maximum > 0
            ? GaussianRow.PointsOf(Width, component.LeastSpacing(shape))
            : 0;
    }

    /// <inheritdoc/>
    public override int PreparationCount => 1;

    /// <inheritdoc/>
    public override int SlabCount => (Slices + Edge - 1) / Edge;

    /// <inheritdoc/>
    public override long ScratchLength => (2L * Width / Edge) + ((long)room * (GaussianRow.Words + points));

    // A slice is a plane of H rows in a volume, one row in an image.
    private int Slices => shape.Dimensions == 3 ? shape.Depth : shape.Height;

    private int Width => HostMath.RoundUp(shape.Width, Edge);

    /// <inheritdoc/>
    public override void Declare(IHostMemory memory)
    {
        string suffix = place.Entry.Suffix;
        tilePiece = memory.Floats($"gaussian tile{suffix}", points == 0 ? 0 : tile.Length, "the noise of borders");
        alongPiece = memory.Floats($"gaussian steps{suffix}", points == 0 ? 0 : 3L * Width, "where voxels lie between lattice points");
    }

    /// <inheritdoc/>
    public override void Prepare(IHostMemory memory, ReadOnlySpan<uint> row, int piece, float* scratch)
    {
        Gaussians.Drawn drawn = place.Entry.Drawn<Gaussians.Drawn>(row);
        if (drawn.Roughness > 0)
        {
            tile.Fill(memory[tilePiece], RowLayout.AnatomyPlace(row, place.Stream(Streams.GaussianTile)));
            GaussianRow.Along(memory[alongPiece], Width, drawn.StepsPerVoxel, drawn.Phase.X);
        }
    }

    /// <inheritdoc/>
    public override void Slab(IHostMemory memory, ReadOnlySpan<uint> row, int slab, byte* labelsDHW, float* scratch)
    {
        Gaussians.Drawn drawn = place.Entry.Drawn<Gaussians.Drawn>(row);
        ReadOnlySpan<float> blobs = RowLayout.Numbers(row, drawn.Blobs);
        bool isRough = drawn.Roughness > 0;
        float noise = isRough ? drawn.Roughness * tile.Bound(memory[tilePiece]) : 0;
        var prune = new GaussianPrune(blobs, drawn.Organs, drawn.StayScore, noise, shape.Dimensions, stackalloc float[Gaussians.MostBlobs], stackalloc ulong[Gaussians.MostBlobs]);
        ulong* masks = (ulong*)scratch;
        var rows = new GaussianRow(
            blobs, in drawn, tile, isRough ? memory[tilePiece] : null, memory[alongPiece], Width, points, prune.Parts, scratch + (2 * Width / Edge));
        int first = slab * Edge;
        int end = Math.Min(first + Edge, Slices);
        bool isVolume = shape.Dimensions == 3;
        (int firstZ, int endZ) = isVolume ? (first, end) : (0, 1);
        (int slabY, int slabEndY) = isVolume ? (0, shape.Height) : (first, end);
        for (int firstY = slabY; firstY < slabEndY; firstY += Edge)
        {
            int endY = Math.Min(firstY + Edge, slabEndY);
            ulong any = 0;
            for (int brick = 0; brick < Width / Edge; brick++)
            {
                masks[brick] = prune.May(firstZ, firstY, brick * Edge, out byte label);
                any |= masks[brick];
                if (masks[brick] == 0)
                {
                    Fill(firstZ, endZ, firstY, endY, brick * Edge, label, labelsDHW);
                }
            }

            for (int z = firstZ; z < endZ && any != 0; z++)
            {
                for (int y = firstY; y < endY; y++)
                {
                    rows.Start(any, z, y);
                    rows.Write(masks, labelsDHW + ((((long)z * shape.Height) + y) * shape.Width), shape.Width);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override (int First, int Count) RowsOf(int slab)
    {
        int rowsPerSlice = shape.Dimensions == 3 ? shape.Height : 1;
        int first = slab * Edge;
        return (first * rowsPerSlice, Math.Min(Edge, Slices - first) * rowsPerSlice);
    }

    private void Fill(int firstZ, int endZ, int firstY, int endY, int x, byte label, byte* labelsDHW)
    {
        int count = Math.Min(Edge, shape.Width - x);
        for (int z = firstZ; z < endZ; z++)
        {
            for (int y = firstY; y < endY; y++)
            {
                new Span<byte>(labelsDHW + ((((long)z * shape.Height) + y) * shape.Width) + x, count).Fill(label);
            }
        }
    }
}
