using GpuSynth.Benchmarking;

namespace GpuSynth.Perf.Measuring;

/// <summary>
/// The most multiply-adds that threads can do. The caller is one of the threads and holds the clock: a clock of its own would
/// find no core and start late.
/// </summary>
internal static class MultiplyAddRate
{
    private const int CacheLine = 16;

    // The best of these counts.
    private static readonly RepeatPolicy Repeats =
        new() { WarmUp = TimeSpan.FromMilliseconds(50), Least = 15, Most = 100, Duration = TimeSpan.FromMilliseconds(300) };

    /// <summary>
    /// 10^9 floating-point operations per second, 2 per multiply-add and lane, all threads of the crew together.
    /// </summary>
    public static double Gigaflops(ThreadCrew crew)
    {
        var sums = new float[crew.Count * CacheLine];
        Repeated repeated = Repeated.Measure(_ => crew.Run(thread => sums[thread * CacheLine] = MultiplyAddChain.Run()), Repeats);
        return MultiplyAddChain.Operations * crew.Count / repeated.Milliseconds.Minimum / 1e6;
    }
}
