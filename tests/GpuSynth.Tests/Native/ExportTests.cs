using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Native;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.IO;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Native;

/// <summary>The C ABI: what it makes is what the engine makes, and what is wrong comes back as a code and a sentence.</summary>
public sealed unsafe class ExportTests
{
    [Test]
    public void TheVersionIsTwo() => Assert.That(Abi.Version(), Is.EqualTo(2));

    [Test]
    public void ABatchHasTheBitsOfTheEngine([Values("17x9x13", "31x33", "12", "20 flat")] string size, [Values(1, 2)] int threads)
    {
        (VolumeShape shape, int[] axes) = size switch
        {
            "17x9x13" => (VolumeShape.Volume(17, 9, 13), new[] { 17, 9, 13 }),
            "31x33" => (VolumeShape.Image(31, 33), [31, 33, 0]),
            "12" => (VolumeShape.Cubic(3, 12), [12, 0, 0]),
            _ => (VolumeShape.Cubic(2, 20), [20, 0, 0]),
        };
        Recipe recipe = RecipeFor(shape);
        using SynthesisEngine engine = Start(Options(recipe, shape, 3, threads));
        using GuardedSlot slot = new(engine);
        ulong handle = Abi.Create(
            new AbiRequest { Recipe = recipe.Name, Size = axes, Batch = 3, Threads = threads, Seed = Seed });
        SampleKey[] keys = [SampleKey.Of(5), new(5, 1UL << 63), SampleKey.Of(0)];
        for (int count = 3; count > 1; count--)
        {
            slot.Poison();
            Generate(handle, keys.AsSpan(0, count), slot);
            slot.AssertGuards();
            for (int sample = 0; sample < count; sample++)
            {
                RenderedSample expected = Sample(engine, keys[sample]);
                Assert.That(slot.HasSameBytes(sample, expected), Is.True, $"sample {sample}");
                Assert.That(Abi.Drawn(handle, sample), Is.EqualTo(Json(expected.Drawn)));
            }
        }

        Assert.That(Abi.Complete(handle), Is.EqualTo(ResultCode.Done));
        Assert.That(Abi.Destroy(handle), Is.EqualTo(ResultCode.Done));
    }

    // Cubic voxels of 1 mm, their middle at the origin; an image is one slice.
    [TestCase("rasd-3d", new[] { 5, 8, 11 }, new double[] { 1, 0, 0, -5, 0, 1, 0, -3.5, 0, 0, 1, -2, 0, 0, 0, 1 })]
    [TestCase("rasd-2d", new[] { 8, 11 }, new double[] { 1, 0, 0, -5, 0, 1, 0, -3.5, 0, 0, 1, 0, 0, 0, 0, 1 })]
    public void NoiseLiesAroundTheOrigin(string preset, int[] size, double[] affine)
    {
        ulong handle = Abi.Create(new AbiRequest { Recipe = preset, Size = size });
        float[] image = new float[5 * 8 * 11];
        byte[] label = new byte[image.Length];
        SampleKey key = default;
        fixed (float* imageAt = image)
        fixed (byte* labelAt = label)
        {
            Assert.That(Abi.Generate(handle, &key, 1, imageAt, labelAt), Is.EqualTo(ResultCode.Done));
        }

        Assert.That(Abi.Affine(handle, 0), Is.EqualTo(affine));
        Fails(Abi.Affine(handle, 1, null), ResultCode.InvalidArgument, "affine is NULL");
        double number = 7;
        Fails(Abi.Affine(handle, 1, &number), ResultCode.InvalidArgument, "no sample 1 in the last batch, which has 1");
        Abi.Destroy(handle);
        Fails(Abi.Affine(handle, 0, &number), ResultCode.Stale, "There is no engine");
        Assert.That(number, Is.EqualTo(7));
    }

