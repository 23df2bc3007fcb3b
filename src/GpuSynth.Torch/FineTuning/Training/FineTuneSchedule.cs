using GpuSynth.Torch.Training;

namespace GpuSynth.Torch.FineTuning;

// N steps in all, H of them for the new parts alone (a tenth, or none). Alone: linear up for half of H, linear down for the rest.
// Then everything: linear up over N / 10 steps, then half a cosine down to 0. Source of the two stages: the "sawtooth" of
// nnssl's fine-tuning (Wald et al., "An OpenMind for 3D medical vision self-supervised learning", 2025).

/// <summary>The learning rate of an arm as a function of the step alone.</summary>
/// <param name="Rate">The highest.</param>
/// <param name="Steps">Steps of the arm, those for the head included.</param>
/// <param name="HeadSteps">Steps in which only what is new is trained; 0: none.</param>
internal sealed record FineTuneSchedule(double Rate, int Steps, int HeadSteps)
{
    private const int Parts = 10;

    /// <summary>Steps until the highest rate of everything.</summary>
    public int WarmupSteps => Math.Max(1, Steps / Parts);

    /// <summary>How long the head is trained alone.</summary>
    public static int HeadStepsOf(HeadTreatment treatment, int steps) =>
        treatment == HeadTreatment.First && steps > 1 ? Math.Max(1, steps / Parts) : 0;

    /// <summary>Whether only what is new is trained.</summary>
    public bool IsHeadAlone(int step) => step < HeadSteps;

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    public double RateOf(int step)
    {
        if (!IsHeadAlone(step))
        {
            return new LearningRateSchedule(ScheduleKind.Cosine, Rate, WarmupSteps, Steps - HeadSteps).RateOf(step - HeadSteps);
        }

        int up = (HeadSteps + 1) / 2;
        // No step has the rate 0.
        return step < up ? Rate * (step + 1) / up : Rate * (HeadSteps - step) / (HeadSteps - up + 1);
    }
}
