using System.Text.RegularExpressions;
using GpuSynth.Benchmarking.Kernels;
using GpuSynth.Cli.Generating;
using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Devices.Gpu.Cuda;
using GpuSynth.Kernels;
using GpuSynth.Native;
using GpuSynth.Planning;
using GpuSynth.Tests.Cli;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.IO;
using GpuSynth.Tests.Native;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Tests.Devices;

/// <summary>What runs on the fake CUDA driver, each method in a process of its own.</summary>
internal static unsafe partial class CudaScenarios
{
    private const int Samples = 2;
    private static readonly SampleLayout Layout = new(GpuSynth.Tests.Kernels.TestRows.Of(1, 1, 3, 4));
    private static readonly string[] Copies =
        ["cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyAsync", "cuMemsetD8Async"];

    private static int Words => SampleTable.Launcher.Length(Layout, Samples);

    // The hand-over of a whole run: a trainer with memory and a stream of its own, two slots, events in both directions.
    public static void Run()
    {
        using var trainer = new Trainer();
        nint[] slots = [trainer.Allocate(1000), trainer.Allocate(1000)];
        GpuBackend backend = GpuBackends.Open("cuda:0");
        IStreamEvents events = backend.Events!;
        using var arena = new GpuArena();
        int words = arena.Declare<uint>("words", Words, "words");
        int measured = arena.Declare<uint>("measured", Samples * MeasuredWords.PerSample, "measured");
        backend.Bind();
        arena.Allocate(backend);
        var table = new SampleTable.Launcher(backend.Kernels);
        MemoryBuffer[] borrowed = [.. slots.Select(slot => backend.Borrow(slot, 250, sizeof(float)))];
        nint[] ready = [events.Create(), events.Create()];
        nint[] free = [events.Create(), events.Create()];
        foreach (nint streamEvent in free)
        {
            events.RecordOn(streamEvent, trainer.Stream);
        }

        CudaCall[] start = FakeCuda.Calls();
        FakeCuda.Clear();
        uint[] values = [.. Enumerable.Range(0, Words).Select(static word => (uint)word * 3)];
        for (int batch = 0; batch < 5; batch++)
        {
            int slot = batch % 2;
            events.Await(free[slot]);
            table.Run(values, arena.View<uint>(words), arena.View<uint>(measured));
            events.Record(ready[slot]);
            events.AwaitOn(ready[slot], trainer.Stream);
            events.RecordOn(free[slot], trainer.Stream);
        }

        CudaCall[] run = FakeCuda.Calls();
        FakeCuda.Clear();
        backend.Synchronise();
        events.Drain(trainer.Stream);
        Array.ForEach(borrowed, static buffer => buffer.Dispose());
        arena.Dispose();
        backend.Dispose();
        backend.Dispose();
        CudaCall[] end = FakeCuda.Calls();

        string own = run[0]["stream"];
        Assert.Multiple(() =>
        {
            Assert.That(
                start.Concat(run).Concat(end).Where(static call => call.NeedsContext && call.Context != "primary"), Is.Empty);
            Assert.That(start.Concat(run).Concat(end).Where(static call => call.Result != 0), Is.Empty);
            Assert.That(
                start.Single(call => call.Function == "cuStreamCreate" && call["stream"] == own)["flags"],
                Is.EqualTo("1"),
                "the generator's stream does not wait for the default stream");
            Assert.That(run.Select(static call => call.Function), Is.EqualTo(Enumerable.Repeat(
                (string[])["cuStreamWaitEvent", "cuLaunchKernel", "cuEventRecord", "cuStreamWaitEvent", "cuEventRecord"], 5)
                .SelectMany(static batch => batch)));
            Assert.That(
                run.Select(static call => call["stream"]),
                Is.EqualTo(Enumerable.Repeat((string[])[own, own, own, trainer.StreamLabel, trainer.StreamLabel], 5)
                    .SelectMany(static batch => batch)));
            Assert.That(run.Where(call => Copies.Contains(call.Function)), Is.Empty, "nothing is copied after the start");
            for (int batch = 0; batch < 5; batch++)
            {
                CudaCall[] calls = run[(5 * batch)..((5 * batch) + 5)];
                string[] used = [calls[0]["event"], calls[2]["event"], calls[3]["event"], calls[4]["event"]];
                Assert.That(used, Is.EqualTo((string[])[used[0], used[1], used[1], used[0]]));
                Assert.That(calls[1]["grid"], Is.EqualTo("1x1x1"));
                Assert.That(calls[1]["group"], Is.EqualTo("16x1x1"));
            }

            Assert.That(run[0]["event"], Is.Not.EqualTo(run[5]["event"]));
            Assert.That(run[0]["event"], Is.EqualTo(run[10]["event"]));
            Assert.That(
                end.Where(call => call.Function == "cuMemFree_v2").Select(static call => call["memory"]),
                Has.None.EqualTo("memory1").And.None.EqualTo("memory2"),
                "borrowed memory is never freed");
            Assert.That(FakeCuda.Alive(), Is.EqualTo(new CudaAlive(0, 1, 0, 0, 2, 1)), "what is left is the trainer's");
            Assert.That(FakeCuda.SecondFrees(), Is.Zero);
        });
    }

