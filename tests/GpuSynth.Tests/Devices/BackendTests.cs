using System.Runtime.InteropServices;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Tests.Devices;

/// <summary>Backends that need no driver.</summary>
public sealed unsafe class BackendTests
{
    [Test]
    public void TheSimulatedGpu_RunsKernels_AndBorrowsHostMemory()
    {
        using GpuBackend backend = GpuBackends.Open("ilgpu-cpu");
        var layout = new SampleLayout(GpuSynth.Tests.Kernels.TestRows.Of(1, 1, 1, 3));
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

    // What was read from a device lay in arrays that the collector had moved meanwhile: once in some thousands of samples.
    [Test]
    public void Copies_AreRight_WhileTheCollectorMovesArrays()
    {
        const int Length = 64;
        using GpuBackend backend = GpuBackends.Open("ilgpu-cpu");
        using MemoryBuffer buffer = backend.Allocate(Length, sizeof(uint));
        var view = new ArrayView<uint>(buffer, 0, Length);
        bool isOver = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: true);
            }
        });
        collector.Start();
        int wrong = 0;
        for (uint round = 1; round <= 20_000; round++)
        {
            // Garbage before them is what arrays are moved over.
            _ = new byte[2000];
            uint[] up = [.. Enumerable.Repeat(round, Length)];
            _ = new byte[2000];
            var down = new uint[Length];
            backend.Upload<uint>(up, view);
            backend.Download(view, down.AsSpan());
            wrong += down.AsSpan().ContainsAnyExcept(round) ? 1 : 0;
        }

        Volatile.Write(ref isOver, true);
        collector.Join();
        Assert.That(wrong, Is.Zero);
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
}
