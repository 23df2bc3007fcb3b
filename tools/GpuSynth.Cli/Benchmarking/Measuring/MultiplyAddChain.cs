using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>
/// A run of multiply-adds in registers, as fast as one thread can do them on the vectors that the host kernels are written in
/// (where the hardware's are narrower, on what the compiler makes of them).
/// </summary>
internal static class MultiplyAddChain
{
    private const int Chains = 10;
    private const int Rounds = 1 << 20;
    private const int CacheLine = 16;

    // Per thread and run, 2 per multiply-add and lane.
    private const double Operations = 2.0 * 16 * Chains * Rounds;

    // The best of these counts.
    private static readonly RepeatPolicy Repeats =
        new() { WarmUp = TimeSpan.FromMilliseconds(50), Least = 15, Most = 100, Duration = TimeSpan.FromMilliseconds(300) };

    /// <summary>
    /// 10^9 floating-point operations per second, 2 per multiply-add and lane, all threads of the crew together. The caller is one
    /// of the threads and holds the clock: a clock of its own would find no core and start late.
    /// </summary>
    public static double Gigaflops(ThreadCrew crew)
    {
        // Kept, so that the arithmetic is not optimised away.
        var sums = new float[crew.Count * CacheLine];
        Repeated repeated = Repeated.Measure(_ => crew.Run(thread => sums[thread * CacheLine] = Run()), Repeats);
        return Operations * crew.Count / repeated.Milliseconds.Minimum / 1e6;
    }

    // Ten independent chains: more than a multiply-add's latency times the units of a core. Values converge and never become
    // denormal.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run()
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
