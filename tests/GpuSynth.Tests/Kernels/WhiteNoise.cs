using GpuSynth.Kernels;

namespace GpuSynth.Tests.Kernels;

/// <summary>I + sigma z, z the normal number of a voxel, worked out without the lanes.</summary>
internal static class WhiteNoise
{
    /// <summary>One voxel in plain float.</summary>
    public static float Voxel(float value, float sigma, in RandomPlace place, long voxel) => value + (sigma * Normal.At(in place, voxel));

    /// <summary>All voxels in double, the noise from <see cref="Normal.ReferenceValues"/>.</summary>
    public static double[] ReferenceImage(ReadOnlySpan<float> image, float sigma, RandomPlace place)
    {
        double[] result = Normal.ReferenceValues(place, 0, image.Length);
        for (int voxel = 0; voxel < result.Length; voxel++)
        {
            result[voxel] = image[voxel] + (sigma * result[voxel]);
        }

        return result;
    }
}
