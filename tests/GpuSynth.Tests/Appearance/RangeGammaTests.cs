using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>The gamma curve that keeps the range: what is its own.</summary>
[Category("Host")]
public sealed class RangeGammaTests
{
    // Of -1 to 3: a fourth of the way is 0, and its root, half of the way, 1; three fourths are 2, the square of which is 9/16 of the way, 1.25.
    [TestCase(0f, 0.5f, 1f)]
    [TestCase(2f, 2f, 1.25f)]
    [TestCase(1f, 1f, 1f)]
    public void ACurve_WorkedOutByHand(float value, float exponent, float expected) =>
        Assert.That(Host(exponent, -1, value, 3)[1], Is.EqualTo(expected).Within(1e-6f));

    [Test]
    public void TheRange_AndTheOrder_AreKept([Values(0.01f, 0.4f, 1f, 2.5f, 10f)] float exponent)
    {
        float[] before = [.. Enumerable.Range(0, 1001).Select(static i => -200f + (1.5f * i))];
        float[] after = Host(exponent, before);
        Assert.That(after, Is.Ordered);
        Assert.That((after[0], after[1000]), Is.EqualTo((before[0], before[1000])));
    }

    // Closed form in double: what cornucopia has.
    [Test]
    public void IsNormaliseAndGamma_InItsOwnRange([Values(0.3f, 1.7f)] float exponent)
    {
        float[] before = [.. AppearanceTests.Uniforms(VolumeShape.Image(1, 999), 5).Select(static u => (40f * u) - 10f)];
        (double least, double most) = (before.Min(), before.Max());
        float[] after = Host(exponent, before);
        for (int i = 0; i < after.Length; i++)
        {
            double expected = least + ((most - least) * Math.Pow((before[i] - least) / (most - least), exponent));
            Assert.That(after[i], Is.EqualTo(expected).Within(4e-5));
        }
    }

    [Test]
    public void AFlatImage_Stays_AndSoDoesANaN()
    {
        Assert.That(Host(0.5f, 4, 4, 4), Is.All.EqualTo(4f));
        float[] values = [1, float.NaN, 2];
        Pointwise.Host(new RangeGamma(1), Pointwise.Words(new RangeGamma.Drawn { Exponent = 2 }), values, range: (1, 2));
        Assert.That(values, Is.EqualTo([1f, float.NaN, 2f]));
    }

    private static float[] Host(float exponent, params float[] before)
    {
        float[] values = [.. before];
        Pointwise.Host(new RangeGamma(1), Pointwise.Words(new RangeGamma.Drawn { Exponent = exponent }), values, range: (before.Min(), before.Max()));
        return values;
    }
}
