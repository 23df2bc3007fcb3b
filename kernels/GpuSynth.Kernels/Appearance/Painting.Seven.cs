using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

public static partial class Painting
{
    // 38 rows of 128 columns and of 96, 70 of 64 and 134 of 32 fit, and so do 32 x 136, 32 x 104, 64 x 72 and 128 x 40.
    private const int NoiseLength = 4864;
    private const int RowsLength = 5120;

    // A row of the second buffer begins with 3 columns that are left of the tile's, and ends with as many right of it.
    private const int RowMargin = 8;

    // One group per tile and run of planes, of the sample Grid.IdxY.
    internal readonly struct SevenKernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<byte> labels,
        ArrayView<float> nodes,
        ArrayView<float> image,
        SampleLayout layout,
        TilePlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<float> noise = SharedMemory.Allocate<float>(NoiseLength);
            ArrayView<float> rows = SharedMemory.Allocate<float>(RowsLength);
            ArrayView<float> means = SharedMemory.Allocate<float>(PaintingTile.Means);
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            var tile = new PaintingTile(plan, Grid.IdxX, Group.IdxX);
            PaintingTile.LoadMeans(words, layout, sample, means);

            // Columns outside the volume are never written: zeros.
            for (int element = Group.IdxX; element < RowsLength; element += Group.DimX)
            {
                rows[element] = 0f;
            }

            ArrayView<byte> ownLabels = labels.SubView((long)sample * plan.Voxels, plan.Voxels);
            ArrayView<float> ownNodes = nodes.SubView((long)sample * plan.Bias.Count, plan.Bias.Count);
            ArrayView<float> ownImage = image.SubView((long)sample * plan.Voxels, plan.Voxels);
            RandomPlace place = layout.AppearancePlace(words, sample, Streams.NoiseVoxels);
            float std = NoiseStd(words, measured, layout, sample);
            float factor = BiasColumn.Factor(words, measured, layout, sample);
            var weightsY = new SevenWeights(words, layout, sample, 1);
            var weightsX = new SevenWeights(words, layout, sample, 2);
            int stride = plan.Lanes + RowMargin;
            int ownRow = tile.RowGroup * PaintingTile.RowsPerThread;
            int firstRow = tile.FirstRow + ownRow;
            int count = tile.X >= tile.FirstX && tile.X < tile.EndX
                ? KernelMath.Min(PaintingTile.RowsPerThread, plan.Height - firstRow)
                : 0;
            PaintedRange range = PaintedRange.Empty();
            for (int z = tile.FirstPlane; z < tile.EndPlane; z++)
            {
                if (plan.HasNoise != 0)
                {
                    MakeNoise(noise, plan, tile, place, std, PaintingTile.Radius, z);
                }

                Group.Barrier();
                PaintColumn(noise, means, rows, ownLabels, ownNodes, plan, tile, weightsY, factor, z);
                Group.Barrier();
                int from = (ownRow * stride) + tile.Column;
                int to = (((z * plan.Height) + firstRow) * plan.Width) + tile.X;
                for (int row = 0; row < count; row++)
                {
                    float value = BlurX(rows.SubView(from, SevenTaps), weightsX);
                    ownImage[to] = value;
                    if (plan.Measures != 0)
                    {
                        range = range.With(value);
                    }

                    from += stride;
                    to += plan.Width;
                }
            }