    // The engine itself: whole batches into a trainer's slots, through the ring.
    public static void Engine()
    {
        using var trainer = new Trainer();
        VolumeShape shape = VolumeShape.Volume(17, 13, 21);
        EngineOptions options = Rendering.Options("rasd-3d", shape, 2) with { Device = "cuda:0", SlotsOnDevice = true };
        SlotMemory[] slots =
        [
            .. Enumerable.Range(0, 2).Select(_ =>
                new SlotMemory(trainer.Allocate((nuint)(8 * shape.VoxelCount)), trainer.Allocate((nuint)(2 * shape.VoxelCount)))),
        ];
        CudaCall[] run;
        using (SynthesisEngine engine = Rendering.Start(options))
        using (var ring = new DeviceRing(engine, slots, trainerStream: trainer.Stream))
        {
            CudaCall[] start = FakeCuda.Calls();
            Assert.That(start.Where(static call => call.Result != 0), Is.Empty);
            FakeCuda.Clear();
            for (int batch = 0; batch < 6; batch++)
            {
                ring.Release(ring.Acquire());
            }

            run = FakeCuda.Calls();
        }

        string own = run.First(static call => call.Function == "cuLaunchKernel")["stream"];
        int launches = run.Count(static call => call.Function == "cuLaunchKernel") / 6;
        string[] batchOf =
        [
            $"cuStreamWaitEvent {trainer.StreamLabel}", $"cuEventRecord {trainer.StreamLabel}", $"cuStreamWaitEvent {own}",
            .. Enumerable.Repeat($"cuLaunchKernel {own}", launches), $"cuEventRecord {own}",
        ];
        FakeCuda.Record(
            "rasd-3d, 17x13x21, batches of 2 into two slots of a trainer, six batches of the ring and its end", FakeCuda.Calls());
        Assert.Multiple(() =>
        {
            Assert.That(launches, Is.InRange(5, 60));
            Assert.That(
                run.Select(static call => $"{call.Function} {call["stream"]}"),
                Is.EqualTo(Enumerable.Repeat(batchOf, 6).SelectMany(static calls => calls)),
                "a batch is one wait, launches and one record on either stream: no copy, no allocation, no wait of the host");
            Assert.That(run.Where(static call => call.Context != "primary" || call.Result != 0), Is.Empty);
            foreach (CudaCall launch in run.Where(static call => call.Function == "cuLaunchKernel"))
            {
                // A kernel that the catalogue has; or a longer chain, which has its views where one of a single component has them.
                Type[] own = [.. KernelCatalogue.All.Where(type => EntryOf(KernelEntry.NameOf(type)) == launch["name"])];
                IEnumerable<Type> family = KernelCatalogue.All.Where(type =>
                    $"{launch["name"]}_".StartsWith($"{EntryOf(KernelEntry.NameOf(type).Split('[')[0])}_", StringComparison.Ordinal));
                int[] views = (own.Length > 0 ? own : family)
                    .Select(static type => new KernelLayout(type).Arguments.Where(static one => one.IsView).Select(static one => one.Offset).ToArray())
                    .MinBy(static offsets => offsets.Length)!;
                int[] addresses = [.. ViewInLog().Matches(launch["args"]).Select(static view => int.Parse(view.Groups[1].Value))];
                Assert.That(addresses, Is.SubsetOf(views), "what is an address of the device's memory is a view");
                foreach (int empty in views.Except(addresses))
                {
                    Assert.That(launch["args"], Does.Not.Match($@"[{{,]{empty}[=:]"), "a view is an address of the device's memory, or empty: zeros");
                }
            }

            Assert.That(FakeCuda.Alive(), Is.EqualTo(new CudaAlive(0, 1, 0, 0, 4, 1)), "what is left is the trainer's");
            Assert.That(FakeCuda.SecondFrees(), Is.Zero);
        });
    }

