using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Benchmarking;

/// <summary>
/// A run of multiply-adds in registers, as fast as one thread can do them on the vectors that the host kernels are written in
/// (where the hardware's are narrower, on what the compiler makes of them).
/// </summary>
public static class MultiplyAddChain
{
    private const int Chains = 10;
    private const int Rounds = 1 << 20;

    /// <summary>Floating-point operations of one run, 2 per multiply-add and lane.</summary>
    public static double Operations => 2.0 * Vector512<float>.Count * Chains * Rounds;

    /// <summary>One run; the result must be kept, so that the arithmetic is not optimised away.</summary>
    /// <remarks>
    /// Ten independent chains: more than a multiply-add's latency times the units of a core. Values converge and never become
    /// denormal.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Run()
    {
        Vector512<float> x = Vector512.Create(0.5f), y = Vector512.Create(0.25f);
        Vector512<float> a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y;
        for (int round = 0; round < Rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j);
    }
}
