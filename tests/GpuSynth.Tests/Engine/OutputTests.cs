using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>Every voxel is written, in range, and nothing beside it: on memory that was poisoned before.</summary>
[Category("Host")]
public sealed class OutputTests
{
    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Image(1, 1),
        VolumeShape.Image(1, 100),
        VolumeShape.Image(100, 1),
        VolumeShape.Image(3, 5),
        VolumeShape.Image(33, 31),
        VolumeShape.Image(64, 48),
        VolumeShape.Image(96, 100),
        VolumeShape.Volume(1, 1, 1),
        VolumeShape.Volume(1, 1, 33),
        VolumeShape.Volume(1, 33, 1),
        VolumeShape.Volume(33, 1, 1),
        VolumeShape.Volume(2, 3, 4),
        VolumeShape.Volume(17, 31, 33),
        VolumeShape.Volume(32, 32, 32),
        VolumeShape.Volume(3, 64, 16),
        VolumeShape.Volume(96, 20, 33),
        VolumeShape.Volume(65, 17, 15),
    ];

    [Test]
    public void EveryVoxel_IsWrittenAndInRange_AndNothingBeside(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 3)] int batchSize, [Values(1, 2)] int threads)
    {
        using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape, batchSize, threads));
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        engine.GenerateBatch([.. Enumerable.Range(0, batchSize).Select(n => SampleKey.Of(n))], slot.Memory, drawn);
        slot.AssertGuards();
        for (int n = 0; n < batchSize; n++)
        {
            AssertInRange(slot, n, engine.Plan.LabelCount);
        }
    }

    [Test]
    public void ABatchThatIsNotFull_LeavesTheRestOfItsSlot([Values(1, 2, 3)] int threads)
    {
        VolumeShape shape = VolumeShape.Volume(17, 31, 33);
        using SynthesisEngine engine = Start(Options("rasd-3d", shape, 3, threads));
        using GuardedSlot slot = new(engine);
        engine.GenerateBatch([SampleKey.Of(4), SampleKey.Of(5)], slot.Memory, DrawnFor(engine));
        AssertInRange(slot, 1, engine.Plan.LabelCount);
        Assert.That(slot.Image(2).ToArray(), Is.All.NaN);
        Assert.That(slot.Label(2).ToArray(), Is.All.EqualTo(255));
        engine.GenerateBatch([], slot.Memory, DrawnFor(engine));
        slot.AssertGuards();
    }

    [Test]
    public void EveryStageAlone_WritesEveryVoxel(
        [Values(0, 1, 2, 3, 4)] int stage,
        [Values(2, 3)] int dimensions,
        [Values(1, 2)] int threads)
    {
        Recipe preset = Presets.Get($"rasd-{dimensions}d");
        Recipe recipe = Only(
            dimensions,
            preset.Find<Contrast>()!.Mean,
            stage == 0 ? preset.Find<Bias>() : null,
            stage == 1 ? preset.Find<Noise>() : null,
            stage == 2 ? preset.Find<Blur>() : null,
            stage >= 3 ? preset.Find<Normalise>() : null,
            stage == 4 ? preset.Find<Gamma>() : null);
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(17, 31, 33) : VolumeShape.Image(33, 31);
        using SynthesisEngine engine = Start(Options(recipe, shape, 2, threads));
        using GuardedSlot slot = new(engine);
        engine.GenerateBatch([SampleKey.Of(0), SampleKey.Of(1)], slot.Memory, DrawnFor(engine));
        slot.AssertGuards();
        for (int n = 0; n < 2; n++)
        {
            Assert.That(slot.Image(n).ToArray().All(float.IsFinite));
            Assert.That(slot.Label(n).ToArray().Max(), Is.LessThan(engine.Plan.LabelCount));
        }
    }

    [Test]
    public void TheCallersMistakes_AreRefusedByName()
    {
        VolumeShape shape = VolumeShape.Volume(4, 5, 6);
        SynthesisEngine engine = Start(Options("rasd-3d", shape, 2));
        DrawnSample drawn = engine.CreateDrawn();
        var image = new float[120];
        var label = new byte[120];
        using GuardedSlot slot = new(engine);
        DrawnSample[] records = DrawnFor(engine);
        Assert.That(
            () => engine.Generate(default, image.AsSpan(1), label, drawn),
            Throws.ArgumentException.With.Message.StartsWith("The image holds 119 floats; 4x5x6 needs 120."));
        Assert.That(
            () => engine.Apply(drawn, image, label.AsSpan(1)),
            Throws.ArgumentException.With.Message.StartsWith("The label map holds 119 bytes; 4x5x6 needs 120."));
        Assert.That(
            () => engine.GenerateBatch(new SampleKey[3], slot.Memory, [.. records, drawn]),
            Throws.ArgumentException.With.Message.StartsWith("3 keys were given for a batch size of 2 and 3 records."));
        Assert.That(() => engine.GenerateBatch(new SampleKey[2], slot.Memory, [drawn]), Throws.ArgumentException);
        Assert.That(
            () => engine.GenerateBatch(new SampleKey[1], default, records),
            Throws.ArgumentException.With.Message.Contains("no memory"));
        Assert.That(() => engine.Generate(default, image, label, null!), Throws.ArgumentNullException);
        engine.Dispose();
        engine.Dispose();
        Assert.That(() => engine.Generate(default, image, label, drawn), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => engine.GenerateBatch(new SampleKey[1], slot.Memory, records), Throws.TypeOf<ObjectDisposedException>());
    }

    // A record of another plan has room for other numbers: used as it is, it would paint labels with what an earlier sample left.
    [Test]
    public void ARecordOfAnotherPlan_OrNone_IsRefused([Values(16, 64, 100)] int side)
    {
        VolumeShape shape = VolumeShape.Volume(48, 5, 6);
        using SynthesisEngine engine = Start(Options("rasd-3d", shape));
        using SynthesisEngine other = Start(Options("rasd-3d", VolumeShape.Volume(side, 5, 6)));
        using GuardedSlot slot = new(engine);
        DrawnSample foreign = Sample(other, SampleKey.Of(0)).Drawn;
        var image = new float[shape.VoxelCount];
        var label = new byte[shape.VoxelCount];
        Assert.That(foreign.LabelCount, Is.Not.EqualTo(engine.Plan.LabelCount));
        Assert.That(() => engine.Generate(default, image, label, foreign), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => engine.Apply(foreign, image, label), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => engine.GenerateBatch(new SampleKey[1], slot.Memory, [foreign]), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => engine.GenerateBatch(new SampleKey[1], slot.Memory, [null!]), Throws.InstanceOf<ArgumentException>());
    }

    private static void AssertInRange(GuardedSlot slot, int sample, int labelCount)
    {
        bool isInRange = true;
        foreach (float value in slot.Image(sample))
        {
            // A NaN is in no range.
            isInRange &= value is >= 0 and <= 1;
        }

        Assert.That(isInRange, $"sample {sample} holds an intensity outside 0 to 1");
        Assert.That(slot.Label(sample).ToArray().Max(), Is.LessThan(labelCount));
    }
}
