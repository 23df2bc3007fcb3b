using GpuSynth.Kernels;
using GpuSynth.Torch.Comparing;

namespace GpuSynth.Torch.Tests.Comparing;

/// <summary>Statistics of images whose numbers are known.</summary>
internal sealed class ImageStatisticsTests
{
    [Test]
    public void OfARampEveryNumberIsKnown()
    {
        // 0 to 1 along the width, 101 voxels: quantiles of 1 % and 99 % are .01 and .99, so that 0 to 1 becomes -.0102 to 1.0102.
        var shape = VolumeShape.Image(16, 101);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(n => n % 101 / 100f * 37 + 5)];
        var statistics = ImageStatistics.Of("ramp", image, shape);
        Assert.Multiple(() =>
        {
            Assert.That(Measure(statistics, "mean"), Is.EqualTo(0.5).Within(1e-3));
            Assert.That(Measure(statistics, "sd"), Is.EqualTo(Math.Sqrt(((101 * 101) - 1) / 12.0) / 98).Within(1e-3));
            Assert.That(Measure(statistics, "10 %"), Is.EqualTo(9.0 / 98).Within(2e-3));
            Assert.That(Measure(statistics, "90 %"), Is.EqualTo(89.0 / 98).Within(2e-3));
            Assert.That(Measure(statistics, "gradient 50 %"), Is.EqualTo(1.0 / 98).Within(1e-4));
            Assert.That(Measure(statistics, "gradient 99 %"), Is.EqualTo(1.0 / 98).Within(1e-4));
            Assert.That(statistics.Histogram.Sum(), Is.EqualTo(1).Within(1e-9));
            Assert.That(statistics.Gradients[0], Is.EqualTo(1).Within(1e-9));
        });
    }

    [TestCase(2)]
    [TestCase(3)]
    public void WhiteNoise_HasAFlatSpectrum(int dimensions)
    {
        var shape = VolumeShape.Cubic(dimensions, dimensions == 2 ? 256 : 64);
        var random = new Random(1);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => (float)(random.NextDouble() - random.NextDouble()))];
        var statistics = ImageStatistics.Of("noise", image, shape);
        Assert.That(Measure(statistics, "spectral slope"), Is.Zero.Within(0.2));
        // The square of all frequencies without the disc of radius 1/4.
        Assert.That(Measure(statistics, "fine share"), Is.EqualTo(1 - (Math.PI / 16)).Within(0.02));
        Assert.That(statistics.Spectrum.Skip(4), Is.All.EqualTo(1).Within(0.2));
    }

    [Test]
    public void AWave_IsInItsRing()
    {
        var shape = VolumeShape.Image(64, 96);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(n => (float)Math.Cos(2 * Math.PI * (n % 96) * 0.203))];
        double[] spectrum = [.. ImageStatistics.Of("wave", image, shape).Spectrum];
        // 0.203 * 32 = 6.5: the middle of the seventh ring.
        Assert.That(Array.IndexOf(spectrum, spectrum.Max()), Is.EqualTo(6));
    }

    [TestCase(1f, 16, "one value (1)")]
    [TestCase(float.NaN, 4, "no slice of 8x8")]
    public void WhatHasNoNumbers_IsNamed(float value, int side, string sentence)
    {
        // Not a number: a ramp here.
        var shape = VolumeShape.Image(side, side);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(n => float.IsNaN(value) ? n : value)];
        Assert.That(
            () => ImageStatistics.Of("case7", image, shape),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains(sentence).And.Message.Contains("case7"));
    }

    [Test]
    public void Sets_AreAsFarApartAsTheyAreShifted()
    {
        double[] ring = new double[SliceSpectrum.Rings];
        Array.Fill(ring, 1);
        ImageStatistics At(int bin, double power) => new(
            new double[ImageStatistics.Names.Count], Only(bin), [.. ring.Select(one => one * power)], Only(bin));
        var distance = SetDistance.Between(MeanStatistics.Of([At(3, 1)]), MeanStatistics.Of([At(7, 100)]));
        Assert.That(distance.Histogram, Is.EqualTo(4.0 / ImageStatistics.Bins).Within(1e-12));
        Assert.That(distance.Gradient, Is.EqualTo(2.0 / ImageStatistics.Bins).Within(1e-12));
        Assert.That(distance.SpectrumDecibel, Is.EqualTo(20).Within(1e-9));
    }

    [Test]
    public void Place_IsTheShareOfRealImagesBelow()
    {
        var measure = ComparedMeasure.Of("mean", [1, 2, 3, 4], [2, 3, 100]);
        Assert.That(measure.Place, Is.EqualTo(0.625));
        Assert.That(measure.Real, Is.EqualTo(new Quartiles(1.75, 2.5, 3.25)));
    }

    private static double Measure(ImageStatistics statistics, string name) =>
        statistics.Measures[ImageStatistics.Names.Select(static one => one.Name).ToList().IndexOf(name)];

    private static double[] Only(int bin)
    {
        double[] shares = new double[ImageStatistics.Bins];
        shares[bin] = 1;
        return shares;
    }
}
