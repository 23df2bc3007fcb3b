using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Tests.ReadOuts;

public sealed class NearestNeighboursTests
{
    // A row of similarity 1 to class 0 and one of 0.93 to class 1: 1 / (1 + exp(-0.07 / 0.07)).
    [Test]
    public void TwoNeighbours_VoteByTheirSimilarity()
    {
        float other = MathF.Sqrt(1 - (0.93f * 0.93f));
        var neighbours = new NearestNeighbours([2, 0, 9.3f, 10 * other, 0, -1], 2, [0, 1, 0], 2);
        Assert.That(neighbours.Probabilities([5, 0], 2)[0], Is.EqualTo(0.731059).Within(1e-5));
        Assert.That(neighbours.Probabilities([5, 0], 1), Is.EqualTo(new double[] { 1, 0 }));
    }

    [Test]
    public void OfEqualRowsTheFirstCounts()
    {
        var neighbours = new NearestNeighbours([1, 0, 1, 0, 1, 0], 2, [2, 0, 1], 3);
        Assert.That(neighbours.Probabilities([1, 0], 1), Is.EqualTo(new double[] { 0, 0, 1 }));
        Assert.That(neighbours.Probabilities([1, 0], 99), Is.All.EqualTo(1 / 3.0).Within(1e-12));
    }
}
