using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>The rounding to levels: what is its own.</summary>
[Category("Host")]
public sealed class QuantiseTests
{
    [TestCase(0f, 2, 0f)]
    [TestCase(0.99f, 2, 0f)]
    [TestCase(1f, 2, 1f)]
    [TestCase(0.5f, 5, 0.5f)]
    [TestCase(0.49f, 5, 0.25f)]
    [TestCase(-3f, 256, 0f)]
    [TestCase(3f, 256, 1f)]
    public void ALevel_WorkedOutByHand(float value, int levels, float level) =>
        Assert.That(Host(levels, value)[0], Is.EqualTo(level));

    [Test]
    public void ThereAreAsManyLevels_AndTwiceIsOnce([Values(2, 16, 256, 4096)] int levels)
    {
        float[] once = Host(levels, [.. Enumerable.Range(0, 100_001).Select(i => i / 100_000f)]);
        Assert.That(once.Distinct().Count(), Is.EqualTo(levels));
        Assert.That(once, Is.Ordered);
    }

    // The error of a uniform intensity is uniform: mean half a step, standard deviation a step over the root of 12.
    [Test]
    public void TheErrorIsUniform_n1e5()
    {
        const int levels = 256;
        float[] values = AppearanceTests.Uniforms(VolumeShape.Image(1, 100_000), 9);
        float[] rounded = Host(levels, values);
        double[] errors = [.. values.Zip(rounded, (value, level) => (value - level) * (levels - 1.0))];
        double mean = errors.Average();
        double std = Math.Sqrt(errors.Average(error => (error - mean) * (error - mean)));
        Assert.That(mean, Is.EqualTo(0.5).Within(5 / Math.Sqrt(12 * 100_000)));
        Assert.That(std, Is.EqualTo(1 / Math.Sqrt(12)).Within(0.005));
    }

    private static float[] Host(int levels, params float[] values)
    {
        float[] result = [.. values];
        Pointwise.Host(new Quantise(levels), Pointwise.Words(new Quantise.Drawn { Steps = levels - 1 }), result);
        return result;
    }
}
