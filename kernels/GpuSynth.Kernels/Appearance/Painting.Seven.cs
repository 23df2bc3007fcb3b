using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

public static partial class Painting
{
    // 22 rows of 128 columns, 30 of 96, 38 of 64 and 70 of 32 fit, and so do 16 x 136, 24 x 104, 32 x 72 and 64 x 40.
    private const int NoiseLength = 2880;
    private const int RowsLength = 2560;

    // A row of the second buffer begins with 3 columns that are left of the tile's, and ends with as many right of it.
    private const int RowMargin = 8;

    // One group per tile and run of planes, of the sample Grid.IdxY.
    internal static void SevenKernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<byte> labels,
        ArrayView<float> nodes,
        ArrayView<float> image,
        SampleLayout layout,
        TilePlan plan)
    {
        ArrayView<float> noise = SharedMemory.Allocate<float>(NoiseLength);
        ArrayView<float> rows = SharedMemory.Allocate<float>(RowsLength);
        ArrayView<float> means = SharedMemory.Allocate<float>(PaintingTile.Means);
        ArrayView<int> shared = SharedMemory.Allocate<int>(GroupExtremes.Length);
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
        var weightsZ = new SevenWeights(words, layout, sample, 0);
        var weightsY = new SevenWeights(words, layout, sample, 1);
        var weightsX = new SevenWeights(words, layout, sample, 2);
        int stride = plan.Lanes + RowMargin;
        int ownRow = tile.RowGroup * PaintingTile.RowsPerThread;
        int ownFirst = (ownRow * stride) + tile.Column;
        int firstRow = tile.FirstRow + ownRow;
        bool writes = tile.X >= tile.FirstX && tile.X < tile.EndX;
        PaintedRange range = PaintedRange.Empty();
        OpenSums sums0 = default;
        OpenSums sums1 = default;
        OpenSums sums2 = default;
        OpenSums sums3 = default;
        OpenSums sums4 = default;
        OpenSums sums5 = default;
        OpenSums sums6 = default;
        OpenSums sums7 = default;
        int firstPlane = KernelMath.Max(0, tile.FirstPlane - plan.RadiusZ);
        for (int z = firstPlane; z < tile.EndPlane + plan.RadiusZ; z++)
        {
            bool isInside = z < plan.Depth;
            if (isInside && plan.HasNoise != 0)
            {
                MakeNoise(noise, plan, tile, place, std, PaintingTile.Radius, z);
            }

            Group.Barrier();
            if (isInside)
            {
                PaintColumn(noise, means, rows, ownLabels, ownNodes, plan, tile, weightsY, factor, z);
            }

            Group.Barrier();
            int written = z - plan.RadiusZ;
            bool stores = writes && written >= tile.FirstPlane;
            int to = (((written * plan.Height) + firstRow) * plan.Width) + tile.X;
            int left = plan.Height - firstRow;
            float value0 = BlurX(rows, ownFirst, weightsX, isInside);
            range = Store(ownImage, to, stores && left > 0, plan.RadiusZ == 0 ? value0 : sums0.Finish(value0, weightsZ), range);
            sums0 = sums0.With(value0, weightsZ);
            float value1 = BlurX(rows, ownFirst + stride, weightsX, isInside);
            to += plan.Width;
            range = Store(ownImage, to, stores && left > 1, plan.RadiusZ == 0 ? value1 : sums1.Finish(value1, weightsZ), range);
            sums1 = sums1.With(value1, weightsZ);
            float value2 = BlurX(rows, ownFirst + (2 * stride), weightsX, isInside);
            to += plan.Width;
            range = Store(ownImage, to, stores && left > 2, plan.RadiusZ == 0 ? value2 : sums2.Finish(value2, weightsZ), range);
            sums2 = sums2.With(value2, weightsZ);
            float value3 = BlurX(rows, ownFirst + (3 * stride), weightsX, isInside);
            to += plan.Width;
            range = Store(ownImage, to, stores && left > 3, plan.RadiusZ == 0 ? value3 : sums3.Finish(value3, weightsZ), range);
            sums3 = sums3.With(value3, weightsZ);
            float value4 = BlurX(rows, ownFirst + (4 * stride), weightsX, isInside);
            to += plan.Width;
            range = Store(ownImage, to, stores && left > 4, plan.RadiusZ == 0 ? value4 : sums4.Finish(value4, weightsZ), range);
            sums4 = sums4.With(value4, weightsZ);
            float value5 = BlurX(rows, ownFirst + (5 * stride), weightsX, isInside);
            to += plan.Width;
            range = Store(ownImage, to, stores && left > 5, plan.RadiusZ == 0 ? value5 : sums5.Finish(value5, weightsZ), range);
            sums5 = sums5.With(value5, weightsZ);
            float value6 = BlurX(rows, ownFirst + (6 * stride), weightsX, isInside);
            to += plan.Width;
            range = Store(ownImage, to, stores && left > 6, plan.RadiusZ == 0 ? value6 : sums6.Finish(value6, weightsZ), range);
            sums6 = sums6.With(value6, weightsZ);
            float value7 = BlurX(rows, ownFirst + (7 * stride), weightsX, isInside);
            to += plan.Width;
            range = Store(ownImage, to, stores && left > 7, plan.RadiusZ == 0 ? value7 : sums7.Finish(value7, weightsZ), range);
            sums7 = sums7.With(value7, weightsZ);
        }

        range.Merge(shared, measured, sample);
    }

    // 14 voxels of a column, blurred along y as they come: 8 values.
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

        OpenSums sums = default;
        for (int row = 0; row < PaintingTile.RowsPerThread + (2 * PaintingTile.Radius); row++)
        {
            float value = 0f;
            if (isColumn && (uint)(firstY + row) < (uint)plan.Height)
            {
                value = BiasField.Voxel(
                    means[(int)labels[voxel]], NoiseField.Linear(below, above, remainder * plan.Bias.PerStepY));
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

    private static float BlurX(ArrayView<float> rows, int first, SevenWeights weights, bool isInside) => isInside
        ? (weights.Centre * rows[first + 3])
            + (weights.One * (rows[first + 2] + rows[first + 4]))
            + (weights.Two * (rows[first + 1] + rows[first + 5]))
            + (weights.Three * (rows[first] + rows[first + 6]))
        : 0f;

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
