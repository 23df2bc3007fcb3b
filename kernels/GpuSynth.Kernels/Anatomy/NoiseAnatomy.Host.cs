using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>
/// The host form of the noise-field anatomy. Four slices (planes of a volume, rows of an image) make a slab; a block is four slices of a
/// tile of sixteen voxels (4 x 4 of a plane, 16 of a row), one vector per slice.
/// </summary>
/// <remarks>
/// What makes it fast, none of it approximate:
/// displacements are lerped between slices once per slice, so that a tile reads each component as a sum of some six nodes under
/// hat weights that all labels share; the positions of a block lie in a box that few knots of the label field enclose, so that its score is a
/// sum over those knots under hat weights, with no gather; and a label whose field in that box is everywhere below the worst winner
/// so far cannot win a voxel of the block.
/// </remarks>
public sealed unsafe class NoiseAnatomyHost
{
    /// <summary>Slices of a slab.</summary>
    public const int Slices = 4;

    private const int Lanes = 16;
    private const int MostKnots = 8;

    // What two ways to compute a score can differ by, relative to the knots that it is a mean of: far above what floats do.
    private const float Rounding = 1e-5f;

    // Above this many knots a gather per corner is the cheaper way.
    private const int MostProducts = 160;

    private readonly VolumeShape shape;
    private readonly KnotGrid labelField;
    private readonly KnotGrid? displacement;
    private readonly int labels;
    private readonly bool isVolume;
    private readonly int sliceCount;
    private readonly int rowCount;
    private readonly int tileHeight;
    private readonly int tileWidth;
    private readonly SampleAxis sliceAxis;
    private readonly SampleAxis rowAxis;
    private readonly SampleAxis columnAxis;
    private readonly TileAxis rowTiles;
    private readonly TileAxis columnTiles;
    private readonly KnotAxis? displacementSlices;
    private readonly int displacementSlice;
    private readonly int channelStride;
    private readonly int sliceStride;
    private readonly int knotSlice;

    /// <summary>Prepares everything that does not depend on the sample.</summary>
    /// <param name="shape">Shape of the label map.</param>
    /// <param name="fieldLayout">Coarse grids of the label fields: one channel per label.</param>
    /// <param name="displacementLayout">Coarse grids of the displacements: one channel per label and axis; null without displacement.</param>
    public NoiseAnatomyHost(VolumeShape shape, NoiseGridLayout fieldLayout, NoiseGridLayout? displacementLayout)
    {
        ArgumentNullException.ThrowIfNull(fieldLayout);
        this.shape = shape;
        labels = fieldLayout.Channels;
        isVolume = shape.Dimensions == 3;
        labelField = Merged(shape, fieldLayout, KnotAxis.OfVoxels);
        displacement = displacementLayout is null ? null : Merged(shape, displacementLayout, KnotAxis.OfNodes);

        // An image is a stack of rows: slices along y, tiles along x, and an axis of one voxel between them.
        sliceCount = isVolume ? shape.Depth : shape.Height;
        rowCount = isVolume ? shape.Height : 1;
        tileHeight = isVolume ? 4 : 1;
        tileWidth = Lanes / tileHeight;
        sliceAxis = new SampleAxis(isVolume ? labelField.Z : labelField.Y, sliceCount);
        rowAxis = new SampleAxis(isVolume ? labelField.Y : labelField.Z, rowCount);
        columnAxis = new SampleAxis(labelField.X, shape.Width);
        rowTiles = new TileAxis(isVolume ? displacement?.Y : displacement?.Z, rowAxis, rowCount, tileHeight, tileWidth);
        columnTiles = new TileAxis(displacement?.X, columnAxis, shape.Width, tileWidth, 1);
        knotSlice = isVolume ? labelField.PlaneLength : labelField.X.Count;
        if (displacement is not null)
        {
            displacementSlices = isVolume ? displacement.Z : displacement.Y;
            displacementSlice = isVolume ? displacement.PlaneLength : displacement.X.Count;
            channelStride = HostMath.RoundUp(displacementSlice, Lanes) + Lanes;
            sliceStride = labels * shape.Dimensions * channelStride;
        }
    }

