using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// Every sample that a recipe's laws draw is finite: a bias field is bounded, a flat image becomes 0. What is left, numbers that were given back
/// and absurd recipes, is an error that says where and how on.
/// </summary>
[Category("Host")]
public sealed class NonFiniteTests
{
    // The largest intensities and fields that a recipe may ask for, where few nodes carry the field.
    [Test]
    public void WildRecipes_AreFinite_InVolumesOfAFewVoxels([Values(2, 3, 8)] int width)
    {
        VolumeShape shape = VolumeShape.Volume(1, 1, width);
        Recipe wild = Only(3, new UniformLaw(0, 1e6), new Bias(2, 2, 83), new Noise(4));
        using SynthesisEngine engine = Start(Options(wild, shape));
        for (int n = 0; n < 2000; n++)
        {
            Assert.That(Sample(engine, SampleKey.Of(n)).Image.All(float.IsFinite), $"sample {n}");
        }
    }

    [Test]
    public void ParametersGivenBack_ThatMakeNoImage_AreRefusedWithASentence([Values(1, 2)] int threads)
    {
        using SynthesisEngine engine = Start(Options("rasd-3d", VolumeShape.Volume(17, 31, 33), 1, threads));
        RenderedSample sample = Sample(engine, SampleKey.Of(5));
        float[] means = [.. sample.Drawn.Means];
        foreach (float wrong in new[] { float.NaN, float.PositiveInfinity })
        {
            sample.Drawn.MeansInPlace[0] = wrong;
            Assert.That(
                () => Applied(engine, sample.Drawn),
                Throws.TypeOf<GpuSynthException>().With.Message.Matches(
                    @"^The parameters that were given back for sample 5 of recipe rasd-3d make an image with a NaN or an infinity "
                    + @"\(range \S+ to \S+\); change them\.$"));
        }

        // Nothing of it stays behind.
        means.CopyTo(sample.Drawn.MeansInPlace);
        Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample));
    }

    [Test]
    public void ARecipeBeyondAFloat_IsRefusedAtOnce_ByItsName([Values(1, 2)] int batchSize, [Values(1, 2)] int threads)
    {
        using SynthesisEngine engine = Start(Options(BeyondAFloat(3), VolumeShape.Volume(3, 4, 5), batchSize, threads));
        using GuardedSlot slot = new(engine);
        SampleKey[] keys = [.. Enumerable.Range(7, batchSize).Select(n => SampleKey.Of(n))];
        Assert.That(
            () => engine.GenerateBatch(keys, slot.Memory, DrawnFor(engine)),
            Throws.TypeOf<GpuSynthException>().With.Message.Matches(
                @"^Sample [78] of recipe test holds a NaN or an infinity \(range \S+ to \S+\): .*; narrow contrast\.mean, bias or noise"));
    }

    // (max - min) / 0 would be a NaN in every voxel.
    [Test]
    public void AFlatImage_WithoutEpsilon_IsZero([Values(1, 2)] int batchSize, [Values(1, 2)] int threads)
    {
        Recipe recipe = Only(3, 0.5, normalise: new Normalise(0));
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Volume(8, 8, 8), batchSize, threads));
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        engine.GenerateBatch([.. Enumerable.Range(0, batchSize).Select(n => SampleKey.Of(n))], slot.Memory, drawn);
        for (int sample = 0; sample < batchSize; sample++)
        {
            Assert.That(slot.Image(sample).ToArray(), Is.All.Zero);
            Assert.That(drawn[sample].MeasuredRange, Is.EqualTo((0.5f, 0.5f)));
        }
    }
}
