using GpuSynth.Torch.ReadOuts;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.ReadOuts;

/// <summary>Measures, their intervals and the logistic regression against closed cases.</summary>
internal sealed class ClassificationMetricsTests
{
    [Test]
    public void Measures_of_known_probabilities_are_exact()
    {
        double[][] rows = [[0.1, 0.9], [0.6, 0.4], [0.6, 0.4], [0.9, 0.1]];
        ClassificationMetrics metrics = ClassificationMetrics.Of(rows, [1, 1, 0, 0]);
        Assert.That(metrics.Auc, Is.EqualTo(0.875));
        Assert.That(metrics.Accuracy, Is.EqualTo(0.75));
        Assert.That(metrics.LogLoss, Is.EqualTo(-(Math.Log(0.9) + Math.Log(0.4) + Math.Log(0.6) + Math.Log(0.9)) / 4).Within(1e-15));
    }

    // 3 of 4 of the first class are found, 1 of 2 of the second, and none of the third is there.
    [Test]
    public void Balanced_accuracy_is_the_mean_of_the_shares_found()
    {
        double[] first = [1, 0, 0], second = [0, 1, 0];
        ClassificationMetrics metrics = ClassificationMetrics.Of(
            [first, first, first, second, second, first], [0, 0, 0, 0, 1, 1]);
        Assert.That(metrics.BalancedAccuracy, Is.EqualTo((0.75 + 0.5) / 2));
        Assert.That(metrics.Accuracy, Is.EqualTo(4.0 / 6).Within(1e-15));
    }

    [Test]
    public void Auc_is_the_same_under_an_increasing_map_and_turns_round_under_negation()
    {
        var random = new Random(3);
        double[] scores = [.. Enumerable.Range(0, 60).Select(_ => Math.Round(random.NextDouble(), 1))];
        bool[] isPositive = [.. scores.Select(score => random.NextDouble() < score)];
        double auc = Ranking.Auc(scores, isPositive);
        Assert.That(auc, Is.GreaterThan(0.6).And.LessThan(1));
        Assert.That(Ranking.Auc([.. scores.Select(score => Math.Exp(5 * score))], isPositive), Is.EqualTo(auc));
        Assert.That(Ranking.Auc([.. scores.Select(static score => -score)], isPositive), Is.EqualTo(1 - auc).Within(1e-12));
    }

    [Test]
    public void The_better_has_the_higher_auc_and_of_equal_ones_the_lower_loss()
    {
        var one = new ClassificationMetrics(0.8, 0, 0, 0.5);
        Assert.That(one.IsBetterThan(one with { Auc = 0.7, LogLoss = 0.1 }), Is.True);
        Assert.That(one.IsBetterThan(one with { LogLoss = 0.6 }), Is.True);
        Assert.That(one.IsBetterThan(one), Is.False);
        Assert.That((one with { Auc = double.NaN }).IsBetterThan(one with { Auc = double.NaN, LogLoss = 0.6 }), Is.True);
    }

    // Rows 1 and -1 of two classes: the weights are w and -w with l2 w = 1 / (1 + e^(2w)); w = 1 is that of l2 = 0.119203.
    [Test]
    public void Logistic_regression_meets_its_closed_case()
    {
        double l2 = 1 / (1 + Math.Exp(2));
        MultinomialLogistic probe = MultinomialLogistic.Fit([1, -1], 1, [1, 0], 2, l2);
        Assert.That(probe.Weight(1, 0), Is.EqualTo(1).Within(1e-6));
        Assert.That(probe.Weight(0, 0), Is.EqualTo(-1).Within(1e-6));
        Assert.That(probe.Probabilities([1])[1], Is.EqualTo(1 / (1 + Math.Exp(-2))).Within(1e-6));
    }

    [Test]
    public void Without_a_feature_that_tells_the_probabilities_are_the_classes_shares()
    {
        double[] shares = MultinomialLogistic.Fit(new float[10], 1, [0, 0, 0, 0, 0, 1, 1, 1, 2, 2], 3, 0.01).Probabilities([0]);
        Assert.That(shares, Is.EqualTo([0.5, 0.3, 0.2]).Within(1e-6));
    }

    // Every patient ten times: as many images again say nothing new.
    [Test]
    public void An_interval_is_as_wide_as_patients_make_it_not_images()
    {
        double[] values = [.. Enumerable.Range(0, 40).Select(static n => (double)(n % 7))];
        MeanInterval Interval(int copies, Func<int, string> patient)
        {
            int count = 40 * copies;
            var bootstrap = new PatientBootstrap(
                [.. Enumerable.Range(0, count).Select(patient)], [.. Enumerable.Range(0, count).Select(static n => n % 40 / 20)]);
            return bootstrap.Intervals(images => [images.Average(n => values[n % 40])])[0];
        }

        MeanInterval once = Interval(1, static n => $"{n:00}");
        MeanInterval byPatient = Interval(10, static n => $"{n % 40:00}");
        MeanInterval byImage = Interval(10, static n => $"{n:000}");
        Assert.That(byPatient.Low, Is.EqualTo(once.Low).Within(1e-9));
        Assert.That(byPatient.High, Is.EqualTo(once.High).Within(1e-9));
        Assert.That(byPatient.Count, Is.EqualTo(40));
        Assert.That(byImage.High - byImage.Low, Is.LessThan(0.5 * (once.High - once.Low)));
    }

    [Test]
    public void Every_draw_has_as_many_patients_of_each_class()
    {
        var bootstrap = new PatientBootstrap(["a", "b", "c", "d", "e"], [0, 0, 0, 1, 1]);
        int[][] draws = [.. Enumerable.Range(0, 50).Select(bootstrap.Draw)];
        Assert.That(draws.Select(static draw => draw.Count(static n => n < 3)), Is.All.EqualTo(3));
        Assert.That(draws.Select(static draw => string.Join(',', draw)).Distinct().Count(), Is.GreaterThan(20));
        Assert.That(bootstrap.Draw(7), Is.EqualTo(draws[7]));
    }
}
