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

    /// <summary>Rows that a thread writes.</summary>
    public readonly int RowsPerThread;

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

    /// <summary>1 where what is written is final, and its range is wanted: where no pass along z follows.</summary>
    public readonly int Measures;

    /// <summary>Blur's radius along z where a group blurs along z itself; otherwise 0.</summary>
    public readonly int RadiusZ;

    /// <summary>1 where the recipe has noise.</summary>
    public readonly int HasNoise;

    public readonly BiasSpan Bias;

    private TilePlan(
        VolumeShape shape,
        BiasGrid? bias,
        int samples,
        int lanes,
        int rowGroups,
        int rowsPerThread,
        int radiusX,
        int radiusZ,
        bool hasNoise)
    {
        Depth = shape.Depth;
        Height = shape.Height;
        Width = shape.Width;
        Lanes = lanes;
        RowGroups = rowGroups;
        RowsPerThread = rowsPerThread;
        int inner = lanes - (2 * radiusX);
        Segments = Width <= lanes ? 1 : (Width + inner - 1) / inner;
        SegmentWidth = (Width + Segments - 1) / Segments;
        MarginX = Segments == 1 ? 0 : radiusX;
        TilesY = (Height + Rows - 1) / Rows;
        RadiusZ = shape.Dimensions == 3 ? radiusZ : 0;
        Measures = radiusX == 0 || shape.Dimensions == 2 ? 1 : 0;
        HasNoise = hasNoise ? 1 : 0;
        Bias = new BiasSpan(bias);
        PlanesPerRun = BestPlanes((long)Segments * TilesY * samples);
        Runs = (Depth + PlanesPerRun - 1) / PlanesPerRun;
    }

    /// <summary>Rows that a tile writes.</summary>
    public int Rows => RowGroups * RowsPerThread;

    /// <summary>Threads of a group.</summary>
    public int Threads => Lanes * RowGroups;

    /// <summary>Voxels of one sample.</summary>
    public int Voxels => Depth * Height * Width;

    /// <summary>Groups of one sample.</summary>
    public int Tiles => checked(Segments * TilesY * Runs);

    /// <summary>Columns without neighbours: for the largest intensity.</summary>
    public static TilePlan ForPeak(VolumeShape shape, BiasGrid? bias, int samples)
    {
        CheckVoxels(shape);
        return Best(shape, bias, samples, PaintingTile.RowsPerThread, 0, hasNoise: false);
    }

    /// <summary>Tiles with a margin for a blur along x and y; 0 without one.</summary>
    public static TilePlan ForPainting(VolumeShape shape, BiasGrid? bias, int samples, int radius, bool hasNoise)
    {
        CheckVoxels(shape);
        return Best(shape, bias, samples, PaintingTile.RowsPerThread, radius, hasNoise);
    }

    /// <summary>Tiles of 16 x 16 voxels, for a blur of any radius.</summary>
    public static TilePlan ForWideBlur(VolumeShape shape, BiasGrid? bias, int samples, int radius, bool hasNoise)
    {
        CheckVoxels(shape);
        return new TilePlan(shape, bias, samples, 16, 16, 1, 0, radius, hasNoise);
    }

    // The tile that reads the fewest voxels, margins counted.
    private static TilePlan Best(
        VolumeShape shape, BiasGrid? bias, int samples, int rowsPerThread, int radius, bool hasNoise)
    {
        ReadOnlySpan<(int Lanes, int RowGroups)> tiles = [(128, 2), (96, 2), (64, 4), (32, 8)];
        TilePlan best = default;
        long bestCost = long.MaxValue;
        foreach ((int lanes, int rowGroups) in tiles)
        {
            var plan = new TilePlan(shape, bias, samples, lanes, rowGroups, rowsPerThread, radius, 0, hasNoise);
            long cost = (long)plan.Segments * plan.TilesY * lanes * (plan.Rows + (2 * radius));
            if (cost < bestCost)
            {
                (best, bestCost) = (plan, cost);
            }
        }

        return best;
    }

    // A run reads 2 x radius planes more than it writes, so that long runs are cheap; but there must be groups for the whole
    // device. The cost is that of the planes of one run times the number of times that the device is filled.
    private int BestPlanes(long tiles)
    {
        int best = Depth;
        long bestCost = long.MaxValue;
        for (int runs = 1; runs <= Math.Max(1, Depth / 4); runs++)
        {
            int planes = (Depth + runs - 1) / runs;
            long groups = tiles * ((Depth + planes - 1) / planes);
            long cost = (groups + BusyGroups - 1) / BusyGroups * (planes + (2 * RadiusZ));
            if (cost < bestCost)
            {
                (best, bestCost) = (planes, cost);
            }
        }

        return best;
    }

    private static void CheckVoxels(VolumeShape shape)
    {
        if (shape.VoxelCount > int.MaxValue)
        {
            throw new ArgumentException(
                $"A sample of {shape} has {shape.VoxelCount} voxels, a GPU paints at most {int.MaxValue}: use a smaller shape.",
                nameof(shape));
        }
    }
}

/// <summary>The part of a volume that one thread's group owns.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct PaintingTile
{
    /// <summary>Largest number of labels.</summary>
    public const int Means = 256;

    /// <summary>Largest radius of the blur that is done in registers.</summary>
    public const int Radius = 3;

    /// <summary>Rows that a painting thread writes.</summary>
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

    public PaintingTile(TilePlan plan, int tile, int thread)
    {
        int rest = tile / plan.Segments;
        int segment = tile - (rest * plan.Segments);
        int run = rest / plan.TilesY;
        RowGroup = thread / plan.Lanes;
        Column = thread - (RowGroup * plan.Lanes);
        FirstX = segment * plan.SegmentWidth;
        EndX = KernelMath.Min(FirstX + plan.SegmentWidth, plan.Width);
        X = FirstX - plan.MarginX + Column;
        FirstRow = (rest - (run * plan.TilesY)) * plan.RowGroups * plan.RowsPerThread;
        FirstPlane = run * plan.PlanesPerRun;
        EndPlane = KernelMath.Min(FirstPlane + plan.PlanesPerRun, plan.Depth);
    }

    /// <summary>The means of a sample, into shared memory; a barrier must follow.</summary>
    public static void LoadMeans(ArrayView<uint> words, SampleLayout layout, int sample, ArrayView<float> means)
    {
        int first = (sample * layout.Stride) + layout.Means;
        for (int label = Group.IdxX; label < layout.Labels; label += Group.DimX)
        {
            means[label] = SampleLayout.Number(words, first + label);
        }
    }
}
