namespace GpuSynth.Kernels;

public static partial class Contrast
{
    /// <summary>I = mean[label], voxel by voxel.</summary>
    /// <param name="labelDHW">Labels [D, H, W].</param>
    /// <param name="means">Mean intensity per label.</param>
    /// <returns>Image [D, H, W].</returns>
    public static double[] ReferenceImage(ReadOnlySpan<byte> labelDHW, ReadOnlySpan<float> means)
    {
        var image = new double[labelDHW.Length];
        for (int voxel = 0; voxel < image.Length; voxel++)
        {
            image[voxel] = means[labelDHW[voxel]];
        }

        return image;
    }
}
