using System.Reflection;
using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>Where the arguments of a kernel's launches lie.</summary>
/// <param name="Offsets">Offset of each argument.</param>
/// <param name="Bytes">Size of all.</param>
internal record PackedKernel(int[] Offsets, int Bytes);

/// <summary>A loader that has the arguments of each launch packed into one block, as the compiled kernel takes them.</summary>
internal abstract unsafe class PackedLoader : KernelLoader
{
    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2> Load<T1, T2>(Action<T1, T2> kernel)
    {
        PackedKernel entry = Open(kernel.Method, KernelArgument<T1>.Layout, KernelArgument<T2>.Layout);
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
        PackedKernel entry = Open(kernel.Method, KernelArgument<T1>.Layout, KernelArgument<T2>.Layout, KernelArgument<T3>.Layout);
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
        PackedKernel entry = Open(
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
        PackedKernel entry = Open(
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
        PackedKernel entry = Open(
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
        PackedKernel entry = Open(
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
        PackedKernel entry = Open(
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

    /// <summary>Makes a kernel ready to be launched with arguments of the given types.</summary>
    protected abstract PackedKernel Open(MethodInfo kernel, params ReadOnlySpan<KernelParameter> given);

    /// <summary>Launches a kernel.</summary>
    /// <param name="entry">What <see cref="Open"/> gave.</param>
    /// <param name="config">Groups and threads.</param>
    /// <param name="buffer">The packed arguments; valid during the call.</param>
    protected abstract void Launch(PackedKernel entry, KernelConfig config, byte* buffer);
}
