using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuSynth.Benchmarking;

/// <summary>
/// What the machine can do at most, measured in the same run as what is compared with it: the best of several tries, all threads.
/// </summary>
/// <param name="CopyGigabytesPerSecond">Copying memory far larger than the caches; bytes read and bytes written both
/// count.</param>
/// <param name="MultiplyAddGigaflops">float32 multiply-adds in registers; each counts as two operations.</param>
public sealed record MachineCeilings(double CopyGigabytesPerSecond, double MultiplyAddGigaflops)
{
    private const int Tries = 7;
    private const long CopyBytesInAll = 256L << 20;

    // Keeps the arithmetic from being optimised away.
    private static float sink;

    /// <summary>Measures; takes about a second.</summary>
    /// <param name="threads">Threads, at least 1.</param>
    public static MachineCeilings Measure(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        return new MachineCeilings(MeasureCopy(threads), MeasureMultiplyAdd(threads));
    }

    private static unsafe double MeasureCopy(int threads)
    {
        nuint bytes = (nuint)(CopyBytesInAll / threads);
        var from = new nint[threads];
        var to = new nint[threads];
        try
        {
            for (int n = 0; n < threads; n++)
            {
                from[n] = (nint)NativeMemory.Alloc(bytes);
                to[n] = (nint)NativeMemory.Alloc(bytes);
                // Touched once: the system hands out pages of zeros only when they are written.
                NativeMemory.Fill((void*)from[n], bytes, 1);
                NativeMemory.Fill((void*)to[n], bytes, 2);
            }

            double seconds = BestSeconds(threads, thread => NativeMemory.Copy((void*)from[thread], (void*)to[thread], bytes));
            return 2.0 * bytes * threads / seconds / 1e9;
        }
        finally
        {
            for (int n = 0; n < threads; n++)
            {
                NativeMemory.Free((void*)from[n]);
                NativeMemory.Free((void*)to[n]);
            }
        }
    }

    private static double MeasureMultiplyAdd(int threads)
    {
        double seconds = BestSeconds(threads, static _ => sink = MultiplyAddChain.Run());
        return MultiplyAddChain.Operations * threads / seconds / 1e9;
    }

    // Threads start together and the clock stops with the last.
    private static double BestSeconds(int threads, Action<int> work)
    {
        double best = double.PositiveInfinity;
        using var barrier = new Barrier(threads + 1);
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            for (int n = 0; n < Tries; n++)
            {
                barrier.SignalAndWait();
                work(index);
                barrier.SignalAndWait();
            }
        }) { IsBackground = true })];
        Array.ForEach(workers, static worker => worker.Start());
        for (int n = 0; n < Tries; n++)
        {
            // Taken before the workers may start: this thread wakes after them, and would miss the beginning.
            long start = Stopwatch.GetTimestamp();
            barrier.SignalAndWait();
            barrier.SignalAndWait();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        Array.ForEach(workers, static worker => worker.Join());
        return best;
    }
}
