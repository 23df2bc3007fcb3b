using GpuSynth.Kernels;

namespace GpuSynth.Tests.Statistics;

/// <summary>Known answers for the measuring itself, before anything is measured with it.</summary>
public sealed class VolumeStatisticsTests
{
    [Test]
    public void TwoHalves_ByHand()
    {
        // Label 0 below z = 2 with intensities 0 and 1 in turn along x, label 1 above with 3.
        VolumeShape shape = VolumeShape.Volume(4, 2, 2);
        byte[] labels = [.. Enumerable.Range(0, 16).Select(voxel => (byte)(voxel / 8))];
        float[] image = [.. Enumerable.Range(0, 16).Select(voxel => voxel < 8 ? voxel % 2 : 3f)];
        VolumeStatistics statistics = VolumeStatistics.Of(shape, image, labels, 3);
        Assert.That(statistics.Present, Is.EqualTo(2));
        Assert.That((statistics.LargestShare, statistics.SmallestShare), Is.EqualTo((0.5, 0.0)));
        Assert.That(statistics.Boundary, Is.EqualTo(1.0 / 3 / 3).Within(1e-12), "one of three pairs along z, none along y and x");
        Assert.That(statistics.Components, Is.EqualTo(2));
        Assert.That(statistics.Mean, Is.EqualTo(1.75).Within(1e-12));
        Assert.That(statistics.Std, Is.EqualTo(Math.Sqrt(4.75 - (1.75 * 1.75))).Within(1e-12));
        // z: of three steps, one of 3 and one of 2 in turn; y: none; x: 1 below, none above.
        Assert.That(statistics.AbsoluteGradient, Is.EqualTo(((2.5 / 3) + 0 + 0.5) / 3).Within(1e-12));
        Assert.That(
            statistics.Within,
            Is.EqualTo(0.25).Within(1e-12),
            "0.5 below, 0 above; the label without voxels does not count");
        Assert.That(statistics.Between, Is.EqualTo(1.25).Within(1e-12));
    }

    [Test]
    public void Components_AreConnectedByFacesOnly()
    {
        byte[] checkers = [.. Enumerable.Range(0, 27).Select(voxel => (byte)(voxel % 2))];
        Assert.That(VolumeStatistics.CountComponents(VolumeShape.Volume(3, 3, 3), checkers), Is.EqualTo(27));

        // A snake through a plane is one component, and so are the two pieces that it cuts off.
        byte[] snake =
        [
            1, 1, 1, 1, 1,
            0, 0, 0, 0, 1,
            1, 1, 1, 1, 1,
            1, 0, 0, 0, 0,
            1, 1, 1, 1, 1,
        ];
        Assert.That(VolumeStatistics.CountComponents(VolumeShape.Image(5, 5), snake), Is.EqualTo(3));
        Assert.That(VolumeStatistics.CountComponents(VolumeShape.Volume(2, 2, 2), [0, 1, 1, 1, 1, 1, 1, 0]), Is.EqualTo(3));
    }

    [Test]
    public void Quantile_IsLinearBetweenOrderStatistics()
    {
        // 0.25 of 0..4 elements lies at 1; 0.3 at 1.2.
        float[] sorted = [10, 20, 40, 50, 90];
        Assert.That(VolumeStatistics.Quantile(sorted, 0.25), Is.EqualTo(20));
        Assert.That(VolumeStatistics.Quantile(sorted, 0.3), Is.EqualTo(24).Within(1e-12));
        Assert.That(VolumeStatistics.Quantile(sorted, 1), Is.EqualTo(90));
    }

    [Test]
    public void KolmogorovSmirnov_ByHand()
    {
        // {1, 2, 3} against {2.5, 4}: at 2 the one stands at 2/3, the other at 0.
        (double statistic, double critical, double p) = TwoSample.KolmogorovSmirnov([3, 1, 2], [4, 2.5], 1e-3);
        Assert.That(statistic, Is.EqualTo(2.0 / 3).Within(1e-12));
        Assert.That(critical, Is.EqualTo(Math.Sqrt(-0.5 * Math.Log(0.0005) * 5 / 6)).Within(1e-12));
        Assert.That(p, Is.EqualTo(0.66038).Within(1e-5), "2 (e^(-2 t^2) - e^(-8 t^2) + ...), t = 0.7303");
    }

    [Test]
    public void MannWhitney_ByHand()
    {
        // Ranks of {1, 2, 2} among {1, 2, 2, 2, 3}: 1, 3, 3; variance 3 2 / 12 (6 - 24 / 20).
        (double statistic, double critical, _) = TwoSample.MannWhitney([1, 2, 2], [2, 3], 1e-3);
        Assert.That(statistic, Is.EqualTo(2 / Math.Sqrt(0.5 * 4.8)).Within(1e-12));
        Assert.That(critical, Is.EqualTo(3.2905).Within(1e-4));
    }
}
