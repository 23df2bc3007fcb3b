using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>How a family of networks is trained to fill in what was hidden of an image.</summary>
internal interface IMaeForm
{
    /// <summary>As <see cref="Objective.Parts"/>.</summary>
    nn.Module? Parts { get; }

    /// <summary>As <see cref="Objective.Bounds"/>.</summary>
    ObjectiveBounds Bounds { get; }

    /// <summary>Makes the parts, as <see cref="Objective.Begin"/>.</summary>
    void Begin(SegmentationNetwork network);

    /// <summary>The loss of a batch, in its graph and in the caller's scope.</summary>
    /// <param name="step">The batch.</param>
    /// <param name="target">The view that is predicted; <see cref="ObjectiveView.Sample"/> is what is seen.</param>
    Tensor Loss(ObjectiveStep step, ObjectiveView target);
}
