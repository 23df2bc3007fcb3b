using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

public static partial class Uniform
{
    /// <summary>Elements that share a run of sixteen blocks.</summary>
    internal const int HostGroup = 64;

    /// <summary>Writes to[i] = the uniform number of element start + i, i below count.</summary>
    /// <param name="to"><paramref name="count"/> floats.</param>
    /// <param name="count">Numbers to write.</param>
    /// <param name="place">Place of the draw.</param>
    /// <param name="start">First element.</param>
    public static unsafe void HostFill(float* to, long count, in RandomPlace place, long start = 0)
    {
        float* group = stackalloc float[HostGroup];
        for (long element = start; element < start + count;)
        {
            long offset = element % HostGroup;
            long taken = Math.Min(HostGroup - offset, start + count - element);
            Philox.HostBlocks(
                in place,
                (uint)(element / HostGroup * 16),
                out Vector512<uint> x,
                out Vector512<uint> y,
                out Vector512<uint> z,
                out Vector512<uint> w);
            HostFromBits(x).Store(group);
            HostFromBits(y).Store(group + 16);
            HostFromBits(z).Store(group + 32);
            HostFromBits(w).Store(group + 48);
            Buffer.MemoryCopy(group + offset, to + (element - start), taken * sizeof(float), taken * sizeof(float));
            element += taken;
        }
    }

    /// <summary>((u >> 9) + 0.5) 2^-23, exact: strictly inside (0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> HostFromBits(Vector512<uint> bits) =>
        (Vector512.ConvertToSingle((bits >>> 9).AsInt32()) + Vector512.Create(0.5f)) * Vector512.Create(1f / 8388608f);
}
