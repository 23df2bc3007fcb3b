using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// Compiles kernels to PTX, with ILGPU as the compiler only: it needs no GPU and no driver. The PTX is of
/// version 7.0, which every driver of CUDA 11.0 and later takes.
/// </summary>
/// <param name="major">Compute capability of the GPUs that it is for, and of later ones; above 8.0 it is 8.0 that ILGPU knows.</param>
/// <param name="minor">Its second number.</param>
internal sealed class KernelEmitter(int major = 8, int minor = 0)
{
    private readonly CudaArchitecture architecture = major >= 8 ? new CudaArchitecture(8, 0) : new CudaArchitecture(major, minor);

    /// <summary>Compiles a kernel.</summary>
    /// <param name="kernel">Its type, an <see cref="IKernel"/>.</param>
    /// <param name="device">What messages call the device.</param>
    /// <exception cref="DeviceException">It does not compile, or ILGPU cannot compile on this machine.</exception>
    public EmittedKernel Emit(Type kernel, string device)
    {
        try
        {
            // A context each. ILGPU 1.5.3 gives two structs of the same words one type, whatever structs their words are in
            // (StructureType.Equals), and takes the fields of one for the other's: a kernel would depend on those compiled before it.
            using Context context = KernelContext.Create(static builder => builder.CPU());
            using var compiler = new PTXBackend(context, architecture, CudaInstructionSet.ISA_70, null!);
            EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(KernelEntry.Of(kernel));
            var compiled = (PTXCompiledKernel)compiler.Compile(entry, KernelSpecialization.Empty);
            return EmittedKernel.Of(kernel, compiled.Name, compiled.PTXAssembly);
        }
        catch (Exception exception) when (exception is not GpuSynthException)
        {
            throw CudaFailure.OfKernel(
                KernelEntry.NameOf(kernel), device, exception.GetBaseException().Message, exception);
        }
    }
}
