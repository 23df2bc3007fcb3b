namespace GpuSynth.Kernels;

public static partial class Gamma
{
    /// <summary>I^g, voxel by voxel.</summary>
    /// <param name="imageDHW">Image [D, H, W] in 0 to 1.</param>
    /// <param name="exponent">g.</param>
    /// <returns>Image after.</returns>
    public static double[] ReferenceImage(ReadOnlySpan<float> imageDHW, float exponent)
    {
        var result = new double[imageDHW.Length];
        for (int voxel = 0; voxel < result.Length; voxel++)
        {
            result[voxel] = Math.Pow(imageDHW[voxel], exponent);
        }

        return result;
    }
}