    [Test]
    public void ARecipesText_AndAFolderOfLabelMaps()
    {
        using TestFolder folder = new();
        VolumeShape shape = VolumeShape.Volume(9, 8, 7);
        string maps = Directory.CreateDirectory(folder["Köpfe 頭"]).FullName;
        Nifti.WriteLabels(
            Path.Combine(maps, "ä.nii"),
            shape,
            [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(static voxel => (byte)(voxel % 5))],
            NiftiGeometry.Isotropic(shape, 1));
        Recipe recipe = Only(3, 0.5, noise: new Noise(0.1), normalise: new Normalise(1e-6));
        EngineOptions options = Options(recipe.WithLabelMaps(), shape, seed: 7) with { LabelMaps = LabelMapSet.Load(maps) };
        using SynthesisEngine engine = Start(options);
        using GuardedSlot slot = new(engine);
        RenderedSample expected = Sample(engine, SampleKey.Of(3));
        ulong handle = Abi.Create(new AbiRequest { Recipe = RecipeYaml.Write(recipe), Labels = maps, Size = [9, 8, 7] });
        Generate(handle, [SampleKey.Of(3)], slot);
        Assert.That(slot.HasSameBytes(0, expected), Is.True);
        Assert.That(Abi.Drawn(handle, 0), Is.EqualTo(Json(expected.Drawn)));
        double[] affine = [.. SampleGeometry.Of(options, expected.Drawn).ToArray(), 0, 0, 0, 1];
        Assert.That(Abi.Affine(handle, 0), Is.EqualTo(affine));
        AbiInfo info = Describe(handle);
        Assert.That(info.Labels, Is.EqualTo(5));
        Abi.Destroy(handle);
    }

    [TestCase("mri-3d")]
    [TestCase("rasd-2d")]
    public void CleanIsTheRecipeWithoutWhatDegrades(string preset)
    {
        VolumeShape shape = preset.EndsWith("2d", StringComparison.Ordinal) ? VolumeShape.Image(17, 12) : VolumeShape.Volume(9, 8, 12);
        int[] size = shape.Dimensions == 2 ? [17, 12] : [9, 8, 12];
        Recipe recipe = Presets.Get(preset);
        SampleKey key = new(3, 8);
        using SynthesisEngine clean = Start(Options(recipe.Clean(), shape, seed: 7));
        using SynthesisEngine full = Start(Options(recipe, shape, seed: 7));
        using GuardedSlot slot = new(clean);
        RenderedSample expected = Sample(clean, key);
        ulong handle = Abi.Create(new AbiRequest { Recipe = preset, Size = size, Flags = 1 });
        Generate(handle, [key], slot);
        Assert.Multiple(() =>
        {
            Assert.That(slot.HasSameBytes(0, expected), Is.True);
            Assert.That(slot.HasSameBytes(0, Sample(full, key)), Is.False, "the preset degrades");
            Assert.That(Abi.Drawn(handle, 0), Is.EqualTo(Json(expected.Drawn)));
        });
        Abi.Destroy(handle);
    }

    [Category("Slow")]
    [Test]
    public void TheKernelsOfAGpu_GiveTheSameLabels()
    {
        VolumeShape shape = VolumeShape.Volume(5, 4, 6);
        using SynthesisEngine engine = Start(Options("rasd-3d", shape, 2) with { Device = "ilgpu-cpu", SlotsOnDevice = true });
        using GuardedSlot expected = new(engine);
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = [engine.CreateDrawn(), engine.CreateDrawn()];
        SampleKey[] keys = [SampleKey.Of(1), SampleKey.Of(2)];
        engine.GenerateBatch(keys, expected.Memory, drawn);
        engine.Complete(drawn);
        ulong handle = Abi.Create(
            new AbiRequest { Device = "ilgpu-cpu", Size = [5, 4, 6], Batch = 2, Seed = Seed, SlotsOnDevice = 1 });
        Generate(handle, keys, slot);
        Assert.That(Abi.Complete(handle), Is.EqualTo(ResultCode.Done));
        Assert.That(Abi.Complete(handle), Is.EqualTo(ResultCode.Done), "there is nothing left to wait for");
        Assert.Multiple(() =>
        {
            Assert.That(slot.Label(1).SequenceEqual(expected.Label(1)), Is.True);
            Assert.That(slot.Image(1).SequenceEqual(expected.Image(1)), Is.True);
            Assert.That(Abi.Drawn(handle, 1), Is.EqualTo(Json(drawn[1])));
            Fails(Abi.AwaitStream(handle, 0), ResultCode.InvalidArgument, "no streams");
            Fails(Abi.StreamAwaits(handle, 0), ResultCode.InvalidArgument, "no streams");
        });
        Abi.Destroy(handle);
    }

