using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Two quantiles of the sample as 0 and 1: what is its own.</summary>
[Category("Host")]
public sealed class QuantileRangeTests
{
    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(19, 40, 33), VolumeShape.Image(100, 101), VolumeShape.Image(1, 1), VolumeShape.Volume(2, 3, 1)];

    // 4,096 intensities 0, 1, ..., one for each bin of 4,095 / 4,096: 1 % of them are 40.96 voxels, which end 0.96 into bin 40; 99 % end 0.04 into bin 4,055.
    [Test]
    public void ARamp_WorkedOutByHand()
    {
        float[] ramp = [.. Enumerable.Range(0, 4096).Select(static value => (float)value)];
        float[] after = Run(VolumeShape.Image(64, 64), ramp, 0.01, 0.99);
        const double width = 4095.0 / 4096;
        const double low = 40.96 * width;
        const double high = 4055.04 * width;
        for (int voxel = 0; voxel < ramp.Length; voxel++)
        {
            Assert.That(after[voxel], Is.EqualTo((voxel - low) / (high - low)).Within(1e-6));
        }
    }

    // Against sorted intensities: a quantile is at most a bin off, and what is made is linear in what was.
    [Test]
    public void Quantiles_AreThoseOfTheSortedIntensities(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        Recipe recipe = Noisy(shape, new QuantileRange(new UniformLaw(0, 0.1), new UniformLaw(0.9, 1)));
        RenderedSample before = Sample(Options(recipe with { Appearance = [.. recipe.Appearance.Take(2)] }, shape), SampleKey.Of(1));
        RenderedSample after = Sample(Options(recipe, shape, threads: 3) with { Device = device }, SampleKey.Of(1));
        float[] sorted = [.. before.Image.Order()];
        float width = (sorted[^1] - sorted[0]) / QuantileRange.Bins;
        QuantileRange.Drawn drawn = after.Drawn.Of<QuantileRange.Drawn>();
        if (width == 0)
        {
            Assert.That(after.Image, Is.All.Zero);
            return;
        }

        double slope = (after.Image.Max() - (double)after.Image.Min()) / (sorted[^1] - sorted[0]);
        double low = sorted[0] - (after.Image.Min() / slope);
        double high = low + (1 / slope);
        Assert.That(low, Is.InRange(Sorted(drawn.Low, -1) - width, Sorted(drawn.Low, 0) + width));
        Assert.That(high, Is.InRange(Sorted(drawn.High, -1) - width, Sorted(drawn.High, 0) + width));
        for (int voxel = 0; voxel < after.Image.Length; voxel++)
        {
            Assert.That(after.Image[voxel], Is.EqualTo((before.Image[voxel] - low) * slope).Within(2e-5));
        }

        double Sorted(double quantile, int more) => sorted[Math.Clamp((int)(quantile * sorted.Length) + more, 0, sorted.Length - 1)];
    }

    // Hardly a voxel differs: no bin holds two quantiles apart, and the range is that of all.
    [Test]
    public void WhereBothQuantilesLieInOneBin_TheRangeIsThatOfAll()
    {
        float[] image = [.. Enumerable.Repeat(2f, 999), 6f];
        Assert.That(Run(VolumeShape.Image(10, 100), image, 0.01, 0.99), Is.EqualTo(image.Select(static value => (value - 2) / 4)).Within(1e-6f));
        Assert.That(Run(VolumeShape.Image(10, 100), [.. Enumerable.Repeat(2f, 1000)], 0.01, 0.99), Is.All.Zero);
    }

    // A flat image that was blurred is off by a few ulp here and there, which is nothing to make an image of; a range of 2^-17 is one.
    [Test]
    public void WhatRoundingHasLeftOfAFlatImage_BecomesZero([Values(-1e6f, 0.5f)] float level, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        VolumeShape shape = VolumeShape.Image(10, 40);
        Recipe recipe = Noisy(shape, new QuantileRange(0.01, 0.99));
        recipe = recipe with { Appearance = [new Contrast(level), new Resolution(3, 0.75, 0, 1, 1, 0.3, 2, 0.5, 0.3), recipe.Appearance[2]] };
        float[] image = Sample(Options(recipe, shape) with { Device = device }, SampleKey.Of(1)).Image;
        Assert.That(image, Is.All.Zero);
        float[] two = [.. Enumerable.Range(0, 400).Select(voxel => level * (1 + (voxel % 2 / 131072f)))];
        Assert.That(Run(shape, two, 0.01, 0.99).Max(), Is.EqualTo(1).Within(0.2));
    }

    // On a device too a sample that leaves it out is what it was.
    [Test]
    public void SomeSamplesLeaveItOut([Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        VolumeShape shape = VolumeShape.Image(20, 30);
        Recipe recipe = Noisy(shape, new QuantileRange(0.01, 0.99) { Chance = 0.5 });
        using SynthesisEngine with = Start(Options(recipe, shape) with { Device = device });
        using SynthesisEngine without = Start(Options(recipe with { Appearance = [.. recipe.Appearance.Take(2)] }, shape) with { Device = device });
        int left = 0;
        for (int sample = 0; sample < 12; sample++)
        {
            RenderedSample one = Sample(with, SampleKey.Of(sample));
            if (one.Drawn.LeftOut.Any())
            {
                left++;
                Assert.That(one.Image, Is.EqualTo(Sample(without, SampleKey.Of(sample)).Image).Within(1e-6f));
            }
        }

        Assert.That(left, Is.InRange(1, 11));
    }

    private static Recipe Noisy(VolumeShape shape, QuantileRange range) => new(
        "quantiles",
        shape.Dimensions,
        [new NoiseAnatomy(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(3)], 1), null)],
        [new Contrast(new UniformLaw(0, 1)), new Noise(0.2), range]);

    private static float[] Run(VolumeShape shape, float[] image, double low, double high) =>
        LineOperator.Apply(new QuantileRange(low, high), shape, image);
}