    private delegate KnotAxis AxisRule(int length, ReadOnlySpan<int> nodeCounts);

    /// <summary>The merged label fields.</summary>
    public KnotGrid Field => labelField;

    /// <summary>The merged displacements, null where there are none.</summary>
    public KnotGrid? Displacement => displacement;

    /// <summary>Slabs of <see cref="Slices"/> slices.</summary>
    public int SlabCount => (sliceCount + Slices - 1) / Slices;

    /// <summary>Floats of scratch that one call of <see cref="Slab"/> needs.</summary>
    public int ScratchLength => (Slices * sliceStride) + Lanes + (sizeof(BlockScratch) / sizeof(float)) + (Lanes * TileNodes) + TileNodes + labels;

    private int TileNodes => rowTiles.MaxNodes * columnTiles.MaxNodes;

    /// <summary>Factor that takes a displacement component (array-axis order) from voxels to sampling positions: S / (S - 1).</summary>
    public float Stretch(int component) => component == shape.Dimensions - 1 ? columnAxis.Stretch : component == 0 ? sliceAxis.Stretch : rowAxis.Stretch;

    /// <summary>Labels of one slab.</summary>
    /// <param name="slab">Index of the slab.</param>
    /// <param name="fieldKnots">Merged label fields, see <see cref="Field"/>.</param>
    /// <param name="displacementKnots">Merged displacements times <see cref="Stretch"/>, see <see cref="Displacement"/>.</param>
    /// <param name="labelsDHW">The whole label map; only the slab is written.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, aligned to 64 bytes.</param>
    public void Slab(int slab, float* fieldKnots, float* displacementKnots, byte* labelsDHW, float* scratch)
    {
        int slice0 = slab * Slices;
        int slices = Math.Min(Slices, sliceCount - slice0);
        BlockScratch* block = (BlockScratch*)scratch;
        float* weights = scratch + (sizeof(BlockScratch) / sizeof(float));
        float* nodes = weights + (Lanes * TileNodes);
        int* offsets = (int*)(nodes + (Slices * sliceStride) + Lanes);
        int* order = offsets + TileNodes;
        for (int label = 0; label < labels; label++)
        {
            order[label] = label;
        }

        for (int slice = 0; slice < Slices; slice++)
        {
            // Slices beyond the volume repeat its last.
            int at = slice0 + Math.Min(slice, slices - 1);
            block->SliceBase[slice] = Vector512.Create(sliceAxis.Base(at));
            if (displacement is not null)
            {
                DisplacementSlice(at, displacementKnots, nodes + (slice * sliceStride));
            }
        }

        block->IsLinear = displacementSlices is not null && slices == Slices
            && displacementSlices.Positions[displacementSlices.CellOfVoxel[slice0] + 1] >= slice0 + Slices - 1;
        byte* slabLabels = labelsDHW + ((long)slice0 * rowCount * shape.Width);
        for (int row = 0; row < rowTiles.Count; row++)
        {
            block->RowBase = rowTiles.Bases(row);
            for (int column = 0; column < columnTiles.Count; column++)
            {
                block->ColumnBase = columnTiles.Bases(column);
                int count = TileWeights(row, column, weights, offsets);
                Block(fieldKnots, nodes, count, offsets, weights, order, block);
                Store(block, slices, row, column, slabLabels);
                Promote(order, block->Winner[0].GetElement(0));
                Promote(order, block->Winner[Slices - 1].GetElement(Lanes - 1));
                Promote(order, block->Winner[1].GetElement(Lanes / 2));
            }
        }
    }

    private static KnotGrid Merged(VolumeShape shape, NoiseGridLayout layout, AxisRule rule)
    {
        Span<int> z = stackalloc int[layout.ScaleCount];
        Span<int> y = stackalloc int[layout.ScaleCount];
        Span<int> x = stackalloc int[layout.ScaleCount];
        for (int scale = 0; scale < layout.ScaleCount; scale++)
        {
            (z[scale], y[scale], x[scale]) = layout.Nodes(scale);
        }

        KnotAxis alongZ = shape.Dimensions == 2 ? KnotAxis.OfNodes(1, z) : rule(shape.Depth, z);
        return new KnotGrid(layout, alongZ, rule(shape.Height, y), rule(shape.Width, x));
    }

