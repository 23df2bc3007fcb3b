using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

/// <summary>Kernels compiled and launched by ILGPU, on one stream of an accelerator.</summary>
public sealed class AcceleratorLoader(Accelerator accelerator, AcceleratorStream stream) : KernelLoader
{
    /// <inheritdoc/>
    public override Action<KernelConfig, TKernel> Load<TKernel>()
    {
        Action<AcceleratorStream, KernelConfig, TKernel> launch = accelerator.LoadKernel<TKernel>(KernelEntry.Run);
        return (config, kernel) => launch(stream, config, kernel);
    }
}
