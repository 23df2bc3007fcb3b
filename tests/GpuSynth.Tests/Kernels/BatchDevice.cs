using System.Globalization;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL;

namespace GpuSynth.Tests.Kernels;

/// <summary>
/// The device that a fixture's kernels launch on. One at a time: fixtures do not run side by side. The simulated one has groups as
/// large as the kernels want, and no larger.
/// </summary>
internal static class BatchDevice
{
    private static Context? context;
    private static Accelerator? accelerator;

    public static Accelerator Accelerator =>
        accelerator ?? throw new InvalidOperationException("The fixture has not opened its device.");

    public static KernelLoader Loader => new AcceleratorLoader(Accelerator, Accelerator.DefaultStream);

    public static MemoryBuffer1D<T, Stride1D.Dense> Upload<T>(T[] values)
        where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = Accelerator.Allocate1D<T>(values.Length);
        buffer.CopyFromCPU(values);
        return buffer;
    }

    public static T[] Download<T>(MemoryBuffer1D<T, Stride1D.Dense> buffer)
        where T : unmanaged
    {
        Accelerator.Synchronize();
        return buffer.GetAsArray1D();
    }

    /// <summary>Opens a device of <see cref="Devices.TestDevices"/>.</summary>
    public static void Open(string name)
    {
        bool isSimulated = name == DeviceCatalogue.IlgpuCpu;
        OpenClCompiler.KeepQuiet();
        context = KernelContext.Create(builder => _ = isSimulated
            ? builder.CPU(new CPUDevice(32, KernelLoader.GroupSize / 32, 1))
            : builder.OpenCL());
        int ordinal = isSimulated ? 0 : int.Parse(name.AsSpan("opencl:".Length), CultureInfo.InvariantCulture);
        accelerator = AcceleratorBackend.Devices(context, isSimulated ? AcceleratorType.CPU : AcceleratorType.OpenCL)[ordinal]
            .CreateAccelerator(context);
    }

    public static void Close()
    {
        accelerator?.Dispose();
        context?.Dispose();
        accelerator = null;
        context = null;
    }
}
