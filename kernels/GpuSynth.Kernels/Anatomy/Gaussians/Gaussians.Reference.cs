namespace GpuSynth.Kernels;

/// <content>The formula of the header in double, for every voxel and every blob.</content>
public sealed partial record Gaussians
{
    /// <summary>The labels of a sample.</summary>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="tile">The numbers of the noise's tile; not read without noise.</param>
    /// <param name="labels">Written.</param>
    /// <param name="margins">Written: the least difference of scores that decides the voxel's label.</param>
    public static void ReferenceLabels(
        VolumeShape shape, in Drawn drawn, ReadOnlySpan<float> row, ReadOnlySpan<float> tile, Span<byte> labels, Span<double> margins)
    {
        ReadOnlySpan<float> parents = row.Slice(drawn.Parents.First, drawn.Parents.Count);
        double stay = -0.5 * drawn.Reach * drawn.Reach;
        for (int voxel = 0; voxel < labels.Length; voxel++)
        {
            int x = voxel % shape.Width;
            int y = voxel / shape.Width % shape.Height;
            int z = voxel / shape.Width / shape.Height;
            int winner = -1;
            double margin = double.PositiveInfinity;
            while (true)
            {
                int next = -1;
                double best = stay;
                double second = double.NegativeInfinity;
                for (int blob = 0; blob < parents.Length; blob++)
                {
                    if (parents[blob] == winner)
                    {
                        double score = ReferenceScore(shape, in drawn, row, tile, blob, [z, y, x]);
                        second = Math.Max(second, Math.Min(score, best));
                        next = score > best ? blob : next;
                        best = Math.Max(score, best);
                    }
                }

                margin = Math.Min(margin, best - second);
                if (next < 0)
                {
                    break;
                }

                winner = next;
            }

            labels[voxel] = winner < 0 ? (byte)0 : (byte)row[drawn.Labels.First + winner];
            margins[voxel] = margin;
        }
    }

    /// <summary>The score of a blob at a place.</summary>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="tile">The numbers of the noise's tile; not read without noise.</param>
    /// <param name="blob">Which blob.</param>
    /// <param name="at">z, y, x.</param>
    internal static double ReferenceScore(
        VolumeShape shape, in Drawn drawn, ReadOnlySpan<float> row, ReadOnlySpan<float> tile, int blob, int[] at)
    {
        ReadOnlySpan<float> centre = row.Slice(drawn.Centres.First + (3 * blob), 3);
        ReadOnlySpan<float> a = row.Slice(drawn.Axes.First + (9 * blob), 9);

        // d = u a0 + v a1 + w a2 by Cramer's rule: the score is that of u^2 + v^2 + w^2.
        double[] d = [at[0] - (double)centre[0], at[1] - (double)centre[1], at[2] - (double)centre[2]];
        double[][] axes = [[a[0], a[1], a[2]], [a[3], a[4], a[5]], [a[6], a[7], a[8]]];
        double volume = Determinant(axes[0], axes[1], axes[2]);
        double u = Determinant(d, axes[1], axes[2]) / volume;
        double v = Determinant(axes[0], d, axes[2]) / volume;
        double w = Determinant(axes[0], axes[1], d) / volume;
        double score = row[drawn.LogWeights.First + blob] - (0.5 * ((u * u) + (v * v) + (w * w)));
        return drawn.Roughness == 0 ? score : score + (drawn.Roughness * ReferenceNoise(shape, in drawn, row, tile, blob, at));
    }

    private static double ReferenceNoise(
        VolumeShape shape, in Drawn drawn, ReadOnlySpan<float> row, ReadOnlySpan<float> tile, int blob, int[] at)
    {
        int side = shape.Dimensions == 3 ? 32 : 128;
        double[] phase = [drawn.Phase.Z, drawn.Phase.Y, drawn.Phase.X];
        double sum = 0;
        double squares = 0;
        for (int corner = 0; corner < (shape.Dimensions == 3 ? 8 : 4); corner++)
        {
            double weight = 1;
            int number = 0;
            for (int axis = 3 - shape.Dimensions; axis < 3; axis++)
            {
                double q = (at[axis] / Math.Max(1, (double)drawn.SpacingVoxels)) + phase[axis] + row[drawn.Offsets.First + (3 * blob) + axis];
                int far = (corner >> (2 - axis)) & 1;
                double t = q - Math.Floor(q);
                weight *= far == 1 ? t : 1 - t;
                number = (number * side) + (((int)Math.Floor(q) + far) % side);
            }

            sum += weight * tile[number];
            squares += weight * weight;
        }

        return sum / Math.Sqrt(squares);
    }

    private static double Determinant(double[] a, double[] b, double[] c) =>
        (a[0] * ((b[1] * c[2]) - (b[2] * c[1]))) - (a[1] * ((b[0] * c[2]) - (b[2] * c[0]))) + (a[2] * ((b[0] * c[1]) - (b[1] * c[0])));
}
