using GpuSynth.Kernels;
using GpuSynth.Planning;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// Any accelerator of ILGPU's, in ILGPU's own way: the simulated one on the processor, which tests use, and devices of OpenCL.
/// There is no trainer's stream beside it; a batch is over when <see cref="Synchronise"/> returns.
/// </summary>
internal sealed class AcceleratorBackend : GpuBackend
{
    // The simulated device is the process's, started once: hundreds of threads and every kernel compiled take longer than a small
    // sample, and what ILGPU compiles for it is never given back anyway. It runs the methods themselves: nothing that ILGPU optimises is.
    private static readonly Lazy<(Context Context, Accelerator Accelerator)> Simulated = new(static () =>
        Create(DeviceCatalogue.IlgpuCpu, 0, AcceleratorType.CPU, static builder =>
            builder.Optimize(OptimizationLevel.O0).Inlining(InliningMode.Disabled)
                .CPU(new CPUDevice(32, KernelLoader.GroupSize / 32, 1))));

    private static readonly Dictionary<Type, Delegate> KeptOfSimulated = [];

    private readonly string name;
    private readonly Context context;
    private readonly Accelerator accelerator;
    private readonly AcceleratorStream stream;
    private long plannedBytes;
    private bool disposed;

    private AcceleratorBackend(string name, Context context, Accelerator accelerator)
    {
        this.name = name;
        this.context = context;
        this.accelerator = accelerator;
        stream = accelerator.CreateStream();
        Kernels = new Loader(this);
    }

    /// <inheritdoc/>
    public override KernelLoader Kernels { get; }

    /// <inheritdoc/>
    public override bool SharesHostMemory => accelerator.AcceleratorType == AcceleratorType.CPU;

    /// <summary>ILGPU's device that is simulated on the processor, with groups as large as the kernels want.</summary>
    /// <exception cref="DeviceException">It does not start.</exception>
    public static AcceleratorBackend OpenCpu() =>
        new(DeviceCatalogue.IlgpuCpu, Simulated.Value.Context, Simulated.Value.Accelerator);

    /// <summary>A device of OpenCL.</summary>
    /// <param name="ordinal">Its number among those that ILGPU accepts.</param>
    /// <exception cref="DeviceException">There is no such device, or it does not open.</exception>
    public static AcceleratorBackend OpenOpenCl(int ordinal)
    {
        OpenClCompiler.KeepQuiet();
        string name = $"opencl:{ordinal}";
        (Context context, Accelerator accelerator) = Create(name, ordinal, AcceleratorType.OpenCL, static builder => builder.OpenCL());
        return new AcceleratorBackend(name, context, accelerator);
    }

    /// <summary>The devices of a kind that were asked for: where there are none, ILGPU puts a simulated one in their place.</summary>
    public static Device[] Devices(Context context, AcceleratorType type) =>
        [.. context.Devices.Where(device => device.AcceleratorType == type)];

    /// <inheritdoc/>
    public override void Bind()
    {
        // ILGPU binds before each of its calls; a simulated device would only unbind what others use.
        if (!SharesHostMemory)
        {
            accelerator.Bind();
        }
    }

    /// <inheritdoc/>
    public override void Plan(long bytes) => plannedBytes = bytes;

    /// <inheritdoc/>
    public override MemoryBuffer Allocate(long length, int elementSize)
    {
        try
        {
            return accelerator.AllocateRaw(length, elementSize);
        }
        catch (Exception exception) when (exception is AcceleratorException or OutOfMemoryException)
        {
            string needed = ByteCount.Text(Math.Max(plannedBytes, length * elementSize));
            throw new DeviceException(
                $"{name} cannot give the generator its memory: the plan needs {needed} beside the slots, and the device has "
                + $"{ByteCount.Text(accelerator.MemorySize)} in all; take a smaller batch or a smaller size.",
                exception) { IsOutOfMemory = true };
        }
    }

    /// <inheritdoc/>
    public override MemoryBuffer Borrow(nint address, long length, int elementSize) => SharesHostMemory
        ? CPUMemoryBuffer.Create(accelerator, address, length, elementSize)
        : throw new NotSupportedException($"{name} cannot write to memory of someone else; copy from a buffer of its own.");

