using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>The window: what is its own.</summary>
[Category("Host")]
public sealed class WindowTests
{
    // The soft-tissue window of level 40 and width 400: -160 HU is black, 240 HU is white.
    [TestCase(-1000f, 0f)]
    [TestCase(-160f, 0f)]
    [TestCase(-60f, 0.25f)]
    [TestCase(40f, 0.5f)]
    [TestCase(240f, 1f)]
    [TestCase(3071f, 1f)]
    public void AWindow_WorkedOutByHand(float hounsfield, float shown) =>
        Assert.That(Host(40, 400, hounsfield)[0], Is.EqualTo(shown));

    [Test]
    public void BetweenTheEnds_ItIsAffine([Values(-300f, 0f, 62.5f)] float level, [Values(0.5f, 198.8f)] float width)
    {
        float[] inside = [.. Enumerable.Range(0, 101).Select(i => level + (width * ((i / 100f) - 0.5f)))];
        float[] shown = Host(level, width, inside);
        for (int i = 0; i <= 100; i++)
        {
            // What the intensity itself is rounded to, in widths.
            Assert.That(shown[i], Is.EqualTo(i / 100f).Within(2e-7 + (6e-8 * Math.Abs(inside[i]) / width)));
        }
    }

    [Test]
    public void TheWindowOfZeroToOne_ChangesNothing()
    {
        float[] values = AppearanceTests.Uniforms(VolumeShape.Image(1, 1003), 7);
        Assert.That(Host(0.5f, 1, Host(0.5f, 1, values)), Is.EqualTo(Host(0.5f, 1, values)));
        Assert.That(Host(0.5f, 1, values), Is.EqualTo(values).Within(6e-8f));
    }

    // Level and width of one window go together, each as often as its weight says: of 4,000 samples, alpha 1e-5.
    [Test]
    public void OfSeveralWindows_OneIsTaken_ByItsWeight()
    {
        var window = new Window(40, 400, [new(2, -600, 1500), new(0, 1, 2), new(1, new UniformLaw(300, 400), 2000)]);
        var drawn = new DrawnSample(new RowLayout([window], new SampleFacts(VolumeShape.Image(8, 8), 2)));
        var counts = new int[3];
        for (int sample = 0; sample < 4000; sample++)
        {
            drawn.Draw(20261129, SampleKey.Of(sample));
            Window.Drawn taken = drawn.Of<Window.Drawn>();
            int which = taken.Width == 400 ? 0 : taken.Width == 1500 ? 1 : 2;
            Assert.That(taken.Level, which switch { 0 => Is.EqualTo(40f), 1 => Is.EqualTo(-600f), _ => Is.InRange(300f, 400f) });
            counts[which]++;
        }

        double[] expected = [0.25, 0.5, 0.25];
        for (int which = 0; which < 3; which++)
        {
            Assert.That(counts[which] / 4000.0, Is.EqualTo(expected[which]).Within(4.4 * Math.Sqrt(expected[which] * (1 - expected[which]) / 4000)));
        }
    }

    private static float[] Host(float level, float width, params float[] values)
    {
        float[] result = [.. values];
        Pointwise.Host(new Window(0, 1), Pointwise.Words(new Window.Drawn { Level = level, Width = width }), result);
        return result;
    }
}
