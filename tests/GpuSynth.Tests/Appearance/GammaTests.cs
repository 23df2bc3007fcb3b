using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>The gamma curve: what every component shows is shown by ComponentTests; here is what is its own.</summary>
[Category("Host")]
public sealed class GammaTests
{
    [TestCase(0.25f, 0.5f, 0.5)]
    [TestCase(0.5f, 1f, 0.5)]
    [TestCase(0.3f, 1.5f, 0.16431676725154984)]
    public void APower_WorkedOutByHand(float value, float exponent, double power)
    {
        Gamma.Drawn drawn = new() { Exponent = exponent };
        Assert.That(Pointwise.Exact(drawn, [value])[0], Is.EqualTo(power).Within(1e-8));
        Assert.That(Host(exponent, value)[0], Is.EqualTo((float)power).Within(3e-7));
    }

    [Test]
    public void TheEnds_AreKept_WhatLiesOutsideIsClamped_AndANaNStays([Values(0.01f, 0.5f, 1f, 1.5f, 10f)] float exponent)
    {
        float[] values = [0f, 1f, -0.1f, 1.1f, float.NaN, float.NegativeInfinity, float.PositiveInfinity];
        float[] expected = [0f, 1f, 0f, 1f, float.NaN, 0f, 1f];
        Assert.That(Host(exponent, values), Is.EqualTo(expected));
        Assert.That(Pointwise.Plain(new Gamma.Drawn { Exponent = exponent }, values), Is.EqualTo(expected));
    }

    [Test]
    public void OneAfterAnother_IsTheirProduct()
    {
        float[] values = [.. Enumerable.Range(0, 1001).Select(i => i / 1000f)];
        float[] twice = Host(0.6f, Host(1.25f, values));
        float[] once = Host(0.75f, values);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.That(twice[i], Is.EqualTo(once[i]).Within(4e-7), $"{values[i]}");
        }
    }

    [Test]
    public void OrderIsKept([Values(0.5f, 1.37f)] float exponent)
    {
        float[] curve = Host(exponent, [.. Enumerable.Range(0, 4097).Select(i => i / 4096f)]);
        Assert.That(curve, Is.Ordered);
    }

    private static float[] Host(float exponent, params float[] values)
    {
        float[] result = [.. values];
        Pointwise.Host(new Gamma(1), Pointwise.Words(new Gamma.Drawn { Exponent = exponent }), result);
        return result;
    }
}
