using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

[Category("Host")]
public sealed class RandomTests
{
    private const ulong Seed = 20260101;
    private static readonly int[] Counts = [1, 2, 3, 31, 33, 96, 100, 1000];
    private static readonly long[] Starts = [0, 5, 63, 64, 1_000_003];

    [Test]
    public void UniformMap_StaysInsideZeroAndOne_AndIsExact()
    {
        Assert.That(Uniform.FromBits(0), Is.EqualTo(Math.Pow(2, -24)));
        Assert.That(Uniform.FromBits(uint.MaxValue), Is.EqualTo(1 - Math.Pow(2, -24)));
    }

    [Test]
    public void BulkMap_GivesEveryWordOfEveryBlockOnce()
    {
        var seen = new HashSet<(uint Block, int Word)>();
        for (long element = 0; element < 4096; element++)
        {
            uint block = Uniform.BlockOf(element);
            int word = Uniform.WordOf(element);
            Assert.That(seen.Add((block, word)), Is.True);
            Assert.That(Uniform.FirstElementOf(block) + (16 * word), Is.EqualTo(element));
        }

        Assert.That(seen.Max(place => place.Block), Is.EqualTo(1023));
    }

    [Test]
    public void Uniform_EqualsReference_ExactlyAtAnyStart(
        [ValueSource(nameof(Counts))] int count, [ValueSource(nameof(Starts))] long start)
    {
        var place = new RandomPlace(Seed, 3, Streams.NoiseVoxels | (1u << 24));
        double[] reference = Uniform.ReferenceValues(place, start, count);
        float[] plain = [.. Enumerable.Range(0, count).Select(i => Uniform.At(place, start + i))];
        Assert.That(plain, Is.EqualTo(reference.Select(value => (float)value)));
    }

    [Test]
    public void Normal_InPlainFloat_IsTheReference_UpToRounding([ValueSource(nameof(Counts))] int count, [ValueSource(nameof(Starts))] long start)
    {
        var place = new RandomPlace(Seed, ulong.MaxValue, Streams.FieldNodes);
        double[] reference = Normal.ReferenceValues(place, start, count);
        float[] plain = [.. Enumerable.Range(0, count).Select(i => Normal.At(place, start + i))];
        Ladder.AssertRounding(reference, plain, roundings: 8);
    }

    // Power: a shift of 0.004 (uniform) or of 0.007 standard deviations (normal) exceeds the critical distance 0.00195 by itself.
    [Test]
    public void Uniform_KS_n1e6_alpha1e3()
    {
        const int n = 1_000_000;
        double[] sample = Sample(n, (place, element) => Uniform.At(place, element));
        Assert.That(Ladder.KolmogorovSmirnov(sample, x => x), Is.LessThan(Ladder.Critical(1e-3, n)));
    }

    [Test]
    public void Normal_KS_n1e6_alpha1e3()
    {
        const int n = 1_000_000;
        double[] sample = Sample(n, (place, element) => Normal.At(place, element));
        Assert.That(Ladder.KolmogorovSmirnov(sample, x => MathNet.Numerics.Distributions.Normal.CDF(0, 1, x)),
            Is.LessThan(Ladder.Critical(1e-3, n)));
    }

    // Neighbours in memory, the other half of a Box-Muller pair, the next group: correlation 0, standard error 1 / sqrt(n).
    [Test]
    public void Normal_Correlation_n1e6_alpha1e3([Values(1, 16, 32, 64)] int lag)
    {
        const int n = 1_000_000;
        double[] sample = Sample(n + lag, (place, element) => Normal.At(place, element));
        double sum = 0;
        double sumOfSquares = 0;
        for (int i = 0; i < n; i++)
        {
            sum += sample[i] * sample[i + lag];
            sumOfSquares += sample[i] * sample[i] * sample[i + lag] * sample[i + lag];
        }

        double critical = NormalQuantile.AtUpperTail(0.5e-3);
        Assert.That(Math.Abs(sum / n) * Math.Sqrt(n), Is.LessThan(critical));
        // The squares too: E = 1, variance E[z^4]^2 - 1 = 8.
        Assert.That(Math.Abs((sumOfSquares / n) - 1) * Math.Sqrt(n / 8.0), Is.LessThan(critical));
    }

    [Test]
    public void NormalQuantile_EqualsMathNet()
    {
        foreach (double p in new[] { 1e-300, 1e-100, 1e-30, 1e-12, 1e-6, 1e-3, 0.0749, 0.0751, 0.2, 0.5, 0.7, 0.925, 0.93, 0.999,
            1 - 1e-9 })
        {
            double expected = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, p);
            Assert.That(NormalQuantile.At(p), Is.EqualTo(expected).Within(1e-9 * Math.Max(1, Math.Abs(expected))), $"p = {p}");
        }

        Assert.That(NormalQuantile.At(0.975), Is.EqualTo(1.959963984540054).Within(1e-15));
        Assert.That(() => NormalQuantile.At(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => NormalQuantile.At(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void QuantileOfMaximum_IsTheQuantileOfTheRoot([Values(1L, 2L, 1000L, 1L << 21, 1L << 40)] long count)
    {
        foreach (double u in new[] { 1e-7, 0.01, 0.5, 0.99, 1 - 1e-7 })
        {
            double z = NormalQuantile.OfMaximum(u, count);
            double tail = MathNet.Numerics.SpecialFunctions.Erfc(z / Math.Sqrt(2)) / 2;
            // Phi(z)^count = u, taken through the logarithm so that a large count keeps its digits.
            double logU = -count * (tail + (tail * tail / 2) + (tail * tail * tail / 3));
            if (tail < 1e-4)
            {
                Assert.That(logU, Is.EqualTo(Math.Log(u)).Within(1e-9 * Math.Max(1e-6, Math.Abs(Math.Log(u))) * 10), $"u = {u}");
            }
            else
            {
                Assert.That(Math.Pow(1 - tail, count), Is.EqualTo(u).Within(1e-9), $"u = {u}");
            }
        }
    }

    // Power: a maximum taken over half as many normals has KS distance 0.25 from the law, three times the critical one.
    [Test]
    public void QuantileOfMaximum_KS_n500_alpha1e3()
    {
        const int n = 500;
        const int voxels = 1000;
        var simulated = new double[n];
        for (int i = 0; i < n; i++)
        {
            var place = new RandomPlace(Seed, (ulong)i, Streams.NoiseVoxels);
            simulated[i] = Enumerable.Range(0, voxels).Max(voxel => (double)Normal.At(place, voxel));
        }

        var drawn = new double[n];
        for (int i = 0; i < n; i++)
        {
            drawn[i] = NormalQuantile.OfMaximum(Uniform.At(new RandomPlace(Seed, 0, Streams.BiasLaws), i), voxels);
        }

        Assert.That(Ladder.KolmogorovSmirnov(simulated, drawn), Is.LessThan(Ladder.Critical(1e-3, n, n)));
    }

    private static double[] Sample(int n, Func<RandomPlace, long, float> draw)
    {
        var place = new RandomPlace(Seed, 0, Streams.NoiseVoxels);
        var sample = new double[n];
        for (int i = 0; i < n; i++)
        {
            sample[i] = draw(place, i);
        }

        return sample;
    }
}
