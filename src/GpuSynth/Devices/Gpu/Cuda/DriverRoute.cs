using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>Route B: ILGPU compiles the kernels; the driver's own calls load and launch them in the primary context.</summary>
internal sealed class DriverRoute : CudaRoute
{
    private readonly PrimaryContext primary;
    private readonly KernelEmitter emitter;
    private readonly DriverLoader kernels;
    private bool disposed;

    private DriverRoute(PrimaryContext primary)
    {
        this.primary = primary;
        emitter = new KernelEmitter(primary.Capability.Major, primary.Capability.Minor);
        try
        {
            using PrimaryContext.Scope scope = primary.Enter();
            primary.Check(CudaDriver.CreateStream(out nint stream, CudaDriver.StreamNonBlocking), "creating a stream");
            Stream = stream;
        }
        catch
        {
            emitter.Dispose();
            throw;
        }

        kernels = new DriverLoader(primary, emitter, Stream);
    }

    /// <inheritdoc/>
    public override string Name => "B";

    /// <inheritdoc/>
    public override KernelLoader Kernels => kernels;

    /// <inheritdoc/>
    public override nint Stream { get; }

    /// <summary>Opens the route.</summary>
    /// <exception cref="DeviceException">ILGPU cannot compile here, or the device fails.</exception>
    public static DriverRoute Open(PrimaryContext primary) => new(primary);

    /// <inheritdoc/>
    public override void Bind() => primary.Bind();

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        using (primary.Enter())
        {
            kernels.Dispose();
            _ = CudaDriver.DestroyStream(Stream);
        }

        emitter.Dispose();
    }
}
