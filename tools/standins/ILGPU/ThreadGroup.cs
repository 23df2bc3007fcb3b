using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace ILGPU.Runtime.CPU;

/// <summary>
/// The threads of one group, taken in turn: each runs until the next barrier, then the next one runs. So a group's threads
/// really meet at a barrier, and the order in which they run is always the same. A thread of the process (a carrier) runs
/// one kernel thread after the other; only a kernel thread that waits at a barrier keeps its carrier, and another one goes on.
/// </summary>
internal sealed class ThreadGroup(KernelConfig config, Action kernel, CarrierPool carriers) : IDisposable
{
    private readonly int count = config.GroupDim.Size;
    private readonly Carrier?[] waiting = new Carrier?[config.GroupDim.Size];
    private readonly int[] allocations = new int[config.GroupDim.Size];
    private readonly List<MemoryBuffer> sharedMemory = [];
    private readonly SemaphoreSlim finished = new(0);
    private int current;
    private bool firstPhase;
    private ExceptionDispatchInfo? failure;

    [ThreadStatic]
    private static ThreadGroup? running;

    /// <summary>The group that the calling kernel thread belongs to.</summary>
    public static ThreadGroup Running => running ?? throw new InvalidKernelOperationException(
        "Groups, barriers and shared memory exist only inside explicitly grouped kernels: load the kernel with LoadKernel.");

    public Index3D GridIndex { get; private set; }

    public Index3D GroupIndex => CPUAccelerator.IndexOf(current, config.GroupDim);

    public Index3D GridDim => config.GridDim;

    public Index3D GroupDim => config.GroupDim;

    public int LinearThreadIndex => current;

    /// <summary>Runs the group; returns when its last thread has returned, or throws what one of them threw.</summary>
    public void Run(Index3D gridIndex)
    {
        GridIndex = gridIndex;
        Array.Clear(allocations);
        failure = null;
        firstPhase = true;
        current = -1;
        Continue();
        finished.Wait();
        sharedMemory.ForEach(memory => memory.Dispose());
        sharedMemory.Clear();
        failure?.Throw();
    }

    /// <summary>Takes over the group on the calling carrier until another carrier does, or every thread has returned.</summary>
    public void Continue()
    {
        ThreadGroup? outer = running;
        running = this;
        while (MoveNext())
        {
            if (waiting[current] is { } carrier)
            {
                carrier.Wake();
                running = outer;
                return;
            }

            try
            {
                kernel();
            }
            catch (AbandonedException)
            {
            }
            catch (Exception exception)
            {
                failure ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        running = outer;
        finished.Release();
    }

    /// <summary>Waits until every thread of the group that has not returned has come here.</summary>
    public void Barrier()
    {
        int me = current;
        Carrier carrier = Carrier.Current;
        waiting[me] = carrier;
        MoveNext();
        if (current != me)
        {
            if (waiting[current] is { } other)
            {
                other.Wake();
            }
            else
            {
                current--;
                carriers.Start(this);
            }

            carrier.Sleep();
        }

        waiting[me] = null;
        if (failure is not null)
        {
            throw new AbandonedException();
        }
    }

    /// <summary>Shared memory: the n-th allocation of every thread is the same memory.</summary>
    public ArrayView<T> Allocate<T>(int extent)
        where T : unmanaged
    {
        int allocation = allocations[current]++;
        if (allocation == sharedMemory.Count)
        {
            sharedMemory.Add(HostMemory.Of<T>(null!, extent));
        }

        return new ArrayView<T>(sharedMemory[allocation], 0, extent);
    }

    public void Dispose() => finished.Dispose();

    // The next thread to run: in the first phase every one, later the waiting ones. False when all have returned.
    private bool MoveNext()
    {
        for (int step = 0; step <= count; step++)
        {
            if (++current == count)
            {
                current = 0;
                firstPhase = false;
            }

            if (firstPhase || waiting[current] is not null)
            {
                return true;
            }
        }

        return false;
    }

    // Unwinds the threads that wait at a barrier after another one has failed.
    private sealed class AbandonedException : Exception;
}

/// <summary>A thread of the process that runs kernel threads, and sleeps while the one it runs waits at a barrier.</summary>
internal sealed class Carrier
{
    // Not a semaphore: that one spins before it sleeps, and of a group's hundreds of threads only one has anything to do.
    private readonly object gate = new();
    private bool isAwake;

    [ThreadStatic]
    private static Carrier? current;

    public static Carrier Current => current ??= new Carrier();

    public ThreadGroup? Group { get; set; }

    public void Own() => current = this;

    public void Wake()
    {
        lock (gate)
        {
            isAwake = true;
            Monitor.Pulse(gate);
        }
    }

    public void Sleep()
    {
        lock (gate)
        {
            while (!isAwake)
            {
                Monitor.Wait(gate);
            }

            isAwake = false;
        }
    }
}

/// <summary>Carriers that have nothing to run; they stay for the next launch.</summary>
internal sealed class CarrierPool : IDisposable
{
    private const int StackBytes = 256 * 1024;

    private readonly ConcurrentBag<Carrier> idle = [];
    private volatile bool closed;

    /// <summary>Lets another carrier continue a group.</summary>
    public void Start(ThreadGroup group)
    {
        if (!idle.TryTake(out Carrier? carrier))
        {
            carrier = new Carrier();
            new Thread(Work, StackBytes) { IsBackground = true, Name = "kernel threads" }.Start(carrier);
        }

        carrier.Group = group;
        carrier.Wake();
    }

    public void Dispose()
    {
        closed = true;
        while (idle.TryTake(out Carrier? carrier))
        {
            carrier.Wake();
        }
    }

    private void Work(object? argument)
    {
        var carrier = (Carrier)argument!;
        carrier.Own();
        while (true)
        {
            carrier.Sleep();
            if (carrier.Group is not { } group)
            {
                return;
            }

            carrier.Group = null;
            group.Continue();
            idle.Add(carrier);
            if (closed)
            {
                Dispose();
            }
        }
    }
}