    /// <summary>Moves a label to the front, so that it is tried first in the next block.</summary>
    private static void Promote(int* order, int label)
    {
        int at = 0;
        while (order[at] != label)
        {
            at++;
        }

        for (; at > 0; at--)
        {
            order[at] = order[at - 1];
        }

        order[0] = label;
    }

    private void DisplacementSlice(int slice, float* knots, float* to)
    {
        KnotAxis axis = displacementSlices!;
        int cell = axis.CellOfVoxel[slice];
        Vector512<float> t = Vector512.Create((slice - axis.Positions[cell]) * axis.InverseWidths[cell]);
        int step = axis.Count > 1 ? displacementSlice : 0;
        for (int channel = 0; channel < labels * shape.Dimensions; channel++, to += channelStride)
        {
            float* below = knots + ((long)channel * displacement!.ChannelStride) + (cell * displacementSlice);
            for (int at = 0; at < displacementSlice; at += Lanes)
            {
                HostMath.Lerp(Vector512.Load(below + at), Vector512.Load(below + step + at), t).Store(to + at);
            }
        }
    }

    private int TileWeights(int row, int column, float* weights, int* offsets)
    {
        if (displacement is null)
        {
            return 0;
        }

        int at = 0;
        for (int j = 0; j < rowTiles.NodeCount[row]; j++)
        {
            Vector512<float> across = rowTiles.Weight(row, j);
            for (int i = 0; i < columnTiles.NodeCount[column]; i++, at++)
            {
                (across * columnTiles.Weight(column, i)).Store(weights + (at * Lanes));
                offsets[at] = ((rowTiles.FirstNode[row] + j) * displacement.X.Count) + columnTiles.FirstNode[column] + i;
            }
        }

        return at;
    }

    private void Block(float* fieldKnots, float* nodes, int nodeCount, int* offsets, float* weights, int* order, BlockScratch* block)
    {
        for (int slice = 0; slice < Slices; slice++)
        {
            block->Best[slice] = Vector512.Create(float.NegativeInfinity);
            block->Winner[slice] = Vector512<int>.Zero;
        }

        float worst = float.NegativeInfinity;
        for (int tried = 0; tried < labels; tried++)
        {
            int label = order[tried];
            float* knots = fieldKnots + ((long)label * labelField.ChannelStride);
            Positions(nodes + ((long)label * shape.Dimensions * channelStride), nodeCount, offsets, weights, block);
            Patch patch = Around(block);
            if (!patch.IsSmall)
            {
                Gathered(knots, block);
            }
            else if (float.IsNegativeInfinity(worst) || CanWin(knots, patch, block, worst))
            {
                Weighted(knots, patch, block);
            }
            else
            {
                continue;
            }

            worst = Compare(label, block);
        }
    }

