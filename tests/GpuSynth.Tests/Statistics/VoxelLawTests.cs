using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;
using MathNormal = MathNet.Numerics.Distributions.Normal;

namespace GpuSynth.Tests.Statistics;

/// <summary>What was drawn, measured on the voxels that it became, with all other stages off.</summary>
[Category("Host")]
[Category("Slow")]
public sealed class VoxelLawTests
{
    private const double Alpha = 1e-3;
    private static readonly double Quantile = NormalQuantile.AtUpperTail(Alpha / 2);

    [Test]
    public void NoiseStd_Normal_n262144_alpha1e3_seed20261121([Values(0.05, 0.4)] double stdOfMaximum)
    {
        // The sample variance of n normals has the standard deviation sigma^2 sqrt(2 / n): one per cent is seen.
        double[] noise = Noise(VolumeShape.Cubic(3, 64), stdOfMaximum);
        double z = (noise.Average(value => value * value) - 1) / Math.Sqrt(2.0 / noise.Length);
        Assert.That(2 * Quantile * Math.Sqrt(2.0 / noise.Length), Is.LessThan(0.02), "n does not suffice");
        Assert.That(Math.Abs(z), Is.LessThan(Quantile));
        Assert.That(Math.Abs(noise.Average() * Math.Sqrt(noise.Length)), Is.LessThan(Quantile), "mean");
    }

    [Test]
    public void NoiseLaw_KS_n262144_alpha1e3_seed20261121()
    {
        double[] noise = Noise(VolumeShape.Volume(64, 32, 128), 0.2);
        double critical = Ladder.Critical(Alpha, noise.Length);
        Assert.That(2 * critical, Is.LessThan(0.008), "n does not suffice to see a law that is off by 0.008");
        Assert.That(Ladder.KolmogorovSmirnov(noise, x => MathNormal.CDF(0, 1, x)), Is.LessThan(critical));
    }

    // Of white noise the product of neighbours has mean 0 and standard deviation 1 / sqrt(pairs): 0.013 is seen. Rows of 63
    // voxels end within a group of random numbers, rows of 64 do not.
    [Test]
    public void NoiseIsWhite_Correlation_n250000_alpha1e3_seed20261121([Values(0, 1, 2)] int axis, [Values(63, 64)] int width)
    {
        VolumeShape shape = VolumeShape.Volume(64, 63, width);
        double[] noise = Noise(shape, 0.2);
        int stride = axis == 0 ? shape.Height * shape.Width : axis == 1 ? shape.Width : 1;
        int length = axis == 0 ? shape.Depth : axis == 1 ? shape.Height : shape.Width;
        double sum = 0;
        int pairs = 0;
        for (int voxel = 0; voxel < noise.Length; voxel++)
        {
            if ((voxel / stride % length) + 1 < length)
            {
                sum += noise[voxel] * noise[voxel + stride];
                pairs++;
            }
        }

        Assert.That(2 * Quantile / Math.Sqrt(pairs), Is.LessThan(0.0135), "n does not suffice to see a correlation of 0.0135");
        Assert.That(Math.Abs(sum / Math.Sqrt(pairs)), Is.LessThan(Quantile));
    }

    [Test]
    public void NeighbouringSamples_Correlation_n262144_alpha1e3_seed20261121()
    {
        VolumeShape shape = VolumeShape.Cubic(3, 64);
        double[] first = Noise(shape, 0.2, 0);
        double[] second = Noise(shape, 0.2, 1);
        double sum = first.Zip(second, (a, b) => a * b).Sum();
        Assert.That(Math.Abs(sum / Math.Sqrt(first.Length)), Is.LessThan(Quantile));
    }

    // The largest of N normals has the law Phi(x)^N. Power: one taken over half as many voxels has distance 0.25 from it.
    [Test]
    public void LargestNoise_KS_n500_alpha1e3_seed20261121()
    {
        const int n = 500;
        VolumeShape shape = VolumeShape.Volume(16, 12, 11);
        using SynthesisEngine engine = Start(Options(Only(3, 1, noise: new Noise(0.2)), shape));
        double[] largest =
        [
            .. Enumerable.Range(0, n).Select(sample => Standardised(Sample(engine, SampleKey.Of(sample)), 0.2).Max()),
        ];
        double critical = Ladder.Critical(Alpha, n);
        Assert.That(2 * critical, Is.LessThan(0.25));
        Assert.That(
            Ladder.KolmogorovSmirnov(largest, x => Math.Pow(MathNormal.CDF(0, 1, x), shape.VoxelCount)), Is.LessThan(critical));
    }

