using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// Makes explicitly grouped kernels launchable on one device, in the order of one stream. Whose driver calls launch them is the
/// loader's affair: ILGPU's, this engine's own, or none at all where launches are written down to be run elsewhere.
/// </summary>
public abstract class KernelLoader
{
    /// <summary>Threads of a group in the kernels that work on whole batches, unless a kernel says otherwise.</summary>
    public const int GroupSize = 256;

    /// <summary>Compiles a kernel.</summary>
    /// <returns>Its launcher, which returns before the kernel has run.</returns>
    public abstract Action<KernelConfig, TKernel> Load<TKernel>()
        where TKernel : struct, IKernel;
}
