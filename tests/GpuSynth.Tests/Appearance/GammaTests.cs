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

    // SynthSeg: ((I - min) / (max - min))^g. Brain-ID: (I / 300)^g of 0 to 300. In double, as the closed forms have it.
    [Test]
    public void BehindNormaliseOrAWindow_ItIsThatOfPeers([Values(0.6f, 1f, 1.6f)] float exponent)
    {
        float[] image = [.. AppearanceTests.Uniforms(VolumeShape.Image(1, 997), 3).Select(static u => (360f * u) - 20f)];
        (float least, float most) = (image.Min(), image.Max());
        float[] share = [.. image];
        Pointwise.Host(new Normalise(0), Pointwise.Words(default(Normalise.Drawn)), share, range: (least, most));
        float[] window = [.. image];
        Pointwise.Host(new Window(150, 300), Pointwise.Words(new Window.Drawn { Level = 150, Width = 300 }), window);
        (share, window) = (Host(exponent, share), Host(exponent, window));
        for (int i = 0; i < image.Length; i++)
        {
            Assert.That(share[i], Is.EqualTo(Math.Pow((image[i] - (double)least) / (most - (double)least), exponent)).Within(1e-6));
            Assert.That(window[i], Is.EqualTo(Math.Pow(Math.Clamp((double)image[i], 0, 300) / 300, exponent)).Within(1e-5));
        }
    }

    // exp(N(0, s)): the median and the deviation of the logarithm, of 4,000 draws; the bounds lie beyond four deviations.
    [TestCase(0.5)]
    [TestCase(0.1)]
    [TestCase(0.6)]
    public void ALogNormalLaw_IsEOfANormalNumber_n4000_alpha1e3_seed9(double sigma)
    {
        const int Samples = 4000;
        var law = new LogNormalLaw(1, sigma, Math.Exp(-4.5 * sigma), Math.Exp(4.5 * sigma));
        double[] logs = [.. Enumerable.Range(0, Samples).Select(sample => Math.Log(law.Draw(new RandomPlace(9, (ulong)sample, Streams.GammaLaws), 0)))];
        double allowed = NormalQuantile.AtUpperTail(1e-3 / 4);
        Assert.That(logs.Average() / sigma, Is.EqualTo(0).Within(allowed / Math.Sqrt(Samples)));
        Assert.That(logs.Average(static log => log * log) / (sigma * sigma), Is.EqualTo(1).Within(allowed * Math.Sqrt(2.0 / Samples)));
    }

    [Test]
    public void AWindowBeforeIt_Suffices()
    {
        Component[] list = [new Contrast(1), new Window(150, 300), new Gamma(1)];
        Assert.That(list[2].Complaints(list, 2), Is.Empty);
        Assert.That(list[2].Complaints([list[0], list[2]], 1), Is.Not.Empty);
    }

    private static float[] Host(float exponent, params float[] values)
    {
        float[] result = [.. values];
        Pointwise.Host(new Gamma(1), Pointwise.Words(new Gamma.Drawn { Exponent = exponent }), result);
        return result;
    }
}
