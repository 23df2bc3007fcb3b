namespace GpuSynth.Benchmarking.Measuring;

/// <summary>What some threads of this machine can do at most, measured: the best of several repetitions each.</summary>
/// <param name="Threads">Threads that ran at once.</param>
/// <param name="Copy">From one array to another.</param>
/// <param name="Update">In place.</param>
/// <param name="Read">Reading only.</param>
/// <param name="Gigaflops">Multiply-adds on the widest vectors, 2 operations each, in 10^9 operations per second.</param>
/// <param name="Gigagathers">
/// Numbers gathered from a table in the nearest cache, in 10^9 per second; 0 in runs of before it was measured.
/// </param>
internal sealed record ThreadCeilings(
    int Threads, Bandwidth Copy, Bandwidth Update, Bandwidth Read, double Gigaflops, double Gigagathers = 0)
{
    /// <summary>Measures; takes some seconds.</summary>
    /// <param name="caches">Sizes of the caches.</param>
    /// <param name="threads">Threads to run at once, at least 1.</param>
    public static ThreadCeilings Measure(CacheSizes caches, int threads)
    {
        using var crew = new ThreadCrew(threads);
        return new ThreadCeilings(
            threads,
            Bandwidth.Measure(crew, caches, MemoryWalk.Copy),
            Bandwidth.Measure(crew, caches, MemoryWalk.Update),
            Bandwidth.Measure(crew, caches, MemoryWalk.Read),
            MultiplyAddChain.Gigaflops(crew),
            GatherChain.Gigagathers(crew));
    }

    /// <summary>The better of two measurements of the same threads, figure by figure: what else runs on the machine takes its part of some.</summary>
    public ThreadCeilings Best(ThreadCeilings other) => new(
        Threads,
        Copy.Best(other.Copy),
        Update.Best(other.Update),
        Read.Best(other.Read),
        Math.Max(Gigaflops, other.Gigaflops),
        Math.Max(Gigagathers, other.Gigagathers));

    /// <summary>The bandwidth at which a walk over data of a size can go at best, and what it is called.</summary>
    /// <param name="walk">What it does.</param>
    /// <param name="bytes">Everything that is read and written, all threads together.</param>
    /// <param name="caches">Sizes of the caches.</param>
    public (double GigabytesPerSecond, string Name) Of(MemoryWalk walk, long bytes, CacheSizes caches)
    {
        Bandwidth bandwidth = walk switch
        {
            MemoryWalk.Copy => Copy,
            MemoryWalk.Update => Update,
            _ => Read,
        };
        return bytes <= caches.Level2Bytes * Threads ? (bandwidth.Level2, "level 2")
            : bytes <= caches.LastLevelBytes ? (bandwidth.LastLevel, "last level")
            : (bandwidth.Memory, "memory");
    }
}
