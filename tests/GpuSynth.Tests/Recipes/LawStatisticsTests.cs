using GpuSynth.Kernels;
using NUnit.Framework;
using ChiSquared = MathNet.Numerics.Distributions.ChiSquared;
using Normal = MathNet.Numerics.Distributions.Normal;

namespace GpuSynth.Tests.Recipes;

/// <summary>
/// Every law against its distribution. Kolmogorov-Smirnov: D above c(alpha) / sqrt(n) rejects, c(1e-3) = sqrt(ln(2 / alpha) / 2)
/// = 1.9495. By the inequality of Dvoretzky, Kiefer and Wolfowitz, a law whose distribution function is off by twice that
/// anywhere is rejected with probability at least 1 - alpha: the detectable effect that each test asserts is small enough.
/// </summary>
[TestFixture]
public sealed class LawStatisticsTests
{
    private const int Draws = 100_000;
    private const double Alpha = 1e-3;
    private const ulong Seed = 20260217;

    private static readonly RandomPlace Place = new(Seed, 7, Streams.NoiseLaws);

    [Test]
    public void Uniform_KS_n100000_alpha1e3_seed20260217() =>
        AssertDistribution(new UniformLaw(-2, 4), x => (x + 2) / 6);

    [Test]
    public void LogUniform_KS_n100000_alpha1e3_seed20260217() =>
        AssertDistribution(new LogUniformLaw(0.01, 100), x => (Math.Log10(x) + 2) / 4);

    [Test]
    public void Normal_KS_n100000_alpha1e3_seed20260217() =>
        AssertDistribution(new NormalLaw(3, 0.5), x => Normal.CDF(3, 0.5, x));

    [Test]
    public void ClampedNormal_KS_n100000_alpha1e3_seed20260217() =>
        // Inside the limits the distribution function is the normal one; what lies beyond a limit stands on it.
        AssertDistribution(
            new NormalLaw(3, 0.5, 2.5, 4),
            x => x >= 4 ? 1 : Normal.CDF(3, 0.5, x),
            below: x => x <= 2.5 ? 0 : Normal.CDF(3, 0.5, x));

    [Test]
    public void LogNormal_KS_n100000_alpha1e3_seed20260217() =>
        AssertDistribution(new LogNormalLaw(2, 0.35), x => Normal.CDF(0, 0.35, Math.Log(x / 2)));

    [Test]
    public void ClampedLogNormal_KS_n100000_alpha1e3_seed20260217() =>
        AssertDistribution(
            new LogNormalLaw(2, 0.35, 1.5, 3),
            x => x >= 3 ? 1 : Normal.CDF(0, 0.35, Math.Log(x / 2)),
            below: x => x <= 1.5 ? 0 : Normal.CDF(0, 0.35, Math.Log(x / 2)));

    [Test]
    public void OneOf_KS_n100000_alpha1e3_seed20260217()
    {
        // Weights 5, 2 and 1: overlapping ranges, so that weights and laws both show.
        OneOfLaw law = new([new(5, new UniformLaw(0, 1)), new(2, new UniformLaw(0.5, 2)), new(1, new NormalLaw(0, 1))]);
        AssertDistribution(law, x =>
            ((5 * Math.Clamp(x, 0, 1)) + (2 * Math.Clamp((x - 0.5) / 1.5, 0, 1)) + Normal.CDF(0, 1, x)) / 8);
    }

    [Test]
    public void WideInteger_KS_n100000_alpha1e3_seed20260217() =>
        AssertDistribution(new IntegerLaw(1, IntegerLaw.Farthest), x => x / IntegerLaw.Farthest);

    [Test]
    public void WideIntegerIsOdd_Binomial_n100000_alpha1e3_seed20260217()
    {
        // 2^24 numbers from a uniform of 2^23 values would be odd, all of them.
        float[] draws = Draw(new IntegerLaw(1, IntegerLaw.Farthest));
        double critical = Normal.InvCDF(0, 1, 1 - (Alpha / 2)) * Math.Sqrt(Draws * 0.25);
        Assert.That(2 * critical / Draws, Is.LessThan(0.0125), "n does not suffice to see a share that is off by 0.0125");
        Assert.That(Math.Abs(draws.Count(draw => (int)draw % 2 != 0) - (Draws * 0.5)), Is.LessThan(critical));
    }

    [Test]
    public void Choice_ChiSquare_n100000_alpha1e3_seed20260217()
    {
        double[] values = [5, 1, 4, 2, 3];
        AssertAlike(new ChoiceLaw([.. values]), values);
    }

