using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>ILGPU's contexts, all with the same options: a kernel is the same whoever compiles it.</summary>
internal static class KernelContext
{
    /// <summary>A context with the devices that a callback chooses.</summary>
    public static Context Create(Action<Context.Builder> devices)
    {
        Cuda.CudaLibrary.ResolveImports();
        return Context.Create(builder =>
        {
            builder.EnableAlgorithms();
            devices(builder);
        });
    }
}
