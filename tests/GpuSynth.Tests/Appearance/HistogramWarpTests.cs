using GpuSynth.Kernels;
using GpuSynth.Tests.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Appearance;

/// <summary>The monotone curve: what is its own.</summary>
[Category("Host")]
public sealed class HistogramWarpTests
{
    [Test]
    public void StraightHeights_AreTheIdentity([Values(3, 5, 32)] int knots)
    {
        float[] heights = [.. Enumerable.Range(0, knots).Select(knot => knot / (knots - 1f))];
        for (double at = 0; at <= 1; at += 0.01)
        {
            Assert.That(HistogramWarp.At(heights, at), Is.EqualTo(at).Within(1e-7));
        }
    }

    // Rises of 1/4 and 3/4: slopes 1/4, 3/8 (their harmonic mean), 3/4; a quarter of the way is half of the first cubic.
    [TestCase(0.0, 0.0)]
    [TestCase(0.25, 0.109375)]
    [TestCase(0.5, 0.25)]
    [TestCase(1.0, 1.0)]
    public void ACurve_WorkedOutByHand(double at, double height) =>
        Assert.That(HistogramWarp.At([0f, 0.25f, 1f], at), Is.EqualTo(height).Within(1e-12));

    [Test]
    public void TheEndsAreKept_AndTheOrderOfAnyTwoVoxels([Values(3, 10, 32)] int knots, [Range(0, 19)] int sample)
    {
        var facts = new SampleFacts(VolumeShape.Image(4, 4), 2);
        var rows = new RowLayout([new HistogramWarp(knots)], facts);
        var row = new uint[rows.Length];
        rows.Draw(11, SampleKey.Of(sample), row);
        rows.Prepare(row);
        RowEntry entry = rows.Entries[0];
        float[] values = [.. Enumerable.Range(-10, 10_021).Select(i => i / 10_000f)];
        Pointwise.Host((HistogramWarp)entry.Component, row, values, first: entry.First);
        Assert.That(values, Is.Ordered);
        Assert.That((values[0], values[10], values[^11], values[^1]), Is.EqualTo((0f, 0f, 1f, 1f)));
    }

    // Rises of a flat Dirichlet draw of n parts have mean 1 / n and variance (n - 1) / (n^2 (n + 1)).
    [Test]
    public void TheRises_AreFlatOnTheSimplex_n4000()
    {
        const int samples = 4000;
        const int parts = 4;
        var rows = new RowLayout([new HistogramWarp(parts + 1)], new SampleFacts(VolumeShape.Image(4, 4), 2));
        var row = new uint[rows.Length];
        var rises = new List<double>();
        for (int sample = 0; sample < samples; sample++)
        {
            rows.Draw(12, SampleKey.Of(sample), row);
            WordList heights = rows.Of<HistogramWarp.Drawn>(row).Heights;
            rises.Add(BitConverter.UInt32BitsToSingle(row[heights.First + 2]) - BitConverter.UInt32BitsToSingle(row[heights.First + 1]));
        }

        double variance = (parts - 1.0) / (parts * parts * (parts + 1));
        double mean = rises.Average();
        Assert.That(mean, Is.EqualTo(1.0 / parts).Within(5 * Math.Sqrt(variance / samples)));
        Assert.That(rises.Average(rise => (rise - mean) * (rise - mean)), Is.EqualTo(variance).Within(0.1 * variance));
    }
}
