using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// TileKernel: a symmetric filter of up to seven taps along y and x, zero outside the volume, over what a source makes: nothing lies in
// memory between what makes the intensities and the filter. Two barriers per plane, three phases:
//   1 what the source makes of the tile and of 3 rows above and below it into shared memory: one block of Philox serves 4 voxels;
//   2 a thread per column of 16 rows: 22 voxels one after the other, filtered along y as they come, in registers: a voxel's value adds to
//     the seven sums that it belongs to, and the oldest sum is finished. 16 values into shared memory;
//   3 the same 16 places: filtered along x from shared memory, and written.
// Then in 3D DepthKernel, in place: along z as phase 2 along y. That costs 8 B/voxel, and is less than to keep 6 open sums for each voxel
// of a tile in registers through phases 1 and 2, and to make 6 planes more for each run of planes.
// Fewer taps are seven with zeros. image: float[B][D,H,W].
// Values: the same run to run on one device. Reference: Blur.Reference.cs.

/// <summary>What a tile is made of.</summary>
/// <typeparam name="TSelf">The source itself.</typeparam>
internal interface ITileSource<TSelf>
    where TSelf : struct, ITileSource<TSelf>
{
    /// <summary>The source with the numbers of a sample; a barrier follows.</summary>
    /// <param name="source">The source as an argument of the kernel.</param>
    /// <param name="row">The sample's words.</param>
    /// <param name="table">Shared memory, <see cref="Tile.TableLength"/> floats.</param>
    /// <param name="sample">The sample's place in the launch.</param>
    static abstract TSelf Load(TSelf source, ArrayView<uint> row, ArrayView<float> table, int sample);

    /// <summary>Makes what the voxels of one plane of a tile share the work for, in shared memory; a barrier follows.</summary>
    static abstract void Make(in TSelf loaded, ArrayView<float> made, TilePlan plan, Tile tile, int radius, int z);

    /// <summary>The way down one column of voxels.</summary>
    /// <param name="loaded">From <see cref="Load"/>.</param>
    /// <param name="z">Plane.</param>
    /// <param name="y">First row.</param>
    /// <param name="x">Column.</param>
    /// <param name="isThere">Whether there is any voxel of the volume on it.</param>
    static abstract BiasWalk Begin(in TSelf loaded, int z, int y, int x, bool isThere);

    /// <summary>The intensity of a voxel.</summary>
    /// <param name="loaded">From <see cref="Load"/>.</param>
    /// <param name="table">What the source keeps in shared memory.</param>
    /// <param name="walk">The way, as far as this voxel.</param>
    /// <param name="made">What <see cref="Make"/> left.</param>
    /// <param name="at">The voxel's place in it.</param>
    /// <param name="voxel">Its linear index in the sample.</param>
    static abstract float At(in TSelf loaded, ArrayView<float> table, BiasWalk walk, ArrayView<float> made, int at, int voxel);
}

