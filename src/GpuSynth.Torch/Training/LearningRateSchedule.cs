namespace GpuSynth.Torch.Training;

/// <summary>How the learning rate goes on after the warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>It stays: a run can be made longer at any time.</summary>
    Constant,

    /// <summary>Half a cosine from the full rate to 0 at the last step: the number of steps shapes every one of them.</summary>
    Cosine,
}

/// <summary>
/// The learning rate as a function of the step alone, so that a resumed run needs no state of it: a linear warm-up, then constant
/// or half a cosine.
/// </summary>
/// <param name="Kind">What follows the warm-up.</param>
/// <param name="Rate">The full rate.</param>
/// <param name="WarmupSteps">Steps until the full rate; 0: none.</param>
/// <param name="Steps">Steps of the whole run.</param>
public sealed record LearningRateSchedule(ScheduleKind Kind, double Rate, long WarmupSteps, long Steps)
{
    /// <summary>The rate of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    public double RateOf(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < WarmupSteps)
        {
            return Rate * (step + 1) / WarmupSteps;
        }

        if (Kind == ScheduleKind.Constant)
        {
            return Rate;
        }

        // The step behind the last one would have the rate 0: no step is made for nothing.
        double progress = Math.Min(1, (double)(step - WarmupSteps) / Math.Max(1, Steps - WarmupSteps));
        return Rate * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
