using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Tests.Probing;

/// <summary>Ridge classifier, effective rank, alignment and uniformity, at values that are known.</summary>
internal sealed class LinearReadOutTests
{
    [Test]
    public void Cholesky_SolvesAKnownSystem_AndRefusesWhatIsNotDefinite()
    {
        double[] right = [8, 7];
        Cholesky.Solve([4, 0, 2, 3], 2, right);
        Assert.That(right, Is.EqualTo(new[] { 1.25, 1.5 }).Within(1e-12));
        Assert.That(() => Cholesky.Solve([1, 0, 2, 1], 2, [1, 1]), Throws.TypeOf<ArithmeticException>());
    }

    // One channel at 0 and 2: z-scores -1 and 1, correlation 1, V = cov / (1 + lambda) = +-0.5 / 2.
    [Test]
    public void Ridge_OfOneChannel_IsTheFormula()
    {
        var classifier = RidgeClassifier.Fit(RidgeSums.Of([0, 2], 1, [0, 1], 2), 1);
        Assert.That(classifier.Weights, Is.EqualTo(new[] { -0.25f, 0.25f }).Within(1e-6));
        Assert.That(classifier.Bias, Is.EqualTo(new[] { 0.75f, 0.25f }).Within(1e-6));
        Assert.That(classifier.Scores([0.9f, 3], 1)[1], Is.EqualTo(new[] { 0.475f, 1 }).Within(1e-6));
    }

    [Test]
    public void Ridge_KnowsNoUnits_NoFlatChannel_AndNoOrderOfSets()
    {
        var random = new Random(4);
        float[] rows = [.. Enumerable.Range(0, 90).Select(n => (float)random.NextDouble() + (n % 3 == 0 ? n / 30f : 0))];
        byte[] truth = [.. Enumerable.Range(0, 30).Select(static n => (byte)(n / 10))];
        float[] scaled = [.. rows.Select(static (value, n) => n % 3 == 1 ? 7f : (100 * value) - 3)];
        float[] flat = [.. rows.Select(static (value, n) => n % 3 == 1 ? 7f : value)];
        var own = RidgeClassifier.Fit(RidgeSums.Of(flat, 3, truth, 3), 0.1);
        var other = RidgeClassifier.Fit(RidgeSums.Of(scaled, 3, truth, 3), 0.1);
        Assert.That(own.Weights[1], Is.Zero);
        Assert.That(other.Weights.Select(static value => 100 * value), Is.EqualTo(own.Weights).Within(1e-4));
        RidgeSums first = RidgeSums.Of(flat[..45], 3, truth.AsSpan(0, 15), 3), second = RidgeSums.Of(flat[45..], 3, truth.AsSpan(15), 3);
        var left = RidgeClassifier.Fit(RidgeSums.Total([first, second]).Without(second), 0.1);
        Assert.That(left.Weights, Is.EqualTo(RidgeClassifier.Fit(first, 0.1).Weights).Within(1e-5));
    }

    [Test]
    public void EffectiveRank_IsThatOfTheSpecification()
    {
        Assert.That(EffectiveRank.OfSingularValues([1, 1]), Is.EqualTo(2).Within(1e-5));
        Assert.That(EffectiveRank.OfSingularValues([3, 1]), Is.EqualTo(1.754765).Within(2e-6));
        Assert.That(EffectiveRank.OfRows([0, 3, 1, 0], 2), Is.EqualTo(1.754765).Within(2e-6));
        Assert.That(EffectiveRank.OfRows([1, 0, 0, 1, 0, 0], 2), Is.EqualTo(2).Within(1e-5));
    }

    [Test]
    public void AlignmentAndUniformity_OfTheSameAndOfOrthogonalPoints()
    {
        float[] same = UnitFeatures.Of([3, 0, 5, 0], 2);
        Assert.That(UnitFeatures.Alignment(same, same, 2), Is.Zero);
        Assert.That(UnitFeatures.Uniformity(same[..2], same[2..], 2), Is.Zero);
        Assert.That(UnitFeatures.Uniformity(UnitFeatures.Of([2, 0], 2), UnitFeatures.Of([0, 7], 2), 2), Is.EqualTo(-4).Within(1e-6));
        Assert.That(UnitFeatures.Alignment(UnitFeatures.Of([2, 0], 2), UnitFeatures.Of([0, 7], 2), 2), Is.EqualTo(2).Within(1e-6));
    }
}
