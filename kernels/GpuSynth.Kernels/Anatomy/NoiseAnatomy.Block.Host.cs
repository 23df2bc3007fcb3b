using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <content>What happens to one block: eight slices of sixteen voxels, in two parts of four.</content>
public sealed unsafe partial class NoiseAnatomyHost
{
    private const int MostKnots = 8;

    // What two ways to compute a score can differ by, relative to the knots that it is a mean of: far above what floats do.
    private const float Rounding = 1e-5f;

    // Above this many knots a gather per corner is the cheaper way.
    private const int MostProducts = 160;

    /// <summary>
    /// One block, label by label in the given order; the winner does not depend on it. The first labels are likely winners, so
    /// that the others meet a high bar.
    /// </summary>
    private void Block(
        Vector512<float> rowBase,
        Vector512<float> columnBase,
        float* fieldKnots,
        float* nodes,
        int nodeCount,
        int* offsets,
        float* weights,
        int* order,
        PartScratch* parts)
    {
        for (int part = 0; part < Parts; part++)
        {
            parts[part].RowBase = rowBase;
            parts[part].ColumnBase = columnBase;
            for (int slice = 0; slice < Slices; slice++)
            {
                parts[part].Best[slice] = Vector512.Create(float.NegativeInfinity);
                parts[part].Winner[slice] = Vector512<int>.Zero;
            }
        }

        float worst = float.NegativeInfinity;
        for (int tried = 0; tried < labels; tried++)
        {
            int label = order[tried];
            float* knots = fieldKnots + ((long)label * labelField.ChannelStride);
            float* channel = nodes + ((long)label * shape.Dimensions * channelStride);
            Vector128<float> low = Vector128.Create(float.PositiveInfinity);
            Vector128<float> high = Vector128.Create(float.NegativeInfinity);
            for (int part = 0; part < Parts; part++)
            {
                Positions(channel + (part * Slices * sliceStride), nodeCount, offsets, weights, parts + part);
                low = Vector128.MinNative(low, parts[part].Low);
                high = Vector128.MaxNative(high, parts[part].High);
            }

            if (float.IsNegativeInfinity(worst) || CanWin(knots, low, high, worst))
            {
                worst = float.PositiveInfinity;
                for (int part = 0; part < Parts; part++)
                {
                    worst = MathF.Min(worst, Score(label, knots, parts + part));
                }
            }
        }
    }

    /// <summary>Scores of one label in one part of the block; returns the worst winner so far.</summary>
    private float Score(int label, float* knots, PartScratch* part)
    {
        Patch patch = Around(part->Low, part->High);
        if (patch.IsSmall)
        {
            Weighted(knots, patch, part);
        }
        else
        {
            Gathered(knots, part);
        }

        return Compare(label, part);
    }

    /// <summary>Sampling positions of one part of the block for one label.</summary>
    private void Positions(float* channel, int nodeCount, int* offsets, float* weights, PartScratch* part)
    {
        Vector512<float> column = part->ColumnBase;
        Vector512<float> row = part->RowBase;
        Vector512<float> s0 = part->SliceBase[0], s1 = part->SliceBase[1], s2 = part->SliceBase[2], s3 = part->SliceBase[3];
        Vector512<float> c0 = column, c1 = column, c2 = column, c3 = column;
        Vector512<float> r0 = row, r1 = row, r2 = row, r3 = row;
        nint last = (shape.Dimensions - 1) * channelStride;
        nint middle = isVolume ? channelStride : 0;
        if (part->IsLinear)
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
        }
        else
        {
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
        }

        if (!isVolume)
        {
            r0 = r1 = r2 = r3 = row;
        }

