namespace GpuSynth.Benchmarking.Measuring;

/// <summary>Threads that wait for work, the caller's among them, so that starting threads is no part of a measurement.</summary>
internal sealed class ThreadCrew : IDisposable
{
    private readonly Thread[] threads;
    private readonly Barrier barrier;
    private Action<int>? work;
    private volatile bool stopping;
    private Exception? failure;

    /// <summary>Starts the threads.</summary>
    /// <param name="count">Threads, the caller's included, at least 1.</param>
    public ThreadCrew(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        barrier = new Barrier(count);
        threads = new Thread[count - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            int thread = i + 1;
            threads[i] = new Thread(() => Loop(thread)) { IsBackground = true, Name = $"crew {thread}" };
            threads[i].Start();
        }
    }

    /// <summary>Threads, the caller's included.</summary>
    public int Count => threads.Length + 1;

    /// <summary>Runs body(thread) on every thread and returns when all are done.</summary>
    /// <exception cref="AggregateException">A thread's body threw.</exception>
    public void Run(Action<int> body)
    {
        work = body;
        failure = null;
        barrier.SignalAndWait();
        Work(0);
        barrier.SignalAndWait();
        if (failure is not null)
        {
            throw new AggregateException(failure);
        }
    }

    /// <summary>
    /// Runs body(piece, thread) for every piece below <paramref name="pieces"/>, whichever thread is free taking the next.
    /// </summary>
    /// <exception cref="AggregateException">A piece threw.</exception>
    public void Share(int pieces, Action<int, int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        int next = -1;
        Run(thread =>
        {
            for (int piece = Interlocked.Increment(ref next); piece < pieces; piece = Interlocked.Increment(ref next))
            {
                body(piece, thread);
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping = true;
        barrier.SignalAndWait();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        barrier.Dispose();
    }

    private void Loop(int thread)
    {
        while (true)
        {
            barrier.SignalAndWait();
            if (stopping)
            {
                return;
            }

            Work(thread);
            barrier.SignalAndWait();
        }
    }

    private void Work(int thread)
    {
        try
        {
            work!(thread);
        }
#pragma warning disable CA1031 // Thrown again on the caller's thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref failure, exception, null);
        }
    }
}
