using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <content>Where the voxels of a part are sampled: its places, displaced as one label's are.</content>
public sealed unsafe partial class NoiseAnatomyHost
{
    /// <summary>Sampling positions of one part of the block for one label.</summary>
    private void Positions(float* channel, int nodeCount, int* offsets, float* weights, PartScratch* part)
    {
        if (part->IsLinear)
        {
            Positions<Straight>(channel, nodeCount, offsets, weights, part);
        }
        else
        {
            Positions<Bent>(channel, nodeCount, offsets, weights, part);
        }
    }

    // Compiled for both kinds of part. Where nothing bends, the first and the last slice tell the two between them.
    private void Positions<TCourse>(float* channel, int nodeCount, int* offsets, float* weights, PartScratch* part)
        where TCourse : struct
    {
        Vector512<float> column = part->ColumnBase;
        Vector512<float> row = part->RowBase;
        Vector512<float> s0 = part->SliceBase[0], s1 = part->SliceBase[1], s2 = part->SliceBase[2], s3 = part->SliceBase[3];
        Vector512<float> c0 = column, c1 = column, c2 = column, c3 = column;
        Vector512<float> r0 = row, r1 = row, r2 = row, r3 = row;
        nint last = (shape.Dimensions - 1) * channelStride;
        nint middle = isVolume ? channelStride : 0;
        nint stride = sliceStride;
        nint toLastSlice = (Slices - 1) * stride;
        for (int node = 0; node < nodeCount; node++)
        {
            Vector512<float> weight = Vector512.Load(weights + (node * Lanes));
            float* at = channel + offsets[node];
            s0 = HostMath.Fma(Vector512.Create(at[0]), weight, s0);
            c0 = HostMath.Fma(Vector512.Create(at[last]), weight, c0);
            r0 = HostMath.Fma(Vector512.Create(at[middle]), weight, r0);
            if (typeof(TCourse) == typeof(Straight))
            {
                at += toLastSlice;
            }
            else
            {
                at += stride;
                s1 = HostMath.Fma(Vector512.Create(at[0]), weight, s1);
                c1 = HostMath.Fma(Vector512.Create(at[last]), weight, c1);
                r1 = HostMath.Fma(Vector512.Create(at[middle]), weight, r1);
                at += stride;
                s2 = HostMath.Fma(Vector512.Create(at[0]), weight, s2);
                c2 = HostMath.Fma(Vector512.Create(at[last]), weight, c2);
                r2 = HostMath.Fma(Vector512.Create(at[middle]), weight, r2);
                at += stride;
            }

            s3 = HostMath.Fma(Vector512.Create(at[0]), weight, s3);
            c3 = HostMath.Fma(Vector512.Create(at[last]), weight, c3);
            r3 = HostMath.Fma(Vector512.Create(at[middle]), weight, r3);
        }

        if (typeof(TCourse) == typeof(Straight))
        {
            Between(s0, s3, out s1, out s2);
            Between(c0, c3, out c1, out c2);
            Between(r0, r3, out r1, out r2);
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

    /// <summary>A part within which no displacement bends.</summary>
    private readonly struct Straight;

    /// <summary>A part within which one does.</summary>
    private readonly struct Bent;
}
