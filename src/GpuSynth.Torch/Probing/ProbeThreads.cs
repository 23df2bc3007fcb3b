using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Probing;

/// <summary>
/// Pieces of work on threads of their own, torch within each on one thread: torch's sums depend on the number of its threads, and
/// so no result here depends on the number of ours.
/// </summary>
internal static class ProbeThreads
{
    /// <summary>Does work 0 to count - 1 and returns its results in order.</summary>
    /// <param name="count">Pieces.</param>
    /// <param name="threads">How many at once.</param>
    /// <param name="work">A piece.</param>
    /// <param name="stop">Ends the work between two pieces.</param>
    public static T[] Select<T>(int count, int threads, Func<int, T> work, CancellationToken stop)
    {
        int before = get_num_threads();
        var results = new T[count];
        ExceptionDispatchInfo? failure = null;
        int next = -1;
        void Loop()
        {
            set_num_threads(1);
            try
            {
                for (int n = Interlocked.Increment(ref next); n < count && failure is null; n = Interlocked.Increment(ref next))
                {
                    stop.ThrowIfCancellationRequested();
                    results[n] = work(n);
                }
            }
#pragma warning disable CA1031 // Thrown again on the caller's thread.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        }

        Thread[] crew = [.. Enumerable.Range(0, Math.Clamp(threads, 1, Math.Max(1, count))).Select(_ => new Thread(Loop))];
        foreach (Thread thread in crew)
        {
            thread.Start();
        }

        foreach (Thread thread in crew)
        {
            thread.Join();
        }

        set_num_threads(before); // The number is the process's.
        failure?.Throw();
        return results;
    }
}
