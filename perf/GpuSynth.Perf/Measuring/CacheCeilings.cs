using System.Runtime.InteropServices;
using GpuSynth.Benchmarking;

namespace GpuSynth.Perf.Measuring;

/// <summary>
/// What some threads of the machine can do at most, measured: <see cref="MachineCeilings"/>, and copying within each cache. A copy of n
/// bytes counts 2 n (read and written), as kernels count theirs; the lines that a store first fetches are counted for neither.
/// </summary>
/// <param name="Threads">Threads that ran at once.</param>
/// <param name="MemoryGigabytesPerSecond">Copy between buffers larger than the caches.</param>
/// <param name="LastLevelGigabytesPerSecond">Copy between buffers that outgrow the second-level cache and fit in the last.</param>
/// <param name="Level2GigabytesPerSecond">Copy between buffers that fit in the second-level cache of each thread.</param>
/// <param name="Gigaflops">Fused multiply-adds on the widest vectors, 2 operations each, in 10^9 operations per second.</param>
internal sealed record CacheCeilings(
    int Threads,
    double MemoryGigabytesPerSecond,
    double LastLevelGigabytesPerSecond,
    double Level2GigabytesPerSecond,
    double Gigaflops)
{
    // The best of these counts.
    private static readonly RepeatPolicy Repeats =
        new() { WarmUp = TimeSpan.FromMilliseconds(50), Least = 7, Most = 60, Duration = TimeSpan.FromMilliseconds(300) };

    /// <summary>Measures this machine; takes a second or two.</summary>
    /// <param name="caches">Sizes of its caches.</param>
    /// <param name="threads">Threads to run at once, at least 1.</param>
    public static CacheCeilings Measure(CacheSizes caches, int threads)
    {
        MachineCeilings machine = MachineCeilings.Measure(threads);
        using var crew = new ThreadCrew(threads);
        return new CacheCeilings(
            threads,
            machine.CopyGigabytesPerSecond,
            Copy(crew, 4 * caches.Level2Bytes * threads),
            Copy(crew, caches.Level2Bytes / 4 * threads),
            machine.MultiplyAddGigaflops);
    }

    /// <summary>The copy bandwidth at which data of a size can move at best, and what it is called.</summary>
    /// <param name="bytes">Everything that is read and written, all threads together.</param>
    /// <param name="caches">Sizes of the caches.</param>
    public (double GigabytesPerSecond, string Name) CopyOf(long bytes, CacheSizes caches) =>
        bytes <= caches.Level2Bytes * Threads ? (Level2GigabytesPerSecond, "level 2")
        : bytes <= caches.LastLevelBytes ? (LastLevelGigabytesPerSecond, "last level")
        : (MemoryGigabytesPerSecond, "memory");

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
            Repeated copies = Repeated.Measure(
                _ => crew.Run(thread =>
                {
                    for (int i = 0; i < times; i++)
                    {
                        Buffer.MemoryCopy(from + (thread * part), to + (thread * part), part, part);
                    }
                }),
                Repeats);
            return 2.0 * part * crew.Count * times / copies.Milliseconds.Minimum / 1e6;
        }
        finally
        {
            NativeMemory.AlignedFree(from);
            NativeMemory.AlignedFree(to);
        }
    }
}