    // The ring's refusals; and that a batch is neither made nor waited for by them.
    public static void RingRefusals()
    {
        using var trainer = new Trainer();
        VolumeShape shape = VolumeShape.Volume(9, 10, 11);
        EngineOptions options = Rendering.Options("rasd-3d", shape) with { Device = "cuda:0", SlotsOnDevice = true };
        using SynthesisEngine engine = Rendering.Start(options);
        SlotMemory[] slots = [engine.AllocateSlot(), engine.AllocateSlot()];
        Assert.That(() => new DeviceRing(engine, []), Throws.ArgumentException.With.Message.Contains("at least one slot"));
        Assert.That(() => new DeviceRing(engine, slots, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        using var ring = new DeviceRing(engine, slots, 3, trainer.Stream);
        RingBatch first = ring.Acquire();
        RingBatch second = ring.Acquire();
        FakeCuda.Clear();
        Assert.That(
            () => ring.Acquire(),
            Throws.InvalidOperationException.With.Message.EqualTo("All 2 slots are held; release the oldest batch first."));
        Assert.That(
            () => ring.Release(second),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "Slot 1 was released, but the oldest batch held is that of slot 0; release batches in order, once each."));
        Assert.That(() => ring.Release(default), Throws.InvalidOperationException.With.Message.Contains("none of this ring's"));
        Assert.That(FakeCuda.Calls(), Is.Empty);
        ring.Release(first);
        Assert.That(
            () => ring.Release(first),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "The batch of sample 3 in slot 0 was released before; release batches in order, once each."));
        Assert.That((ring.Acquire().FirstSample, first.FirstSample, second.FirstSample), Is.EqualTo((5, 3, 4)));
    }

    // The tool: batches that fill a launch, and smaller ones, said in a note, where the device has no memory for them.
    public static void Generate()
    {
        (int[] Size, long Count, int Batch)[] cases =
        [
            ([128, 128, 128], 1000, 8), ([64, 64, 64], 1000, 64), ([16, 16, 16], 1000, 256), ([300, 300, 300], 1000, 1),
            ([512, 512], 1000, 64), ([64, 64, 64], 5, 5),
        ];
        foreach ((int[] size, long count, int batch) in cases)
        {
            VolumeShape shape =
                size.Length == 3 ? VolumeShape.Volume(size[0], size[1], size[2]) : VolumeShape.Image(size[0], size[1]);
            EngineOptions options = Rendering.Options(Rendering.RecipeFor(shape), shape) with { Device = "cuda:0" };
            Assert.That(GenerateBatches.Of(options, count, null).BatchSize, Is.EqualTo(batch), $"{shape}");
        }

        using var folder = new TestFolder();
        FakeCuda.Clear();
        ToolRun run = ToolRun.Of(
            "generate", "--preset", "rasd-3d", "--size", "32", "--count", "20", "--format", "npz", "--device", "cuda:0",
            "--threads", "2", "--out", folder["run"]);
        Assert.That(run.ExitCode, Is.Zero, run.Messages);
        Match note = NoteOfBatches().Match(run.Messages);
        Assert.That(note.Success, run.Messages);
        int made = int.Parse(note.Groups[1].Value);
        Assert.That(made, Is.InRange(2, 10));
        const int Voxels = 32 * 32 * 32;
        string[] labels =
        [
            .. FakeCuda.Calls().Where(static call => call.Function == "cuMemcpyDtoHAsync_v2").Select(static call => call["size"])
                .Where(size => int.Parse(size) == made * Voxels),
        ];
        Assert.That(labels, Has.Length.EqualTo(20 / made), "the labels of a batch are one copy");
        Assert.That(
            GenerateFolder.Manifest(folder["run"]).Select(static line => line.GetProperty("index").GetInt32()),
            Is.EqualTo(Enumerable.Range(0, 20)));
        IsAllGivenBack();
    }

