using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>
/// Stages of the appearance alone, on the engine's own voxels, against what was drawn and the double reference. What every pointwise
/// component shows is shown by ComponentTests.
/// </summary>
[Category("Host")]
public sealed class StageTests
{
    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(33, 31, 17),
        VolumeShape.Volume(40, 16, 32),
        VolumeShape.Image(64, 65),
        VolumeShape.Volume(2, 3, 4),
    ];

    [Test]
    public void Means_AreTheIntensitiesExactly([ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 2)] int threads)
    {
        RenderedSample sample = Sample(
            Options(Only(shape.Dimensions, new UniformLaw(-3, 5)), shape, 1, threads),
            SampleKey.Of(1));
        Assert.That(sample.Image, Is.EqualTo(sample.Label.Select(label => sample.Drawn.Means[label])));
        Assert.That(sample.Drawn.Means.Distinct().Count(), Is.EqualTo(sample.Drawn.LabelCount));
    }

    [Test]
    public void Noise_IsThatOfTheReference([ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 2)] int threads)
    {
        Noise noise = new(new UniformLaw(0.05, 0.4));
        EngineOptions options = Options(Only(shape.Dimensions, new UniformLaw(0, 1), noise: noise), shape, 1, threads);
        var key = new SampleKey(4, 9);
        float[] clean = Sample(options with { Recipe = options.Recipe.Without<Noise>() }, key).Image;
        RenderedSample noisy = Sample(options, key);
        Assert.That(noisy.Drawn.MeasuredMaximum, Is.EqualTo(clean.Max(MathF.Abs)));
        float sigma = noisy.Drawn.NoiseStdOfMaximum * noisy.Drawn.MeasuredMaximum;
        var place = new RandomPlace(Seed, key.Appearance, Streams.NoiseVoxels);
        float[] plain = [.. clean.Select((value, voxel) => WhiteNoise.Voxel(value, sigma, in place, voxel))];
        Ladder.AssertHolds(WhiteNoise.ReferenceImage(clean, sigma, place), plain, noisy.Image);
    }

    // A bias field makes the largest intensity more than the largest mean, and negative means make it |I|.
    [Test]
    public void Noise_IsMeasuredAgainstTheLargestIntensity(
        [ValueSource(nameof(Shapes))] VolumeShape shape,
        [Values(1, 2, 3)] int threads)
    {
        Bias bias = new(0.1, 16, 83);
        EngineOptions options = Options(Only(shape.Dimensions, new UniformLaw(-2, 1), bias), shape, 1, threads);
        float[] clean = Sample(options, SampleKey.Of(6)).Image;
        RenderedSample noisy = Sample(
            options with { Recipe = options.Recipe.With(new Noise(0.2)) },
            SampleKey.Of(6));
        Assert.That(noisy.Drawn.MeasuredMaximum, Is.EqualTo(clean.Max(MathF.Abs)));
    }

    [Test]
    public void Blur_IsThatOfTheReference(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 7, 31)] int taps, [Values(1, 2, 5)] int threads)
    {
        Noise noise = new(0.3);
        Blur blur = new(new UniformLaw(0.2, 1.2), taps);
        EngineOptions options = Options(
            Only(shape.Dimensions, new UniformLaw(0, 1), noise: noise, blur: blur),
            shape,
            1,
            threads);
        float[] sharp = Sample(options with { Recipe = options.Recipe.Without<Blur>() }, SampleKey.Of(5)).Image;
        RenderedSample blurred = Sample(options, SampleKey.Of(5));
        double[] reference = Blur.ReferenceImage(
            [.. sharp.Select(value => (double)value)],
            shape,
            blurred.Drawn.BlurSigmaVoxels,
            taps);
        Ladder.AssertHolds(reference, PlainForms.Blur(sharp, shape, blurred.Drawn.BlurSigmaVoxels, taps), blurred.Image);
    }

    [Test]
    public void Blur_OfNothing_ChangesNothing([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        EngineOptions options = Options(
            Only(shape.Dimensions, new UniformLaw(0, 1), noise: new Noise(0.3), blur: new Blur(0, 7)), shape);
        float[] sharp = Sample(options with { Recipe = options.Recipe.Without<Blur>() }, SampleKey.Of(5)).Image;
        Assert.That(Sample(options, SampleKey.Of(5)).Image, Is.EqualTo(sharp));
    }

    [Test]
    public void MinMax_EndsAtZeroAndAtMaximumOverItselfAndEpsilon(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1e-6, 0.5)] double epsilon, [Values(1, 2)] int threads)
    {
        EngineOptions options = Options(
            Only(shape.Dimensions, new UniformLaw(0, 1), noise: new Noise(0.3)),
            shape,
            1,
            threads);
        float[] before = Sample(options, SampleKey.Of(5)).Image;
        RenderedSample after = Sample(
            options with { Recipe = options.Recipe.With(new Normalise(epsilon)) },
            SampleKey.Of(5));
        Assert.That(after.Drawn.MeasuredRange, Is.EqualTo((before.Min(), before.Max())));
        float range = before.Max() - before.Min();
        Assert.That(after.Image.Min(), Is.Zero);
        Assert.That(after.Image.Max(), Is.EqualTo(range / (range + (float)epsilon)));
        Assert.That(after.Image, Is.EqualTo(before.Select(value => (value - before.Min()) / (range + (float)epsilon))));
    }

    [Test]
    public void AConstantImage_BecomesZero([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        Recipe recipe = Only(shape.Dimensions, 0.7, normalise: new Normalise(1e-6), gamma: new Gamma(0.5));
        Assert.That(Sample(Options(recipe, shape), SampleKey.Of(0)).Image, Is.All.Zero);
    }
}
