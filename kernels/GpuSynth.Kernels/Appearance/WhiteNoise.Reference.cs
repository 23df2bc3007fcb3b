namespace GpuSynth.Kernels;

public static partial class WhiteNoise
{
    /// <summary>I + sigma * z, voxel by voxel, the noise from <see cref="Normal.ReferenceValues"/>.</summary>
    /// <param name="imageDHW">Image [D, H, W] before.</param>
    /// <param name="sigma">Standard deviation.</param>
    /// <param name="place">Place of the draw.</param>
    /// <returns>Image after.</returns>
    public static double[] ReferenceImage(ReadOnlySpan<float> imageDHW, float sigma, RandomPlace place)
    {
        double[] noise = Normal.ReferenceValues(place, 0, imageDHW.Length);
        var result = new double[imageDHW.Length];
        for (int voxel = 0; voxel < result.Length; voxel++)
        {
            result[voxel] = imageDHW[voxel] + (sigma * noise[voxel]);
        }

        return result;
    }
}
