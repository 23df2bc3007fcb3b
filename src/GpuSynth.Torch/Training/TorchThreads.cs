using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>
/// Work items on threads of their own, torch within each on a fixed number of threads: its sums depend on that number, and so no
/// result depends on how many items run at once. The number is the process's; it is put back behind the work.
/// </summary>
internal static class TorchThreads
{
    /// <summary>
    /// Runs all items, begun in their order, and waits. Where one fails no other is begun, those under way are asked to stop, and of
    /// the failures the first item's is thrown.
    /// </summary>
    /// <param name="work">The items.</param>
    /// <param name="atOnce">Most at the same time.</param>
    /// <param name="threadsEach">Torch's threads within an item.</param>
    /// <param name="stop">Ends all.</param>
    public static void Run(
        IReadOnlyList<Action<CancellationToken>> work, int atOnce, int threadsEach, CancellationToken stop)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var held = new Fixed(threadsEach);
        var failures = new Exception?[work.Count];
        int next = -1;
        void Work()
        {
            set_num_threads(threadsEach); // Of what computes beside torch's own pool, each thread has a number of its own.
            for (int n = Interlocked.Increment(ref next); n < work.Count && !all.IsCancellationRequested;
                n = Interlocked.Increment(ref next))
            {
                try
                {
                    work[n](all.Token);
                }
#pragma warning disable CA1031 // Thrown again on the caller's thread.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    failures[n] = error;
                    all.Cancel();
                }
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, Math.Clamp(atOnce, 1, Math.Max(1, work.Count))).Select(_ => new Thread(Work))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Exception? failure = Array.Find(failures, static one => one is not null and not OperationCanceledException)
            ?? Array.Find(failures, static one => one is not null);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Results of items 0 to count - 1 in order, torch within each on one thread.</summary>
    /// <param name="count">Items.</param>
    /// <param name="atOnce">Most at the same time.</param>
    /// <param name="work">An item.</param>
    /// <param name="stop">Ends the work between two items.</param>
    public static T[] Select<T>(int count, int atOnce, Func<int, T> work, CancellationToken stop)
    {
        var results = new T[count];
        Run(
            [.. Enumerable.Range(0, count).Select(n => (Action<CancellationToken>)(_ => results[n] = work(n)))],
            atOnce,
            threadsEach: 1,
            stop);
        return results;
    }

    /// <summary>While it lives, torch computes on one thread on the caller's.</summary>
    public static IDisposable One() => new Fixed(1);

    private sealed class Fixed : IDisposable
    {
        private readonly int before = get_num_threads();

        public Fixed(int threads) => set_num_threads(threads);

        public void Dispose() => set_num_threads(before);
    }
}
