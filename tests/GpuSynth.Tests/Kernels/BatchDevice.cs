using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

/// <summary>The CPU accelerator that the kernels' tests launch on, ILGPU's own: its groups have as many threads as theirs.</summary>
[SetUpFixture]
public sealed class BatchDevice
{
    private static Context? context;
    private static Accelerator? accelerator;

    public static Accelerator Accelerator =>
        accelerator ?? throw new InvalidOperationException("The fixture has not been set up.");

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

    [OneTimeSetUp]
    public void Open()
    {
        context = Context.Create(
            builder => builder.CPU(new CPUDevice(32, KernelLoader.GroupSize / 32, 1)).EnableAlgorithms());
        accelerator = context.CreateCPUAccelerator(0);
    }

    [OneTimeTearDown]
    public void Close()
    {
        accelerator?.Dispose();
        context?.Dispose();
    }
}
