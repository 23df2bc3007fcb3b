using GpuSynth.Torch.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Training;

/// <summary>AdamW's memory in and out of checkpoints, under the names of the parameters.</summary>
internal static class AdamWState
{
    private const string StepName = "adamw.step";

    /// <summary>
    /// What a checkpoint holds: the tensors stay the optimiser's, but for the step's, which is the caller's scope's.
    /// </summary>
    public static IEnumerable<(string Name, Tensor Tensor)> Save(IReadOnlyList<AdamW.State> states, IReadOnlyList<string> names)
    {
        Tensor step = empty([1], ScalarType.Int64);
        // What an objective does not train has taken no step.
        step.data<long>()[0] = states.Max(static state => state.step);
        yield return (StepName, step);
        for (int n = 0; n < states.Count; n++)
        {
            yield return ($"adamw.{names[n]}.exp_avg", states[n].exp_avg);
            yield return ($"adamw.{names[n]}.exp_avg_sq", states[n].exp_avg_sq);
        }
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="CheckpointException">Something is missing, or of another shape.</exception>
    public static void Load(IReadOnlyList<AdamW.State> states, IReadOnlyList<string> names, CheckpointFile checkpoint)
    {
        long step = checkpoint.Get(StepName, [1]).data<long>()[0];
        using IDisposable unrecorded = no_grad();
        for (int n = 0; n < states.Count; n++)
        {
            states[n].step = step;
            states[n].exp_avg.copy_(checkpoint.Get($"adamw.{names[n]}.exp_avg", states[n].exp_avg.shape));
            states[n].exp_avg_sq.copy_(checkpoint.Get($"adamw.{names[n]}.exp_avg_sq", states[n].exp_avg_sq.shape));
        }
    }
}