    [Test]
    public void InfoSaysWhatTheEngineIs()
    {
        using SynthesisEngine engine = Start(Options("rasd-3d", VolumeShape.Volume(40, 9, 13), 3, 2));
        ulong handle = Abi.Create(new AbiRequest { Size = [40, 9, 13], Batch = 3, Threads = 2 });
        AbiInfo info = Describe(handle);
        Assert.That(ShapeOf(info), Is.EqualTo((40, 9, 13)));
        Assert.Multiple(() =>
        {
            Assert.That((info.StructBytes, info.Dimensions, info.Batch, info.Threads), Is.EqualTo((64u, 3, 3, 2)));
            Assert.That((info.Labels, info.ImageFormat, info.Reserved), Is.EqualTo((engine.Plan.LabelCount, 0, 0)));
            Assert.That((info.ImageBytes, info.LabelBytes), Is.EqualTo((3L * 40 * 9 * 13 * 4, 3L * 40 * 9 * 13)));
            Assert.That(info.WorkspaceBytes, Is.EqualTo(engine.Plan.WorkspaceBytes));
        });
        Abi.Destroy(handle);
        ulong flat = Abi.Create(new AbiRequest { Recipe = "rasd-2d", Size = [6, 5] });
        info = Describe(flat);
        Assert.That((info.Dimensions, ShapeOf(info)), Is.EqualTo((2, (6, 5, 0))));
        Abi.Destroy(flat);
    }

    [Test]
    public void WhatCannotBePlanned_IsSaid()
    {
        AbiRequest request = new();
        Assert.Multiple(() =>
        {
            Refused(request with { Recipe = "rasd-4d" }, ResultCode.Plan, "did you mean rasd-");
            Refused(request with { Recipe = "name: x\nnoise: 3\n" }, ResultCode.Plan, "mistake");
            Refused(request with { Recipe = "labelmap-3d" }, ResultCode.Plan, "label maps");
            Refused(request with { Labels = "/there is/none" }, ResultCode.Plan, "no such folder");
            Refused(request with { Recipe = "rasd-2d", Labels = "/there is/none", Size = [4, 4] }, ResultCode.Plan, "no such folder");
            Refused(request with { Size = [4, 4] }, ResultCode.Plan, "dimensions");
            Refused(request with { Size = [30000, 30000, 30000] }, ResultCode.Plan, "memory");
            Refused(request with { Batch = 0 }, ResultCode.Plan, "the least is 1");
            Refused(request with { Batch = -3 }, ResultCode.Plan, "the least is 1");
            Refused(request with { Threads = -1 }, ResultCode.Plan, "threads");
            Refused(request with { Device = "toaster" }, ResultCode.Plan, "there is: host");
            Refused(request with { ImageFormat = 1 }, ResultCode.Plan, "need a GPU");
            Refused(request with { SlotsOnDevice = 1 }, ResultCode.Plan, "need a GPU");
            Refused(request with { Device = "cuda:99" }, ResultCode.Device, "There is no device cuda:99");
            Refused(request with { Device = "opencl:99" }, ResultCode.Device, "There is no device opencl:99");
        });
    }

    [Test]
    public void WrongOptions_AreInvalidArguments()
    {
        AbiRequest request = new();
        Assert.Multiple(() =>
        {
            Refused(request with { Recipe = null }, ResultCode.InvalidArgument, "options.recipe is NULL or empty");
            Refused(request with { Recipe = "" }, ResultCode.InvalidArgument, "options.recipe is NULL or empty");
            Refused(request with { Size = [0, 0, 0] }, ResultCode.InvalidArgument, "options.size is {0, 0, 0}");
            Refused(request with { Size = [4, 0, 4] }, ResultCode.InvalidArgument, "options.size");
            Refused(request with { Size = [4, -4, 4] }, ResultCode.InvalidArgument, "options.size");
            Refused(request with { Size = [-4] }, ResultCode.InvalidArgument, "options.size");
            Refused(request with { ImageFormat = 3 }, ResultCode.InvalidArgument, "options.image_format is 3");
            Refused(request with { ImageFormat = -1 }, ResultCode.InvalidArgument, "options.image_format is -1");
            Refused(request with { SlotsOnDevice = 2 }, ResultCode.InvalidArgument, "options.slots_on_device is 2");
            Refused(request with { Flags = 2 }, ResultCode.InvalidArgument, "options.flags is 2");
            foreach (uint size in new[] { 0u, 47u, 4097u, uint.MaxValue })
            {
                Refused(request with { StructBytes = size }, ResultCode.InvalidArgument, $"struct_bytes is {size}");
            }
        });

        ulong engine = 3;
        AbiOptions options = request.Options;
        Fails(Abi.Create(null, &engine), ResultCode.InvalidArgument, "options is NULL");
        Assert.That(engine, Is.Zero);
        Fails(Abi.Create(&options, null), ResultCode.InvalidArgument, "engine is NULL");
        fixed (byte* wrong = new byte[] { 99, 97, 0xE9, 97, 0 })
        {
            options.Recipe = wrong;
            Fails(Abi.Create(&options, &engine), ResultCode.InvalidArgument, "options.recipe is not UTF-8: byte 2");
        }
    }

