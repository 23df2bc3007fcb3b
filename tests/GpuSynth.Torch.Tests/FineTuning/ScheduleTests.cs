using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Learning rates along an arm, learning curves and their area, the best of several rates.</summary>
internal sealed class ScheduleTests
{
    [Test]
    public void The_head_rises_and_falls_alone_and_then_everything_does()
    {
        var schedule = new FineTuneSchedule(0.5, 100, FineTuneSchedule.HeadStepsOf(HeadTreatment.First, 100));
        double[] rates = [.. Enumerable.Range(0, 100).Select(schedule.RateOf)];
        Assert.That(Enumerable.Range(0, 100).Count(schedule.IsHeadAlone), Is.EqualTo(10));
        Assert.That(rates[..5], Is.EqualTo(new[] { 0.1, 0.2, 0.3, 0.4, 0.5 }).Within(1e-12));
        Assert.That(rates[5..10], Is.EqualTo(new[] { 5, 4, 3, 2, 1 }.Select(static n => 0.5 * n / 6)).Within(1e-12));
        Assert.That(rates[10..20], Is.EqualTo(Enumerable.Range(1, 10).Select(static n => 0.05 * n)).Within(1e-12));
        Assert.That(rates[20], Is.EqualTo(0.5));
        Assert.That(rates[60], Is.EqualTo(0.25).Within(1e-12), "half of the cosine's 80 steps");
        Assert.That(rates[20..].Zip(rates[21..], static (one, next) => one > next), Is.All.True);
        Assert.That(rates, Is.All.Positive);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(9)]
    public void Few_steps_have_rates_too(int steps)
    {
        foreach (HeadTreatment treatment in new[] { HeadTreatment.First, HeadTreatment.Together, HeadTreatment.Keep })
        {
            var schedule = new FineTuneSchedule(1, steps, FineTuneSchedule.HeadStepsOf(treatment, steps));
            Assert.That(Enumerable.Range(0, steps).Select(schedule.RateOf), Is.All.InRange(1e-3, 1));
            Assert.That(schedule.IsHeadAlone(steps - 1), Is.False);
        }
    }

    [Test]
    public void Curves_have_the_places_25_50_100_and_the_end()
    {
        Assert.That(LearningCurve.StepsOf(300), Is.EqualTo(new[] { 25, 50, 100, 200, 300 }));
        Assert.That(LearningCurve.StepsOf(400), Is.EqualTo(new[] { 25, 50, 100, 200, 400 }));
        Assert.That(LearningCurve.StepsOf(25), Is.EqualTo(new[] { 25 }));
        Assert.That(LearningCurve.StepsOf(3), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public void The_area_of_a_constant_curve_is_its_height_and_octaves_count_alike()
    {
        Assert.That(LearningCurve.Area([(25, 0.7), (50, 0.7), (100, 0.7), (130, 0.7)]), Is.EqualTo(0.7).Within(1e-15));
        Assert.That(LearningCurve.Area([(25, 0), (50, 1)]), Is.EqualTo(0.5));
        Assert.That(LearningCurve.Area([(25, 0), (50, 1), (100, 1)]), Is.EqualTo(0.75));
        Assert.That(LearningCurve.Area([(25, 0), (100, 1), (200, 1)]), Is.EqualTo(2.0 / 3).Within(1e-15));
        Assert.That(LearningCurve.Area([(25, double.NaN), (50, 0.4)]), Is.EqualTo(0.4));
        Assert.That(LearningCurve.Area([]), Is.NaN);
    }

    [Test]
    public void Of_equal_rates_the_smaller_is_best_and_an_edge_is_said()
    {
        TrialResult best = TrialResult.Best([Trial(1e-2, 0.6), Trial(1e-3, 0.6), Trial(3e-3, 0.5)]);
        Assert.That(best.Rate, Is.EqualTo(1e-3));
        Assert.That(TrialResult.Best([Trial(1e-3, double.NaN), Trial(3e-3, 0.1)]).Rate, Is.EqualTo(3e-3));
        ArmResult arm = new()
        {
            Init = "none", TrainCases = 1, Seed = 0, Cases = [], BestValidationDice = 0.6, BestStep = 1, TrainingSeconds = 0,
            TestSeconds = 0, Test = [], Settings = [], Rate = 1e-3, Trials = [Trial(1e-3, 0.6), Trial(3e-3, 0.5), Trial(1e-2, 0.6)],
        };
        Assert.That(
            RateEdges.Of([arm, arm with { Rate = 3e-3 }]).Single(),
            Does.StartWith("The best learning rate of the arms 'none' is the lowest that was tried, 0.001, in 1 of 2"));
        Assert.That(RateEdges.Of([arm with { Rate = 1e-2 }]).Single(), Does.Contain("highest that was tried, 0.01, in 1 of 1"));
        Assert.That(RateEdges.Of([arm with { Trials = [Trial(1e-3, 0.6)] }]), Is.Empty, "one rate is no grid");
    }

    private static TrialResult Trial(double rate, double dice) =>
        new() { Rate = rate, BestValidationDice = dice, BestStep = 1, Seconds = 0, Curve = [] };
}
