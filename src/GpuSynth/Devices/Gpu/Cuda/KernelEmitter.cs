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
internal sealed class KernelEmitter : IDisposable
{
    private readonly Context context;
    private readonly PTXBackend compiler;
    private readonly Lock door = new();

    /// <summary>A compiler for GPUs of a compute capability and later ones; above 8.0 it is 8.0 that ILGPU knows.</summary>
    /// <exception cref="DeviceException">ILGPU cannot compile on this machine.</exception>
    public KernelEmitter(int major = 8, int minor = 0)
    {
        context = KernelContext.Create(static builder => builder.CPU());
        try
        {
            compiler = new PTXBackend(
                context,
                major >= 8 ? new CudaArchitecture(8, 0) : new CudaArchitecture(major, minor),
                CudaInstructionSet.ISA_70,
                null!);
        }
        catch (Exception exception)
        {
            context.Dispose();
            throw new DeviceException(
                $"Kernels cannot be compiled: {exception.GetBaseException().Message.TrimEnd('.')}; generate with --device host.",
                exception);
        }
    }

    /// <summary>Compiles a kernel.</summary>
    /// <param name="kernel">Its type, an <see cref="IKernel"/>.</param>
    /// <param name="device">What messages call the device.</param>
    /// <exception cref="DeviceException">It does not compile.</exception>
    public EmittedKernel Emit(Type kernel, string device)
    {
        try
        {
            lock (door)
            {
                EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(KernelEntry.Of(kernel));
                var compiled = (PTXCompiledKernel)compiler.Compile(entry, KernelSpecialization.Empty);
                return EmittedKernel.Of(kernel, compiled.Name, compiled.PTXAssembly);
            }
        }
        catch (Exception exception) when (exception is not GpuSynthException)
        {
            throw CudaFailure.OfKernel(
                KernelEntry.NameOf(kernel), device, exception.GetBaseException().Message, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        compiler.Dispose();
        context.Dispose();
    }
}