    /// <inheritdoc/>
    public override unsafe void Upload<T>(ReadOnlySpan<T> values, ArrayView<T> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, target.Length, nameof(values));
        if (!values.IsEmpty)
        {
            try
            {
                // ILGPU takes the address as it is: an array that the collector moved meanwhile would be read where it was.
                fixed (T* first = values)
                {
                    target.SubView(0, values.Length).CopyFromCPU(stream, ref *first, values.Length);
                }
            }
            catch (AcceleratorException exception)
            {
                throw Failure(exception, "copying to the device");
            }
        }
    }

    /// <inheritdoc/>
    public override unsafe void Download<T>(ArrayView<T> source, Span<T> values)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, source.Length, nameof(values));
        if (!values.IsEmpty)
        {
            try
            {
                fixed (T* first = values)
                {
                    source.SubView(0, values.Length).CopyToCPU(stream, ref *first, values.Length);
                }
            }
            catch (AcceleratorException exception)
            {
                throw Failure(exception, "copying from the device");
            }
        }
    }

    /// <inheritdoc/>
    public override void Synchronise()
    {
        try
        {
            stream.Synchronize();
        }
        catch (AcceleratorException exception)
        {
            throw Failure(exception, "waiting for its launches");
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        try
        {
            stream.Dispose();
            if (!SharesHostMemory)
            {
                accelerator.Dispose();
            }
        }
        catch (AcceleratorException)
        {
            // The device was lost, and everything on it.
        }

        GC.KeepAlive(Kernels);
        if (!SharesHostMemory)
        {
            context.Dispose();
        }
    }

    private static (Context Context, Accelerator Accelerator) Create(
        string name,
        int ordinal,
        AcceleratorType type,
        Action<Context.Builder> devices)
    {
        Context? context = null;
        try
        {
            context = KernelContext.Create(devices);
            Device[] found = Devices(context, type);
            if (ordinal < 0 || ordinal >= found.Length)
            {
                throw new DeviceException(
                    $"There is no device {name}: ILGPU finds {found.Length} of that kind on this machine; see gpusynth devices.");
            }

            return (context, found[ordinal].CreateAccelerator(context));
        }
        catch (Exception exception)
        {
            context?.Dispose();
            if (exception is GpuSynthException)
            {
                throw;
            }

            throw new DeviceException(
                $"{name} cannot be opened: {exception.GetBaseException().Message.TrimEnd('.')}; generate with --device host.",
                exception);
        }
    }

    private DeviceException Failure(Exception exception, string doing) => exception as DeviceException ?? new DeviceException(
        $"{name} failed while {doing}: {exception.GetBaseException().Message.TrimEnd('.')}; start again, a run folder resumes "
        + "where its last checkpoint was, or generate with --device host.",
        exception);

    // Launches on the right device, which fail with a clear sentence. The kernels are kept: ILGPU lets go of one when its launcher
    // is collected.
    private sealed class Loader(AcceleratorBackend backend) : KernelLoader
    {
        private readonly AcceleratorLoader inner = new(backend.accelerator, backend.stream);
        private readonly Dictionary<Type, Delegate> kept = backend.SharesHostMemory ? KeptOfSimulated : [];

        public override Action<KernelConfig, TKernel> Load<TKernel>()
        {
            string name = KernelEntry.NameOf(typeof(TKernel));
            Action<KernelConfig, TKernel> launch;
            backend.Bind();
            try
            {
                launch = inner.Load<TKernel>();
            }
            catch (Exception exception) when (exception is not GpuSynthException)
            {
                throw backend.Failure(exception, $"compiling kernel {name}");
            }

            lock (kept)
            {
                kept.TryAdd(typeof(TKernel), launch);
            }

            return (config, kernel) =>
            {
                backend.Bind();
                try
                {
                    launch(config, kernel);
                }
                catch (Exception exception) when (exception is not GpuSynthException)
                {
                    throw backend.Failure(exception, $"launching kernel {name}");
                }
            };
        }
    }
}
