namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// Events between the generator's stream and a trainer's, in the one context that both live in. ILGPU has no such wait, so these
/// are the driver's own calls. Events take no time but where they are marks of a benchmark.
/// </summary>
internal sealed class CudaStreamEvents(PrimaryContext context, nint stream) : IStreamEvents, IDisposable
{
    private readonly HashSet<nint> events = [];
    private readonly Lock door = new();

    /// <inheritdoc/>
    public nint Create() => Create(CudaDriver.EventDisableTiming);

    /// <summary>An event that takes the time, recorded on the generator's stream.</summary>
    public nint Mark()
    {
        nint mark = Create(0);
        Record(mark);
        return mark;
    }

    /// <summary>Milliseconds between two marks that are over, which are given back.</summary>
    public double MillisecondsBetween(nint first, nint second)
    {
        using PrimaryContext.Scope scope = context.Enter();
        context.Check(CudaDriver.ElapsedTime(out float milliseconds, first, second), "timing its launches");
        Destroy(first);
        Destroy(second);
        return milliseconds;
    }

    /// <inheritdoc/>
    public void Destroy(nint streamEvent)
    {
        lock (door)
        {
            if (!events.Remove(streamEvent))
            {
                return;
            }
        }

        using PrimaryContext.Scope scope = context.Enter();
        _ = CudaDriver.DestroyEvent(streamEvent);
    }

    /// <inheritdoc/>
    public void Record(nint streamEvent) => RecordOn(streamEvent, stream);

    /// <inheritdoc/>
    public void RecordOn(nint streamEvent, nint trainerStream)
    {
        using PrimaryContext.Scope scope = context.Enter();
        context.Check(CudaDriver.RecordEvent(streamEvent, trainerStream), "recording an event");
    }

    /// <inheritdoc/>
    public void Await(nint streamEvent) => AwaitOn(streamEvent, stream);

    /// <inheritdoc/>
    public void AwaitOn(nint streamEvent, nint trainerStream)
    {
        using PrimaryContext.Scope scope = context.Enter();
        context.Check(CudaDriver.StreamWaitEvent(trainerStream, streamEvent, 0), "making a stream wait for an event");
    }

    /// <inheritdoc/>
    public void Wait(nint streamEvent)
    {
        using PrimaryContext.Scope scope = context.Enter();
        context.Check(CudaDriver.SynchroniseEvent(streamEvent), "waiting for an event");
    }

    /// <inheritdoc/>
    public void Drain(nint trainerStream)
    {
        using PrimaryContext.Scope scope = context.Enter();
        context.Check(CudaDriver.SynchroniseStream(trainerStream), "waiting for the trainer's stream");
    }

    /// <summary>Gives back the events that are left.</summary>
    public void Dispose()
    {
        nint[] left;
        lock (door)
        {
            left = [.. events];
        }

        foreach (nint streamEvent in left)
        {
            Destroy(streamEvent);
        }
    }

    private nint Create(uint flags)
    {
        using PrimaryContext.Scope scope = context.Enter();
        context.Check(CudaDriver.CreateEvent(out nint streamEvent, flags), "creating an event");
        lock (door)
        {
            events.Add(streamEvent);
        }

        return streamEvent;
    }
}
