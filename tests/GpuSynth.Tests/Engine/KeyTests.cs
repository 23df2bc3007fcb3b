using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>A key has two parts: the anatomy decides the labels, the appearance everything that is seen.</summary>
public sealed class KeyTests
{
    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(33, 32, 31), VolumeShape.Image(64, 65)];

    [Test]
    public void OneAnatomy_UnderTwoAppearances([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape));
        RenderedSample first = Sample(engine, new SampleKey(3, 10));
        RenderedSample second = Sample(engine, new SampleKey(3, 11));
        Assert.That(second.Label, Is.EqualTo(first.Label));
        Assert.That(second.Image.AsSpan().SequenceEqual(first.Image), Is.False);
        Assert.That(second.Drawn.FieldStd, Is.EqualTo(first.Drawn.FieldStd));
        Assert.That(second.Drawn.DisplacementStdInPlace.ToArray(), Is.EqualTo(first.Drawn.DisplacementStdInPlace.ToArray()));
        Assert.That(second.Drawn.Means, Is.Not.EqualTo(first.Drawn.Means));
        Assert.That(second.Drawn.BiasStd, Is.Not.EqualTo(first.Drawn.BiasStd));
        Assert.That(second.Drawn.NoiseStdOfMaximum, Is.Not.EqualTo(first.Drawn.NoiseStdOfMaximum));
        Assert.That(second.Drawn.Gamma, Is.Not.EqualTo(first.Drawn.Gamma));
    }

    [Test]
    public void TwoAnatomies_UnderOneAppearance([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape));
        DrawnSample first = Sample(engine, new SampleKey(3, 10)).Drawn;
        RenderedSample other = Sample(engine, new SampleKey(4, 10));
        DrawnSample second = other.Drawn;
        Assert.That(other.Label, Is.Not.EqualTo(Sample(engine, new SampleKey(3, 10)).Label));
        Assert.That(second.FieldStd, Is.Not.EqualTo(first.FieldStd));
        Assert.That(second.Means, Is.EqualTo(first.Means));
        Assert.That(
            (second.BiasStd, second.BiasMaximumUniform, second.NoiseStdOfMaximum, second.Gamma),
            Is.EqualTo((first.BiasStd, first.BiasMaximumUniform, first.NoiseStdOfMaximum, first.Gamma)));
        Assert.That(second.BiasFwhmVoxels, Is.EqualTo(first.BiasFwhmVoxels));
        Assert.That(second.BlurSigmaVoxels, Is.EqualTo(first.BlurSigmaVoxels));
    }

    // The noise and the bias field belong to the appearance, voxel by voxel: with one mean for all labels they are all that
    // is seen.
    [Test]
    public void TheNoiseAndTheBiasField_FollowTheAppearance([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        Recipe preset = RecipeFor(shape);
        Recipe recipe = preset.With(new Contrast(0.5));
        using SynthesisEngine engine = Start(Options(recipe, shape));
        RenderedSample first = Sample(engine, new SampleKey(3, 10));
        RenderedSample second = Sample(engine, new SampleKey(4, 10));
        Assert.That(second.Label, Is.Not.EqualTo(first.Label));
        Assert.That(second.Image, Is.EqualTo(first.Image));
    }

    [Test]
    public void AGivenSample_ChangesOnlyWhereItWasChanged(
        [ValueSource(nameof(Shapes))] VolumeShape shape,
        [Values(1, 2)] int threads)
    {
        using SynthesisEngine engine = Start(Options(RecipeFor(shape), shape, 1, threads));
        RenderedSample first = Sample(engine, SampleKey.Of(0));
        float gamma = first.Drawn.Gamma;
        first.Drawn.Gamma = 1;
        RenderedSample linear = Applied(engine, first.Drawn);
        Assert.That(linear.Label, Is.EqualTo(first.Label));
        double[] expected = [.. linear.Image.Select(value => Math.Pow(value, gamma))];
        float[] plain = [.. linear.Image.Select(value => value <= 0 ? 0 : value >= 1 ? 1 : MathF.Exp(gamma * MathF.Log(value)))];
        Kernels.Ladder.AssertHolds(expected, plain, first.Image);

        first.Drawn.Gamma = gamma;
        first.Drawn.MeansInPlace[0] += 0.5f;
        RenderedSample brighter = Applied(engine, first.Drawn);
        Assert.That(brighter.Label, Is.EqualTo(first.Label));
        Assert.That(brighter.Image, Is.Not.EqualTo(first.Image));

        first.Drawn.MeansInPlace[0] -= 0.5f;
        first.Drawn.FieldStdInPlace[0] *= 2;
        Assert.That(Applied(engine, first.Drawn).Label, Is.Not.EqualTo(first.Label));
        first.Drawn.FieldStdInPlace[0] /= 2;
        first.Drawn.DisplacementStdInPlace[0] *= 2;
        Assert.That(Applied(engine, first.Drawn).Label, Is.Not.EqualTo(first.Label));
    }
}