    /// <summary>Sampling positions of the block's voxels for one label.</summary>
    private void Positions(float* channel, int nodeCount, int* offsets, float* weights, BlockScratch* block)
    {
        Vector512<float> column = block->ColumnBase;
        Vector512<float> row = block->RowBase;
        Vector512<float> s0 = block->SliceBase[0], s1 = block->SliceBase[1], s2 = block->SliceBase[2], s3 = block->SliceBase[3];
        Vector512<float> c0 = column, c1 = column, c2 = column, c3 = column;
        Vector512<float> r0 = row, r1 = row, r2 = row, r3 = row;
        nint last = (shape.Dimensions - 1) * channelStride;
        nint middle = isVolume ? channelStride : 0;
        if (block->IsLinear)
        {
            nint toLastSlice = (Slices - 1) * (nint)sliceStride;
            for (int node = 0; node < nodeCount; node++)
            {
                Vector512<float> weight = Vector512.Load(weights + (node * Lanes));
                float* at = channel + offsets[node];
                s0 = HostMath.Fma(Vector512.Create(at[0]), weight, s0);
                c0 = HostMath.Fma(Vector512.Create(at[last]), weight, c0);
                r0 = HostMath.Fma(Vector512.Create(at[middle]), weight, r0);
                at += toLastSlice;
                s3 = HostMath.Fma(Vector512.Create(at[0]), weight, s3);
                c3 = HostMath.Fma(Vector512.Create(at[last]), weight, c3);
                r3 = HostMath.Fma(Vector512.Create(at[middle]), weight, r3);
            }

            Between(s0, s3, out s1, out s2);
            Between(c0, c3, out c1, out c2);
            Between(r0, r3, out r1, out r2);
            nodeCount = 0;
        }

        for (int node = 0; node < nodeCount; node++)
        {
            Vector512<float> weight = Vector512.Load(weights + (node * Lanes));
            float* at = channel + offsets[node];
            s0 = HostMath.Fma(Vector512.Create(at[0]), weight, s0);
            c0 = HostMath.Fma(Vector512.Create(at[last]), weight, c0);
            r0 = HostMath.Fma(Vector512.Create(at[middle]), weight, r0);
            at += sliceStride;
            s1 = HostMath.Fma(Vector512.Create(at[0]), weight, s1);
            c1 = HostMath.Fma(Vector512.Create(at[last]), weight, c1);
            r1 = HostMath.Fma(Vector512.Create(at[middle]), weight, r1);
            at += sliceStride;
            s2 = HostMath.Fma(Vector512.Create(at[0]), weight, s2);
            c2 = HostMath.Fma(Vector512.Create(at[last]), weight, c2);
            r2 = HostMath.Fma(Vector512.Create(at[middle]), weight, r2);
            at += sliceStride;
            s3 = HostMath.Fma(Vector512.Create(at[0]), weight, s3);
            c3 = HostMath.Fma(Vector512.Create(at[last]), weight, c3);
            r3 = HostMath.Fma(Vector512.Create(at[middle]), weight, r3);
        }

        if (!isVolume)
        {
            r0 = r1 = r2 = r3 = row;
        }

        Clamped(s0, s1, s2, s3, sliceAxis, block->Slice, out Vector512<float> lowSlice, out Vector512<float> highSlice);
        Clamped(r0, r1, r2, r3, rowAxis, block->Row, out Vector512<float> lowRow, out Vector512<float> highRow);
        Clamped(c0, c1, c2, c3, columnAxis, block->Column, out Vector512<float> lowColumn, out Vector512<float> highColumn);
        block->Low = HostMath.MinimaOf(lowSlice, lowRow, lowColumn, lowColumn);
        block->High = HostMath.MaximaOf(highSlice, highRow, highColumn, highColumn);
    }

