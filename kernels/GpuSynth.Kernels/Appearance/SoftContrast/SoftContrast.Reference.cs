namespace GpuSynth.Kernels;

/// <content>The sum of the header in double, for every voxel and every organ.</content>
public sealed partial record SoftContrast
{
    /// <summary>The image of a sample that has its blobs.</summary>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="temperature">t, above 0.</param>
    /// <param name="means">Mean intensity per label.</param>
    /// <param name="blobs">What was drawn for the blobs.</param>
    /// <param name="row">The sample's row.</param>
    /// <param name="tile">The numbers of their noise's tile; not read without noise.</param>
    /// <param name="labels">Labels.</param>
    /// <param name="lift">How much higher labels are than those of the blobs.</param>
    public static double[] ReferenceImage(
        VolumeShape shape, double temperature, float[] means, in Gaussians.Drawn blobs, ReadOnlySpan<float> row, ReadOnlySpan<float> tile, byte[] labels, int lift)
    {
        var image = new double[labels.Length];
        var labelOf = new int[blobs.Organs + 1];
        labelOf[0] = lift;
        for (int organ = 0; organ < blobs.Organs; organ++)
        {
            labelOf[organ + 1] = lift + (int)row[blobs.Labels.First + organ];
        }

        for (int voxel = 0; voxel < labels.Length; voxel++)
        {
            image[voxel] = means[labels[voxel]];
            if (!labelOf.Contains(labels[voxel]))
            {
                continue;
            }

            int[] at = [voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width];
            var scores = new double[labelOf.Length];
            scores[0] = -0.5 * blobs.Reach * blobs.Reach;
            for (int organ = 0; organ < blobs.Organs; organ++)
            {
                scores[organ + 1] = Gaussians.ReferenceScore(shape, in blobs, row, tile, organ, at);
            }

            double largest = scores.Max();
            double[] weights = [.. scores.Select(score => Math.Exp((score - largest) / temperature))];
            double sum = weights.Sum();
            image[voxel] = weights.Select((weight, one) => weight / sum * means[labelOf[one]]).Sum();
        }

        return image;
    }
}
