using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

// Exact squared Euclidean distance, in mm^2, of every voxel to the nearest marked voxel: one pass of lower envelopes of parabolas
// per axis, O(voxels). d(p) = min over q of f(q) + s^2 (p - q)^2, s the axis's spacing; f = 0 on marked voxels, else infinity.
// Double precision: a sum of three squares, rounded once per axis.
// Source: Felzenszwalb, Huttenlocher, "Distance transforms of sampled functions", Theory of Computing 8 (2012).

/// <summary>Distances to a set of voxels.</summary>
public static class DistanceTransform
{
    /// <summary>The squared distance of every voxel to the nearest marked one; infinity where none is marked.</summary>
    /// <param name="isMarked">One entry per voxel.</param>
    /// <param name="shape">Voxels in array order.</param>
    /// <param name="spacing">Millimetres between voxels.</param>
    public static double[] Squared(ReadOnlySpan<bool> isMarked, VolumeShape shape, VoxelSpacing spacing)
    {
        if (isMarked.Length != shape.VoxelCount)
        {
            throw new ArgumentException(
                $"{shape} has {shape.VoxelCount} voxels, but {isMarked.Length} were given.", nameof(isMarked));
        }

        double[] distances = new double[isMarked.Length];
        for (int n = 0; n < distances.Length; n++)
        {
            distances[n] = isMarked[n] ? 0 : double.PositiveInfinity;
        }

        int plane = shape.Height * shape.Width;
        Pass(distances, shape.Width, 1, spacing.Width);
        Pass(distances, shape.Height, shape.Width, spacing.Height);
        Pass(distances, shape.Depth, plane, spacing.Depth);
        return distances;
    }

    // Along every line of an axis: `count` voxels at a distance of `stride`.
    private static void Pass(double[] values, int count, int stride, double spacing)
    {
        if (count == 1)
        {
            return;
        }

        double[] line = new double[count];
        int[] peaks = new int[count];
        double[] borders = new double[count + 1];
        int block = count * stride;
        for (int first = 0; first < values.Length; first += block)
        {
            for (int offset = 0; offset < stride; offset++)
            {
                for (int n = 0; n < count; n++)
                {
                    line[n] = values[first + offset + (n * stride)];
                }

                int parabolas = Envelope(line, spacing, peaks, borders);
                for (int n = 0, k = 0; n < count && parabolas > 0; n++)
                {
                    while (k < parabolas - 1 && borders[k + 1] < n)
                    {
                        k++;
                    }

                    double away = spacing * (n - peaks[k]);
                    values[first + offset + (n * stride)] = line[peaks[k]] + (away * away);
                }
            }
        }
    }

    // The parabolas that are lowest somewhere, from left to right: peaks[k] is lowest from borders[k] on.
    private static int Envelope(double[] line, double spacing, int[] peaks, double[] borders)
    {
        double square = spacing * spacing;
        int count = 0;
        for (int q = 0; q < line.Length; q++)
        {
            if (double.IsPositiveInfinity(line[q]))
            {
                continue;
            }

            double border = double.NegativeInfinity;
            while (count > 0)
            {
                int p = peaks[count - 1];
                border = ((line[q] - line[p]) / (2 * square * (q - p))) + (0.5 * (q + p));
                if (border > borders[count - 1])
                {
                    break;
                }

                count--;
                border = double.NegativeInfinity;
            }

            peaks[count] = q;
            borders[count] = border;
            count++;
        }

        return count;
    }
}
