using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>
/// A run of multiply-adds in registers, as fast as one thread can do them on the widest vectors of the hardware.
/// </summary>
internal static class MultiplyAddChain
{
    private const int Chains = 10;
    private const int Rounds = 1 << 20;
    private const int CacheLine = 16;

    // The best of these counts.
    private static readonly RepeatPolicy Repeats =
        new() { WarmUp = TimeSpan.FromMilliseconds(50), Least = 15, Most = 100, Duration = TimeSpan.FromMilliseconds(300) };

    private static readonly RepeatPolicy QuickRepeats =
        new() { WarmUp = TimeSpan.Zero, LeastWarmUps = 1, Least = 5, Most = 5, Duration = TimeSpan.Zero };

    /// <summary>The same at a glance, some ten milliseconds: what the machine can do at the moment.</summary>
    public static double GigaflopsNow(ThreadCrew crew) => Gigaflops(crew, QuickRepeats);

    /// <summary>
    /// 10^9 floating-point operations per second, 2 per multiply-add and lane, all threads of the crew together. The caller is one
    /// of the threads and holds the clock: a clock of its own would find no core and start late.
    /// </summary>
    public static double Gigaflops(ThreadCrew crew) => Gigaflops(crew, Repeats);

    private static double Gigaflops(ThreadCrew crew, RepeatPolicy repeats)
    {
        (Func<float> run, int lanes) = Vector512.IsHardwareAccelerated
            ? ((Func<float>)Run<Vector16>, Vector16.Count)
            : (Run<UsualVector>, UsualVector.Count);

        // Kept, so that the arithmetic is not optimised away.
        var sums = new float[crew.Count * CacheLine];
        Repeated repeated = Repeated.Measure(_ => crew.Run(thread => sums[thread * CacheLine] = run()), repeats);
        return 2.0 * lanes * Chains * Rounds * crew.Count / repeated.Milliseconds.Minimum / 1e6;
    }

    // Ten independent chains: more than a multiply-add's latency times the units of a core. Values converge and never become
    // denormal.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Run<T>()
        where T : struct, IWideVector<T>
    {
        T x = T.Of(0.5f), y = T.Of(0.25f);
        T a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y, i = x, j = y;
        for (int round = 0; round < Rounds; round++)
        {
            a = T.MultiplyAdd(a, x, y);
            b = T.MultiplyAdd(b, x, y);
            c = T.MultiplyAdd(c, x, y);
            d = T.MultiplyAdd(d, x, y);
            e = T.MultiplyAdd(e, x, y);
            f = T.MultiplyAdd(f, x, y);
            g = T.MultiplyAdd(g, x, y);
            h = T.MultiplyAdd(h, x, y);
            i = T.MultiplyAdd(i, x, y);
            j = T.MultiplyAdd(j, x, y);
        }

        return (a + b + c + d + e + f + g + h + i + j).Sum();
    }
}
