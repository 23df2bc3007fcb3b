using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

public static partial class MinMax
{
    /// <summary>Normalises consecutive voxels: (value - minimum) / range.</summary>
    /// <param name="voxels"><paramref name="count"/> floats, in place.</param>
    /// <param name="count">Voxels.</param>
    /// <param name="minimum">Smallest intensity of the volume.</param>
    /// <param name="range">From <see cref="Range"/>.</param>
    public static unsafe void Host(float* voxels, long count, float minimum, float range)
    {
        Vector512<float> low = Vector512.Create(minimum);
        Vector512<float> divisor = Vector512.Create(range);
        long voxel = 0;
        for (; voxel + 16 <= count; voxel += 16)
        {
            ((Vector512.Load(voxels + voxel) - low) / divisor).Store(voxels + voxel);
        }

        for (; voxel < count; voxel++)
        {
            voxels[voxel] = Voxel(voxels[voxel], minimum, range);
        }
    }
}
