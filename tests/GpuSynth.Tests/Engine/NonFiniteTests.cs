using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// A sample that holds a NaN or an infinity is drawn again. Infinities are rare: the bias field is rescaled by its own maximum,
/// and where that is close to 0, as it may be in a volume much smaller than the field's smoothness, exp(field) leaves the range
/// of a float.
/// </summary>
public sealed class NonFiniteTests
{
    private const int Samples = 4000;
    private static readonly VolumeShape Shape = VolumeShape.Volume(1, 1, 2);

    private static Recipe WildBias => Only(3, new UniformLaw(0, 1e6), new Bias(2, 2, 83));

    [Test]
    public void ASampleWithAnInfinity_IsDrawnAgain_AllOfIt()
    {
        using SynthesisEngine engine = Start(Options(WildBias, Shape));
        int again = 0;
        for (int n = 0; n < Samples; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            Assert.That(sample.Image.All(float.IsFinite), $"sample {n}");
            if (sample.Drawn.Attempt > 0)
            {
                again++;
                var place = new RandomPlace(Seed, (ulong)n, Streams.ContrastLaws, sample.Drawn.Attempt);
                Assert.That(
                    sample.Drawn.Means[1],
                    Is.EqualTo(WildBias.Find<Contrast>()!.Mean.Draw(in place, 1)),
                    "drawn at the attempt that it names");
                Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "and given back as it is");
            }
        }

        TestContext.Out.WriteLine($"{again} of {Samples} samples were drawn again.");
        Assert.That(again, Is.GreaterThan(3), "there is something to test");
    }

    [Test]
    public void ParametersGivenBack_ThatMakeNoImage_AreRefusedWithASentence([Values(1, 2)] int threads)
    {
        using SynthesisEngine engine = Start(Options("rasd-3d", VolumeShape.Volume(17, 31, 33), 1, threads));
        RenderedSample sample = Sample(engine, SampleKey.Of(0));
        float[] means = [.. sample.Drawn.Means];
        foreach (float wrong in new[] { float.NaN, float.PositiveInfinity })
        {
            sample.Drawn.MeansInPlace[0] = wrong;
            Assert.That(
                () => Applied(engine, sample.Drawn),
                Throws.TypeOf<GpuSynthException>().With.Message.Contains("make an image with a NaN or an infinity")
                    .And.Message.EndsWith("; change them."));
        }

        // Nothing of it stays behind.
        means.CopyTo(sample.Drawn.MeansInPlace);
        Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample));
    }

    // One anatomy under many appearances is one label map, also where an appearance was drawn again.
    [Test]
    public void AnAppearanceDrawnAgain_KeepsTheAnatomy()
    {
        using SynthesisEngine engine = Start(Options(WildBias, Shape));
        RenderedSample first = Sample(engine, new SampleKey(7, 0));
        Assert.That(first.Drawn.Attempt, Is.Zero);
        uint most = 0;
        for (int n = 1; n < Samples; n++)
        {
            RenderedSample sample = Sample(engine, new SampleKey(7, (ulong)n));
            most = Math.Max(most, sample.Drawn.Attempt);
            Assert.That(sample.Label, Is.EqualTo(first.Label), $"appearance {n}, attempt {sample.Drawn.Attempt}");
        }

        Assert.That(most, Is.GreaterThan(0u), "there is something to test");
    }

    // e^89 is no float. The method finds an infinity there and draws again, as the kernel's plain form does; a field that is
    // cut at some largest value instead shows up as that value.
    [Test]
    public void AFieldBeyondAFloat_IsNotCut()
    {
        using SynthesisEngine engine = Start(Options(WildBias.With(new Contrast(1)), Shape));
        int again = 0;
        for (int n = 0; n < Samples; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            again += sample.Drawn.Attempt > 0 ? 1 : 0;
            double largest = Math.Log(sample.Image.Max());
            Assert.That(largest, Is.Not.EqualTo(88).Within(1e-4), $"sample {n} of attempt {sample.Drawn.Attempt}");
        }

        Assert.That(again, Is.GreaterThan(0), "there is something to test");
    }

    // (max - min) / 0: without an epsilon an image of one intensity is a NaN in every voxel, whatever is drawn.
    [Test]
    public void AnImageWithoutRange_AndNoEpsilon_IsRefusedWithASentence([Values(1, 2)] int batchSize, [Values(1, 2)] int threads)
    {
        Recipe recipe = Only(3, 0.5, normalise: new Normalise(0));
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Volume(8, 8, 8), batchSize, threads));
        using GuardedSlot slot = new(engine);
        SampleKey[] keys = [.. Enumerable.Range(0, batchSize).Select(n => SampleKey.Of(n))];
        Assert.That(
            () => engine.GenerateBatch(keys, slot.Memory, DrawnFor(engine)),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("NaN or an infinity"));
    }
}
