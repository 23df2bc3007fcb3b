using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

/// <summary>Images under a Gaussian that is cut and sums to 1; beyond the border the nearest voxel is seen.</summary>
internal static class GaussianBlur
{
    /// <summary>The image, blurred along every axis.</summary>
    /// <param name="image">[(D,) H, W].</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="sigma">In voxels, above 0.</param>
    /// <param name="reach">Voxels to each side that are seen.</param>
    public static float[] Of(float[] image, VolumeShape shape, double sigma, int reach)
    {
        double[] kernel = [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(n => Math.Exp(-0.5 * n * n / (sigma * sigma)))];
        double sum = kernel.Sum();
        float[] weights = [.. kernel.Select(value => (float)(value / sum))];
        return Axes(shape).Aggregate(image, (blurred, axis) => Along(blurred, axis.Stride, axis.Side, weights, reach));
    }

    /// <summary>Voxels from one place to the next and how many there are, along every axis.</summary>
    public static IEnumerable<(int Stride, int Side)> Axes(VolumeShape shape)
    {
        if (shape.Dimensions == 3)
        {
            yield return (shape.Width * shape.Height, shape.Depth);
        }

        yield return (shape.Width, shape.Height);
        yield return (1, shape.Width);
    }

    private static float[] Along(float[] image, int stride, int side, float[] weights, int reach)
    {
        float[] result = new float[image.Length];
        for (int n = 0; n < image.Length; n++)
        {
            int at = n / stride % side;
            int first = n - (at * stride);
            float sum = 0;
            for (int k = -reach; k <= reach; k++)
            {
                sum += weights[k + reach] * image[first + (Math.Clamp(at + k, 0, side - 1) * stride)];
            }

            result[n] = sum;
        }

        return result;
    }
}
