using GpuSynth.Kernels;
using GpuSynth.Tests.Components;
using static GpuSynth.Tests.Appearance.LineOperator;

namespace GpuSynth.Tests.Appearance;

/// <summary>The noise of the resolution's slices: what is its own.</summary>
[Category("Host")]
public sealed class ResolutionNoiseTests
{
    private const int Lines = 4000;
    private const double Alpha = 1e-3;

    private static readonly RandomPlace Numbers = new(9, 0, 60 + (1u << 24)); // As LineOperator draws.

    // Slices of two voxels lie at 0.5, 2.5 and 4.5: their numbers, and a line between them. The element of a slice is its place in the image.
    [Test]
    public void ANoise_WorkedOutByHand()
    {
        float[] after = Apply(Along(2, 0.5), VolumeShape.Image(3, 6), new float[18], 0, OnX);
        for (int y = 0; y < 3; y++)
        {
            double[] z = [.. Normal.ReferenceValues(Numbers, 6 * y, 3).Select(static one => 0.5 * one)];
            double[] expected = [z[0], Between(z[0], z[1], 0.25), Between(z[0], z[1], 0.75), Between(z[1], z[2], 0.25), Between(z[1], z[2], 0.75), z[2]];
            Assert.That(after[(6 * y)..(6 * (y + 1))], Is.EqualTo(expected.Select(static one => (float)one)).Within(1e-6f));
        }

        static double Between(double a, double b, double along) => a + (along * (b - a));
    }

    [Test]
    public void ALine_HasAsManyFreeNumbersAsSlices([Values(1.5, 2.3, 4, 7.9)] double spacing, [Values(31, 40)] int length, [Range(0, 2)] int axis)
    {
        // As many lines as a line has voxels, beside each other.
        VolumeShape shape = axis switch
        {
            0 => VolumeShape.Volume(length, 1, length),
            1 => VolumeShape.Volume(1, length, length),
            _ => VolumeShape.Volume(1, length, length),
        };
        float[] after = Apply(Along(spacing, 1), shape, new float[shape.VoxelCount], 3, (ref Resolution.Drawn drawn) => drawn.SliceAxis = axis);
        var matrix = new double[length, length];
        for (int line = 0; line < length; line++)
        {
            for (int at = 0; at < length; at++)
            {
                matrix[line, at] = axis == 2 ? after[(line * length) + at] : after[(at * length) + line];
            }
        }

        int slices = (int)Math.Ceiling(length / spacing);
        Assert.That(LeftOf(matrix, slices), Is.LessThan(2e-5));
        Assert.That(LeftOf(matrix, slices - 1), Is.GreaterThan(1e-3));
    }

    // Slices at 0, 4 and 8 of nine voxels: s there, s / sqrt(2) midway, the root of 10/16 a fourth of the way.
    [Test]
    public void StandardDeviation_AtSlicesAndBetween_n4000_alpha1e3_seed9()
    {
        const double Std = 0.3;
        float[] after = Apply(Along(4, Std), VolumeShape.Image(Lines, 9), [.. Enumerable.Repeat(2f, Lines * 9)], 1, OnX);
        double allowed = NormalQuantile.AtUpperTail(Alpha / 2 / 9) * Math.Sqrt(2.0 / Lines);
        Assert.That(allowed, Is.LessThan(0.1), "n does not suffice to see a variance that is off by a fifth");
        for (int x = 0; x < 9; x++)
        {
            double share = (x % 4) switch { 0 => 1, 2 => 0.5, _ => 10.0 / 16 };
            double variance = Enumerable.Range(0, Lines).Average(line => Math.Pow(after[(9 * line) + x] - 2, 2));
            Assert.That(variance / (Std * Std * share), Is.EqualTo(1).Within(allowed), $"x {x}");
        }
    }

    // Of all axes coarse, too: where three slices meet it is s, between all of them s / sqrt(8).
    [Test]
    public void OfAllAxes_n1000_alpha1e3_seed9()
    {
        var coarse = new Resolution(1, 0, 1, 1, 1, 1, 2, 0, 0, 1);
        VolumeShape shape = VolumeShape.Volume(3, 3, 3); // Slices at 0 and 2.
        float[][] after = [.. Enumerable.Range(0, 1000).Select(sample => Apply(coarse, shape, new float[27], sample))];
        double allowed = NormalQuantile.AtUpperTail(Alpha / 2 / 3) * Math.Sqrt(2.0 / 1000);
        Assert.That(after.Average(static one => (double)one[0] * one[0]), Is.EqualTo(1).Within(allowed));
        Assert.That(after.Average(static one => (double)one[1] * one[1]), Is.EqualTo(0.5).Within(0.5 * allowed));
        Assert.That(after.Average(static one => (double)one[13] * one[13]), Is.EqualTo(0.125).Within(0.125 * allowed));
    }

