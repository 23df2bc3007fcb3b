using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>The paired bootstrap over seeds and cases.</summary>
internal sealed class BootstrapTests
{
    private static readonly double[][] Three = [[0.9, 0.1, 0.4, double.NaN], [0.7, 0.2, 0.5, 0.3], [0.8, 0.3, double.NaN, 0.2]];

    [Test]
    public void A_constant_difference_has_an_interval_of_width_zero()
    {
        double[][] constant = [[0.25, 0.25, 0.25], [0.25, 0.25, 0.25]];
        Assert.That(Bootstrap.Crossed(constant), Is.EqualTo(new MeanInterval(0.25, 0.25, 0.25, 3)));
    }

    [Test]
    public void One_seed_is_the_bootstrap_over_cases()
    {
        double[] cases = [0.9, 0.1, double.NaN, 0.4, 0.65];
        Assert.That(Bootstrap.Crossed([cases], 7), Is.EqualTo(Bootstrap.Mean(cases, 7)));
    }

    [Test]
    public void Exchanged_arms_give_the_negative_interval()
    {
        MeanInterval one = Bootstrap.Crossed(Three);
        MeanInterval other = Bootstrap.Crossed([.. Three.Select(static seed => seed.Select(static value => -value).ToArray())]);
        Assert.That((other.Mean, other.Low, other.High), Is.EqualTo((-one.Mean, -one.High, -one.Low)).Within(1e-12));
        Assert.That(one.Low, Is.LessThan(one.Mean));
        Assert.That(one.High, Is.GreaterThan(one.Mean));
    }

    [Test]
    public void The_difference_is_drawn_as_both_arms_are()
    {
        double[][] shifted = [.. Three.Select(static seed => seed.Select(static value => value + 0.125).ToArray())];
        (MeanInterval one, MeanInterval other) = (Bootstrap.Crossed(Three), Bootstrap.Crossed(shifted));
        Assert.That((other.Low - one.Low, other.High - one.High), Is.EqualTo((0.125, 0.125)).Within(1e-12));
    }

    [Test]
    public void Seeds_that_differ_widen_the_interval_of_equal_cases()
    {
        MeanInterval interval = Bootstrap.Crossed([[0, 0, 0], [1, 1, 1]]);
        Assert.That((interval.Mean, interval.Low, interval.High), Is.EqualTo((0.5, 0.0, 1.0)));
        Assert.That(Bootstrap.Crossed([[double.NaN], [double.NaN]]).Mean, Is.NaN);
    }
}
