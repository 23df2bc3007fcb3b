using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

/// <summary>Kernels compiled and launched by ILGPU, on one stream of an accelerator.</summary>
public sealed class AcceleratorLoader(Accelerator accelerator, AcceleratorStream stream) : KernelLoader
{
    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2> Load<T1, T2>(Action<T1, T2> kernel)
    {
        Action<AcceleratorStream, KernelConfig, T1, T2> launch = accelerator.LoadKernel(kernel);
        return (config, a1, a2) => launch(stream, config, a1, a2);
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3> Load<T1, T2, T3>(Action<T1, T2, T3> kernel)
    {
        Action<AcceleratorStream, KernelConfig, T1, T2, T3> launch = accelerator.LoadKernel(kernel);
        return (config, a1, a2, a3) => launch(stream, config, a1, a2, a3);
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4> Load<T1, T2, T3, T4>(Action<T1, T2, T3, T4> kernel)
    {
        Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4> launch = accelerator.LoadKernel(kernel);
        return (config, a1, a2, a3, a4) => launch(stream, config, a1, a2, a3, a4);
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5> Load<T1, T2, T3, T4, T5>(Action<T1, T2, T3, T4, T5> kernel)
    {
        Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5> launch = accelerator.LoadKernel(kernel);
        return (config, a1, a2, a3, a4, a5) => launch(stream, config, a1, a2, a3, a4, a5);
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6> Load<T1, T2, T3, T4, T5, T6>(
        Action<T1, T2, T3, T4, T5, T6> kernel)
    {
        Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6> launch = accelerator.LoadKernel(kernel);
        return (config, a1, a2, a3, a4, a5, a6) => launch(stream, config, a1, a2, a3, a4, a5, a6);
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7> Load<T1, T2, T3, T4, T5, T6, T7>(
        Action<T1, T2, T3, T4, T5, T6, T7> kernel)
    {
        Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7> launch = accelerator.LoadKernel(kernel);
        return (config, a1, a2, a3, a4, a5, a6, a7) => launch(stream, config, a1, a2, a3, a4, a5, a6, a7);
    }

    /// <inheritdoc/>
    public override Action<KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> Load<T1, T2, T3, T4, T5, T6, T7, T8>(
        Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel)
    {
        Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8> launch = accelerator.LoadKernel(kernel);
        return (config, a1, a2, a3, a4, a5, a6, a7, a8) => launch(stream, config, a1, a2, a3, a4, a5, a6, a7, a8);
    }
}
