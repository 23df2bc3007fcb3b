using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Tests.ReadOuts;

public sealed class RankingTests
{
    // Positives 0.9 and 0.4, negatives 0.4 and 0.1: three pairs right, one tied.
    [Test]
    public void Auc_CountsPairs()
    {
        double[] scores = [0.9, 0.4, 0.4, 0.1];
        bool[] isPositive = [true, true, false, false];
        Assert.That(Ranking.Auc(scores, isPositive), Is.EqualTo(0.875));
        Assert.That(Ranking.Auc([.. scores.Select(Math.Exp)], isPositive), Is.EqualTo(0.875));
        Assert.That(Ranking.Auc([.. scores.Select(static score => -score)], isPositive), Is.EqualTo(0.125));
        Assert.That(Ranking.Auc([0.5, 0.5, 0.5], [true, false, false]), Is.EqualTo(0.5));
        Assert.That(Ranking.Auc([0.5, 0.7], [true, true]), Is.NaN);
    }
}
