using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// How the groups of a launch share out a volume: each owns a tile of columns and rows, and walks through a run of planes. A
/// thread has one column, and neighbours in a warp have neighbouring columns.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct TilePlan
{
    /// <summary>Groups of one launch that keep a large GPU busy: 132 multiprocessors with three groups each.</summary>
    private const int BusyGroups = 3 * 132;

    public readonly int Depth;
    public readonly int Height;
    public readonly int Width;

    /// <summary>Threads side by side along x, a multiple of 32.</summary>
    public readonly int Lanes;

    /// <summary>Threads below each other along y.</summary>
    public readonly int RowGroups;

    /// <summary>Tiles along x.</summary>
    public readonly int Segments;

    /// <summary>Columns that a tile writes.</summary>
    public readonly int SegmentWidth;

    /// <summary>Columns before the first that a tile writes: the blur's radius where there are several tiles along x.</summary>
    public readonly int MarginX;

    /// <summary>Tiles along y.</summary>
    public readonly int TilesY;

    /// <summary>Runs of planes.</summary>
    public readonly int Runs;

    /// <summary>Planes of a run.</summary>
    public readonly int PlanesPerRun;

    private TilePlan(VolumeShape shape, int samples, int lanes, int rowGroups, int radius)
    {
        Depth = shape.Depth;
        Height = shape.Height;
        Width = shape.Width;
        Lanes = lanes;
        RowGroups = rowGroups;
        int inner = lanes - (2 * radius);
        Segments = Width <= lanes ? 1 : (Width + inner - 1) / inner;
        SegmentWidth = (Width + Segments - 1) / Segments;
        MarginX = Segments == 1 ? 0 : radius;
        TilesY = (Height + Rows - 1) / Rows;
        PlanesPerRun = BestPlanes((long)Segments * TilesY * samples);
        Runs = (Depth + PlanesPerRun - 1) / PlanesPerRun;
    }

    /// <summary>Rows that a tile writes.</summary>
    public int Rows => RowGroups * Tile.RowsPerThread;

    /// <summary>Threads of a group.</summary>
    public int Threads => Lanes * RowGroups;

    /// <summary>Voxels of one sample.</summary>
    public int Voxels => Depth * Height * Width;

    /// <summary>Groups of one sample.</summary>
    public int Tiles => checked(Segments * TilesY * Runs);

    /// <summary>The tiles that read the fewest voxels, margins counted.</summary>
    /// <param name="shape">Shape of one sample.</param>
    /// <param name="samples">Samples of the batch.</param>
    /// <param name="radius">Neighbours on each side along x and y; 0 where nobody reads any.</param>
    /// <exception cref="ArgumentException">The shape has more voxels than a kernel counts.</exception>
    public static TilePlan Best(VolumeShape shape, int samples, int radius)
    {
        LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
        ReadOnlySpan<(int Lanes, int RowGroups)> tiles = [(128, 2), (96, 2), (64, 4), (32, 8)];
        TilePlan best = default;
        long bestCost = long.MaxValue;
        foreach ((int lanes, int rowGroups) in tiles)
        {
            var plan = new TilePlan(shape, samples, lanes, rowGroups, radius);
            long cost = (long)plan.Segments * plan.TilesY * lanes * (plan.Rows + (2 * radius));
            if (cost < bestCost)
            {
                (best, bestCost) = (plan, cost);
            }
        }

        return best;
    }

    // Long runs share what a group loads; but there must be groups for the whole device. The cost is that of the planes of one run times
    // the number of times that the device is filled.
    private int BestPlanes(long tiles)
    {
        int best = Depth;
        long bestCost = long.MaxValue;
        for (int runs = 1; runs <= Math.Max(1, Depth / 4); runs++)
        {
            int planes = (Depth + runs - 1) / runs;
            long groups = tiles * ((Depth + planes - 1) / planes);
            long cost = (groups + BusyGroups - 1) / BusyGroups * planes;
            if (cost < bestCost)
            {
                (best, bestCost) = (planes, cost);
            }
        }

        return best;
    }
}

/// <summary>The part of a volume that one thread's group owns.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Tile
{
    /// <summary>Largest radius of the blur that is done in registers.</summary>
    public const int Radius = 3;

    /// <summary>Numbers that a source may keep in shared memory: one per label.</summary>
    public const int TableLength = 256;

    /// <summary>Rows that a thread writes.</summary>
    public const int RowsPerThread = 16;

    /// <summary>This thread's column in the tile, margin included.</summary>
    public readonly int Column;

    /// <summary>Which of the row groups this thread belongs to.</summary>
    public readonly int RowGroup;

    /// <summary>This thread's voxel along x; outside the volume where the tile reaches over its edge.</summary>
    public readonly int X;

    /// <summary>The first voxel along x that the tile writes, and the one after the last.</summary>
    public readonly int FirstX;

    /// <summary>One after the last voxel along x that the tile writes.</summary>
    public readonly int EndX;

    /// <summary>The first row that the tile writes.</summary>
    public readonly int FirstRow;

    /// <summary>The first plane that the tile writes.</summary>
    public readonly int FirstPlane;

    /// <summary>One after the last plane that the tile writes.</summary>
    public readonly int EndPlane;

    public Tile(TilePlan plan, int tile, int thread)
    {
        int rest = tile / plan.Segments;
        int segment = tile - (rest * plan.Segments);
        int run = rest / plan.TilesY;
        RowGroup = thread / plan.Lanes;
        Column = thread - (RowGroup * plan.Lanes);
        FirstX = segment * plan.SegmentWidth;
        EndX = KernelMath.Min(FirstX + plan.SegmentWidth, plan.Width);
        X = FirstX - plan.MarginX + Column;
        FirstRow = (rest - (run * plan.TilesY)) * plan.Rows;
        FirstPlane = run * plan.PlanesPerRun;
        EndPlane = KernelMath.Min(FirstPlane + plan.PlanesPerRun, plan.Depth);
    }
}
