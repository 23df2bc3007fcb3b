using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL;

namespace GpuSynth.Devices.Gpu;

/// <summary>Compiles kernels to OpenCL C 2.0, with ILGPU as the compiler only: it needs no GPU.</summary>
internal sealed class OpenClEmitter : IDisposable
{
    private readonly Context context = KernelContext.Create(static builder => builder.CPU());
    private readonly CLBackend compiler;

    /// <summary>A compiler for a device that is able to do everything.</summary>
    /// <exception cref="DeviceException">ILGPU cannot compile on this machine.</exception>
    public OpenClEmitter()
    {
        try
        {
            var able = new CLCapabilityContext(
                float16: true, float64: true, genericAddressSpace: true, int64_Atomics: true, subGroups: true);
            compiler = new CLBackend(context, able, CLDeviceVendor.Other, CLCVersion.CL20);
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
    /// <returns>OpenCL C.</returns>
    /// <exception cref="DeviceException">It does not compile.</exception>
    public string Emit(Type kernel)
    {
        EntryPointDescription entry = EntryPointDescription.FromExplicitlyGroupedKernel(KernelEntry.Of(kernel));
        try
        {
            return ((CLCompiledKernel)compiler.Compile(entry, KernelSpecialization.Empty)).Source;
        }
        catch (Exception exception) when (exception is not GpuSynthException)
        {
            throw new DeviceException(
                $"Kernel {KernelEntry.NameOf(kernel)} does not compile to OpenCL C: {exception.GetBaseException().Message}",
                exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        compiler.Dispose();
        context.Dispose();
    }
}
