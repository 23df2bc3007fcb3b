using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

public static partial class WhiteNoise
{
    /// <summary>Adds noise to consecutive voxels of a volume.</summary>
    /// <param name="voxels">First voxel, in place.</param>
    /// <param name="firstVoxel">Its linear index in the whole volume.</param>
    /// <param name="count">Voxels.</param>
    /// <param name="place">Place of the draw, stream <see cref="Streams.NoiseVoxels"/>.</param>
    /// <param name="sigma">Standard deviation of the noise.</param>
    public static unsafe void HostAdd(float* voxels, long firstVoxel, long count, in RandomPlace place, float sigma)
    {
        float* group = stackalloc float[Uniform.HostGroup];
        Vector512<float> scale = Vector512.Create(sigma);
        for (long voxel = firstVoxel; voxel < firstVoxel + count;)
        {
            long offset = voxel % Uniform.HostGroup;
            long taken = Math.Min(Uniform.HostGroup - offset, firstVoxel + count - voxel);
            float* at = voxels + (voxel - firstVoxel);
            Normal.HostGroupOf(
                in place,
                voxel / Uniform.HostGroup,
                out Vector512<float> a,
                out Vector512<float> b,
                out Vector512<float> c,
                out Vector512<float> d);
            if (taken == Uniform.HostGroup)
            {
                HostMath.Fma(a, scale, Vector512.Load(at)).Store(at);
                HostMath.Fma(b, scale, Vector512.Load(at + 16)).Store(at + 16);
                HostMath.Fma(c, scale, Vector512.Load(at + 32)).Store(at + 32);
                HostMath.Fma(d, scale, Vector512.Load(at + 48)).Store(at + 48);
            }
            else
            {
                a.Store(group);
                b.Store(group + 16);
                c.Store(group + 32);
                d.Store(group + 48);
                for (long i = 0; i < taken; i++)
                {
                    at[i] = MathF.FusedMultiplyAdd(group[offset + i], sigma, at[i]);
                }
            }

            voxel += taken;
        }
    }
}
