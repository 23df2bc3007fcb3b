using System.Reflection;
using System.Runtime.CompilerServices;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// Route A: ILGPU's own accelerator, moved out of the context that it always makes for itself and into the primary one. Nothing
/// of the accelerator is bound to the first context: its default stream is the null handle, and all else is made after the move.
/// </summary>
internal sealed unsafe class AcceleratorRoute : CudaRoute, ILaunchGuard
{
    private const int TestWords = 4;

    private readonly PrimaryContext primary;
    private readonly Context context;
    private readonly Accelerator accelerator;
    private readonly CudaStream stream;
    private bool disposed;

    private AcceleratorRoute(PrimaryContext primary, Context context, Accelerator accelerator)
    {
        this.primary = primary;
        this.context = context;
        this.accelerator = accelerator;
        MoveToPrimary();
        try
        {
            stream = (CudaStream)accelerator.CreateStream();
            Test();
            Kernels = new GuardedLoader(new AcceleratorLoader(accelerator, stream), this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override string Name => "A";

    /// <inheritdoc/>
    public override KernelLoader Kernels { get; }

    /// <inheritdoc/>
    public override nint Stream => stream.StreamPtr;

    /// <inheritdoc/>
    public override Accelerator Accelerator => accelerator;

    /// <summary>Opens ILGPU's accelerator in a device's primary context.</summary>
    /// <exception cref="NotSupportedException">This ILGPU cannot be moved, or does not know the device.</exception>
    public static AcceleratorRoute Open(PrimaryContext primary)
    {
        PropertyInfo? handle = typeof(Accelerator).GetProperty(nameof(Accelerator.NativePtr));
        if (handle?.SetMethod is null || handle.DeclaringType != typeof(Accelerator))
        {
            throw new NotSupportedException("ILGPU's accelerator has no handle that can be set");
        }

        Context context = KernelContext.Create(static builder => builder.Cuda());
        try
        {
            CudaDevice device = context.Devices.OfType<CudaDevice>().FirstOrDefault(device => device.DeviceId == primary.Device)
                ?? throw new NotSupportedException($"ILGPU does not find {primary.Name}");
            return new AcceleratorRoute(primary, context, Create(device, context));
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Bind()
    {
        // ILGPU remembers per thread what it bound last and would not look again; whoever else calls the driver on this thread
        // may have changed it since.
        accelerator.Bind();
        primary.Bind();
    }

    /// <inheritdoc/>
    public DeviceException LaunchFailure(Exception exception, string kernel) =>
        CudaFailure.Of(exception, primary.Name, $"launching kernel {kernel}");

    /// <inheritdoc/>
    public DeviceException LoadFailure(Exception exception, MethodInfo kernel)
    {
        string name = GuardedLoader.NameOf(kernel);
        return exception is CudaException cuda
            ? CudaErrors.Parse(cuda.Error).IsOfCompiler()
                ? CudaFailure.OfKernel(name, primary.Name, CompilerLog(kernel) is { Length: > 0 } log ? log : cuda.Message, cuda)
                : CudaFailure.Of(cuda, primary.Name, $"loading kernel {name}")
            : CudaFailure.OfKernel(name, primary.Name, exception.GetBaseException().Message, exception);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        _ = CudaDriver.GetCurrentContext(out nint before);
        try
        {
            // ILGPU destroys the accelerator's context with it, and the primary one is not its own: it is given another to
            // destroy, while the primary one stays current, in which the kernels and the stream are given back.
            accelerator.Bind();
            _ = CudaDriver.SetCurrentContext(primary.Handle);
            CudaError error = CudaDriver.CreateContext(out nint thrownAway, 0, primary.Device);
            SetHandle(accelerator, error == CudaError.Success ? thrownAway : 0);
            _ = CudaDriver.SetCurrentContext(primary.Handle);
            accelerator.Dispose();
        }
        catch (AcceleratorException)
        {
            // The device was lost: the driver has given back everything already.
        }

        GC.KeepAlive(Kernels);
        context.Dispose();
        _ = CudaDriver.SetCurrentContext(before);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_NativePtr")]
    private static extern void SetHandle(Accelerator accelerator, nint handle);

    // ILGPU forgets the context that it made where it fails to open the accelerator around it.
    private static Accelerator Create(CudaDevice device, Context context)
    {
        _ = CudaDriver.GetCurrentContext(out nint before);
        Accelerator? bound = Accelerator.Current;
        try
        {
            return device.CreateAccelerator(context);
        }
        catch
        {
            _ = CudaDriver.GetCurrentContext(out nint left);
            if (left != before && left != 0)
            {
                _ = CudaDriver.DestroyContext(left);
                _ = CudaDriver.SetCurrentContext(before);
            }

            if (Accelerator.Current is { } half && half != bound)
            {
                NeverFinalise(half);
            }

            throw;
        }
    }

    private static void NeverFinalise(Accelerator accelerator)
    {
#pragma warning disable CA1816 // Not a finaliser of this class: ILGPU's.
        GC.SuppressFinalize(accelerator);
#pragma warning restore CA1816
    }

    private void MoveToPrimary()
    {
        nint own = accelerator.NativePtr;
        SetHandle(accelerator, primary.Handle);

        // Collected by accident, it would destroy the primary context.
        NeverFinalise(accelerator);
        primary.Bind();
        primary.Check(CudaDriver.DestroyContext(own), "giving back the context that ILGPU made");
    }

    // Memory and streams that ILGPU makes are of the primary context, and words come back from there as they went.
    private void Test()
    {
        Bind();
        _ = CudaDriver.GetCurrentContext(out nint current);
        primary.Check(CudaDriver.GetStreamContext(Stream, out nint streamContext), "looking at its stream");
        using MemoryBuffer buffer = accelerator.AllocateRaw(TestWords, sizeof(uint));
        nint memoryContext = 0;
        primary.Check(
            CudaDriver.GetPointerAttribute(&memoryContext, CudaDriver.PointerContext, buffer.NativePtr), "looking at its memory");
        if (current != primary.Handle || streamContext != primary.Handle || memoryContext != primary.Handle)
        {
            throw new NotSupportedException("ILGPU's accelerator does not work in the primary context");
        }

        uint* sent = stackalloc uint[TestWords] { 0x12345678, 0xFFFFFFFF, 0, 0x80000001 };
        uint* received = stackalloc uint[TestWords];
        const int Bytes = TestWords * sizeof(uint);
        primary.Check(CudaDriver.CopyToDevice(buffer.NativePtr, sent, Bytes, Stream), "writing its memory");
        primary.Check(CudaDriver.CopyToHost(received, buffer.NativePtr, Bytes, Stream), "reading its memory");
        primary.Check(CudaDriver.SynchroniseStream(Stream), "waiting for its stream");
        if (!new ReadOnlySpan<uint>(sent, TestWords).SequenceEqual(new ReadOnlySpan<uint>(received, TestWords)))
        {
            throw new NotSupportedException("memory of ILGPU's accelerator does not hold what was written");
        }
    }

    // ILGPU throws the log of the driver's compiler away: the kernel is compiled once more to have it.
    private string CompilerLog(MethodInfo kernel)
    {
        try
        {
            using var emitter = new KernelEmitter(primary.Capability.Major, primary.Capability.Minor);
            using PrimaryContext.Scope scope = primary.Enter();
            string text = emitter.Emit(kernel, primary.Name).Text;
            if (CudaDriver.LoadModule(out nint module, text, out string log) == CudaError.Success)
            {
                _ = CudaDriver.UnloadModule(module);
            }

            return log;
        }
        catch (DeviceException)
        {
            return string.Empty;
        }
    }
}
