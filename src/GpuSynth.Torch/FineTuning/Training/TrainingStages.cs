using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Training;
using TorchSharp.Modules;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// The optimisers of an arm: of its new parts while they are trained alone, and of everything after that. While the body waits it
/// records no gradient, and the second optimiser begins without a memory of the first.
/// </summary>
internal sealed class TrainingStages : IDisposable
{
    private readonly (string Name, Parameter One)[] parameters;
    private readonly ArmParts parts;
    private readonly FineTuneSchedule schedule;
    private readonly double weightDecay;
    private ClippedAdamW? optimizer;
    private bool isHeadAlone;

    public TrainingStages(SegmentationNetwork network, ArmParts parts, FineTuneSchedule schedule, double weightDecay)
    {
        parameters = [.. network.named_parameters()];
        (this.parts, this.schedule, this.weightDecay) = (parts, schedule, weightDecay);
    }

    /// <summary>The optimiser of a step; steps are asked for in their order.</summary>
    public ClippedAdamW OptimizerOf(int step)
    {
        if (optimizer is not null && isHeadAlone == schedule.IsHeadAlone(step))
        {
            return optimizer;
        }

        optimizer?.Dispose();
        isHeadAlone = schedule.IsHeadAlone(step);
        bool[] isTrained = [.. parts.IsNew.Select(isNew => isNew || !isHeadAlone)];
        for (int n = 0; n < parameters.Length; n++)
        {
            parameters[n].One.requires_grad = isTrained[n];
        }

        optimizer = new ClippedAdamW(
            parameters.Where((_, n) => isTrained[n]),
            schedule.Rate,
            weightDecay,
            [.. parts.RateFactors.Where((_, n) => isTrained[n])]);
        return optimizer;
    }

    public void Dispose() => optimizer?.Dispose();
}
