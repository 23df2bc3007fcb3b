using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// Kernels that ILGPU compiles to PTX and the driver's own calls load and launch, in the primary context and on one stream.
/// </summary>
internal sealed unsafe class CudaLoader(PrimaryContext context, KernelEmitter emitter, nint stream) : KernelLoader, IDisposable
{
    // Names of the driver's for the parts of a launch's arguments.
    private const nint BufferPointer = 1;
    private const nint BufferSize = 2;

    private readonly List<nint> modules = [];
    private readonly Dictionary<Type, Delegate> launchers = [];
    private readonly Dictionary<Type, nint> functions = [];
    private readonly Lock door = new();

    /// <inheritdoc/>
    public override Action<KernelConfig, TKernel> Load<TKernel>()
    {
        lock (door)
        {
            // Several stages launch the same kernel: it is compiled once.
            if (!launchers.TryGetValue(typeof(TKernel), out Delegate? known))
            {
                launchers.Add(typeof(TKernel), known = Launcher<TKernel>());
            }

            return (Action<KernelConfig, TKernel>)known;
        }
    }

    /// <summary>What a kernel that was loaded takes of a multiprocessor.</summary>
    /// <param name="kernel">The kernel's type.</param>
    /// <param name="group">Threads of a group.</param>
    public KernelResources ResourcesOf(Type kernel, int group)
    {
        const string Doing = "asking what a kernel takes";
        using PrimaryContext.Scope scope = context.Enter();
        nint function = functions[kernel];
        context.Check(CudaDriver.GetFunctionAttribute(out int registers, CudaDriver.FunctionRegisters, function), Doing);
        context.Check(CudaDriver.GetFunctionAttribute(out int localBytes, CudaDriver.FunctionLocalBytes, function), Doing);
        context.Check(CudaDriver.GetGroupsOfMultiprocessor(out int groups, function, group, 0), Doing);
        context.Check(
            CudaDriver.GetDeviceAttribute(out int most, CudaDriver.AttributeThreadsOfMultiprocessor, context.Device), Doing);
        return new KernelResources(registers, localBytes, (double)groups * group / most);
    }

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
            launchers.Clear();
        }
    }

    private Action<KernelConfig, TKernel> Launcher<TKernel>()
        where TKernel : struct, IKernel
    {
        EmittedKernel emitted = emitter.Emit(typeof(TKernel), context.Name);
        nint function = functions[typeof(TKernel)] = Compile(emitted);
        string doing = $"launching kernel {emitted.Name}";
        int bytes = emitted.Layout.Bytes;
        KernelArguments.Writer<TKernel> write = KernelArguments.WriterOf<TKernel>(emitted.Layout);
        return (config, kernel) =>
        {
            byte* arguments = stackalloc byte[bytes];
            new Span<byte>(arguments, bytes).Clear();
            write(in kernel, arguments);
            CudaError error = Launch(function, config, arguments, (nuint)bytes);
            if (error != CudaError.Success)
            {
                throw CudaFailure.Of(error, context.Name, doing);
            }
        };
    }

    private nint Compile(EmittedKernel emitted)
    {
        using PrimaryContext.Scope scope = context.Enter();
        CudaError error = CudaDriver.LoadModule(out nint module, emitted.Text, out string log);
        if (error.IsOfCompiler())
        {
            throw CudaFailure.OfKernel(emitted.Name, context.Name, log.Length > 0 ? log : CudaDriver.Describe(error));
        }

        string doing = $"loading kernel {emitted.Name}";
        context.Check(error, doing);
        modules.Add(module);
        context.Check(CudaDriver.GetFunction(out nint function, module, emitted.Entry), doing);
        return function;
    }

    private CudaError Launch(nint function, KernelConfig config, byte* arguments, nuint bytes)
    {
        context.Bind();
        void** extra = stackalloc void*[5];
        extra[0] = (void*)BufferPointer;
        extra[1] = arguments;
        extra[2] = (void*)BufferSize;
        extra[3] = &bytes;
        extra[4] = null;
        Index3D grid = config.GridDim;
        Index3D group = config.GroupDim;
        return CudaDriver.Launch(
            function,
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
    }
}