/// <summary>A filter of up to seven taps along y and x over what a source makes. One group per tile and run of planes, of the sample Grid.IdxY.</summary>
internal readonly struct TileKernel<TSource>(
    ArrayView<uint> words, ArrayView<uint> merged, ArrayView<float> image, TilePlan plan, FilterPlace filter, TSource source) : IKernel
    where TSource : struct, ITileSource<TSource>
{
    // 38 rows of 128 columns and of 96, 70 of 64 and 134 of 32 fit, and so do 32 x 136, 32 x 104, 64 x 72 and 128 x 40.
    private const int RowsLength = 5120;

    // A row of the second buffer begins with 3 columns that are left of the tile's, and ends with as many right of it.
    private const int RowMargin = 8;

    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> made = SharedMemory.Allocate<float>(TileFours.Length);
        ArrayView<float> rows = SharedMemory.Allocate<float>(RowsLength);
        ArrayView<float> table = SharedMemory.Allocate<float>(Tile.TableLength);
        ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
        int sample = Grid.IdxY;
        var tile = new Tile(plan, Grid.IdxX, Group.IdxX);
        ArrayView<uint> row = words.SubView((long)sample * filter.Stride, filter.Stride);
        TSource loaded = TSource.Load(source, row, table, sample);

        // Columns outside the volume are never written: zeros.
        for (int element = Group.IdxX; element < RowsLength; element += Group.DimX)
        {
            rows[element] = 0f;
        }

        ArrayView<float> own = image.SubView((long)sample * plan.Voxels, plan.Voxels);
        var weightsY = new SevenWeights(row, filter, 1);
        var weightsX = new SevenWeights(row, filter, 2);
        int stride = plan.Lanes + RowMargin;
        int ownRow = tile.RowGroup * Tile.RowsPerThread;
        int firstRow = tile.FirstRow + ownRow;
        int count = tile.X >= tile.FirstX && tile.X < tile.EndX ? KernelMath.Min(Tile.RowsPerThread, plan.Height - firstRow) : 0;
        PaintedRange range = PaintedRange.Empty();
        for (int z = tile.FirstPlane; z < tile.EndPlane; z++)
        {
            TSource.Make(in loaded, made, plan, tile, Tile.Radius, z);
            Group.Barrier();
            AlongY(in loaded, table, made, rows, plan, tile, weightsY, z);
            Group.Barrier();
            int from = (ownRow * stride) + tile.Column;
            int to = (((z * plan.Height) + firstRow) * plan.Width) + tile.X;
            for (int line = 0; line < count; line++)
            {
                float value = AlongX(rows.SubView(from, 7), weightsX);
                own[to] = value;
                if (filter.Measures != 0)
                {
                    range = range.With(value);
                }

                from += stride;
                to += plan.Width;
            }
        }

        if (filter.Measures != 0)
        {
            range.Merge(shared, merged, sample);
        }
    }

    // 22 voxels of a column, filtered along y as they come: 16 values.
    private static void AlongY(
        in TSource loaded,
        ArrayView<float> table,
        ArrayView<float> made,
        ArrayView<float> rows,
        TilePlan plan,
        Tile tile,
        SevenWeights weights,
        int z)
    {
        int ownRow = tile.RowGroup * Tile.RowsPerThread;
        int firstY = tile.FirstRow + ownRow - Tile.Radius;
        int startY = KernelMath.Max(0, firstY);
        bool isColumn = (uint)tile.X < (uint)plan.Width;
        int madeStride = TileFours.Stride(plan);
        int madeAt = (ownRow * madeStride) + tile.Column;
        int rowStride = plan.Lanes + RowMargin;
        int rowAt = (ownRow * rowStride) + tile.Column + Tile.Radius - (2 * Tile.Radius * rowStride);
        int voxel = (((z * plan.Height) + firstY) * plan.Width) + tile.X;
        BiasWalk walk = TSource.Begin(in loaded, z, startY, tile.X, isColumn && startY < plan.Height);
        OpenSums sums = default;
        for (int line = 0; line < Tile.RowsPerThread + (2 * Tile.Radius); line++)
        {
            float value = 0f;
            if (isColumn && (uint)(firstY + line) < (uint)plan.Height)
            {
                value = TSource.At(in loaded, table, walk, made, madeAt, voxel);
                walk = walk.Next();
            }

            if (line >= 2 * Tile.Radius)
            {
                rows[rowAt] = sums.Finish(value, weights);
            }

            sums = sums.With(value, weights);
            voxel += plan.Width;
            madeAt += madeStride;
            rowAt += rowStride;
        }
    }

    private static float AlongX(ArrayView<float> seven, SevenWeights weights) =>
        (weights.Centre * seven[3])
        + (weights.One * (seven[2] + seven[4]))
        + (weights.Two * (seven[1] + seven[5]))
        + (weights.Three * (seven[0] + seven[6]));
}

