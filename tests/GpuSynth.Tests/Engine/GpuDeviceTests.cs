using GpuSynth.Devices;
using GpuSynth.Devices.Gpu;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.Devices;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// Whole samples by the kernels of a GPU, run on ILGPU's CPU accelerator and on what there is of OpenCL, beside the host's: the same
/// labels, the same images up to rounding, the same records.
/// </summary>
[Category("Slow")]
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
public sealed class GpuDeviceTests(string device)
{
    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(16, 16, 16), VolumeShape.Volume(17, 13, 21), VolumeShape.Volume(9, 1, 30), VolumeShape.Image(64, 64),
        VolumeShape.Image(33, 70),
    ];

    [Test]
    public void Samples_AreThoseOfTheHost([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        SampleKey[] keys = [new(3, 3), new(4, 11), new(ulong.MaxValue, 1UL << 40)];
        EngineOptions options = Options(RecipeFor(shape), shape, keys.Length);
        AssertSame(options, keys);
    }

    [Test]
    public void LabelMaps_AreReadAsOnTheHost([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(12, 15, 17) : VolumeShape.Image(31, 33);
        using LabelMapFolder folder = new();
        folder.Put("a.nii", shape, static voxel => (byte)((voxel / 40) % 5));
        folder.Put("b.nii", shape, static voxel => (byte)((voxel / 55) % 4));
        Recipe map = Presets.Get("labelmap-3d");
        Recipe recipe = dimensions == 3 ? map : Presets.Get("rasd-2d") with { Anatomy = map.Anatomy };
        EngineOptions options = Options(recipe, shape, 3) with { LabelMaps = folder.Load() };
        AssertSame(options, [new(0, 0), new(1, 1), new(2, 2)]);
    }

    // Five samples through scratch for two at a time, and for one: what is measured and tables are those of the whole batch.
    [Test]
    public unsafe void WhatGoesThroughScratch_IsTheSame_HoweverManySamplesFit([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(9, 7, 17) : VolumeShape.Image(17, 19);
        Recipe recipe = new(
            "scratch",
            dimensions,
            RecipeFor(shape).Anatomy,
            [
                new Contrast(new UniformLaw(0.2, 1)), new Blur(new UniformLaw(0, 1), 5), new Bias(0.1, 12, 41), new Noise(0.1),
                new Sharpen(0.5, 0.5, 2, 3), new RicianNoise(0.05, 2, new UniformLaw(0.5, 1.5), 2), new Normalise(1e-6), new Bias(0.1, 9, 21),
            ]);
        EngineOptions options = OnGpu(Options(recipe, shape, 5));
        SynthesisPlan plan = SynthesisPlan.Create(options with { Device = DeviceCatalogue.Host });
        SampleKey[] keys = [.. Enumerable.Range(0, 5).Select(static sample => SampleKey.Of(sample))];
        float[][] made = [.. new[] { 1L << 30, 2 * sizeof(float) * shape.VoxelCount, 1 }.Select(Made)];
        Assert.That(made[1], Is.EqualTo(made[0]));
        Assert.That(made[2], Is.EqualTo(made[0]));
        Assert.That(made[0], Has.None.NaN);

        float[] Made(long scratchBytes)
        {
            var image = new float[5 * shape.VoxelCount];
            var labels = new byte[image.Length];
            using var one = new GpuDevice(options, plan.Rows, GpuBackends.Open, scratchBytes);
            one.Start();
            fixed (float* imageAt = image)
            fixed (byte* labelsAt = labels)
            {
                DrawnSample[] drawn = [.. keys.Select(_ => new DrawnSample(plan.Rows))];
                one.Generate(keys, new SlotMemory((nint)imageAt, (nint)labelsAt), drawn);
            }

            return image;
        }
    }

    [Test]
    public void ARecordOfAnotherSeed_IsRenderedAsThatSeeds()
    {
        VolumeShape shape = VolumeShape.Image(16, 16);
        using SynthesisEngine own = Start(OnGpu(Options("rasd-2d", shape)));
        using SynthesisEngine host = Start(Options("rasd-2d", shape));
        RenderedSample other = Sample(Options("rasd-2d", shape, seed: Seed + 1), SampleKey.Of(2));
        RenderedSample otherOnGpu = Sample(OnGpu(Options("rasd-2d", shape, seed: Seed + 1)), SampleKey.Of(2));
        Assert.That(Applied(host, other.Drawn).HasSameBytes(other), "the host");
        Assert.That(Applied(own, other.Drawn).HasSameBytes(otherOnGpu), "a GPU");
    }

    [Test]
    public void ASample_IsTheSame_WhateverBatchItIsIn()
    {
        VolumeShape shape = VolumeShape.Volume(10, 12, 14);
        using SynthesisEngine one = Start(OnGpu(Options(RecipeFor(shape), shape)));
        using SynthesisEngine many = Start(OnGpu(Options(RecipeFor(shape), shape, 3)));
        using var slot = new GuardedSlot(many);
        many.GenerateBatch([SampleKey.Of(5), SampleKey.Of(6), SampleKey.Of(7)], slot.Memory, DrawnFor(many));
        for (int sample = 0; sample < 3; sample++)
        {
            Assert.That(slot.HasSameBytes(sample, Sample(one, SampleKey.Of(5 + sample))), $"sample {sample}");
        }

        slot.AssertGuards();
    }

    [Test]
    public void AFlatImage_BecomesZero([Values(0, 1e-6)] double epsilon)
    {
        VolumeShape shape = VolumeShape.Volume(5, 6, 7);
        Recipe flat = Only(3, 0.7, normalise: new Normalise(epsilon), gamma: new Gamma(0.5));
        Assert.That(Sample(OnGpu(Options(flat, shape)), SampleKey.Of(0)).Image, Is.All.Zero);
    }

    [Test]
    public void ABatchOfNothing_WritesNothing()
    {
        using SynthesisEngine engine = Start(OnGpu(Options("rasd-3d", VolumeShape.Volume(8, 8, 8))));
        using var slot = new GuardedSlot(engine);
        engine.GenerateBatch([], slot.Memory, []);
        engine.Complete([]);
        Assert.That(slot.Label(0).ToArray(), Is.All.EqualTo((byte)255), "the poison is untouched");
    }

    [Test]
    public void ARecord_GivenBack_MakesTheSameSample()
    {
        VolumeShape shape = VolumeShape.Volume(10, 12, 14);
        using SynthesisEngine engine = Start(OnGpu(Options(RecipeFor(shape), shape)));
        RenderedSample sample = Sample(engine, SampleKey.Of(9));
        Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample));
        sample.Drawn.MeansInPlace[0] = float.NaN;
        Assert.That(
            () => Applied(engine, sample.Drawn),
            Throws.TypeOf<GpuSynthException>().With.Message.StartsWith(
                "The parameters that were given back for sample 9 of recipe rasd-3d make an image with a NaN or an infinity (range "));
        sample.Drawn.MeansInPlace[0] = 0.5f;
        Assert.That(Applied(engine, sample.Drawn).Image, Is.All.InRange(0f, 1f), "nothing of it stays behind");
    }

    // Few nodes carry the field there, and in many samples the largest is below 0. Images are exp(b): where the largest node is a millionth of
    // the others, b is known to a tenth, and the image to that part of its largest value.
    [Test]
    public void TheFieldOfASmallVolume_IsBounded_AndTheHosts(
        [Values("1x1x2", "1x2x3", "2x2x2", "3x1x5", "7x8x9", "12x12x12", "1x2", "4x3", "12x9")] string size)
    {
        int[] sides = [.. size.Split('x').Select(int.Parse)];
        VolumeShape shape = sides.Length == 3 ? VolumeShape.Volume(sides[0], sides[1], sides[2]) : VolumeShape.Image(sides[0], sides[1]);
        EngineOptions options = Options(Only(sides.Length, 1, new Bias(2, new UniformLaw(2, 16), 83)), shape, 24);
        SampleKey[] keys = [.. Enumerable.Range(0, 24).Select(n => SampleKey.Of(n))];
        using SynthesisEngine host = Start(options);
        using SynthesisEngine gpu = Start(OnGpu(options));
        using var expected = new GuardedSlot(host);
        using var slot = new GuardedSlot(gpu);
        DrawnSample[] drawn = DrawnFor(gpu);
        host.GenerateBatch(keys, expected.Memory, DrawnFor(host));
        gpu.GenerateBatch(keys, slot.Memory, drawn);
        for (int sample = 0; sample < keys.Length; sample++)
        {
            double most = Math.Exp(Math.Abs(drawn[sample].Of<Bias.Drawn>().Peak));
            for (int voxel = 0; voxel < shape.VoxelCount; voxel++)
            {
                float value = slot.Image(sample)[voxel];
                string what = $"voxel {voxel} of sample {sample}";
                Assert.That(value, Is.GreaterThanOrEqualTo(0f).And.LessThanOrEqualTo(most * (1 + 1e-4)), what);
                Assert.That(value, Is.EqualTo(expected.Image(sample)[voxel]).Within(1e-3 * most), what);
            }
        }
    }

    [Test]
    public unsafe void SixteenBits_AreTheFloats_Rounded([Values(ImageFormat.Float16, ImageFormat.BFloat16)] ImageFormat format)
    {
        VolumeShape shape = VolumeShape.Volume(10, 12, 15);
        EngineOptions options = OnGpu(Options(RecipeFor(shape), shape, 2));
        using SynthesisEngine floats = Start(options);
        using SynthesisEngine halves = Start(options with { ImageFormat = format });
        int voxels = (int)shape.VoxelCount;
        var expected = new float[2 * voxels];
        var image = new ushort[2 * voxels];
        var label = new byte[2 * voxels];
        SampleKey[] keys = [SampleKey.Of(0), SampleKey.Of(1)];
        fixed (float* expectedAt = expected)
        fixed (ushort* imageAt = image)
        fixed (byte* labelAt = label)
        {
            floats.GenerateBatch(keys, new SlotMemory((nint)expectedAt, (nint)labelAt), DrawnFor(floats));
            halves.GenerateBatch(keys, new SlotMemory((nint)imageAt, (nint)labelAt), DrawnFor(halves));
        }

        for (int voxel = 0; voxel < image.Length; voxel++)
        {
            ushort rounded = format == ImageFormat.Float16
                ? BitConverter.HalfToUInt16Bits((Half)expected[voxel])
                : (ushort)((BitConverter.SingleToUInt32Bits(expected[voxel]) + 0x7FFF
                    + ((BitConverter.SingleToUInt32Bits(expected[voxel]) >> 16) & 1)) >> 16);
            Assert.That(image[voxel], Is.EqualTo(rounded), $"voxel {voxel}: {expected[voxel]}");
        }
    }

    [Test]
    public void APlan_OfEightVolumes_NeedsLessThan64Megabytes_BesideTheSlots()
    {
        EngineOptions options = OnGpu(Options("rasd-3d", VolumeShape.Volume(128, 128, 128), 8)) with { SlotsOnDevice = true };
        SynthesisPlan plan = SynthesisPlan.Create(options);
        TestContext.Out.WriteLine(ByteCount.Text(plan.WorkspaceBytes));
        foreach (PlannedBuffer buffer in plan.Buffers)
        {
            TestContext.Out.WriteLine($"{buffer.Name}: {buffer.Bytes} bytes, {buffer.Purpose}");
        }

        Assert.That(plan.WorkspaceBytes, Is.LessThan(64_000_000));
        Assert.That(plan.Buffers.Sum(static buffer => buffer.Bytes), Is.EqualTo(plan.WorkspaceBytes));
    }

    [Test]
    public void TheHost_RefusesWhatOnlyAGpuHas()
    {
        EngineOptions options = Options("rasd-3d", VolumeShape.Volume(8, 8, 8));
        foreach (EngineOptions wrong in new[]
        {
            options with { SlotsOnDevice = true },
            options with { ImageFormat = ImageFormat.Float16 },
        })
        {
            Assert.That(() => SynthesisPlan.Create(wrong), Throws.TypeOf<PlanException>().With.Message.Contains("need a GPU"));
        }
    }

    private EngineOptions OnGpu(EngineOptions options) => options with { Device = device };

    private void AssertSame(EngineOptions options, SampleKey[] keys)
    {
        using SynthesisEngine host = Start(options with { BatchSize = 1 });
        using SynthesisEngine gpu = Start(OnGpu(options));
        using var slot = new GuardedSlot(gpu);
        DrawnSample[] drawn = DrawnFor(gpu);
        gpu.GenerateBatch(keys, slot.Memory, drawn);
        slot.AssertGuards();
        for (int sample = 0; sample < keys.Length; sample++)
        {
            RenderedSample expected = Sample(host, keys[sample]);
            int different = 0;
            double largest = 0;
            double scale = 1e-9;
            for (int voxel = 0; voxel < expected.Label.Length; voxel++)
            {
                different += slot.Label(sample)[voxel] != expected.Label[voxel] ? 1 : 0;
                largest = Math.Max(largest, Math.Abs(slot.Image(sample)[voxel] - expected.Image[voxel]));
                scale = Math.Max(scale, Math.Abs(expected.Image[voxel]));
            }

            string what = $"sample {sample} of {options.Recipe.Name} at {options.Shape}";
            Assert.That(different, Is.LessThanOrEqualTo(expected.Label.Length / 2000), $"labels of {what}");
            Assert.That(drawn[sample].Key, Is.EqualTo(keys[sample]), what);
            if (different == 0)
            {
                Assert.That(largest / scale, Is.LessThan(1e-3), $"image of {what}");
                Assert.That(
                    drawn[sample].MeasuredMaximum,
                    Is.EqualTo(expected.Drawn.MeasuredMaximum).Within(1e-4 * scale), what);
                Assert.That(
                    drawn[sample].MeasuredRange.Maximum - drawn[sample].MeasuredRange.Minimum,
                    Is.EqualTo(expected.Drawn.MeasuredRange.Maximum - expected.Drawn.MeasuredRange.Minimum).Within(1).Percent,
                    what);
            }
        }
    }
}
