using System.Diagnostics;
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

    /// <summary>
    /// Marks this place in the stream of launches, to be timed. Where the device has no clock, the host waits and takes its own.
    /// </summary>
    public virtual long Mark()
    {
        Synchronise();
        return Stopwatch.GetTimestamp();
    }

    /// <summary>Milliseconds between two marks that the device has passed; asked once, it gives them back.</summary>
    public virtual double MillisecondsBetween(long first, long second) => Stopwatch.GetElapsedTime(first, second).TotalMilliseconds;

    /// <summary>What a kernel that was launched takes; null where the driver does not tell.</summary>
    /// <param name="kernel">The kernel's type.</param>
    /// <param name="group">Threads of a group.</param>
    public virtual KernelResources? ResourcesOf(Type kernel, int group) => null;

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>What a kernel takes of a multiprocessor, as the driver compiled it.</summary>
/// <param name="Registers">Of a thread.</param>
/// <param name="LocalBytes">Local memory of a thread: what did not fit into registers.</param>
/// <param name="Occupancy">Threads that a multiprocessor holds at once, over what it could hold.</param>
internal readonly record struct KernelResources(int Registers, int LocalBytes, double Occupancy);
