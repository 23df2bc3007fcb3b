namespace GpuSynth.Kernels;

/// <content>The formula of the header in double, for every voxel and every lesion.</content>
public sealed partial record Lesions
{
    /// <summary>Paints the lesions of a sample over labels.</summary>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="drawn">What was drawn.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="tile">The numbers of the noise's tile.</param>
    /// <param name="voxels">The voxel that each lies around; -1 of one that found no place.</param>
    /// <param name="firstLabel">Label of the first tissue.</param>
    /// <param name="labels">Labels before; painted over.</param>
    /// <param name="margins">Written: how far a voxel is from what decides its label, in voxels, and of specks and diffuse ones in deviations of
    /// their noise.</param>
    public void ReferenceLabels(
        VolumeShape shape,
        in Drawn drawn,
        ReadOnlySpan<float> row,
        ReadOnlySpan<float> tile,
        ReadOnlySpan<int> voxels,
        int firstLabel,
        Span<byte> labels,
        Span<double> margins)
    {
        byte[] before = labels.ToArray();
        for (int voxel = 0; voxel < before.Length; voxel++)
        {
            margins[voxel] = double.PositiveInfinity;
            int tissue = 0;
            for (int lesion = 0; lesion < drawn.Count && tissue == 0; lesion++)
            {
                if (voxels[lesion] >= 0 && (Clip == 0 || before[voxel] == before[voxels[lesion]]))
                {
                    tissue = ReferenceTissue(shape, in drawn, row, tile, lesion, Place(voxel), Place(voxels[lesion]), ref margins[voxel]);
                }
            }

            labels[voxel] = tissue == 0 ? before[voxel]
                : (byte)(firstLabel + (tissue == 5 ? LabelCount(shape, null) - 1 : LabelEachTissue != 0 ? tissue - 1 : 0));
        }

        double[] Place(int voxel) => [voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width];
    }

    private static int ReferenceTissue(
        VolumeShape shape, in Drawn drawn, ReadOnlySpan<float> row, ReadOnlySpan<float> tile, int lesion, double[] at, double[] centre, ref double margin)
    {
        double[] from = [at[0] - centre[0], at[1] - centre[1], at[2] - centre[2]];
        int kind = (int)row[drawn.Kinds.First + lesion];
        if (kind == 5)
        {
            double above = ReferenceNoise(shape, tile, row.Slice(drawn.Offsets.First + (3 * lesion), 3), from, 2.0 / shape.Side)
                - NormalQuantile.AtUpperTail(row[drawn.Shares.First + lesion]);
            margin = Math.Min(margin, Math.Abs(above));
            return above > 0 ? 1 : 0;
        }

        double distance = Math.Sqrt((from[0] * from[0]) + (from[1] * from[1]) + (from[2] * from[2]));
        ReadOnlySpan<float> offset = row.Slice(drawn.Offsets.First + (3 * lesion), 3);
        double steps = row[drawn.Cells.First + lesion] / (2 * Math.PI);
        double n = ReferenceNoise(shape, tile, offset, from, distance == 0 ? 0 : steps / distance);
        double factor = kind == 1
            ? 1 + (row[drawn.Spicules.First + lesion] * Math.Pow(Math.Max(0, 1 - Math.Abs(n)), row[drawn.Sharpnesses.First + lesion]))
            : Math.Max(0.25, 1 + (row[drawn.Irregularities.First + lesion] * Math.Clamp(n, -3, 3)));
        double s = distance - (row[drawn.Radii.First + lesion] * factor);
        double wall = row[drawn.Walls.First + lesion];
        margin = Math.Min(margin, Math.Abs(s));
        if (s >= 0)
        {
            double ring = row[drawn.Rings.First + lesion];
            margin = Math.Min(margin, Math.Abs(s - ring));
            return s < ring ? 5 : 0;
        }

        if (kind is 2 or 3)
        {
            margin = Math.Min(margin, Math.Abs(s + wall));
            return s < -wall ? (kind == 2 ? 2 : 1) : (kind == 2 ? 1 : 3);
        }

        if (kind != 4)
        {
            return 1;
        }

        double speck = ReferenceNoise(shape, tile, offset, from, 0.5);
        margin = Math.Min(margin, Math.Min(Math.Abs(s + 1), Math.Abs(speck - 1.7)));
        return s < -1 && speck > 1.7 ? 4 : 1;
    }

    private static double ReferenceNoise(VolumeShape shape, ReadOnlySpan<float> tile, ReadOnlySpan<float> offset, double[] from, double steps)
    {
        int side = shape.Dimensions == 3 ? 32 : 128;
        double sum = 0;
        double squares = 0;
        for (int corner = 0; corner < (shape.Dimensions == 3 ? 8 : 4); corner++)
        {
            double weight = 1;
            int number = 0;
            for (int axis = 3 - shape.Dimensions; axis < 3; axis++)
            {
                double q = (from[axis] * steps) + offset[axis];
                int far = (corner >> (2 - axis)) & 1;
                double t = q - Math.Floor(q);
                weight *= far == 1 ? t : 1 - t;
                number = (number * side) + (((((int)Math.Floor(q) + far) % side) + side) % side);
            }

            sum += weight * tile[number];
            squares += weight * weight;
        }

        return sum / Math.Sqrt(squares);
    }
}