    /// <summary>The two slices between the first and the last, where nothing bends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Between(Vector512<float> first, Vector512<float> last, out Vector512<float> second, out Vector512<float> third)
    {
        Vector512<float> rise = last - first;
        second = HostMath.Fma(rise, Vector512.Create(1f / 3), first);
        third = HostMath.Fma(rise, Vector512.Create(2f / 3), first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clamped(
        Vector512<float> a,
        Vector512<float> b,
        Vector512<float> c,
        Vector512<float> d,
        SampleAxis axis,
        Vector512<float>* to,
        out Vector512<float> low,
        out Vector512<float> high)
    {
        Vector512<float> last = Vector512.Create(axis.Last);
        to[0] = a = Vector512.MinNative(Vector512.MaxNative(a, Vector512<float>.Zero), last);
        to[1] = b = Vector512.MinNative(Vector512.MaxNative(b, Vector512<float>.Zero), last);
        to[2] = c = Vector512.MinNative(Vector512.MaxNative(c, Vector512<float>.Zero), last);
        to[3] = d = Vector512.MinNative(Vector512.MaxNative(d, Vector512<float>.Zero), last);
        low = Vector512.MinNative(Vector512.MinNative(a, b), Vector512.MinNative(c, d));
        high = Vector512.MaxNative(Vector512.MaxNative(a, b), Vector512.MaxNative(c, d));
    }

    private Patch Around(BlockScratch* block)
    {
        Patch patch = default;
        Vector128<int> low = Vector128.ConvertToInt32Native(block->Low);
        Vector128<int> high = Vector128.ConvertToInt32Native(block->High);
        sliceAxis.Enclose(low.GetElement(0), high.GetElement(0), out patch.Slice, out patch.Slices);
        rowAxis.Enclose(low.GetElement(1), high.GetElement(1), out patch.Row, out patch.Rows);
        columnAxis.Enclose(low.GetElement(2), high.GetElement(2), out patch.Column, out patch.Columns);
        patch.IsSmall = Math.Max(Math.Max(patch.Slices, patch.Rows), patch.Columns) <= MostKnots
            && patch.Slices * patch.Rows * (patch.Columns + 1) <= MostProducts;
        return patch;
    }

    /// <summary>
    /// Whether the label can reach the worst winner anywhere in the block's box of positions: its field there is largest at a corner of the
    /// box or on a knot inside, because it is linear along each axis in between. The knots around the box are moved onto it, axis by axis:
    /// the first a fraction of the way to the second, the last to the one before. Four rows of four knots to a vector.
    /// </summary>
    private bool CanWin(float* knots, in Patch patch, BlockScratch* block, float worst)
    {
        if (patch.Rows > 4 || patch.Columns > 4)
        {
            return true;
        }

        Vector512<int> row = Vector512.Create(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        Vector512<int> column = Vector512.Create(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
        Vector512<int> lastRow = Vector512.Create(patch.Rows - 1);
        Vector512<int> lastColumn = Vector512.Create(patch.Columns - 1);
        (float firstFraction, float lastFraction) = rowAxis.Clip(block->Low.GetElement(1), block->High.GetElement(1), patch.Row, patch.Rows);
        Vector512<float> toNextRow = Vector512.Equals(row, Vector512<int>.Zero).AsSingle() & Vector512.Create(firstFraction);
        Vector512<float> toPreviousRow = Vector512.Equals(row, lastRow).AsSingle() & Vector512.Create(lastFraction);
        (firstFraction, lastFraction) = columnAxis.Clip(block->Low.GetElement(2), block->High.GetElement(2), patch.Column, patch.Columns);
        Vector512<float> toNextColumn = Vector512.Equals(column, Vector512<int>.Zero).AsSingle() & Vector512.Create(firstFraction);
        Vector512<float> toPreviousColumn = Vector512.Equals(column, lastColumn).AsSingle() & Vector512.Create(lastFraction);
        (firstFraction, lastFraction) = sliceAxis.Clip(block->Low.GetElement(0), block->High.GetElement(0), patch.Slice, patch.Slices);

        int nx = labelField.X.Count;
        int row1 = patch.Rows > 1 ? nx : 0;
        int row2 = patch.Rows > 2 ? 2 * nx : row1;
        int row3 = patch.Rows > 3 ? 3 * nx : row2;
        float* slice = knots + (patch.Slice * knotSlice) + (patch.Row * nx) + patch.Column;
        Vector512<float> highest = Vector512.Create(float.NegativeInfinity);
        Vector512<float> largest = Vector512<float>.Zero;
        Vector512<float> before = default;
        Vector512<float> here = FourRows(slice, row1, row2, row3);
        for (int i = 0; i < patch.Slices; i++)
        {
            slice += knotSlice;
            Vector512<float> after = i + 1 < patch.Slices ? FourRows(slice, row1, row2, row3) : before;
            float fraction = i == 0 ? firstFraction : i == patch.Slices - 1 ? lastFraction : 0;
            Vector512<float> value = HostMath.Fma(Vector512.Create(fraction), after - here, here);
            Vector512<float> next = Vector512.Shuffle(value, Vector512.Create(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15));
            Vector512<float> previous = Vector512.Shuffle(value, Vector512.Create(0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
            value = HostMath.Fma(toNextRow, next - value, HostMath.Fma(toPreviousRow, previous - value, value));
            next = Vector512.Shuffle(value, Vector512.Create(1, 2, 3, 3, 5, 6, 7, 7, 9, 10, 11, 11, 13, 14, 15, 15));
            previous = Vector512.Shuffle(value, Vector512.Create(0, 0, 1, 2, 4, 4, 5, 6, 8, 8, 9, 10, 12, 12, 13, 14));
            value = HostMath.Fma(toNextColumn, next - value, HostMath.Fma(toPreviousColumn, previous - value, value));
            highest = Vector512.MaxNative(highest, value);
            largest = Vector512.MaxNative(largest, Vector512.Abs(here));
            before = here;
            here = after;
        }

        Vector512<float> used = (Vector512.LessThanOrEqual(row, lastRow) & Vector512.LessThanOrEqual(column, lastColumn)).AsSingle();
        highest = Vector512.ConditionalSelect(used, highest, Vector512.Create(float.NegativeInfinity));
        Vector512<float> reach = HostMath.Fma(Vector512.Create(Rounding), largest, highest);
        return HostMath.MaximumOf(reach) >= worst;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> FourRows(float* at, int row1, int row2, int row3) => Vector512.Create(
        Vector256.Create(Vector128.Load(at), Vector128.Load(at + row1)),
        Vector256.Create(Vector128.Load(at + row2), Vector128.Load(at + row3)));

    private void Weighted(float* knots, in Patch patch, BlockScratch* block)
    {
        Vector512<float>* alongSlices = stackalloc Vector512<float>[3 * MostKnots * Slices];
        Vector512<float>* alongRows = alongSlices + (MostKnots * Slices);
        Vector512<float>* alongColumns = alongRows + (MostKnots * Slices);
        sliceAxis.Hats(block->Slice, Slices, patch.Slice, patch.Slices, alongSlices);
        rowAxis.Hats(block->Row, Slices, patch.Row, patch.Rows, alongRows);
        columnAxis.Hats(block->Column, Slices, patch.Column, patch.Columns, alongColumns);
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        float* slice = knots + (patch.Slice * knotSlice) + (patch.Row * labelField.X.Count) + patch.Column;
        for (int i = 0; i < patch.Slices; i++, slice += knotSlice, alongSlices += Slices)
        {
            Vector512<float> p0 = default, p1 = default, p2 = default, p3 = default;
            float* row = slice;
            Vector512<float>* rowWeight = alongRows;
            for (int j = 0; j < patch.Rows; j++, row += labelField.X.Count, rowWeight += Slices)
            {
                Vector512<float> knot = Vector512.Create(row[0]);
                Vector512<float>* weight = alongColumns;
                Vector512<float> v0 = knot * weight[0], v1 = knot * weight[1], v2 = knot * weight[2], v3 = knot * weight[3];
                for (int k = 1; k < patch.Columns; k++)
                {
                    weight += Slices;
                    knot = Vector512.Create(row[k]);
                    v0 = HostMath.Fma(knot, weight[0], v0);
                    v1 = HostMath.Fma(knot, weight[1], v1);
                    v2 = HostMath.Fma(knot, weight[2], v2);
                    v3 = HostMath.Fma(knot, weight[3], v3);
                }

                p0 = HostMath.Fma(v0, rowWeight[0], p0);
                p1 = HostMath.Fma(v1, rowWeight[1], p1);
                p2 = HostMath.Fma(v2, rowWeight[2], p2);
                p3 = HostMath.Fma(v3, rowWeight[3], p3);
            }

            s0 = HostMath.Fma(p0, alongSlices[0], s0);
            s1 = HostMath.Fma(p1, alongSlices[1], s1);
            s2 = HostMath.Fma(p2, alongSlices[2], s2);
            s3 = HostMath.Fma(p3, alongSlices[3], s3);
        }

        block->Score[0] = s0;
        block->Score[1] = s1;
        block->Score[2] = s2;
        block->Score[3] = s3;
    }

    private void Gathered(float* knots, BlockScratch* block)
    {
        for (int slice = 0; slice < Slices; slice++)
        {
            Vector512<int> at = sliceAxis.Locate(block->Slice[slice], out Vector512<float> ts) * Vector512.Create(knotSlice);
            at += columnAxis.Locate(block->Column[slice], out Vector512<float> tc);
            if (isVolume)
            {
                at += rowAxis.Locate(block->Row[slice], out Vector512<float> tr) * Vector512.Create(labelField.X.Count);
                int next = labelField.X.Count;
                block->Score[slice] = HostMath.Lerp(
                    HostMath.Lerp(Pair(knots, at, tc), Pair(knots + next, at, tc), tr),
                    HostMath.Lerp(Pair(knots + knotSlice, at, tc), Pair(knots + knotSlice + next, at, tc), tr),
                    ts);
            }
            else
            {
                block->Score[slice] = HostMath.Lerp(Pair(knots, at, tc), Pair(knots + knotSlice, at, tc), ts);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pair(float* knots, Vector512<int> at, Vector512<float> t) =>
        HostMath.Lerp(HostMath.Gather(knots, at), HostMath.Gather(knots + 1, at), t);

    /// <summary>Takes the label where it is best, the lowest label where it ties, and says how low the worst winner is.</summary>
    private static float Compare(int label, BlockScratch* block)
    {
        Vector512<int> mine = Vector512.Create(label);
        Vector512<float> worst = Vector512.Create(float.PositiveInfinity);
        for (int slice = 0; slice < Slices; slice++)
        {
            Vector512<float> score = block->Score[slice];
            Vector512<float> best = block->Best[slice];
            Vector512<int> winner = block->Winner[slice];
            Vector512<int> wins = Vector512.GreaterThan(score, best).AsInt32()
                | (Vector512.Equals(score, best).AsInt32() & Vector512.LessThan(mine, winner));
            best = Vector512.MaxNative(best, score);
            block->Best[slice] = best;
            block->Winner[slice] = Vector512.ConditionalSelect(wins, mine, winner);
            worst = Vector512.MinNative(worst, best);
        }

        return HostMath.MinimumOf(worst);
    }

    private void Store(BlockScratch* block, int slices, int row, int column, byte* slabLabels)
    {
        int y0 = row * tileHeight;
        int x0 = column * tileWidth;
        int height = Math.Min(tileHeight, rowCount - y0);
        int width = Math.Min(tileWidth, shape.Width - x0);
        Vector128<byte>* bytes = stackalloc Vector128<byte>[1];
        for (int slice = 0; slice < slices; slice++)
        {
            *bytes = Narrow(block->Winner[slice]);
            byte* from = (byte*)bytes;
            byte* to = slabLabels + ((((long)slice * rowCount) + y0) * shape.Width) + x0;
            for (int y = 0; y < height; y++, to += shape.Width, from += tileWidth)
            {
                if (width == 4)
                {
                    Unsafe.CopyBlockUnaligned(to, from, 4);
                }
                else
                {
                    Buffer.MemoryCopy(from, to, width, width);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector512<int> lanes)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector128Byte(lanes);
        }

        Vector256<short> words = Vector256.Narrow(lanes.GetLower(), lanes.GetUpper());
        return Vector128.Narrow(words.GetLower().AsUInt16(), words.GetUpper().AsUInt16());
    }

    /// <summary>The knots of a label field around a block.</summary>
    private struct Patch
    {
        public int Slice;
        public int Slices;
        public int Row;
        public int Rows;
        public int Column;
        public int Columns;
        public bool IsSmall;
    }

    [InlineArray(Slices)]
    private struct Vectors
    {
        private Vector512<float> first;
    }

    /// <summary>What is known of the block in hand; lives in the caller's scratch.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BlockScratch
    {
        private Vectors slice, row, column, score, best, winner, sliceBase;
        public Vector512<float> RowBase;
        public Vector512<float> ColumnBase;

        // The box of the block's positions: slice, row, column.
        public Vector128<float> Low;
        public Vector128<float> High;

        // No displacement bends between the first and the last slice of the slab.
        public bool IsLinear;
        private fixed byte padding[31];

        public Vector512<float>* Slice => (Vector512<float>*)Unsafe.AsPointer(ref slice);

        public Vector512<float>* Row => (Vector512<float>*)Unsafe.AsPointer(ref row);

        public Vector512<float>* Column => (Vector512<float>*)Unsafe.AsPointer(ref column);

        public Vector512<float>* Score => (Vector512<float>*)Unsafe.AsPointer(ref score);

        public Vector512<float>* Best => (Vector512<float>*)Unsafe.AsPointer(ref best);

        public Vector512<int>* Winner => (Vector512<int>*)Unsafe.AsPointer(ref winner);

        public Vector512<float>* SliceBase => (Vector512<float>*)Unsafe.AsPointer(ref sliceBase);
    }
}