    [Test]
    public void StructsOfOtherVersions_AreReadAsFarAsFieldsGo()
    {
        ulong seeded = Abi.Create(new AbiRequest());
        ulong zero = Abi.Create(new AbiRequest { Seed = 0 });
        ulong older = Abi.Create(new AbiRequest { StructBytes = 56 });
        ulong cut = Abi.Create(new AbiRequest { StructBytes = 60 });
        ulong least = Abi.Create(new AbiRequest { StructBytes = 48, ImageFormat = 9 });
        string[] drawn = [.. new[] { seeded, zero, older, cut, least }.Select(static engine =>
        {
            float* image = stackalloc float[64];
            byte* label = stackalloc byte[64];
            SampleKey key = SampleKey.Of(1);
            Assert.That(Abi.Generate(engine, &key, 1, image, label), Is.EqualTo(ResultCode.Done), Abi.LastError);
            return Abi.Drawn(engine, 0);
        })];
        Assert.Multiple(() =>
        {
            Assert.That(drawn[0], Is.Not.EqualTo(drawn[1]));
            Assert.That(drawn[2..], Is.All.EqualTo(drawn[1]), "a seed that is not there, or not as a whole, is 0");
        });

        byte* newer = stackalloc byte[80];
        new Span<byte>(newer, 80).Clear();
        byte* recipe = stackalloc byte[8];
        "rasd-3d\0"u8.CopyTo(new Span<byte>(recipe, 8));
        *(AbiOptions*)newer = new AbiRequest().Options;
        ((AbiOptions*)newer)->StructBytes = 80;
        ((AbiOptions*)newer)->Recipe = recipe;
        ulong accepted;
        Assert.That(Abi.Create((AbiOptions*)newer, &accepted), Is.EqualTo(ResultCode.Done), Abi.LastError);
        newer[78] = 1;
        ulong refused;
        Fails(Abi.Create((AbiOptions*)newer, &refused), ResultCode.InvalidArgument, "use a newer engine");

        new Span<byte>(newer, 72).Fill(0xA5);
        ((AbiInfo*)newer)->StructBytes = 27;
        Assert.That(Abi.InfoOf(accepted, (AbiInfo*)newer), Is.EqualTo(ResultCode.Done));
        Assert.That(((AbiInfo*)newer)->Batch, Is.EqualTo(1));
        Assert.That(new Span<byte>(newer + 24, 48).ToArray(), Is.All.EqualTo(0xA5), "nothing behind the last whole field");
        ((AbiInfo*)newer)->StructBytes = 72;
        Assert.That(Abi.InfoOf(accepted, (AbiInfo*)newer), Is.EqualTo(ResultCode.Done));
        Assert.That(*(long*)(newer + 64), Is.Zero);
        ((AbiInfo*)newer)->StructBytes = 4;
        Fails(Abi.InfoOf(accepted, (AbiInfo*)newer), ResultCode.InvalidArgument, "gpusynth_info.struct_bytes is 4");
        Fails(Abi.InfoOf(accepted, null), ResultCode.InvalidArgument, "info is NULL");
        foreach (ulong engine in new[] { seeded, zero, older, cut, least, accepted })
        {
            Abi.Destroy(engine);
        }
    }

