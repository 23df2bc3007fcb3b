using System.Runtime.InteropServices;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Devices.Gpu.Cuda;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Tests.Devices;

/// <summary>Backends that need no driver, and what is emitted for those that do.</summary>
public sealed unsafe class BackendTests
{
    [Test]
    public void TheSimulatedGpu_RunsKernels_AndBorrowsHostMemory()
    {
        using GpuBackend backend = GpuBackends.Open("ilgpu-cpu");
        var layout = new SampleLayout(1, 1, 1, 3, 5);
        int length = SampleTable.Launcher.Length(layout, 9);
        uint[] values = [.. Enumerable.Range(1, length).Select(static word => (uint)word)];
        uint* memory = (uint*)NativeMemory.Alloc((nuint)length + 2, sizeof(uint));
        memory[0] = memory[length + 1] = 77;
        using (MemoryBuffer slot = backend.Borrow((nint)(memory + 1), length, sizeof(uint)))
        using (MemoryBuffer measured = backend.Allocate(4, sizeof(uint)))
        {
            backend.Bind();
            new SampleTable.Launcher(backend.Kernels).Run(
                values, new ArrayView<uint>(slot, 0, length), new ArrayView<uint>(measured, 0, 4));
            backend.Synchronise();
            uint[] words = new uint[4];
            backend.Download(new ArrayView<uint>(measured, 0, 4), words.AsSpan());
            Assert.Multiple(() =>
            {
                Assert.That((backend.SharesHostMemory, backend.Events), Is.EqualTo((true, (IStreamEvents?)null)));
                Assert.That(new Span<uint>(memory + 1, length).ToArray(), Is.EqualTo(values));
                Assert.That((memory[0], memory[length + 1]), Is.EqualTo((77u, 77u)));
                Assert.That(words, Is.EqualTo((uint[])[0, uint.MaxValue, 0, 0]));
            });
            backend.Upload<uint>([9, 8], new ArrayView<uint>(slot, 1, 2));
            Assert.That((memory[1], memory[2], memory[3], memory[4]), Is.EqualTo((1u, 9u, 8u, 4u)));
        }

        memory[1] = 3;
        NativeMemory.Free(memory);
    }

    [TestCase("host")]
    [TestCase("cuda")]
    [TestCase("cuda:-1")]
    [TestCase("vulkan:0")]
    public void AnUnknownName_IsRefused(string name) => Assert.That(
        () => GpuBackends.Open(name),
        Throws.TypeOf<DeviceException>().With.Message.EqualTo($"There is no device {name}; give cuda:0, opencl:0 or ilgpu-cpu."));

    [Test]
    public void OpenClDevicesThatAreNotThere_AreRefused() => Assert.That(
        () => GpuBackends.Open("opencl:99"),
        Throws.TypeOf<DeviceException>().With.Message.StartsWith("There is no device opencl:99: ILGPU finds "));

    [Test]
    public void TheSimulatedGpu_IsNoOpenClDevice() => Assert.That(
        DeviceCatalogue.List().Where(static device => device.Kind == "opencl").Select(static device => device.Description),
        Has.None.EqualTo("CPUAccelerator"),
        "ILGPU puts its own in the place of devices that are not there");

    [Test]
    public void TheCatalogue_ListsTheSimulatedGpu() => Assert.That(
        DeviceCatalogue.List()[^1],
        Is.EqualTo(new DeviceInfo(
            "ilgpu-cpu", "ilgpu-cpu", "ILGPU's simulated GPU", true, "runs the GPU kernels on the processor; slow, for tests")));

    [Test]
    public void Emission_IsPtxThatOldDriversTake_WithItsParameters()
    {
        using var emitter = new KernelEmitter();
        Delegate kernel = SampleTable.StoreKernel;
        EmittedKernel emitted = emitter.Emit(kernel.Method, "cuda:0");
        Assert.Multiple(() =>
        {
            Assert.That(emitted.Method, Is.EqualTo("SampleTable.StoreKernel"));
            Assert.That(emitted.Text, Does.Contain(".version 7.0").And.Contain(".target sm_80"));
            Assert.That(emitted.Text, Does.Contain($".entry {emitted.Name}("));
            Assert.That(
                emitted.Parameters.Select(static parameter => (parameter.Bytes, parameter.Alignment)),
                Is.EqualTo(((int, int)[])[(16, 8), (16, 8), (4, 4), (1024, 4)]));
        });
    }

    [Test]
    public void Parameters_ArePackedAsTheirAlignmentsSay()
    {
        const string Text = """
            .visible .entry Kernel_X(
                .param .b8 _flag_1,
                .param .align 8 .b8 _view_2[16],
                .param .b32 _n_3,
                .param .f64 _d_4,
                .param .align 4 .b8 _plan_5[20]
            )
            { }
            """;
        EmittedKernel kernel = EmittedKernel.Of("X.Kernel", "Kernel_X", Text);
        KernelParameter[] given =
        [
            new("Byte", 1, 0), KernelArgument<ArrayView<float>>.Layout, KernelArgument<int>.Layout, KernelArgument<double>.Layout,
            new("Plan", 20, 0),
        ];
        int[] offsets = kernel.Pack(given, out int bytes);
        given[4] = new("Plan", 24, 0);
        Assert.Multiple(() =>
        {
            Assert.That((offsets, bytes), Is.EqualTo(((int[])[0, 8, 24, 32, 40], 60)));
            Assert.That(
                () => kernel.Pack(given, out _),
                Throws.TypeOf<DeviceException>().With.Message.StartsWith(
                    "Parameter 5 of kernel X.Kernel (Plan) has 24 bytes here and 20 in the compiled kernel;"));
            Assert.That(
                () => kernel.Pack(given.AsSpan(0, 3), out _),
                Throws.TypeOf<DeviceException>().With.Message.Contains("was compiled with 5 parameters and is launched with 3"));
            Assert.That(
                () => EmittedKernel.Of("X.Kernel", "Kernel_Y", Text),
                Throws.TypeOf<DeviceException>().With.Message.Contains("without its entry point Kernel_Y"));
        });
    }

    [Test]
    public void ArgumentsLieAsTheDriverWantsThem()
    {
        using GpuBackend backend = GpuBackends.Open("ilgpu-cpu");
        using MemoryBuffer buffer = backend.Allocate(10, sizeof(float));
        byte* target = stackalloc byte[16];
        KernelArgument<ArrayView<float>>.Write(new ArrayView<float>(buffer, 3, 5), target);
        Assert.That((*(nint*)target, *(long*)(target + 8)), Is.EqualTo((buffer.NativePtr + 12, 5L)));
        KernelArgument<ArrayView<float>>.Write(default, target);
        Assert.That((*(nint*)target, *(long*)(target + 8)), Is.EqualTo(((nint)0, 0L)));
        KernelArgument<float>.Write(2.5f, target);
        Assert.That(*(float*)target, Is.EqualTo(2.5f));
    }
}