    // The field is rescaled to the maximum that it drew: at its nodes; a voxel between two nodes may miss it by their curvature,
    // which is below 5 % at this smoothness.
    [Test]
    public void BiasField_HasTheMaximumThatWasDrawn([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(48, 40, 33) : VolumeShape.Image(96, 100);
        using SynthesisEngine engine = Start(Options(Only(dimensions, 1, Presets.Get("rasd-3d").Find<Bias>()), shape));
        for (int n = 0; n < 20; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            double expected = sample.Drawn.BiasStd * NormalQuantile.OfMaximum(sample.Drawn.BiasMaximumUniform, shape.VoxelCount);
            double largest = Math.Log(sample.Image.Max());
            Assert.That(largest, Is.LessThan(expected * 1.0001).And.GreaterThan(expected * 0.95), $"sample {n}");
        }
    }

    // The law as the method states it, with the same standard deviation: white noise in every voxel, 83 taps, rescaled. The
    // standard deviation, the largest step between neighbours and the smallest value over the volume say what scale the field
    // has.
    [Test]
    public void BiasField_KS_n150_m150_alpha1e3_seed20261121()
    {
        const int n = 150;
        VolumeShape shape = VolumeShape.Volume(36, 20, 24);
        using SynthesisEngine engine = Start(Options(Only(3, 1, new Bias(0.05, 16, 83)), shape));
        double[][] ours = [.. Enumerable.Range(0, n).Select(sample =>
            Measures([.. Sample(engine, SampleKey.Of(sample)).Image.Select(value => Math.Log(value))], shape))];
        float sigma = (float)(16 / Bias.FwhmPerSigma);
        double[][] textbook = [.. Enumerable.Range(0, n).AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(sample =>
        {
            var place = new RandomPlace(Seed + 1, (ulong)sample, Streams.NoiseVoxels);
            double[] white = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel => 0.05 * Normal.At(in place, voxel))];
            return Measures(BiasField.ReferenceTextbook(white, shape, [sigma, sigma, sigma], 83), shape);
        })];
        for (int measure = 0; measure < 3; measure++)
        {
            var test = TwoSample.KolmogorovSmirnov(
                [.. ours.Select(values => values[measure])], [.. textbook.Select(values => values[measure])], Alpha);
            TestContext.Out.WriteLine(
                $"measure {measure}: D = {test.Statistic:0.0000}, critical {test.Critical:0.0000}, p {test.P:0.000}");
            Assert.That(test.Statistic, Is.LessThan(test.Critical), $"measure {measure}");
        }

        double shift = TwoSample.DetectableShift(TwoSample.KolmogorovSmirnov, n, n, Alpha, 0.9);
        TestContext.Out.WriteLine($"a shift of {shift:0.00} standard deviations is seen with probability 0.9");
        Assert.That(shift, Is.LessThan(0.7));
    }

    private static double[] Measures(double[] field, VolumeShape shape)
    {
        double mean = field.Average();
        double step = 0;
        for (int voxel = 0; voxel + 1 < field.Length; voxel++)
        {
            step = (voxel + 1) % shape.Width == 0 ? step : Math.Max(step, Math.Abs(field[voxel + 1] - field[voxel]));
        }

        return [Math.Sqrt(field.Average(value => (value - mean) * (value - mean))), step, field.Min()];
    }

    /// <summary>The noise of a sample whose labels all have the mean 1, divided by its standard deviation.</summary>
    private static double[] Noise(VolumeShape shape, double stdOfMaximum, int sample = 3) =>
        Standardised(
            Sample(Options(Only(3, 1, noise: new Noise(stdOfMaximum)), shape, 1, 2), SampleKey.Of(sample)),
            stdOfMaximum);

    private static double[] Standardised(RenderedSample sample, double stdOfMaximum) =>
        [.. sample.Image.Select(value => (value - 1.0) / stdOfMaximum)];
}
