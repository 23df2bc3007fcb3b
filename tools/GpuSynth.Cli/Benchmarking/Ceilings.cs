using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Cli.Benchmarking;

/// <summary>
/// What the machine can do at most, measured: the best of several repetitions each. A copy of n bytes counts 2 n (read and written), as
/// kernels count theirs; the lines that a store first fetches are counted for neither. A fused multiply-add counts 2 operations.
/// </summary>
/// <param name="Threads">Threads that ran at once.</param>
/// <param name="MemoryGigabytesPerSecond">Copy between buffers that fit in no cache.</param>
/// <param name="LastLevelGigabytesPerSecond">Copy between buffers that outgrow the second-level cache and fit in the last.</param>
/// <param name="Level2GigabytesPerSecond">Copy between buffers that fit in the second-level cache of each thread.</param>
/// <param name="Gigaflops">Fused multiply-adds on the widest vectors, in 10^9 operations per second.</param>
public sealed record Ceilings(
    int Threads,
    double MemoryGigabytesPerSecond,
    double LastLevelGigabytesPerSecond,
    double Level2GigabytesPerSecond,
    double Gigaflops)
{
    private const int Accumulators = 12;
    private const int MultiplyAddRounds = 400_000;

    private static readonly RepeatPolicy Repeats =
        new() { WarmUp = TimeSpan.FromMilliseconds(50), Least = 7, Most = 60, Duration = TimeSpan.FromMilliseconds(300) };

    /// <summary>Measures this machine; takes about two seconds.</summary>
    /// <param name="machine">Sizes of its caches.</param>
    /// <param name="threads">Threads to run at once, at least 1.</param>
    public static Ceilings Measure(MachineInfo machine, int threads)
    {
        ArgumentNullException.ThrowIfNull(machine);
        using var crew = new ThreadCrew(threads);

        // Two buffers, each as large as the cache, hold twice what it can: no line survives from one copy to the next.
        long memory = Math.Clamp(machine.LastLevelBytes, 64L << 20, 1L << 30);
        long lastLevel = 4 * machine.Level2Bytes * threads;
        long level2 = machine.Level2Bytes / 4 * threads;
        return new Ceilings(
            threads, Copy(crew, memory), Copy(crew, lastLevel), Copy(crew, level2), MultiplyAdd(crew));
    }

    /// <summary>The copy bandwidth at which data of a size can move at best.</summary>
    /// <param name="bytes">Everything that is read and written, all threads together.</param>
    /// <param name="machine">Sizes of its caches.</param>
    public double CopyOf(long bytes, MachineInfo machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return bytes <= machine.Level2Bytes * Threads ? Level2GigabytesPerSecond
            : bytes <= machine.LastLevelBytes ? LastLevelGigabytesPerSecond
            : MemoryGigabytesPerSecond;
    }

    // Each thread copies a part of its own; small parts often enough that starting them does not count.
    private static unsafe double Copy(ThreadCrew crew, long bytes)
    {
        long part = bytes / crew.Count / 64 * 64;
        int times = (int)Math.Max(1, (64L << 20) / bytes);
        byte* from = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        byte* to = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        try
        {
            NativeMemory.Fill(from, (nuint)bytes, 1);
            NativeMemory.Fill(to, (nuint)bytes, 2);
            Spread spread = Spread.Measure(
                _ => crew.Run(thread =>
                {
                    for (int i = 0; i < times; i++)
                    {
                        Buffer.MemoryCopy(from + (thread * part), to + (thread * part), part, part);
                    }
                }),
                Repeats);
            return 2.0 * part * crew.Count * times / spread.Minimum / 1e6;
        }
        finally
        {
            NativeMemory.AlignedFree(from);
            NativeMemory.AlignedFree(to);
        }
    }

    private static double MultiplyAdd(ThreadCrew crew)
    {
        var sums = new float[crew.Count * 64];
        Spread spread = Spread.Measure(_ => crew.Run(thread => sums[thread * 64] = MultiplyAdds(MultiplyAddRounds)), Repeats);
        int lanes = Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count;
        return 2.0 * lanes * Accumulators * MultiplyAddRounds * crew.Count / spread.Minimum / 1e6;
    }

    private static float MultiplyAdds(int rounds) =>
        Vector512.IsHardwareAccelerated ? MultiplyAdds512(rounds) : MultiplyAdds256(rounds);

    // Twelve independent sums: more than a multiply-add's latency times the units that a core has, and few enough to stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float MultiplyAdds512(int rounds)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < rounds; round++)
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
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float MultiplyAdds256(int rounds)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(0.001f);
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
