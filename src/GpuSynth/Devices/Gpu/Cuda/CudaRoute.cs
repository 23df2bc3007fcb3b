using GpuSynth.Kernels;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>How kernels come to run in the primary context: who compiles them, and who launches them.</summary>
internal abstract class CudaRoute : IDisposable
{
    /// <summary>Names the route to take, A or B; otherwise A, and B where A is not possible.</summary>
    public const string Variable = "GPUSYNTH_CUDA_ROUTE";

    /// <summary>A: ILGPU's accelerator, moved. B: ILGPU as compiler only.</summary>
    public abstract string Name { get; }

    /// <summary>Kernels, launched on <see cref="Stream"/>.</summary>
    public abstract KernelLoader Kernels { get; }

    /// <summary>The driver's handle of the generator's stream, which does not wait for the default stream.</summary>
    public abstract nint Stream { get; }

    /// <summary>ILGPU's accelerator; null where there is none.</summary>
    public virtual Accelerator? Accelerator => null;

    /// <summary>Makes the primary context current on this thread, for the driver and for ILGPU.</summary>
    public abstract void Bind();

    /// <inheritdoc/>
    public abstract void Dispose();
}
