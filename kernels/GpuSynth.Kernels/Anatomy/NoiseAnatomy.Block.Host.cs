using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <content>What happens to one block: eight slices of sixteen voxels, in two parts of four.</content>
public sealed unsafe partial class NoiseAnatomyHost
{
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

    [InlineArray(Slices)]
    private struct Vectors
    {
        private Vector512<float> first;
    }

    /// <summary>What is known of one part of the current block; lives in the caller's scratch.</summary>
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
