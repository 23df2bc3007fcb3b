using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Test]
    public void WarmUpIsLinear_AndEndsAtTheFullRate()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.Constant, 0.4, WarmupSteps: 4, Steps: 10);
        Assert.That(
            Enumerable.Range(0, 7).Select(step => schedule.RateOf(step)),
            Is.EqualTo(new[] { 0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.4 }).Within(1e-15));
    }

    [Test]
    public void CosineFallsFromTheFullRateTowardsZero()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.Cosine, 1, WarmupSteps: 2, Steps: 10);
        Assert.That(schedule.RateOf(2), Is.EqualTo(1));
        Assert.That(schedule.RateOf(6), Is.EqualTo(0.5).Within(1e-15));
        Assert.That(schedule.RateOf(9), Is.EqualTo(0.5 * (1 + Math.Cos(Math.PI * 7 / 8))).Within(1e-15).And.GreaterThan(0));
        Assert.That(schedule.RateOf(10), Is.EqualTo(0).Within(1e-15));
        Assert.That(schedule.RateOf(1000), Is.EqualTo(0).Within(1e-15));
    }

    [Test]
    public void ConstantDoesNotDependOnTheNumberOfSteps([Values(0, 3, 50)] long step) => Assert.That(
        new LearningRateSchedule(ScheduleKind.Constant, 1e-4, 3, 10).RateOf(step),
        Is.EqualTo(new LearningRateSchedule(ScheduleKind.Constant, 1e-4, 3, 99).RateOf(step)));

    [Test]
    public void ARunThatIsAllWarmUpStaysFinite() =>
        Assert.That(new LearningRateSchedule(ScheduleKind.Cosine, 1, 5, 5).RateOf(5), Is.EqualTo(1));
}
