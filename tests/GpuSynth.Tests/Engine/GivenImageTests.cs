using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;

namespace GpuSynth.Tests.Engine;

/// <summary>Images that are given are changed as the recipe changes its own.</summary>
[Category("Host")]
public sealed class GivenImageTests
{
    private const ulong Seed = 3;

    private static IEnumerable<string> Presets => [.. GpuSynth.Recipes.Presets.Names];

    // Painted by the first component alone, and then given to the others: what the whole recipe makes.
    [Test]
    public void APaintedImageThatIsGiven_BecomesTheWholeRecipesSample(
        [Values("rasd-3d", "rasd-2d", "tubes-2d", "gaussians-3d")] string preset, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        Recipe whole = GpuSynth.Recipes.Presets.Get(preset), painted = whole with { Appearance = [whole.Appearance[0]] };
        Assert.That(whole.Appearance.Skip(1).Any(Recipe.ReadsLabels), Is.False, "a preset without such");
        VolumeShape shape = whole.Dimensions == 2 ? VolumeShape.Image(37, 24) : VolumeShape.Volume(9, 16, 21);
        using var first = new SynthesisEngine(Plan(painted, shape, device));
        using var others = new SynthesisEngine(Plan(whole.OnImages(), shape, device, areGiven: true));
        using var all = new SynthesisEngine(Plan(whole, shape, device));
        (float[] image, float[] expected, byte[] labels) = (new float[shape.VoxelCount], new float[shape.VoxelCount], new byte[shape.VoxelCount]);
        for (ulong sample = 0; sample < 4; sample++)
        {
            var key = new SampleKey(sample, sample + 7);
            first.Generate(key, image, labels, first.CreateDrawn());
            float[] before = [.. image];
            others.Augment(key, image, others.CreateDrawn());
            all.Generate(key, expected, labels, all.CreateDrawn());
            Assert.That(image, Is.Not.EqualTo(before));
            Assert.That(image, Is.EqualTo(expected).Within(2e-5f), $"sample {sample}");
        }
    }

    [Test]
    public void LanesAgree_AndABatchIsItsSamples([ValueSource(nameof(Presets))] string preset)
    {
        Recipe recipe = GpuSynth.Recipes.Presets.Get(preset).OnImages();
        VolumeShape shape = recipe.Dimensions == 2 ? VolumeShape.Image(33, 26) : VolumeShape.Volume(10, 15, 18);
        float[] given = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(n => 0.5f + (0.4f * MathF.Sin(n * 0.37f) * MathF.Cos(n / (float)shape.Width)))];
        using var host = new SynthesisEngine(Plan(recipe, shape, DeviceCatalogue.Host, areGiven: true, batch: 3));
        using var gpu = new SynthesisEngine(Plan(recipe, shape, DeviceCatalogue.IlgpuCpu, areGiven: true, batch: 3));
        SampleKey[] keys = [new(4, 1), new(4, 2), new(5, 3)];
        float[] batch = [.. given, .. given, .. given], onGpu = [.. batch];
        Batch(host, batch, keys);
        Batch(gpu, onGpu, keys);
        for (int n = 0; n < keys.Length; n++)
        {
            float[] alone = [.. given];
            host.Augment(keys[n], alone, host.CreateDrawn());
            Assert.That(batch.AsSpan(n * given.Length, given.Length).ToArray(), Is.EqualTo(alone), "the same bits");
        }

        // Where a curve jumps a voxel may fall to either side: a rounded one by one of its steps.
        bool hasTies = recipe.Appearance.Any(static one => one is IVoxelComponent { HasTies: true });
        double range = batch.Max() - (double)batch.Min();
        int off = batch.Zip(onGpu).Count(pair => Math.Abs(pair.First - pair.Second) > 2e-4 * range);
        Assert.That(off, hasTies ? Is.LessThan(batch.Length / 50) : Is.Zero);
    }

    [Test]
    public void AnatomyMakesNoDifference_AndOfOneKeyTheAppearanceIsTheSame()
    {
        VolumeShape shape = VolumeShape.Image(24, 24);
        using var engine = new SynthesisEngine(Plan(GpuSynth.Recipes.Presets.Get("rasd-2d").OnImages(), shape, DeviceCatalogue.Host, areGiven: true));
        float[] Changed(SampleKey key)
        {
            float[] image = [.. Enumerable.Range(0, 24 * 24).Select(static n => n % 24 / 24f)];
            engine.Augment(key, image, engine.CreateDrawn());
            return image;
        }

        Assert.That(Changed(new SampleKey(1, 5)), Is.EqualTo(Changed(new SampleKey(2, 5))).And.Not.EqualTo(Changed(new SampleKey(1, 6))));
    }

    [Test]
    public void WhatCannotBe_IsSaid()
    {
        VolumeShape shape = VolumeShape.Volume(8, 8, 8);
        Recipe recipe = GpuSynth.Recipes.Presets.Get("rasd-3d"), mri = GpuSynth.Recipes.Presets.Get("mri-3d");
        Assert.That(() => Plan(mri, shape, DeviceCatalogue.Host, areGiven: true), Throws.TypeOf<PlanException>().With.Message.Contains("looks at labels, and images that are given have none"));
        Assert.That(
            () => SynthesisPlan.Create(new EngineOptions { Recipe = recipe.OnImages(), Shape = shape, AreImagesGiven = true, Device = DeviceCatalogue.IlgpuCpu, ImageFormat = ImageFormat.Float16 }),
            Throws.TypeOf<PlanException>().With.Message.Contains("32-bit floats"));
        Assert.That(() => (recipe with { Appearance = [recipe.Appearance[0]] }).OnImages(), Throws.TypeOf<RecipeException>().With.Message.Contains("nothing to do to an image that is given"));
        using var own = new SynthesisEngine(Plan(recipe, shape, DeviceCatalogue.Host));
        using var given = new SynthesisEngine(Plan(recipe.OnImages(), shape, DeviceCatalogue.Host, areGiven: true));
        float[] image = new float[shape.VoxelCount];
        Assert.That(() => own.Augment(default, image, own.CreateDrawn()), Throws.InvalidOperationException.With.Message.Contains("AreImagesGiven"));
        Assert.That(() => given.Generate(default, image, new byte[image.Length], given.CreateDrawn()), Throws.InvalidOperationException.With.Message.Contains("Augment"));
        Assert.That(() => given.Augment(default, new float[5], given.CreateDrawn()), Throws.ArgumentException.With.Message.Contains("8x8x8 needs 512"));
        image[100] = float.NaN;
        Assert.That(() => given.Augment(default, image, given.CreateDrawn()), Throws.TypeOf<GpuSynthException>());
    }

    private static unsafe void Batch(SynthesisEngine engine, float[] images, SampleKey[] keys)
    {
        fixed (float* at = images)
        {
            engine.GenerateBatch(keys, new SlotMemory((nint)at, 0), [.. keys.Select(_ => engine.CreateDrawn())]);
        }
    }

    private static SynthesisPlan Plan(Recipe recipe, VolumeShape shape, string device, bool areGiven = false, int batch = 1) =>
        SynthesisPlan.Create(new EngineOptions { Recipe = recipe, Shape = shape, Seed = Seed, Device = device, AreImagesGiven = areGiven, BatchSize = batch, Threads = 1 });
}
