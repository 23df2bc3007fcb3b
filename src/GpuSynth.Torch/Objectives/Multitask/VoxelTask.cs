using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>One of the tasks that are learnt together: what a head of its own is to give at every voxel.</summary>
/// <param name="name">What the head and its part of the loss are called.</param>
internal abstract class VoxelTask(string name)
{
    /// <summary>What the head and its part of the loss are called.</summary>
    public string Name { get; } = name;

    /// <summary>What it is told beside <see cref="ObjectiveView.Sample"/>.</summary>
    public virtual IReadOnlyList<ObjectiveView> Views => [];

    /// <summary>Channels of the head.</summary>
    /// <param name="labelCount">Labels of the recipe.</param>
    public virtual int Outputs(int labelCount) => 1;

    /// <summary>Computes the loss, and adds its gradients.</summary>
    /// <param name="step">The views.</param>
    /// <param name="output">What the head gives for <see cref="ObjectiveView.Sample"/>: [B, outputs, (D,) H, W] in float32.</param>
    /// <returns>The loss, not scaled.</returns>
    public abstract double Backward(ObjectiveStep step, Tensor output);
}

/// <summary>Names the classes of labels, with Dice and cross-entropy as <see cref="SegmentObjective"/> does.</summary>
/// <param name="classes">The classes.</param>
internal sealed class LabelTask(SyntheticClasses classes) : VoxelTask("labels")
{
    /// <inheritdoc/>
    public override int Outputs(int labelCount) => classes.Count(labelCount);

    /// <inheritdoc/>
    public override double Backward(ObjectiveStep step, Tensor output) =>
        SegmentObjective.BackwardOf(output, classes.Of(step, ObjectiveView.Sample), Outputs(step.LabelCount), step.Scale).Loss;
}

/// <summary>
/// Gives the image without noise, blur, artefacts and bias, z-scored: the mean of |e| and of |e(x + 1) - e(x)|, the latter a mean over axes; e is what
/// the head is off.
/// </summary>
internal sealed class CleanTask() : VoxelTask("clean")
{
    /// <summary>The sample without degradation.</summary>
    public static ObjectiveView View { get; } = ObjectiveView.Sample with { IsClean = true };

    /// <inheritdoc/>
    public override IReadOnlyList<ObjectiveView> Views => [View];

    /// <inheritdoc/>
    public override double Backward(ObjectiveStep step, Tensor output) => step.Backward(Loss(output, InputScale.ZScore(step.Image(View))));

    /// <summary>The loss of an output and its target.</summary>
    internal static Tensor Loss(Tensor output, Tensor target)
    {
        Tensor off = output.sub(target), loss = off.abs().mean();
        int[] axes = [.. Enumerable.Range(2, off.shape.Length - 2).Where(axis => off.shape[axis] > 1)];
        foreach (int axis in axes)
        {
            long last = off.shape[axis] - 1;
            loss = loss.Plus(off.narrow(axis, 1, last).sub(off.narrow(axis, 0, last)).abs().mean().mul(Scalars.Of(1.0 / axes.Length)));
        }

        return loss;
    }
}

/// <summary>
/// Gives <see cref="BorderDistance"/>, at most 8 voxels, divided by 8: the mean of what it is off. Where label 0 is a background, distances within
/// other labels are below 0.
/// </summary>
/// <param name="isSigned">Whether label 0 is a background.</param>
internal sealed class DistanceTask(bool isSigned) : VoxelTask("distance")
{
    private const int Most = 8;

    /// <inheritdoc/>
    public override double Backward(ObjectiveStep step, Tensor output) =>
        step.Backward(output.sub(Target(step.Labels(ObjectiveView.Sample)).unsqueeze(1)).abs().mean());

    /// <summary>What it is to give for labels.</summary>
    internal Tensor Target(Tensor labels)
    {
        Tensor distance = BorderDistance.Of(labels, Most).to_type(ScalarType.Float32).mul(Scalars.Of(1.0 / Most));
        return isSigned ? distance.where(labels.eq(Scalars.Of(0L)), distance.neg()) : distance;
    }
}
