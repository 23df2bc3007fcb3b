using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>A CUDA device in its primary context, by either route.</summary>
internal sealed unsafe class CudaBackend : GpuBackend
{
    private readonly PrimaryContext primary;
    private readonly CudaRoute route;
    private readonly CudaMemory memory;
    private readonly CudaStreamEvents events;
    private bool disposed;

    private CudaBackend(PrimaryContext primary, CudaRoute route)
    {
        this.primary = primary;
        this.route = route;
        memory = new CudaMemory(primary);
        events = new CudaStreamEvents(primary, route.Stream);
    }

    /// <summary>The route taken: A or B.</summary>
    public string Route => route.Name;

    /// <summary>The device's own name.</summary>
    public string DeviceName => primary.DeviceName;

    /// <summary>The driver's version: "12.4".</summary>
    public string DriverVersion => PrimaryContext.VersionText(primary.DriverVersion);

    /// <inheritdoc/>
    public override KernelLoader Kernels => route.Kernels;

    /// <inheritdoc/>
    public override bool SharesHostMemory => false;

    /// <inheritdoc/>
    public override long FreeBytes => primary.Memory() is { Total: > 0 } known ? known.Free : long.MaxValue;

    /// <inheritdoc/>
    public override IStreamEvents Events => events;

    /// <summary>Opens a device: by route A, or by route B where A is not possible.</summary>
    /// <param name="ordinal">The device's number, from 0.</param>
    /// <exception cref="DeviceException">There is no such device, no driver for it, or it fails.</exception>
    public static CudaBackend Open(int ordinal)
    {
        PrimaryContext primary = PrimaryContext.Open(ordinal);
        try
        {
            return new CudaBackend(primary, OpenRoute(primary, Environment.GetEnvironmentVariable(CudaRoute.Variable)));
        }
        catch
        {
            primary.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Bind()
    {
        try
        {
            route.Bind();
        }
        catch (AcceleratorException exception)
        {
            throw CudaFailure.Of(exception, primary.Name, "making its context current");
        }
    }

    /// <inheritdoc/>
    public override void Plan(long bytes) => memory.PlannedBytes = bytes;

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long length, int elementSize) => new OwnedCudaBuffer(
        route.Accelerator, memory, memory.Allocate(checked(length * elementSize)), length, elementSize);

    /// <inheritdoc/>
    public override MemoryBuffer Borrow(nint address, long length, int elementSize)
    {
        primary.CheckOwner(address);
        return new ExternalCudaBuffer(route.Accelerator, address, length, elementSize);
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
            primary.Check(CudaDriver.CopyToDevice(to, source, bytes, route.Stream), "copying to the device");
            primary.Check(CudaDriver.SynchroniseStream(route.Stream), "copying to the device");
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
            primary.Check(CudaDriver.CopyToHost(target, from, bytes, route.Stream), "copying from the device");
            primary.Check(CudaDriver.SynchroniseStream(route.Stream), "copying from the device");
        }
    }

    /// <inheritdoc/>
    public override void Synchronise()
    {
        using PrimaryContext.Scope scope = primary.Enter();
        primary.Check(CudaDriver.SynchroniseStream(route.Stream), "waiting for its launches");
    }

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
            _ = CudaDriver.SynchroniseStream(route.Stream);
            events.Dispose();
            memory.Dispose();
        }

        route.Dispose();
        primary.Dispose();
    }

    private static CudaRoute OpenRoute(PrimaryContext primary, string? forced)
    {
        switch (forced)
        {
            case "A":
                try
                {
                    return AcceleratorRoute.Open(primary);
                }
                catch (Exception exception) when (exception is not GpuSynthException)
                {
                    throw CudaFailure.Of(exception, primary.Name, "opening ILGPU's accelerator");
                }

            case "B":
                return DriverRoute.Open(primary);
            case null or "":
                try
                {
                    return AcceleratorRoute.Open(primary);
                }
                catch (Exception exception) when (exception is not DeviceException { IsLost: true })
                {
                    // Whatever ILGPU lacks, its compiler may still do.
                    return DriverRoute.Open(primary);
                }

            default:
                throw new DeviceException($"{CudaRoute.Variable} is {forced}; give A or B, or unset it.");
        }
    }
}