    // E M^2 = I^2 + n s^2; in quadrature I^2 + n s^2 / Var, and no intensity is lowered.
    [Test]
    public void AMagnitude_HasItsSecondMoment_n36000_alpha1e3_seed9([Values(2, 3, 8)] int degrees, [Values] bool inQuadrature)
    {
        const double Std = 0.2;
        var noise = new Resolution(1, 0, 1, 1, 1, 0, 1, 0, 0, Std, degrees, inQuadrature ? 1 : 0);
        float[] after = Apply(noise, VolumeShape.Image(Lines, 9), [.. Enumerable.Repeat(0.5f, Lines * 9)], 1);
        double own = Std * Std / (inQuadrature ? SliceNoise.ChiVariance(degrees) : 1);
        double cross = inQuadrature ? 0 : 4 * 0.25 * own;
        double allowed = NormalQuantile.AtUpperTail(Alpha / 2) * Math.Sqrt(((2 * degrees * own * own) + cross) / after.Length);
        Assert.That(after.Average(static value => (double)value * value), Is.EqualTo(0.25 + (degrees * own)).Within(allowed));
        Assert.That(after.Min(), inQuadrature ? Is.GreaterThanOrEqualTo(0.5f) : Is.LessThan(0.4f));
    }

    // 1 - 2/pi, 2 - pi/2, 3 - 8/pi.
    [TestCase(1, 0.36338022763241865)]
    [TestCase(2, 0.42920367320510344)]
    [TestCase(3, 0.45352091052967447)]
    public void TheVarianceOfAChiLaw_WorkedOutByHand(int degrees, double expected) =>
        Assert.That(SliceNoise.ChiVariance(degrees), Is.EqualTo(expected).Within(1e-14));

    // What the size of n normal numbers adds, scaled, has the standard deviation that is asked for.
    [Test]
    public void InQuadrature_NoSignal_HasItsStandardDeviation_n36000_alpha1e3_seed9([Values(2, 3, 8)] int degrees)
    {
        var noise = new Resolution(1, 0, 1, 1, 1, 0, 1, 0, 0, 0.1, degrees, 1);
        float[] after = Apply(noise, VolumeShape.Image(Lines, 9), new float[Lines * 9], 2);
        double mean = after.Average(static value => (double)value);
        double variance = after.Average(value => Math.Pow(value - mean, 2));
        Assert.That(variance / 0.01, Is.EqualTo(1).Within(NormalQuantile.AtUpperTail(Alpha / 2) * Math.Sqrt(2.5 / after.Length)));
    }

    [Test]
    public void WithoutNoise_EveryBitIsThatOfBefore()
    {
        VolumeShape shape = VolumeShape.Volume(19, 18, 35);
        Random random = new(3);
        float[] image = [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextSingle() - 0.5f)];
        var before = new Resolution(new UniformLaw(1, 8), 0.4247, new UniformLaw(0.1, 1), 0, 1, 0.5, new UniformLaw(1, 8), 0, 0);
        foreach (Resolution none in new[] { before with { Noise = 0 }, before with { Noise = 0, NoiseDegrees = 4 } })
        {
            for (int sample = 0; sample < 6; sample++)
            {
                Assert.That(LaneRuns.Bits(Apply(none, shape, image, sample)).SequenceEqual(LaneRuns.Bits(Apply(before, shape, image, sample))));
            }
        }
    }

    [Test]
    public void ANaN_StaysOne_AndNumbersThatCannotBe_AreRefused()
    {
        float[] after = Apply(new Resolution(1, 0, 1, 1, 1, 0, 1, 0, 0, 0.1, 4), VolumeShape.Image(2, 2), [1, float.NaN, 1, 1]);
        Assert.That(after.Select(float.IsNaN), Is.EqualTo([false, true, false, false]));
        foreach (float wrong in new[] { -1, float.NaN, float.PositiveInfinity })
        {
            Assert.That(
                () => Apply(Along(2, 1), VolumeShape.Image(8, 8), new float[64], 0, (ref Resolution.Drawn drawn) => drawn.NoiseStd = wrong),
                Throws.InstanceOf<ArgumentException>());
        }
    }

    private static Resolution Along(double spacing, double std) => new(spacing, 0, 1, 1, 1, 0, 1, 0, 0, std);

    private static void OnX(ref Resolution.Drawn drawn) => drawn.SliceAxis = 2;
}
