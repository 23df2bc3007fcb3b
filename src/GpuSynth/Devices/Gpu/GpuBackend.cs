using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// One open GPU, or ILGPU's CPU accelerator in its place: memory, kernels and one stream of launches, which is beside torch's. What
/// goes wrong comes out as a <see cref="GpuSynthException"/> of one clear sentence.
/// </summary>
internal abstract class GpuBackend : IDisposable
{
    /// <summary>Kernels, launched on this backend's stream.</summary>
    public abstract KernelLoader Kernels { get; }

    /// <summary>Whether the device reads and writes the host's own memory, so that a slot there can be borrowed.</summary>
    public abstract bool SharesHostMemory { get; }

    /// <summary>Bytes of device memory that are free, or a number beyond any plan where it is the host's.</summary>
    public virtual long FreeBytes => long.MaxValue;

    /// <summary>Events between this stream and a trainer's; null where there is no other stream.</summary>
    public virtual IStreamEvents? Events => null;

    /// <summary>Makes the device the one that this thread's driver calls mean. Cheap when it already is.</summary>
    public abstract void Bind();

    /// <summary>Says how many bytes will be allocated in all, so that a device that has not as many can say so.</summary>
    public virtual void Plan(long bytes)
    {
    }

    /// <summary>Device memory of one's own; its contents are arbitrary.</summary>
    /// <param name="length">Elements.</param>
    /// <param name="elementSize">Bytes of one.</param>
    public abstract MemoryBuffer Allocate(long length, int elementSize);

    /// <summary>Memory of someone else: disposing of it frees nothing.</summary>
    /// <param name="address">Address of the first byte: on the device, or on the host where that is shared.</param>
    /// <param name="length">Elements.</param>
    /// <param name="elementSize">Bytes of one.</param>
    public abstract MemoryBuffer Borrow(nint address, long length, int elementSize);

    /// <summary>Copies to the device, and waits. For tables at the start; never part of a batch.</summary>
    public abstract void Upload<T>(ReadOnlySpan<T> values, ArrayView<T> target)
        where T : unmanaged;

    /// <summary>Copies from the device once its launches are over, and waits.</summary>
    public abstract void Download<T>(ArrayView<T> source, Span<T> values)
        where T : unmanaged;

    /// <summary>Waits until every launch is over.</summary>
    public abstract void Synchronise();

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>
/// Events between the generator's stream and a trainer's. Nothing here makes the host wait but <see cref="Wait"/>.
/// </summary>
internal interface IStreamEvents
{
    /// <summary>A new event, not recorded yet: waiting for it waits for nothing.</summary>
    nint Create();

    /// <summary>Gives an event back.</summary>
    void Destroy(nint streamEvent);

    /// <summary>The generator's stream has come this far.</summary>
    void Record(nint streamEvent);

    /// <summary>A trainer's stream has come this far.</summary>
    /// <param name="streamEvent">The event.</param>
    /// <param name="trainerStream">Handle of the stream; 0 for the context's default stream.</param>
    void RecordOn(nint streamEvent, nint trainerStream);

    /// <summary>The generator's stream goes no further before the event.</summary>
    void Await(nint streamEvent);

    /// <summary>A trainer's stream goes no further before the event.</summary>
    /// <param name="streamEvent">The event.</param>
    /// <param name="trainerStream">Handle of the stream; 0 for the context's default stream.</param>
    void AwaitOn(nint streamEvent, nint trainerStream);

    /// <summary>The host waits for the event.</summary>
    void Wait(nint streamEvent);

    /// <summary>The host waits for a trainer's stream.</summary>
    /// <param name="trainerStream">Handle of the stream; 0 for the context's default stream.</param>
    void Drain(nint trainerStream);
}