/// <summary>
/// The same filter along z, in place: one thread per column of voxels, of the sample Grid.IdxY. Four planes are read before any is written, so
/// that as many loads are on their way.
/// </summary>
internal readonly struct DepthKernel(
    ArrayView<uint> words, ArrayView<uint> merged, ArrayView<float> image, FilterPlace filter, DepthPlan plan) : IKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
        int sample = Grid.IdxY;
        int column = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        ArrayView<float> own = image.SubView((long)sample * plan.Plane * plan.Depth, plan.Plane * plan.Depth);
        var weights = new SevenWeights(words.SubView((long)sample * filter.Stride, filter.Stride), filter, 0);
        PaintedRange range = PaintedRange.Empty();
        int depth = column < plan.Plane ? plan.Depth : 0;
        int from = column;
        int to = column - (Tile.Radius * plan.Plane);
        OpenSums sums = default;
        for (int z = 0; z < depth + Tile.Radius; z += 4)
        {
            float value0 = z < depth ? own[from] : 0f;
            float value1 = z + 1 < depth ? own[from + plan.Plane] : 0f;
            float value2 = z + 2 < depth ? own[from + (2 * plan.Plane)] : 0f;
            float value3 = z + 3 < depth ? own[from + (3 * plan.Plane)] : 0f;
            range = Store(own, to, IsPlane(z, depth), sums.Finish(value0, weights), range);
            sums = sums.With(value0, weights);
            range = Store(own, to + plan.Plane, IsPlane(z + 1, depth), sums.Finish(value1, weights), range);
            sums = sums.With(value1, weights);
            range = Store(own, to + (2 * plan.Plane), IsPlane(z + 2, depth), sums.Finish(value2, weights), range);
            sums = sums.With(value2, weights);
            range = Store(own, to + (3 * plan.Plane), IsPlane(z + 3, depth), sums.Finish(value3, weights), range);
            sums = sums.With(value3, weights);
            from += 4 * plan.Plane;
            to += 4 * plan.Plane;
        }

        if (filter.Measures != 0)
        {
            range.Merge(shared, merged, sample);
        }
    }

    // Whether the result that plane z finishes is one of the volume's.
    private static bool IsPlane(int z, int depth) => z >= Tile.Radius && z < depth + Tile.Radius;

    private static PaintedRange Store(ArrayView<float> image, int to, bool stores, float value, PaintedRange range)
    {
        if (stores)
        {
            image[to] = value;
            range = range.With(value);
        }

        return range;
    }
}

/// <summary>Where the weights of a filter stand in a row, and whether a launch measures what it writes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct FilterPlace(int stride, int weights, int taps, bool measures)
{
    /// <summary>Words of one sample.</summary>
    public readonly int Stride = stride;

    /// <summary>First of the weights in a row: floats [z, y, x][tap].</summary>
    public readonly int Weights = weights;

    /// <summary>Taps along each axis, odd, at most seven.</summary>
    public readonly int Taps = taps;

    /// <summary>1 where the range of what is written is merged.</summary>
    public readonly int Measures = measures ? 1 : 0;
}

/// <summary>Weights of at most seven taps, by distance from the centre: the two sides are alike.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct SevenWeights
{
    public readonly float Centre;
    public readonly float One;
    public readonly float Two;
    public readonly float Three;

    public SevenWeights(ArrayView<uint> row, FilterPlace filter, int axis)
    {
        int radius = filter.Taps / 2;
        int centre = filter.Weights + (axis * filter.Taps) + radius;
        Centre = SampleLayout.Number(row, centre);
        One = radius >= 1 ? SampleLayout.Number(row, centre - 1) : 0f;
        Two = radius >= 2 ? SampleLayout.Number(row, centre - 2) : 0f;
        Three = radius >= 3 ? SampleLayout.Number(row, centre - 3) : 0f;
    }
}

/// <summary>
/// A filter along a row of values that come one by one: the sums of the six results that some values have been added to, the oldest
/// first. No value is kept, and nothing is moved: each new sum is an old one with a value added.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct OpenSums(float first, float second, float third, float fourth, float fifth, float sixth)
{
    private readonly float first = first;
    private readonly float second = second;
    private readonly float third = third;
    private readonly float fourth = fourth;
    private readonly float fifth = fifth;
    private readonly float sixth = sixth;

    /// <summary>The result three values back, which this value is the last of.</summary>
    public float Finish(float value, SevenWeights weights) => first + (weights.Three * value);

    /// <summary>The sums after one more value.</summary>
    public OpenSums With(float value, SevenWeights weights) => new(
        second + (weights.Two * value),
        third + (weights.One * value),
        fourth + (weights.Centre * value),
        fifth + (weights.One * value),
        sixth + (weights.Two * value),
        weights.Three * value);
}

/// <summary>The planes that <see cref="DepthKernel"/> walks through.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct DepthPlan(VolumeShape shape)
{
    public readonly int Depth = shape.Depth;
    public readonly int Plane = shape.Height * shape.Width;
}
