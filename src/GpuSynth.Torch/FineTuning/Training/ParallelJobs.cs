namespace GpuSynth.Torch.FineTuning;

/// <summary>Work items on threads of their own, begun in their order.</summary>
internal static class ParallelJobs
{
    /// <summary>
    /// Runs all items and waits. Where one fails no other is begun, those under way are asked to stop, and of the failures the
    /// first item's is thrown.
    /// </summary>
    /// <param name="work">The items.</param>
    /// <param name="jobs">Most at the same time.</param>
    /// <param name="stop">Ends all.</param>
    public static void Run(IReadOnlyList<Action<CancellationToken>> work, int jobs, CancellationToken stop)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var failures = new Exception?[work.Count];
        int next = -1;
        void Work()
        {
            for (int n = Interlocked.Increment(ref next); n < work.Count && !all.IsCancellationRequested;
                n = Interlocked.Increment(ref next))
            {
                try
                {
                    work[n](all.Token);
                }
                catch (Exception error)
                {
                    failures[n] = error;
                    all.Cancel();
                }
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, Math.Min(jobs, work.Count)).Select(_ => new Thread(Work))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Exception? failure = Array.Find(failures, static one => one is not null and not OperationCanceledException)
            ?? Array.Find(failures, static one => one is not null);
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        stop.ThrowIfCancellationRequested();
    }
}
