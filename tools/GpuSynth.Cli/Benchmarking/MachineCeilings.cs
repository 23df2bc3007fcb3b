using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    private const int Chains = 10;
    private const int Rounds = 1 << 22;

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
        bool isWide = Vector512.IsHardwareAccelerated;
        int lanes = isWide ? Vector512<float>.Count : Vector256<float>.Count;
        double seconds = BestSeconds(threads, _ => sink = isWide ? Chain512() : Chain256());
        return 2.0 * lanes * Chains * Rounds * threads / seconds / 1e9;
    }

    // Independent chains hide the latency of each other's multiply-add; the values converge and never become denormal.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chain512()
    {
        Vector512<float> a = Vector512.Create(0.5f), b = Vector512.Create(0.25f);
        Vector512<float> s0 = a, s1 = b, s2 = a, s3 = b, s4 = a, s5 = b, s6 = a, s7 = b, s8 = a, s9 = b;
        for (int n = 0; n < Rounds; n++)
        {
            s0 = Vector512.FusedMultiplyAdd(s0, a, b);
            s1 = Vector512.FusedMultiplyAdd(s1, a, b);
            s2 = Vector512.FusedMultiplyAdd(s2, a, b);
            s3 = Vector512.FusedMultiplyAdd(s3, a, b);
            s4 = Vector512.FusedMultiplyAdd(s4, a, b);
            s5 = Vector512.FusedMultiplyAdd(s5, a, b);
            s6 = Vector512.FusedMultiplyAdd(s6, a, b);
            s7 = Vector512.FusedMultiplyAdd(s7, a, b);
            s8 = Vector512.FusedMultiplyAdd(s8, a, b);
            s9 = Vector512.FusedMultiplyAdd(s9, a, b);
        }

        return Vector512.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chain256()
    {
        Vector256<float> a = Vector256.Create(0.5f), b = Vector256.Create(0.25f);
        Vector256<float> s0 = a, s1 = b, s2 = a, s3 = b, s4 = a, s5 = b, s6 = a, s7 = b, s8 = a, s9 = b;
        for (int n = 0; n < Rounds; n++)
        {
            s0 = Vector256.FusedMultiplyAdd(s0, a, b);
            s1 = Vector256.FusedMultiplyAdd(s1, a, b);
            s2 = Vector256.FusedMultiplyAdd(s2, a, b);
            s3 = Vector256.FusedMultiplyAdd(s3, a, b);
            s4 = Vector256.FusedMultiplyAdd(s4, a, b);
            s5 = Vector256.FusedMultiplyAdd(s5, a, b);
            s6 = Vector256.FusedMultiplyAdd(s6, a, b);
            s7 = Vector256.FusedMultiplyAdd(s7, a, b);
            s8 = Vector256.FusedMultiplyAdd(s8, a, b);
            s9 = Vector256.FusedMultiplyAdd(s9, a, b);
        }

        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9);
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