            if (plan.Measures != 0)
            {
                range.Merge(shared, measured, sample);
            }
        }
    }

    // Along z, in place: one thread per column of voxels, of the sample Grid.IdxY. Four planes are read before any is written, so
    // that as many loads are on their way.
    internal readonly struct DepthKernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> image, SampleLayout layout, DepthPlan plan) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            int column = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            ArrayView<float> own = image.SubView((long)sample * plan.Plane * plan.Depth, plan.Plane * plan.Depth);
            var weights = new SevenWeights(words, layout, sample, 0);
            PaintedRange range = PaintedRange.Empty();
            int depth = column < plan.Plane ? plan.Depth : 0;
            int from = column;
            int to = column - (PaintingTile.Radius * plan.Plane);
            OpenSums sums = default;
            for (int z = 0; z < depth + PaintingTile.Radius; z += 4)
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

            range.Merge(shared, measured, sample);
        }
    }

    // Whether the result that plane z finishes is one of the volume's.
    private static bool IsPlane(int z, int depth) =>
        z >= PaintingTile.Radius && z < depth + PaintingTile.Radius;

    // 22 voxels of a column, blurred along y as they come: 16 values.
    private static void PaintColumn(
        ArrayView<float> noise,
        ArrayView<float> means,
        ArrayView<float> rows,
        ArrayView<byte> labels,
        ArrayView<float> nodes,
        TilePlan plan,
        PaintingTile tile,
        SevenWeights weights,
        float factor,
        int z)
    {
        int ownRow = tile.RowGroup * PaintingTile.RowsPerThread;
        int firstY = tile.FirstRow + ownRow - PaintingTile.Radius;
        int startY = KernelMath.Max(0, firstY);
        bool isColumn = (uint)tile.X < (uint)plan.Width;
        bool hasBias = plan.Bias.IsThere != 0 && isColumn && startY < plan.Height;
        int noiseStride = plan.Segments == 1 ? plan.Width : plan.Lanes;
        int noiseAt = (ownRow * noiseStride) + tile.Column;
        int rowStride = plan.Lanes + RowMargin;
        int rowAt = (ownRow * rowStride) + tile.Column + PaintingTile.Radius - (2 * PaintingTile.Radius * rowStride);
        int voxel = (((z * plan.Height) + firstY) * plan.Width) + tile.X;
        int product = startY * (plan.Bias.NodesY - 1);
        int nodeY = product / plan.Bias.StepsY;
        int remainder = product - (nodeY * plan.Bias.StepsY);
        var placeX = new BiasPlace(tile.X, plan.Bias.NodesX, plan.Bias.StepsX, plan.Bias.PerStepX);
        var placeZ = new BiasPlace(z, plan.Bias.NodesZ, plan.Bias.StepsZ, plan.Bias.PerStepZ);
        float below = 0f;
        float above = 0f;
        if (hasBias)
        {
            below = BiasColumn.NodeRow(nodes, plan.Bias, placeZ, placeX, nodeY, factor);
            above = BiasColumn.NodeRow(
                nodes, plan.Bias, placeZ, placeX, KernelMath.Min(nodeY + 1, plan.Bias.NodesY - 1), factor);
        }

        float rise = above - below;
        OpenSums sums = default;
        for (int row = 0; row < PaintingTile.RowsPerThread + (2 * PaintingTile.Radius); row++)
        {
            float value = 0f;
            if (isColumn && (uint)(firstY + row) < (uint)plan.Height)
            {
                value = BiasField.Voxel(means[(int)labels[voxel]], below + (rise * (remainder * plan.Bias.PerStepY)));
                if (plan.HasNoise != 0)
                {
                    value += noise[noiseAt];
                }

                remainder += plan.Bias.NodesY - 1;
                if (remainder >= plan.Bias.StepsY && hasBias)
                {
                    remainder -= plan.Bias.StepsY;
                    nodeY++;
                    below = above;
                    above = BiasColumn.NodeRow(
                        nodes, plan.Bias, placeZ, placeX, KernelMath.Min(nodeY + 1, plan.Bias.NodesY - 1), factor);
                    rise = above - below;
                }
            }

            if (row >= 2 * PaintingTile.Radius)
            {
                rows[rowAt] = sums.Finish(value, weights);
            }

            sums = sums.With(value, weights);
            voxel += plan.Width;
            noiseAt += noiseStride;
            rowAt += rowStride;
        }
    }

    private static float BlurX(ArrayView<float> seven, SevenWeights weights) =>
        (weights.Centre * seven[3])
        + (weights.One * (seven[2] + seven[4]))
        + (weights.Two * (seven[1] + seven[5]))
        + (weights.Three * (seven[0] + seven[6]));

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

/// <summary>Weights of at most seven taps, by distance from the centre: the two sides are alike.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct SevenWeights
{
    public readonly float Centre;
    public readonly float One;
    public readonly float Two;
    public readonly float Three;

    public SevenWeights(ArrayView<uint> words, SampleLayout layout, int sample, int axis)
    {
        int radius = layout.Taps / 2;
        int centre = (sample * layout.Stride) + layout.BlurWeights + (axis * layout.Taps) + radius;
        Centre = SampleLayout.Number(words, centre);
        One = radius >= 1 ? SampleLayout.Number(words, centre - 1) : 0f;
        Two = radius >= 2 ? SampleLayout.Number(words, centre - 2) : 0f;
        Three = radius >= 3 ? SampleLayout.Number(words, centre - 3) : 0f;
    }
}

/// <summary>
/// A blur along a row of values that come one by one: the sums of the six results that some values have been added to, the oldest
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

/// <summary>The planes that <see cref="Painting.DepthKernel"/> walks through.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct DepthPlan(VolumeShape shape)
{
    public readonly int Depth = shape.Depth;
    public readonly int Plane = shape.Height * shape.Width;
}