    [Test]
    public void WrongCallsOfAnEngine_AreRefused_AndItGoesOn()
    {
        ulong engine = Abi.Create(new AbiRequest { Batch = 2 });
        float* image = stackalloc float[129];
        byte* label = stackalloc byte[128];
        SampleKey* keys = stackalloc SampleKey[3];
        long needed;
        Fails(Abi.Generate(engine, keys, 3, image, label), ResultCode.InvalidArgument, "3 keys were given");
        Fails(Abi.Generate(engine, keys, -1, image, label), ResultCode.InvalidArgument, "-1 keys were given");
        Fails(Abi.Generate(engine, null, 1, image, label), ResultCode.InvalidArgument, "keys is NULL");
        Fails(Abi.Generate(engine, keys, 1, null, label), ResultCode.InvalidArgument, "image is NULL");
        Fails(Abi.Generate(engine, keys, 1, image, null), ResultCode.InvalidArgument, "label is NULL");
        Fails(Abi.Generate(engine, keys, 1, (byte*)image + 1, label), ResultCode.InvalidArgument, "multiple of the 4 bytes");
        Fails(Abi.Drawn(engine, 0, null, 0, &needed), ResultCode.InvalidArgument, "no sample 0 in the last batch, which has 0");
        Fails(Abi.AwaitStream(engine, 0), ResultCode.InvalidArgument, "no streams");
        Assert.That(Abi.Generate(engine, null, 0, null, null), Is.EqualTo(ResultCode.Done), "nothing was asked for");
        Assert.That(Abi.Complete(engine), Is.EqualTo(ResultCode.Done));
        Assert.That(Abi.Generate(engine, keys, 1, image, label), Is.EqualTo(ResultCode.Done));
        Fails(Abi.Drawn(engine, 1, null, 0, &needed), ResultCode.InvalidArgument, "no sample 1");
        Fails(Abi.Drawn(engine, -1, null, 0, &needed), ResultCode.InvalidArgument, "no sample -1");
        Fails(Abi.Drawn(engine, 0, null, 0, null), ResultCode.InvalidArgument, "both NULL");
        byte small = 0xA5;
        Fails(Abi.Drawn(engine, 0, &small, 1, &needed), ResultCode.InvalidArgument, "and 1 were given");
        Assert.That((small, needed), Is.EqualTo(((byte)0xA5, Abi.Drawn(engine, 0).Length + 1L)));
        Assert.That(Abi.Destroy(engine), Is.EqualTo(ResultCode.Done));
    }

    [Test]
    public void StaleHandles_AreNamed()
    {
        ulong first = Abi.Create(new AbiRequest());
        Assert.That(Abi.Destroy(first), Is.EqualTo(ResultCode.Done));
        ulong second = Abi.Create(new AbiRequest());
        Assert.That(second, Is.Not.EqualTo(first));
        AbiInfo info = default;
        info.StructBytes = (uint)sizeof(AbiInfo);
        SampleKey key = default;
        float image = 0;
        byte label = 0;
        long needed = 0;
        foreach (ulong stale in new[] { first, 0UL, second + 1, ulong.MaxValue })
        {
            string sentence = $"There is no engine {stale}";
            Fails(Abi.InfoOf(stale, &info), ResultCode.Stale, sentence);
            Fails(Abi.Generate(stale, &key, 1, &image, &label), ResultCode.Stale, sentence);
            Fails(Abi.Complete(stale), ResultCode.Stale, sentence);
            Fails(Abi.Drawn(stale, 0, null, 0, &needed), ResultCode.Stale, sentence);
            Fails(Abi.AwaitStream(stale, 0), ResultCode.Stale, sentence);
            Fails(Abi.StreamAwaits(stale, 0), ResultCode.Stale, sentence);
            Fails(Abi.Destroy(stale), ResultCode.Stale, sentence);
        }

        Assert.That(Abi.Destroy(second), Is.EqualTo(ResultCode.Done));
    }

    [Test]
    public void SamplesThatCannotBeMade_AreAFailure()
    {
        ulong engine = Abi.Create(new AbiRequest { Recipe = RecipeYaml.Write(BeyondAFloat(3)) });
        float* image = stackalloc float[64];
        byte* label = stackalloc byte[64];
        SampleKey key = default;
        long needed;
        Fails(Abi.Generate(engine, &key, 1, image, label), ResultCode.Failed, "NaN or an infinity");
        Fails(Abi.Drawn(engine, 0, null, 0, &needed), ResultCode.InvalidArgument, "which has 0");
        Assert.That(Abi.Destroy(engine), Is.EqualTo(ResultCode.Done));
    }

