using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <content>What a label field is at the positions of a part, and whether it can win there at all.</content>
public sealed unsafe partial class NoiseAnatomyHost
{
    private const int MostKnots = 8;

    // What two ways to compute a score can differ by, relative to the knots that it is a mean of: far above what floats do.
    private const float Rounding = 1e-5f;

    // Above this many knots a gather per corner is the cheaper way.
    private const int MostProducts = 160;

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
    /// corner of the box or on a knot inside, because it is linear along each axis in between. The knots just outside the box are
    /// replaced by the field on its faces, axis by axis, interpolated between the knot and the next one inwards. Four rows of four
    /// knots to a vector.
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
            value = HostMath.Fma(toNextRow, NextRow(value) - value, HostMath.Fma(toPreviousRow, PreviousRow(value) - value, value));
            value = HostMath.Fma(
                toNextColumn, NextColumn(value) - value, HostMath.Fma(toPreviousColumn, PreviousColumn(value) - value, value));
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

    // Four rows of four lanes, each moved by one, the row or the column at the end doubled. By halves where vectors are no wider: a shuffle of sixteen lanes
    // would be a loop over them there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> NextRow(Vector512<float> rows)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.Shuffle(rows, Vector512.Create(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15));
        }

        Vector128<float> last = rows.GetUpper().GetUpper();
        return Vector512.Create(Vector256.Create(rows.GetLower().GetUpper(), rows.GetUpper().GetLower()), Vector256.Create(last, last));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PreviousRow(Vector512<float> rows)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.Shuffle(rows, Vector512.Create(0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        }

        Vector128<float> first = rows.GetLower().GetLower();
        return Vector512.Create(Vector256.Create(first, first), Vector256.Create(rows.GetLower().GetUpper(), rows.GetUpper().GetLower()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> NextColumn(Vector512<float> rows)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.Shuffle(rows, Vector512.Create(1, 2, 3, 3, 5, 6, 7, 7, 9, 10, 11, 11, 13, 14, 15, 15));
        }

        Vector256<int> next = Vector256.Create(1, 2, 3, 3, 5, 6, 7, 7);
        return Vector512.Create(Vector256.Shuffle(rows.GetLower(), next), Vector256.Shuffle(rows.GetUpper(), next));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PreviousColumn(Vector512<float> rows)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.Shuffle(rows, Vector512.Create(0, 0, 1, 2, 4, 4, 5, 6, 8, 8, 9, 10, 12, 12, 13, 14));
        }

        Vector256<int> previous = Vector256.Create(0, 0, 1, 2, 4, 4, 5, 6);
        return Vector512.Create(Vector256.Shuffle(rows.GetLower(), previous), Vector256.Shuffle(rows.GetUpper(), previous));
    }

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
}
