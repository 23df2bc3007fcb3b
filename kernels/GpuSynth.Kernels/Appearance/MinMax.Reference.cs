namespace GpuSynth.Kernels;

public static partial class MinMax
{
    /// <summary>(I - min) / (max - min + epsilon), with the minimum and maximum found here.</summary>
    /// <param name="imageDHW">Image [D, H, W] before.</param>
    /// <param name="epsilon">Added to the range.</param>
    /// <returns>Image after.</returns>
    public static double[] ReferenceImage(ReadOnlySpan<float> imageDHW, double epsilon)
    {
        double minimum = double.PositiveInfinity;
        double maximum = double.NegativeInfinity;
        foreach (float value in imageDHW)
        {
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }

        var result = new double[imageDHW.Length];
        for (int voxel = 0; voxel < result.Length; voxel++)
        {
            result[voxel] = (imageDHW[voxel] - minimum) / (maximum - minimum + epsilon);
        }

        return result;
    }
}
