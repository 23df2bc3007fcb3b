using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// A CUDA device in its primary context. ILGPU compiles the kernels and does nothing else: the context is torch's too, and an
/// accelerator of ILGPU's would make another; memory, launches and events are the driver's own calls.
/// </summary>
internal sealed unsafe class CudaBackend : GpuBackend
{
    private readonly PrimaryContext primary;
    private readonly nint stream;
    private readonly CudaLoader kernels;
    private readonly CudaMemory memory;
    private readonly CudaStreamEvents events;
    private bool disposed;

    private CudaBackend(PrimaryContext primary)
    {
        this.primary = primary;
        using (primary.Enter())
        {
            // It does not wait for the default stream.
            primary.Check(CudaDriver.CreateStream(out stream, CudaDriver.StreamNonBlocking), "creating a stream");
        }

        kernels = new CudaLoader(primary, new KernelEmitter(primary.Capability.Major, primary.Capability.Minor), stream);
        memory = new CudaMemory(primary);
        events = new CudaStreamEvents(primary, stream);
    }

    /// <summary>The device's own name.</summary>
    public string DeviceName => primary.DeviceName;

    /// <summary>The driver's version: "12.4".</summary>
    public string DriverVersion => PrimaryContext.VersionText(primary.DriverVersion);

    /// <inheritdoc/>
    public override KernelLoader Kernels => kernels;

    /// <inheritdoc/>
    public override bool SharesHostMemory => false;

    /// <inheritdoc/>
    public override long FreeBytes => primary.Memory() is { Total: > 0 } known ? known.Free : long.MaxValue;

    /// <inheritdoc/>
    public override IStreamEvents Events => events;

    /// <summary>Opens a device.</summary>
    /// <param name="ordinal">The device's number, from 0.</param>
    /// <exception cref="DeviceException">There is no such device, no driver for it, or it fails.</exception>
    public static CudaBackend Open(int ordinal)
    {
        PrimaryContext primary = PrimaryContext.Open(ordinal);
        try
        {
            return new CudaBackend(primary);
        }
        catch
        {
            primary.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Bind() => primary.Bind();

    /// <inheritdoc/>
    public override void Plan(long bytes) => memory.PlannedBytes = bytes;

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long length, int elementSize) => new OwnedCudaBuffer(
        memory, memory.Allocate(checked(length * elementSize)), length, elementSize);

    /// <inheritdoc/>
    public override MemoryBuffer Borrow(nint address, long length, int elementSize)
    {
        primary.CheckOwner(address);
        return new ExternalCudaBuffer(address, length, elementSize);
    }

    /// <inheritdoc/>
    public override void Upload<T>(ReadOnlySpan<T> values, ArrayView<T> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, target.Length, nameof(values));
        if (values.IsEmpty)
        {
            return;
        }

        using PrimaryContext.Scope scope = primary.Enter();
        fixed (T* source = values)
        {
            nuint bytes = (nuint)values.Length * (nuint)sizeof(T);
            nint to = target.LoadEffectiveAddressAsPtr();
            primary.Check(CudaDriver.CopyToDevice(to, source, bytes, stream), "copying to the device");
            primary.Check(CudaDriver.SynchroniseStream(stream), "copying to the device");
        }
    }

    /// <inheritdoc/>
    public override void Download<T>(ArrayView<T> source, Span<T> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, source.Length, nameof(values));
        if (values.IsEmpty)
        {
            return;
        }

        using PrimaryContext.Scope scope = primary.Enter();
        fixed (T* target = values)
        {
            nuint bytes = (nuint)values.Length * (nuint)sizeof(T);
            nint from = source.LoadEffectiveAddressAsPtr();
            primary.Check(CudaDriver.CopyToHost(target, from, bytes, stream), "copying from the device");
            primary.Check(CudaDriver.SynchroniseStream(stream), "copying from the device");
        }
    }

    /// <inheritdoc/>
    public override void Synchronise()
    {
        using PrimaryContext.Scope scope = primary.Enter();
        primary.Check(CudaDriver.SynchroniseStream(stream), "waiting for its launches");
    }

    /// <inheritdoc/>
    public override long Mark() => events.Mark();

    /// <inheritdoc/>
    public override double MillisecondsBetween(long first, long second) => events.MillisecondsBetween((nint)first, (nint)second);

    /// <inheritdoc/>
    public override KernelResources? ResourcesOf(Type kernel, int group) => kernels.ResourcesOf(kernel, group);

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (disposed)
        {
            return;
        }

        // Launches may still use the memory. A device that was lost fails here, and has given everything back itself.
        disposed = true;
        using (primary.Enter())
        {
            _ = CudaDriver.SynchroniseStream(stream);
            events.Dispose();
            memory.Dispose();
            kernels.Dispose();
            _ = CudaDriver.DestroyStream(stream);
        }

        primary.Dispose();
    }
}