    [Test]
    public void WhateverElseIsThrown_HasACodeAndASentence() => Assert.Multiple(() =>
    {
        Fails(
            (ResultCode)ThreadError.Keep(new InvalidOperationException("Odd.")),
            ResultCode.Defect,
            "InvalidOperationException: Odd.");
        Fails((ResultCode)ThreadError.Keep(new InsufficientMemoryException()), ResultCode.Failed, "memory");
        Fails((ResultCode)ThreadError.Keep(new DeviceException("Lost.")), ResultCode.Device, "Lost.");
    });

    [Test]
    public void TheSentenceIsTheThreads_AndIsCutAtACharacter()
    {
        ThreadError.Keep(new GpuSynthException("aé頭"));
        string? other = null;
        var thread = new Thread(() =>
        {
            string before = Abi.LastError();
            Abi.Destroy(0);
            other = before + Abi.LastError();
        });
        thread.Start();
        thread.Join();
        Assert.That(other, Does.StartWith("There is no engine 0"), "and was empty before");
        byte* text = stackalloc byte[8];
        string[] cut = ["", "a", "a", "aé", "aé", "aé", "aé頭"];
        for (int capacity = 1; capacity <= 7; capacity++)
        {
            new Span<byte>(text, 8).Fill(0xA5);
            Assert.That(Abi.LastError(text, capacity), Is.EqualTo(7));
            int end = new Span<byte>(text, 8).IndexOf((byte)0);
            Assert.That(Encoding.UTF8.GetString(text, end), Is.EqualTo(cut[capacity - 1]));
            Assert.That(new Span<byte>(text + capacity, 8 - capacity).ToArray(), Is.All.EqualTo(0xA5));
        }

        Assert.That(Abi.LastError(text, 0), Is.EqualTo(7));
        Assert.That(Abi.LastError(text, -1), Is.EqualTo(7));
        Assert.That(Abi.LastError(null, 100), Is.EqualTo(7));
    }

    [Test]
    public void Generate_AllocatesNothing()
    {
        ulong engine = Abi.Create(new AbiRequest { Batch = 2, Threads = 2 });
        float* image = stackalloc float[128];
        byte* label = stackalloc byte[128];
        SampleKey* keys = stackalloc SampleKey[2];
        AbiInfo info = default;
        info.StructBytes = (uint)sizeof(AbiInfo);
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            // In a round the compiler may be at work on what has become hot.
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int step = 0; step < 100; step++)
            {
                keys[0] = SampleKey.Of(step);
                Abi.Generate(engine, keys, 2, image, label);
                Abi.InfoOf(engine, &info);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);
        Abi.Destroy(engine);
    }

    [Test]
    public void KeysAreTwoNumbers() => Assert.That(Unsafe.SizeOf<SampleKey>(), Is.EqualTo(16));

    private static void Generate(ulong engine, ReadOnlySpan<SampleKey> keys, GuardedSlot slot)
    {
        fixed (SampleKey* at = keys)
        {
            Assert.That(
                Abi.Generate(engine, at, keys.Length, (void*)slot.Memory.Image, (void*)slot.Memory.Label),
                Is.EqualTo(ResultCode.Done),
                Abi.LastError);
        }
    }

    private static AbiInfo Describe(ulong engine)
    {
        AbiInfo info = default;
        info.StructBytes = (uint)sizeof(AbiInfo);
        Assert.That(Abi.InfoOf(engine, &info), Is.EqualTo(ResultCode.Done), Abi.LastError);
        return info;
    }

    private static (int, int, int) ShapeOf(AbiInfo info) => (info.Shape[0], info.Shape[1], info.Shape[2]);

    private static string Json(DrawnSample drawn)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            drawn.WriteJson(writer);
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Refused(AbiRequest request, ResultCode code, string sentence)
    {
        Fails(Abi.Create(request, out ulong engine), code, sentence);
        Assert.That(engine, Is.Zero);
    }

    private static void Fails(ResultCode code, ResultCode expected, string sentence)
    {
        Assert.That(code, Is.EqualTo(expected), Abi.LastError);
        Assert.That(Abi.LastError(), Does.Contain(sentence));
    }
}
