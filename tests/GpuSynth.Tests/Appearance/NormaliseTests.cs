using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>The normalisation: what is its own.</summary>
[Category("Host")]
public sealed class NormaliseTests
{
    [Test]
    public void TheRange_BecomesZeroToOne([ValueSource(typeof(Ladder), nameof(Ladder.Shapes))] VolumeShape shape)
    {
        float[] before = [.. AppearanceTests.Uniforms(shape, 3).Select(u => (3f * u) - 0.7f)];
        float[] values = Host(1e-6f, before);
        float range = before.Max() - before.Min() + 1e-6f;
        Assert.That(values, Is.EqualTo(before.Select(value => (value - before.Min()) / range)));
        Assert.That(values.Min(), Is.EqualTo(0f));
        Assert.That(values.Max(), Is.LessThanOrEqualTo(1f));
    }

    [Test]
    public void AFlatImage_BecomesZero() => Assert.That(Host(1e-6f, [4f, 4f, 4f]), Is.All.EqualTo(0f));

    [Test]
    public void AnAffineChangeBefore_ChangesNothing()
    {
        float[] before = AppearanceTests.Uniforms(VolumeShape.Image(1, 999), 5);
        float[] once = Host(0f, before);
        float[] scaled = Host(0f, [.. before.Select(value => (8f * value) + 4f)]);
        for (int i = 0; i < once.Length; i++)
        {
            Assert.That(scaled[i], Is.EqualTo(once[i]).Within(1e-6));
        }
    }

    private static float[] Host(float epsilon, float[] before)
    {
        float[] values = [.. before];
        Pointwise.Host(
            new Normalise(epsilon),
            Pointwise.Words(new Normalise.Drawn { Epsilon = epsilon }),
            values,
            range: (before.Min(), before.Max()));
        return values;
    }
}
