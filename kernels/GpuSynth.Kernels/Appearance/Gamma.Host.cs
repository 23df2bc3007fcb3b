using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

public static partial class Gamma
{
    /// <summary>Raises consecutive voxels to the power: e^(g ln I), 0 and 1 kept exactly.</summary>
    /// <param name="voxels"><paramref name="count"/> floats in 0 to 1, in place.</param>
    /// <param name="count">Voxels.</param>
    /// <param name="exponent">g, above 0.</param>
    public static unsafe void Host(float* voxels, long count, float exponent)
    {
        long voxel = 0;
        for (; voxel + 16 <= count; voxel += 16)
        {
            HostVoxels(Vector512.Load(voxels + voxel), exponent).Store(voxels + voxel);
        }

        // The last voxels go through the same vector, so that where a volume is cut changes no bit.
        float* tail = stackalloc float[16];
        if (voxel < count)
        {
            long rest = count - voxel;
            new Span<float>(tail, 16).Clear();
            Buffer.MemoryCopy(voxels + voxel, tail, 64, rest * sizeof(float));
            HostVoxels(Vector512.Load(tail), exponent).Store(tail);
            Buffer.MemoryCopy(tail, voxels + voxel, rest * sizeof(float), rest * sizeof(float));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> HostVoxels(Vector512<float> value, float exponent)
    {
        Vector512<float> power = HostMath.Exp(
            HostMath.Log(Vector512.MaxNative(value, Vector512.Create(1.17549435e-38f))) * Vector512.Create(exponent));
        power = Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(value, Vector512<float>.One), Vector512<float>.One, power);
        power = Vector512.ConditionalSelect(
            Vector512.LessThanOrEqual(value, Vector512<float>.Zero), Vector512<float>.Zero, power);
        return Vector512.ConditionalSelect(Vector512.Equals(value, value), power, value);
    }
}
