using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

public static partial class Normal
{
    /// <summary>Writes to[i] = scale * the normal number of element start + i, i below count.</summary>
    /// <param name="to"><paramref name="count"/> floats.</param>
    /// <param name="count">Numbers to write.</param>
    /// <param name="place">Place of the draw.</param>
    /// <param name="start">First element.</param>
    /// <param name="scale">Standard deviation.</param>
    public static unsafe void HostFill(float* to, long count, in RandomPlace place, long start = 0, float scale = 1f)
    {
        float* group = stackalloc float[Uniform.HostGroup];
        Vector512<float> factor = Vector512.Create(scale);
        for (long element = start; element < start + count;)
        {
            long offset = element % Uniform.HostGroup;
            long taken = Math.Min(Uniform.HostGroup - offset, start + count - element);
            float* target = taken == Uniform.HostGroup ? to + (element - start) : group;
            HostGroupOf(
                in place,
                element / Uniform.HostGroup,
                out Vector512<float> a,
                out Vector512<float> b,
                out Vector512<float> c,
                out Vector512<float> d);
            (a * factor).Store(target);
            (b * factor).Store(target + 16);
            (c * factor).Store(target + 32);
            (d * factor).Store(target + 48);
            if (target == group)
            {
                Buffer.MemoryCopy(group + offset, to + (element - start), taken * sizeof(float), taken * sizeof(float));
            }

            element += taken;
        }
    }

    /// <summary>The sixty-four normal numbers of one group of elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void HostGroupOf(
        in RandomPlace place,
        long group,
        out Vector512<float> a,
        out Vector512<float> b,
        out Vector512<float> c,
        out Vector512<float> d)
    {
        Philox.HostBlocks(
            in place,
            (uint)(group * 16),
            out Vector512<uint> x,
            out Vector512<uint> y,
            out Vector512<uint> z,
            out Vector512<uint> w);
        (a, b) = HostFromBits(x, y);
        (c, d) = HostFromBits(z, w);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Even, Vector512<float> Odd) HostFromBits(Vector512<uint> first, Vector512<uint> second)
    {
        Vector512<float> radius = Vector512.Sqrt(Vector512.Create(-2f) * HostMath.Log(Uniform.HostFromBits(first)));
        (Vector512<float> sine, Vector512<float> cosine) = HostMath.SinCosTurns(Uniform.HostFromBits(second));
        return (radius * cosine, radius * sine);
    }
}
