using System.Runtime.ExceptionServices;

namespace GpuSynth.Devices;

/// <summary>
/// Threads that live as long as the engine and share out numbered pieces of work. The caller works too. Which thread takes which
/// piece is left to chance; the pieces are such that it cannot matter. Allocates nothing per call.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Thread[] threads;
    private readonly ManualResetEventSlim[] starts;
    private readonly CountdownEvent done;
    private Action<int, int>? work;
    private int count;
    private int next;
    private volatile bool stopping;
    private ExceptionDispatchInfo? failure;

    public WorkerPool(int threadCount)
    {
        threads = new Thread[threadCount - 1];
        starts = new ManualResetEventSlim[threadCount - 1];
        done = new CountdownEvent(Math.Max(1, threadCount - 1));
        for (int i = 0; i < threads.Length; i++)
        {
            int worker = i + 1;
            starts[i] = new ManualResetEventSlim(false);
            threads[i] = new Thread(() => Loop(worker)) { IsBackground = true, Name = $"GpuSynth worker {worker}" };
            threads[i].Start();
        }
    }

    /// <summary>Threads, the caller's included.</summary>
    public int ThreadCount => threads.Length + 1;

    /// <summary>
    /// Runs work(worker, piece) for every piece below <paramref name="pieces"/>, and returns when all are done.
    /// </summary>
    /// <remarks>What a piece of work throws is thrown here, the first where there are several.</remarks>
    public void Run(Action<int, int> body, int pieces)
    {
        work = body;
        count = pieces;
        next = 0;
        failure = null;
        int helpers = Math.Min(threads.Length, pieces - 1);
        if (helpers > 0)
        {
            done.Reset(helpers);
            for (int i = 0; i < helpers; i++)
            {
                starts[i].Set();
            }
        }

        Share(0);
        if (helpers > 0)
        {
            done.Wait();
        }

        failure?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping = true;
        foreach (ManualResetEventSlim start in starts)
        {
            start.Set();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        foreach (ManualResetEventSlim start in starts)
        {
            start.Dispose();
        }

        done.Dispose();
    }

    private void Loop(int worker)
    {
        while (true)
        {
            starts[worker - 1].Wait();
            starts[worker - 1].Reset();
            if (stopping)
            {
                return;
            }

            Share(worker);
            done.Signal();
        }
    }

    private void Share(int worker)
    {
        try
        {
            for (int piece = Interlocked.Increment(ref next) - 1; piece < count; piece = Interlocked.Increment(ref next) - 1)
            {
                work!(worker, piece);
            }
        }
#pragma warning disable CA1031 // Whatever a piece of work throws is thrown again on the caller's thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            Volatile.Write(ref next, int.MaxValue / 2);
        }
    }
}