    // Views as addresses and lengths, numbers and structs as they are.
    public static void Arguments()
    {
        using GpuBackend backend = GpuBackends.Open("cuda:0");
        using MemoryBuffer words = backend.Allocate(Words + 100, sizeof(uint));
        using MemoryBuffer measured = backend.Allocate(Samples * MeasuredWords.PerSample, sizeof(uint));
        var table = new SampleTable.Launcher(backend.Kernels);
        FakeCuda.Clear();
        uint[] values = [.. Enumerable.Range(41, Words).Select(static word => (uint)word)];
        table.Run(values, new ArrayView<uint>(words, 100, Words), new ArrayView<uint>(measured, 0, measured.Length));
        CudaCall launch = FakeCuda.Calls().Single(static call => call.Function == "cuLaunchKernel");
        Assert.That(launch["name"], Is.EqualTo("SampleTable_StoreKernel"));
        Assert.That(
            launch["args"],
            Is.EqualTo($"1064{{0=memory1+400[{Words}],16=memory2+0[{measured.Length}],36:41,40:42,44:43,48:44}}"));

        // An argument of nothing is an address of nothing.
        Action<KernelConfig, EmptyKernel> empty = backend.Kernels.Load<EmptyKernel>();
        FakeCuda.Clear();
        empty(new KernelConfig(3, 32), new EmptyKernel(default, -1));
        Assert.That(FakeCuda.Calls()[^1]["args"], Is.EqualTo("24{16:4294967295}"));
        Assert.That(FakeCuda.Calls()[^1]["grid"], Is.EqualTo("3x1x1"));
    }

    // By the device's clock and as the driver compiled it, with nothing between the launches that the host waits for.
    public static void ABenchmark()
    {
        using var backend = new TimedBackend(GpuBackends.Open("cuda:0"));
        using MemoryBuffer words = backend.Allocate(Words, sizeof(uint));
        using MemoryBuffer measured = backend.Allocate(Samples * MeasuredWords.PerSample, sizeof(uint));
        var table = new SampleTable.Launcher(backend.Kernels);
        void Launch() => table.Run(new uint[Words], new ArrayView<uint>(words, 0, Words), new ArrayView<uint>(measured, 0, measured.Length));
        FakeCuda.Clear();
        Launch();
        string[] Launches() =>
            [.. FakeCuda.Calls().Select(static call => call.Function).Where(static name => name is not ("cuCtxSetCurrent" or "cuEventCreate"))];
        Assert.That(Launches(), Is.EqualTo((string[])["cuLaunchKernel"]));
        Assert.That(backend.TakeLaunches(), Is.Empty, "nobody has asked for the time yet");
        backend.IsTiming = true;
        FakeCuda.Clear();
        Launch();
        Launch();
        Assert.That(
            Launches(),
            Is.EqualTo(Enumerable.Repeat((string[])["cuEventRecord", "cuLaunchKernel", "cuEventRecord"], 2).SelectMany(static one => one)));
        IReadOnlyList<TimedLaunch> launches = backend.TakeLaunches();
        Assert.That(launches, Is.EqualTo(Enumerable.Repeat(new TimedLaunch(launches[0].Kernel, 16, 0.25), 2)));
        Assert.That(KernelEntry.NameOf(launches[0].Kernel), Is.EqualTo("SampleTable.StoreKernel"));
        Assert.That(backend.ResourcesOf(launches[0].Kernel, 16), Is.EqualTo(new KernelResources(40, 16, 0.5)));
        Assert.That(FakeCuda.Calls().Where(static call => call.Result != 0), Is.Empty);
        Assert.That(FakeCuda.Alive().Events, Is.Zero, "marks are given back");
    }

    // Whoever else calls the driver on a thread may leave another context current there; and there are other threads.
    public static void OthersChangeTheContext()
    {
        using GpuBackend backend = GpuBackends.Open("cuda:0");
        using MemoryBuffer words = backend.Allocate(Words, sizeof(uint));
        using MemoryBuffer measured = backend.Allocate(Samples * MeasuredWords.PerSample, sizeof(uint));
        var table = new SampleTable.Launcher(backend.Kernels);
        uint[] values = new uint[Words];
        void Launch()
        {
            table.Run(values, new ArrayView<uint>(words, 0, Words), new ArrayView<uint>(measured, 0, measured.Length));
            backend.Upload<uint>(values, new ArrayView<uint>(words, 0, Words));
            backend.Synchronise();
            nint streamEvent = backend.Events!.Create();
            backend.Events.Record(streamEvent);
            backend.Events.Wait(streamEvent);
            backend.Events.Destroy(streamEvent);
        }

        Launch();
        FakeCuda.Clear();
        Assert.That(CudaDriver.SetCurrentContext(0), Is.EqualTo(CudaError.Success));
        Launch();
        Assert.That(FakeCuda.CreateContext(out nint other, 0, 0), Is.EqualTo(CudaError.Success));
        Launch();
        Assert.That(CudaDriver.SetCurrentContext(other), Is.EqualTo(CudaError.Success));
        backend.Synchronise();
        CudaDriver.GetCurrentContext(out nint current);
        Assert.That(current, Is.EqualTo(other), "what does not launch leaves the context as it was");
        Assert.That(FakeCuda.DestroyContext(other), Is.EqualTo(CudaError.Success));
        var thread = new Thread(Launch);
        thread.Start();
        thread.Join();
        CudaCall[] calls = FakeCuda.Calls();
        Assert.That(calls.Count(static call => call.Function == "cuLaunchKernel"), Is.EqualTo(3));
        Assert.That(calls.Where(static call => call.NeedsContext && call.Context != "primary"), Is.Empty);
        Assert.That(calls.Where(static call => call.Result != 0), Is.Empty);
    }

