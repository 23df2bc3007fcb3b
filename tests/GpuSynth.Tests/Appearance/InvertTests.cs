using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>The inversion: what is its own.</summary>
[Category("Host")]
public sealed class InvertTests
{
    [TestCase(0f, 1f, 1f)]
    [TestCase(1f, 1f, 0f)]
    [TestCase(0.25f, 1f, 0.75f)]
    [TestCase(0.25f, 0f, 0.25f)]
    [TestCase(0.25f, 0.5f, 0.5f)]
    public void AnInversion_WorkedOutByHand(float value, float amount, float turned) =>
        Assert.That(Host(amount, value)[0], Is.EqualTo(turned));

    [Test]
    public void Twice_IsNothing()
    {
        float[] values = AppearanceTests.Uniforms(VolumeShape.Image(1, 1003), 8);
        Assert.That(Host(1, Host(1, values)), Is.EqualTo(values).Within(1.2e-7f));
    }

    [Test]
    public void AChance_TurnsAsManySamplesOver()
    {
        const int samples = 2000;
        var law = new ChanceLaw(0.3, 1, 0);
        int turned = Enumerable.Range(0, samples).Count(
            sample => law.Draw(new RandomPlace(7, (ulong)sample, 15), 0) == 1f);

        // Five standard deviations of a binomial count.
        Assert.That(turned, Is.EqualTo(0.3 * samples).Within(5 * Math.Sqrt(samples * 0.3 * 0.7)));
    }

    private static float[] Host(float amount, params float[] values)
    {
        float[] result = [.. values];
        Pointwise.Host(new Invert(0), Pointwise.Words(new Invert.Drawn { Amount = amount }), result);
        return result;
    }
}
