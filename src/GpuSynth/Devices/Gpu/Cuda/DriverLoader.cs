using System.Reflection;
using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// Launches kernels with the driver's own calls, in the primary context: PTX from <see cref="KernelEmitter"/>, arguments packed
/// as the kernel's list of parameters says.
/// </summary>
internal sealed unsafe class DriverLoader(PrimaryContext context, KernelEmitter emitter, nint stream) : PackedLoader, IDisposable
{
    // Names of the driver's for the parts of a launch's arguments.
    private const nint BufferPointer = 1;
    private const nint BufferSize = 2;

    private readonly List<nint> modules = [];
    private readonly Dictionary<MethodInfo, DriverKernel> opened = [];
    private readonly Lock door = new();

    /// <summary>Unloads the kernels.</summary>
    public void Dispose()
    {
        using PrimaryContext.Scope scope = context.Enter();
        lock (door)
        {
            foreach (nint module in modules)
            {
                _ = CudaDriver.UnloadModule(module);
            }

            modules.Clear();
            opened.Clear();
        }
    }

    /// <inheritdoc/>
    protected override PackedKernel Open(MethodInfo kernel, params ReadOnlySpan<KernelParameter> given)
    {
        lock (door)
        {
            // Several stages launch the same kernel: it is compiled once.
            if (!opened.TryGetValue(kernel, out DriverKernel? known))
            {
                opened.Add(kernel, known = Compile(kernel, given));
            }

            return known;
        }
    }

    /// <inheritdoc/>
    protected override void Launch(PackedKernel entry, KernelConfig config, byte* buffer)
    {
        var own = (DriverKernel)entry;
        context.Bind();
        nuint size = (nuint)entry.Bytes;
        void** extra = stackalloc void*[5];
        extra[0] = (void*)BufferPointer;
        extra[1] = buffer;
        extra[2] = (void*)BufferSize;
        extra[3] = &size;
        extra[4] = null;
        Index3D grid = config.GridDim;
        Index3D group = config.GroupDim;
        CudaError error = CudaDriver.Launch(
            own.Function,
            (uint)grid.X,
            (uint)grid.Y,
            (uint)grid.Z,
            (uint)group.X,
            (uint)group.Y,
            (uint)group.Z,
            0,
            stream,
            null,
            extra);
        if (error != CudaError.Success)
        {
            throw CudaFailure.Of(error, context.Name, own.Doing);
        }
    }

    private DriverKernel Compile(MethodInfo kernel, ReadOnlySpan<KernelParameter> given)
    {
        string name = GuardedLoader.NameOf(kernel);
        EmittedKernel emitted = emitter.Emit(kernel, context.Name);
        int[] offsets = emitted.Pack(given, out int bytes);
        using PrimaryContext.Scope scope = context.Enter();
        CudaError error = CudaDriver.LoadModule(out nint module, emitted.Text, out string log);
        if (error.IsOfCompiler())
        {
            throw CudaFailure.OfKernel(name, context.Name, log.Length > 0 ? log : CudaDriver.Describe(error));
        }

        context.Check(error, $"loading kernel {name}");
        modules.Add(module);
        context.Check(CudaDriver.GetFunction(out nint function, module, emitted.Name), $"loading kernel {name}");
        return new DriverKernel($"launching kernel {name}", function, offsets, bytes);
    }

    private sealed record DriverKernel(string Doing, nint Function, int[] Offsets, int Bytes) : PackedKernel(Offsets, Bytes);
}