        Clamped(s0, s1, s2, s3, sliceAxis, part->Slice, out Vector512<float> lowSlice, out Vector512<float> highSlice);
        Clamped(r0, r1, r2, r3, rowAxis, part->Row, out Vector512<float> lowRow, out Vector512<float> highRow);
        Clamped(c0, c1, c2, c3, columnAxis, part->Column, out Vector512<float> lowColumn, out Vector512<float> highColumn);
        part->Low = HostMath.MinimaOf(lowSlice, lowRow, lowColumn, lowColumn);
        part->High = HostMath.MaximaOf(highSlice, highRow, highColumn, highColumn);
    }

    /// <summary>The two slices between the first and the last, where nothing bends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Between(
        Vector512<float> first, Vector512<float> last, out Vector512<float> second, out Vector512<float> third)
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

    private Patch Around(Vector128<float> lowest, Vector128<float> highest)
    {
        Patch patch = default;
        Vector128<int> low = Vector128.ConvertToInt32Native(lowest);
        Vector128<int> high = Vector128.ConvertToInt32Native(highest);
        sliceAxis.Enclose(low[0], high[0], out patch.Slice, out patch.Slices);
        rowAxis.Enclose(low[1], high[1], out patch.Row, out patch.Rows);
        columnAxis.Enclose(low[2], high[2], out patch.Column, out patch.Columns);
        patch.IsSmall = Math.Max(Math.Max(patch.Slices, patch.Rows), patch.Columns) <= MostKnots
            && patch.Slices * patch.Rows * (patch.Columns + 1) <= MostProducts;
        return patch;
    }

    /// <summary>
    /// Whether the label can reach the worst winner anywhere in the block's box of positions: its field there is largest at a
    /// corner of the box or on a knot inside, because it is linear along each axis in between. The knots around the box are moved
    /// onto it, axis by axis: the first a fraction of the way to the second, the last to the one before. Four rows of four knots
    /// to a vector.
    /// </summary>
    private bool CanWin(float* knots, Vector128<float> low, Vector128<float> high, float worst)
    {
        Patch patch = Around(low, high);
        if (patch.Rows > 4 || patch.Columns > 4)
        {
            return true;
        }

        Vector512<int> row = Vector512.Create(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        Vector512<int> column = Vector512.Create(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
        Vector512<int> lastRow = Vector512.Create(patch.Rows - 1);
        Vector512<int> lastColumn = Vector512.Create(patch.Columns - 1);
        (float first, float last) = rowAxis.Clip(low[1], high[1], patch.Row, patch.Rows);
        Vector512<float> toNextRow = Vector512.Equals(row, Vector512<int>.Zero).AsSingle() & Vector512.Create(first);
        Vector512<float> toPreviousRow = Vector512.Equals(row, lastRow).AsSingle() & Vector512.Create(last);
        (first, last) = columnAxis.Clip(low[2], high[2], patch.Column, patch.Columns);
        Vector512<float> toNextColumn = Vector512.Equals(column, Vector512<int>.Zero).AsSingle() & Vector512.Create(first);
        Vector512<float> toPreviousColumn = Vector512.Equals(column, lastColumn).AsSingle() & Vector512.Create(last);
        (first, last) = sliceAxis.Clip(low[0], high[0], patch.Slice, patch.Slices);

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
            float fraction = i == 0 ? first : i == patch.Slices - 1 ? last : 0;
            Vector512<float> value = HostMath.Fma(Vector512.Create(fraction), after - here, here);
            Vector512<float> next = Vector512.Shuffle(
                value, Vector512.Create(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15));
            Vector512<float> previous = Vector512.Shuffle(
                value, Vector512.Create(0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
            value = HostMath.Fma(toNextRow, next - value, HostMath.Fma(toPreviousRow, previous - value, value));
            next = Vector512.Shuffle(value, Vector512.Create(1, 2, 3, 3, 5, 6, 7, 7, 9, 10, 11, 11, 13, 14, 15, 15));
            previous = Vector512.Shuffle(value, Vector512.Create(0, 0, 1, 2, 4, 4, 5, 6, 8, 8, 9, 10, 12, 12, 13, 14));
            value = HostMath.Fma(toNextColumn, next - value, HostMath.Fma(toPreviousColumn, previous - value, value));
            highest = Vector512.MaxNative(highest, value);
            largest = Vector512.MaxNative(largest, Vector512.Abs(here));
            before = here;
            here = after;
        }

        Vector512<int> used = Vector512.LessThanOrEqual(row, lastRow) & Vector512.LessThanOrEqual(column, lastColumn);
        highest = Vector512.ConditionalSelect(used.AsSingle(), highest, Vector512.Create(float.NegativeInfinity));
        Vector512<float> reach = HostMath.Fma(Vector512.Create(Rounding), largest, highest);
        return HostMath.MaximumOf(reach) >= worst;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> FourRows(float* at, int row1, int row2, int row3) => Vector512.Create(
        Vector256.Create(Vector128.Load(at), Vector128.Load(at + row1)),
        Vector256.Create(Vector128.Load(at + row2), Vector128.Load(at + row3)));

    private void Weighted(float* knots, in Patch patch, PartScratch* part)
    {
        Vector512<float>* alongSlices = stackalloc Vector512<float>[3 * MostKnots * Slices];
        Vector512<float>* alongRows = alongSlices + (MostKnots * Slices);
        Vector512<float>* alongColumns = alongRows + (MostKnots * Slices);
        sliceAxis.Hats(part->Slice, Slices, patch.Slice, patch.Slices, alongSlices);
        rowAxis.Hats(part->Row, Slices, patch.Row, patch.Rows, alongRows);
        columnAxis.Hats(part->Column, Slices, patch.Column, patch.Columns, alongColumns);
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

        part->Score[0] = s0;
        part->Score[1] = s1;
        part->Score[2] = s2;
        part->Score[3] = s3;
    }

    private void Gathered(float* knots, PartScratch* part)
    {
        for (int slice = 0; slice < Slices; slice++)
        {
            Vector512<int> at = sliceAxis.Locate(part->Slice[slice], out Vector512<float> ts) * Vector512.Create(knotSlice);
            at += columnAxis.Locate(part->Column[slice], out Vector512<float> tc);
            if (isVolume)
            {
                at += rowAxis.Locate(part->Row[slice], out Vector512<float> tr) * Vector512.Create(labelField.X.Count);
                int next = labelField.X.Count;
                part->Score[slice] = HostMath.Lerp(
                    HostMath.Lerp(Pair(knots, at, tc), Pair(knots + next, at, tc), tr),
                    HostMath.Lerp(Pair(knots + knotSlice, at, tc), Pair(knots + knotSlice + next, at, tc), tr),
                    ts);
            }
            else
            {
                part->Score[slice] = HostMath.Lerp(Pair(knots, at, tc), Pair(knots + knotSlice, at, tc), ts);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pair(float* knots, Vector512<int> at, Vector512<float> t) =>
        HostMath.Lerp(HostMath.Gather(knots, at), HostMath.Gather(knots + 1, at), t);

    /// <summary>Takes the label where it is best, the lowest label where it ties, and says how low the worst winner is.</summary>
    private static float Compare(int label, PartScratch* part)
    {
        Vector512<int> mine = Vector512.Create(label);
        Vector512<float> worst = Vector512.Create(float.PositiveInfinity);
        for (int slice = 0; slice < Slices; slice++)
        {
            Vector512<float> score = part->Score[slice];
            Vector512<float> best = part->Best[slice];
            Vector512<int> winner = part->Winner[slice];
            Vector512<int> wins = Vector512.GreaterThan(score, best).AsInt32()
                | (Vector512.Equals(score, best).AsInt32() & Vector512.LessThan(mine, winner));
            best = Vector512.MaxNative(best, score);
            part->Best[slice] = best;
            part->Winner[slice] = Vector512.ConditionalSelect(wins, mine, winner);
            worst = Vector512.MinNative(worst, best);
        }

        return HostMath.MinimumOf(worst);
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

    /// <summary>What is known of one part of the block in hand; lives in the caller's scratch.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PartScratch
    {
        private Vectors slice, row, column, score, best, winner, sliceBase;
        public Vector512<float> RowBase;
        public Vector512<float> ColumnBase;

        // The box of the part's positions: slice, row, column.
        public Vector128<float> Low;
        public Vector128<float> High;

        // No displacement bends between the first and the last slice of the part.
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