    [Test]
    public void Integer_ChiSquare_n100000_alpha1e3_seed20260217() => AssertAlike(new IntegerLaw(-2, 2), [-2, -1, 0, 1, 2]);

    // Five values, each with probability 1/5.
    private static void AssertAlike(Law law, double[] values)
    {
        float[] draws = Draw(law);
        double expected = Draws / (double)values.Length;
        double statistic = values.Sum(value => Math.Pow(draws.Count(draw => draw == value) - expected, 2) / expected);
        double critical = ChiSquared.InvCDF(values.Length - 1, 1 - Alpha);

        // One probability of 1/5 off by 5 % of itself (the others by a quarter of that) gives a noncentral chi-square with
        // lambda = n sum (dp^2 / p); its mean 4 + lambda is 2.9 of its standard deviations above the critical value: power 0.998.
        double lambda = Draws * Math.Pow(0.05 * 0.2, 2) / 0.2 * (1 + (1 / 4.0));
        Assert.That(4 + lambda - (2.9 * Math.Sqrt(2 * (4 + (2 * lambda)))), Is.GreaterThan(critical), "n does not suffice");
        Assert.That(statistic, Is.LessThan(critical));
        Assert.That(draws.Distinct().Count(), Is.EqualTo(values.Length));
    }

    [Test]
    public void Chance_Binomial_n100000_alpha1e3_seed20260217()
    {
        const double Probability = 0.3;
        float[] draws = Draw(new ChanceLaw(Probability, new UniformLaw(1, 2), 0));
        double deviation = Math.Sqrt(Draws * Probability * (1 - Probability));
        double critical = Normal.InvCDF(0, 1, 1 - (Alpha / 2)) * deviation;
        Assert.That(2 * critical / Draws, Is.LessThan(0.01), "n does not suffice to see a probability that is off by 0.01");
        Assert.That(Math.Abs(draws.Count(draw => draw != 0) - (Draws * Probability)), Is.LessThan(critical));
    }

    [Test]
    public void ChanceInner_KS_n30000_alpha1e3_seed20260217()
    {
        // That the inner law was chosen says nothing about what it gives: u3 is not u0.
        float[] inner = [.. Draw(new ChanceLaw(0.31, new UniformLaw(1, 2), 0)).Where(draw => draw != 0).Take(30_000)];
        Assert.That(inner, Has.Length.EqualTo(30_000));
        AssertDistribution(inner, x => x - 1, x => x - 1, detectable: 0.03);
    }

    [Test]
    public void NeighbouringElements_Correlation_n100000_alpha1e3_seed20260217()
    {
        float[] draws = Draw(new UniformLaw(0, 1));
        double sum = 0;
        for (int index = 1; index < Draws; index++)
        {
            sum += (draws[index] - 0.5) * (draws[index - 1] - 0.5);
        }

        double correlation = sum / (Draws - 1) * 12;
        double critical = Normal.InvCDF(0, 1, 1 - (Alpha / 2)) / Math.Sqrt(Draws - 1);
        Assert.That(2 * critical, Is.LessThan(0.025), "n does not suffice to see a correlation of 0.025");
        Assert.That(Math.Abs(correlation), Is.LessThan(critical));
    }

    private static float[] Draw(Law law) => [.. Enumerable.Range(0, Draws).Select(element => law.Draw(Place, (uint)element))];

    private static void AssertDistribution(Law law, Func<double, double> atOrBelow, Func<double, double>? below = null) =>
        AssertDistribution(Draw(law), atOrBelow, below ?? atOrBelow, detectable: 0.0125);

    private static void AssertDistribution(
        float[] draws, Func<double, double> atOrBelow, Func<double, double> below, double detectable)
    {
        int n = draws.Length;
        double critical = Math.Sqrt(Math.Log(2 / Alpha) / 2) / Math.Sqrt(n);
        Assert.That(2 * critical, Is.LessThan(detectable), "n does not suffice to see the effect that matters");
        Array.Sort(draws);
        double distance = 0;
        for (int first = 0; first < n;)
        {
            // Equal draws are one step of the empirical distribution function.
            int after = first;
            while (after < n && draws[after] == draws[first])
            {
                after++;
            }

            distance = Math.Max(distance, Math.Abs(((double)after / n) - atOrBelow(draws[first])));
            distance = Math.Max(distance, Math.Abs(((double)first / n) - below(draws[first])));
            first = after;
        }

        Assert.That(distance, Is.LessThan(critical));
    }
}