    public static void LaunchesAllocateNothing()
    {
        using GpuBackend backend = GpuBackends.Open("cuda:0");
        using MemoryBuffer words = backend.Allocate(Words, sizeof(uint));
        using MemoryBuffer measured = backend.Allocate(Samples * MeasuredWords.PerSample, sizeof(uint));
        var table = new SampleTable.Launcher(backend.Kernels);
        uint[] values = new uint[Words];
        IStreamEvents events = backend.Events!;
        nint streamEvent = events.Create();
        void Batch()
        {
            events.Await(streamEvent);
            table.Run(values, new ArrayView<uint>(words, 0, Words), new ArrayView<uint>(measured, 0, measured.Length));
            events.Record(streamEvent);
        }

        for (int batch = 0; batch < 200; batch++)
        {
            Batch();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int batch = 0; batch < 1000; batch++)
        {
            Batch();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1000));
    }

    public static void TwoAtOnce()
    {
        using (GpuBackend first = GpuBackends.Open("cuda:0"))
        {
            using (GpuBackend second = GpuBackends.Open("cuda:0"))
            {
                Assert.That(FakeCuda.Alive().PrimaryUses, Is.EqualTo(2));
                Upload(second);
            }

            Assert.That(FakeCuda.Alive().PrimaryUses, Is.EqualTo(1));
            Upload(first);
            _ = new SampleTable.Launcher(first.Kernels);
        }

        Assert.That(FakeCuda.Alive(), Is.EqualTo(new CudaAlive(0, 0, 0, 0, 0, 0)));
        Assert.That(FakeCuda.SecondFrees(), Is.Zero);
    }

    // What a user forgot is given back with the backend.
    public static void WhatIsLeftIsGivenBack()
    {
        GpuBackend backend = GpuBackends.Open("cuda:0");
        MemoryBuffer forgotten = backend.Allocate(10, 4);
        MemoryBuffer late = backend.Allocate(10, 4);
        backend.Events!.Create();
        _ = new SampleTable.Launcher(backend.Kernels);
        backend.Dispose();
        late.Dispose();
        Assert.That(FakeCuda.Alive(), Is.EqualTo(new CudaAlive(0, 0, 0, 0, 0, 0)));
        Assert.That(FakeCuda.SecondFrees(), Is.Zero);
        GC.KeepAlive(forgotten);
    }

    public static void OpenedAndClosed()
    {
        using (GpuBackend backend = GpuBackends.Open("cuda:0"))
        {
            Upload(backend);
        }

        IsAllGivenBack();
    }

    public static void NoStream() => AssertSentence(
        () => GpuBackends.Open("cuda:0"),
        "cuda:0 has no memory left for creating a stream (CUDA_ERROR_OUT_OF_MEMORY, a failure of the fake driver); take a "
        + "smaller batch or a smaller size, or close what else runs on this device.",
        IsAllGivenBack);

    public static void ALostLaunch() => AssertLost(
        "cuLaunchKernel", 719, "launching kernel SampleTable.StoreKernel (CUDA_ERROR_LAUNCH_FAILED");

    public static void ALostWait() => AssertLost(
        "cuStreamSynchronize", 700, "waiting for its launches (CUDA_ERROR_ILLEGAL_ADDRESS");

    public static void ALostEvent() => AssertLost(
        "cuEventSynchronize", 214, "waiting for an event (CUDA_ERROR_ECC_UNCORRECTABLE");

    public static void AnUnknownFailure() => AssertLost("cuEventRecord", 999, "recording an event (CUDA_ERROR_UNKNOWN");

    public static void ADestroyedContext() => AssertLost(
        "cuStreamWaitEvent", 709, "making a stream wait for an event (CUDA_ERROR_CONTEXT_IS_DESTROYED");

    public static void AKernelThatDoesNotCompile()
    {
        using GpuBackend backend = GpuBackends.Open("cuda:0");
        FakeCuda.Fail("cuModuleLoadDataEx", 218, times: 0);
        AssertSentence(
            () => _ = new SampleTable.Launcher(backend.Kernels),
            "The kernel SampleTable.StoreKernel does not compile for cuda:0: ptxas fake, line 1; fatal: not understood; bring "
            + "NVIDIA's driver up to date, or generate with --device host.");
        FakeCuda.Fail("-", 0);
        _ = new SampleTable.Launcher(backend.Kernels);
    }

    public static void AStreamOfAnotherContext()
    {
        using GpuBackend backend = GpuBackends.Open("cuda:0");
        FakeCuda.CreateContext(out nint other, 0, 0);
        CudaDriver.CreateStream(out nint stream, 0);
        backend.Bind();
        nint streamEvent = backend.Events!.Create();
        AssertSentence(
            () => backend.Events.RecordOn(streamEvent, stream),
            "Two libraries use cuda:0 through different CUDA contexts: recording an event met a handle that is not of the "
            + "device's primary context (CUDA_ERROR_INVALID_HANDLE, a failure of the fake driver); let the other library use the "
            + "primary context, as torch does.");
        FakeCuda.DestroyContext(other);
    }

    public static void NotEnoughMemory()
    {
        using GpuBackend backend = GpuBackends.Open("cuda:0");
        using var arena = new GpuArena();
        arena.Declare<float>("small", 100_000, "fits");
        arena.Declare<float>("large", 1_000_000, "does not");
        Assert.That(backend.FreeBytes, Is.EqualTo(3_000_000));
        AssertSentence(() => arena.Allocate(backend), NotEnough);
    }

    // ---- What needs no ILGPU ----

    public static void NoDriver() => AssertSentence(
        () => GpuBackends.Open("cuda:0"),
        "The CUDA driver /nowhere/libcuda.so.1, which GPUSYNTH_CUDA_DRIVER names, cannot be loaded: give the path of a driver "
        + "library, or unset the variable.");

    public static void AnOldDriver()
    {
        const string Sentence = "The CUDA driver is version 10.2, and version 11.0 or later is needed: bring NVIDIA's driver "
            + "up to date, or generate with --device host.";
        AssertSentence(() => GpuBackends.Open("cuda:0"), Sentence, IsAllGivenBack);
        DeviceInfo listed = DeviceCatalogue.List().Single(static device => device.Kind == "cuda");
        Assert.That((listed.CanGenerate, listed.Remark), Is.EqualTo((false, Sentence.TrimEnd('.'))));
        Assert.That(
            () => SynthesisPlan.Create(Rendering.Options("rasd-3d", VolumeShape.Cubic(3, 16)) with { Device = "cuda:0" }),
            Throws.TypeOf<PlanException>().With.Message.StartsWith(
                $"Device cuda:0 (CUDA device) cannot generate: {Sentence} Use: host"));
    }

    public static void ADriverThatDoesNotStart() => AssertSentence(
        () => GpuBackends.Open("cuda:0"),
        "The CUDA driver does not start (CUDA_ERROR_UNKNOWN, a failure of the fake driver): see whether nvidia-smi runs, bring "
        + "NVIDIA's driver up to date, or generate with --device host.");

    public static void NoDevice()
    {
        AssertSentence(
            () => GpuBackends.Open("cuda:0"),
            "There is no device cuda:0: the CUDA driver finds no GPU on this machine; generate with --device host.",
            IsAllGivenBack);
        Assert.That(DeviceCatalogue.List().Where(static device => device.Kind == "cuda"), Is.Empty);
    }

    public static void NoSuchDevice()
    {
        AssertSentence(
            () => GpuBackends.Open("cuda:1"), "There is no device cuda:1: the CUDA driver finds 1, cuda:0.", IsAllGivenBack);
        DeviceInfo listed = DeviceCatalogue.List().Single(static device => device.Kind == "cuda");
        Assert.That(listed, Is.EqualTo(new DeviceInfo("cuda:0", "cuda", "Fake GPU", true, string.Empty)));
    }

    public static void ThePrimaryContext()
    {
        using var trainer = new Trainer();
        CudaDriver.SetCurrentContext(0);
        FakeCuda.Clear();
        using (PrimaryContext context = PrimaryContext.Open(0))
        {
            Assert.That(
                (context.Name, context.DeviceName, context.DriverVersion, context.Capability),
                Is.EqualTo(("cuda:0", "Fake GPU", 12080, (9, 0))));
            using (context.Enter())
            {
                CudaDriver.GetCurrentContext(out nint inside);
                Assert.That(inside, Is.EqualTo(context.Handle));
            }

            CudaDriver.GetCurrentContext(out nint outside);
            Assert.That(outside, Is.EqualTo((nint)0));
            using var memory = new CudaMemory(context);
            nint address = memory.Allocate(100);
            context.CheckOwner(address);
            context.CheckOwner(address + 99);
            memory.Free(address);
            memory.Free(address);
            memory.Allocate(7);
            Assert.That(FakeCuda.Alive().Memory, Is.EqualTo(1));
        }

        Assert.That(FakeCuda.Calls().Where(static call => call.Result != 0), Is.Empty);
        Assert.That(FakeCuda.Calls().Where(static call => call.NeedsContext && call.Context != "primary"), Is.Empty);
        Assert.That(FakeCuda.Alive(), Is.EqualTo(new CudaAlive(0, 1, 0, 0, 0, 1)), "what is left is the trainer's");
        Assert.That(FakeCuda.SecondFrees(), Is.Zero);
    }

    public static void MemoryOfOthers()
    {
        using PrimaryContext context = PrimaryContext.Open(0);
        FakeCuda.CreateContext(out _, 0, 0);
        CudaDriver.Allocate(out nint foreign, 100);
        AssertSentence(
            () => context.CheckOwner(foreign),
            "Two libraries use cuda:0 through different CUDA contexts: the memory that the generator was given is not of the "
            + "device's primary context; let the other library use the primary context, as torch does.");
        int here = 0;
        nint host = (nint)(&here);
        AssertSentence(
            () => context.CheckOwner(host),
            $"The address {host:x} is not memory of cuda:0: give the generator tensors of that device.");
    }

    public static void TooLittleMemory()
    {
        using PrimaryContext context = PrimaryContext.Open(0);
        using var memory = new CudaMemory(context) { PlannedBytes = 4_400_000 };
        memory.Allocate(400_000);
        AssertSentence(() => memory.Allocate(4_000_000), NotEnough);
    }

    private static string NotEnough => "cuda:0 has not enough memory: the plan needs 4.4 MB beside the slots, of which 4 MB are "
        + "missing, and 2.6 MB of 3 MB are free; take a smaller batch or a smaller size, or close what else runs on this device.";

    internal readonly struct EmptyKernel(ArrayView<float> view, int number) : IKernel
    {
        public void Execute()
        {
            if (Grid.GlobalIndex.X < view.Length)
            {
                view[Grid.GlobalIndex.X] = number;
            }
        }
    }

    private static string EntryOf(string name) => NotInEntry().Replace(name, "_").Trim('_');

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex NotInEntry();

    [GeneratedRegex(@"(\d+)=memory\d+\+\d+\[\d+\]")]
    private static partial Regex ViewInLog();

    [GeneratedRegex(@"^note: batches of (\d+) instead of 20: Device cuda:0 has 12 MB free, and the plan needs .*\.\n$")]
    private static partial Regex NoteOfBatches();

    private static void IsAllGivenBack() => Assert.That(FakeCuda.Alive(), Is.EqualTo(new CudaAlive(0, 0, 0, 0, 0, 0)));

    private static void Upload(GpuBackend backend)
    {
        using MemoryBuffer buffer = backend.Allocate(3, sizeof(int));
        int[] received = new int[3];
        backend.Upload<int>([4, 5, 6], new ArrayView<int>(buffer, 0, 3));
        backend.Download(new ArrayView<int>(buffer, 0, 3), received.AsSpan());
        Assert.That(received, Is.EqualTo((int[])[4, 5, 6]));
    }

    private static void AssertSentence(Action action, string sentence, Action? afterwards = null)
    {
        DeviceException exception = Assert.Throws<DeviceException>(action)!;
        Assert.That(exception.Message, Is.EqualTo(sentence));
        Assert.That(exception.IsLost, Is.False);
        afterwards?.Invoke();
    }

    // The first call that fails says so, and giving back what is left of it throws nothing.
    private static void AssertLost(string function, int error, string doing)
    {
        using (GpuBackend backend = GpuBackends.Open("cuda:0"))
        {
            using MemoryBuffer words = backend.Allocate(Words, sizeof(uint));
            using MemoryBuffer measured = backend.Allocate(Samples * MeasuredWords.PerSample, sizeof(uint));
            var table = new SampleTable.Launcher(backend.Kernels);
            nint streamEvent = backend.Events!.Create();
            FakeCuda.Fail(function, error, times: 0);
            DeviceException exception = Assert.Throws<DeviceException>(() =>
            {
                backend.Events.Await(streamEvent);
                table.Run(
                    new uint[Words], new ArrayView<uint>(words, 0, Words), new ArrayView<uint>(measured, 0, measured.Length));
                backend.Events.Record(streamEvent);
                backend.Events.Wait(streamEvent);
                backend.Synchronise();
            })!;
            Assert.That(exception.IsLost);
            Assert.That(exception.Message, Does.StartWith($"The device cuda:0 was lost while {doing}"));
            Assert.That(
                exception.Message, Does.EndWith("); start again: a run folder resumes where its last checkpoint was."));
        }

        Assert.That(FakeCuda.Alive().PrimaryUses, Is.Zero);
    }

    /// <summary>What torch is beside the generator: a user of the primary context with memory and a stream of its own.</summary>
    // Through the C ABI: the engine waits for the trainer's stream, launches, and the trainer's stream waits for the engine.
    public static void TheAbiOrdersStreams()
    {
        using var trainer = new Trainer();
        VolumeShape shape = VolumeShape.Volume(17, 13, 21);
        nint image = trainer.Allocate((nuint)(8 * shape.VoxelCount));
        nint label = trainer.Allocate((nuint)(2 * shape.VoxelCount));
        ulong engine = Abi.Create(new AbiRequest { Device = "cuda:0", Size = [17, 13, 21], Batch = 2, SlotsOnDevice = 1 });
        SampleKey* keys = stackalloc SampleKey[] { SampleKey.Of(0), SampleKey.Of(1) };
        Batch();
        FakeCuda.Clear();
        Batch();
        CudaCall[] run = FakeCuda.Calls();
        Assert.That(Abi.Destroy(engine), Is.EqualTo(ResultCode.Done), Abi.LastError);
        Assert.That(Abi.AwaitStream(engine, trainer.Stream), Is.EqualTo(ResultCode.Stale));
        string own = run.First(static call => call.Function == "cuLaunchKernel")["stream"];
        int launches = run.Count(static call => call.Function == "cuLaunchKernel");
        string[] expected =
        [
            $"cuEventRecord {trainer.StreamLabel}", $"cuStreamWaitEvent {own}",
            .. Enumerable.Repeat($"cuLaunchKernel {own}", launches),
            $"cuEventRecord {own}", $"cuStreamWaitEvent {trainer.StreamLabel}",
        ];
        Assert.Multiple(() =>
        {
            Assert.That(run.Select(static call => $"{call.Function} {call["stream"]}"), Is.EqualTo(expected));
            Assert.That(run.Where(static call => call.Context != "primary" || call.Result != 0), Is.Empty);
            Assert.That(FakeCuda.Alive(), Is.EqualTo(new CudaAlive(0, 1, 0, 0, 2, 1)), "what is left is the trainer's");
            Assert.That(FakeCuda.SecondFrees(), Is.Zero);
        });

        void Batch()
        {
            Assert.That(Abi.AwaitStream(engine, trainer.Stream), Is.EqualTo(ResultCode.Done), Abi.LastError);
            Assert.That(
                Abi.Generate(engine, keys, 2, (void*)image, (void*)label), Is.EqualTo(ResultCode.Done), Abi.LastError);
            Assert.That(Abi.StreamAwaits(engine, trainer.Stream), Is.EqualTo(ResultCode.Done), Abi.LastError);
        }
    }

    private sealed class Trainer : IDisposable
    {
        private readonly PrimaryContext context = PrimaryContext.Open(0);

        public Trainer()
        {
            context.Bind();
            CudaDriver.CreateStream(out nint stream, 0);
            Stream = stream;
            StreamLabel = FakeCuda.Calls()[^1]["stream"];
        }

        public nint Stream { get; }

        public string StreamLabel { get; }

        public nint Allocate(nuint bytes)
        {
            Assert.That(CudaDriver.Allocate(out nint address, bytes), Is.EqualTo(CudaError.Success));
            return address;
        }

        public void Dispose() => context.Dispose();
    }
}
