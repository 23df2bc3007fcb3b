using System.Reflection;
using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// Launches kernels with the driver's own calls, in the primary context: PTX from <see cref="KernelEmitter"/>, arguments packed as
/// the kernel's list of parameters says.
/// </summary>
internal sealed unsafe class DriverLoader(PrimaryContext context, KernelEmitter emitter, nint stream) : KernelLoader, IDisposable
{
    // Names of the driver's for the parts of a launch's arguments.
    private const nint BufferPointer = 1;
    private const nint BufferSize = 2;

    private readonly List<nint> modules = [];
    private readonly Lock door = new();

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2> Load<T1, T2>(Action<T1, T2> kernel)
    {
        Entry entry = Open(kernel.Method, KernelArgument<T1>.Layout, KernelArgument<T2>.Layout);
        return (config, a1, a2) =>
        {
            byte* buffer = stackalloc byte[entry.Bytes];
            KernelArgument<T1>.Write(in a1, buffer + entry.Offsets[0]);
            KernelArgument<T2>.Write(in a2, buffer + entry.Offsets[1]);
            Launch(entry, config, buffer);
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3> Load<T1, T2, T3>(Action<T1, T2, T3> kernel)
    {
        Entry entry = Open(kernel.Method, KernelArgument<T1>.Layout, KernelArgument<T2>.Layout, KernelArgument<T3>.Layout);
        return (config, a1, a2, a3) =>
        {
            byte* buffer = stackalloc byte[entry.Bytes];
            KernelArgument<T1>.Write(in a1, buffer + entry.Offsets[0]);
            KernelArgument<T2>.Write(in a2, buffer + entry.Offsets[1]);
            KernelArgument<T3>.Write(in a3, buffer + entry.Offsets[2]);
            Launch(entry, config, buffer);
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4> Load<T1, T2, T3, T4>(Action<T1, T2, T3, T4> kernel)
    {
        Entry entry = Open(
            kernel.Method,
            KernelArgument<T1>.Layout,
            KernelArgument<T2>.Layout,
            KernelArgument<T3>.Layout,
            KernelArgument<T4>.Layout);
        return (config, a1, a2, a3, a4) =>
        {
            byte* buffer = stackalloc byte[entry.Bytes];
            KernelArgument<T1>.Write(in a1, buffer + entry.Offsets[0]);
            KernelArgument<T2>.Write(in a2, buffer + entry.Offsets[1]);
            KernelArgument<T3>.Write(in a3, buffer + entry.Offsets[2]);
            KernelArgument<T4>.Write(in a4, buffer + entry.Offsets[3]);
            Launch(entry, config, buffer);
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5> Load<T1, T2, T3, T4, T5>(Action<T1, T2, T3, T4, T5> kernel)
    {
        Entry entry = Open(
            kernel.Method,
            KernelArgument<T1>.Layout,
            KernelArgument<T2>.Layout,
            KernelArgument<T3>.Layout,
            KernelArgument<T4>.Layout,
            KernelArgument<T5>.Layout);
        return (config, a1, a2, a3, a4, a5) =>
        {
            byte* buffer = stackalloc byte[entry.Bytes];
            KernelArgument<T1>.Write(in a1, buffer + entry.Offsets[0]);
            KernelArgument<T2>.Write(in a2, buffer + entry.Offsets[1]);
            KernelArgument<T3>.Write(in a3, buffer + entry.Offsets[2]);
            KernelArgument<T4>.Write(in a4, buffer + entry.Offsets[3]);
            KernelArgument<T5>.Write(in a5, buffer + entry.Offsets[4]);
            Launch(entry, config, buffer);
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6> Load<T1, T2, T3, T4, T5, T6>(
        Action<T1, T2, T3, T4, T5, T6> kernel)
    {
        Entry entry = Open(
            kernel.Method,
            KernelArgument<T1>.Layout,
            KernelArgument<T2>.Layout,
            KernelArgument<T3>.Layout,
            KernelArgument<T4>.Layout,
            KernelArgument<T5>.Layout,
            KernelArgument<T6>.Layout);
        return (config, a1, a2, a3, a4, a5, a6) =>
        {
            byte* buffer = stackalloc byte[entry.Bytes];
            KernelArgument<T1>.Write(in a1, buffer + entry.Offsets[0]);
            KernelArgument<T2>.Write(in a2, buffer + entry.Offsets[1]);
            KernelArgument<T3>.Write(in a3, buffer + entry.Offsets[2]);
            KernelArgument<T4>.Write(in a4, buffer + entry.Offsets[3]);
            KernelArgument<T5>.Write(in a5, buffer + entry.Offsets[4]);
            KernelArgument<T6>.Write(in a6, buffer + entry.Offsets[5]);
            Launch(entry, config, buffer);
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> Load<T1, T2, T3, T4, T5, T6, T7>(
        Action<T1, T2, T3, T4, T5, T6, T7> kernel)
    {
        Entry entry = Open(
            kernel.Method,
            KernelArgument<T1>.Layout,
            KernelArgument<T2>.Layout,
            KernelArgument<T3>.Layout,
            KernelArgument<T4>.Layout,
            KernelArgument<T5>.Layout,
            KernelArgument<T6>.Layout,
            KernelArgument<T7>.Layout);
        return (config, a1, a2, a3, a4, a5, a6, a7) =>
        {
            byte* buffer = stackalloc byte[entry.Bytes];
            KernelArgument<T1>.Write(in a1, buffer + entry.Offsets[0]);
            KernelArgument<T2>.Write(in a2, buffer + entry.Offsets[1]);
            KernelArgument<T3>.Write(in a3, buffer + entry.Offsets[2]);
            KernelArgument<T4>.Write(in a4, buffer + entry.Offsets[3]);
            KernelArgument<T5>.Write(in a5, buffer + entry.Offsets[4]);
            KernelArgument<T6>.Write(in a6, buffer + entry.Offsets[5]);
            KernelArgument<T7>.Write(in a7, buffer + entry.Offsets[6]);
            Launch(entry, config, buffer);
        };
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> Load<T1, T2, T3, T4, T5, T6, T7, T8>(
        Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel)
    {
        Entry entry = Open(
            kernel.Method,
            KernelArgument<T1>.Layout,
            KernelArgument<T2>.Layout,
            KernelArgument<T3>.Layout,
            KernelArgument<T4>.Layout,
            KernelArgument<T5>.Layout,
            KernelArgument<T6>.Layout,
            KernelArgument<T7>.Layout,
            KernelArgument<T8>.Layout);
        return (config, a1, a2, a3, a4, a5, a6, a7, a8) =>
        {
            byte* buffer = stackalloc byte[entry.Bytes];
            KernelArgument<T1>.Write(in a1, buffer + entry.Offsets[0]);
            KernelArgument<T2>.Write(in a2, buffer + entry.Offsets[1]);
            KernelArgument<T3>.Write(in a3, buffer + entry.Offsets[2]);
            KernelArgument<T4>.Write(in a4, buffer + entry.Offsets[3]);
            KernelArgument<T5>.Write(in a5, buffer + entry.Offsets[4]);
            KernelArgument<T6>.Write(in a6, buffer + entry.Offsets[5]);
            KernelArgument<T7>.Write(in a7, buffer + entry.Offsets[6]);
            KernelArgument<T8>.Write(in a8, buffer + entry.Offsets[7]);
            Launch(entry, config, buffer);
        };
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
        }
    }

    private Entry Open(MethodInfo kernel, params ReadOnlySpan<KernelParameter> given)
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
        lock (door)
        {
            modules.Add(module);
        }

        context.Check(CudaDriver.GetFunction(out nint function, module, emitted.Name), $"loading kernel {name}");
        return new Entry($"launching kernel {name}", function, offsets, bytes);
    }

    private void Launch(Entry entry, KernelConfig config, byte* buffer)
    {
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
            entry.Function,
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
            throw CudaFailure.Of(error, context.Name, entry.Doing);
        }
    }

    private sealed record Entry(string Doing, nint Function, int[] Offsets, int Bytes);
}
