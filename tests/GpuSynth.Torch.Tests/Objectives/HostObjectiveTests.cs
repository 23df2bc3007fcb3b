using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>The objectives' host form, in the layouts and types of networks' outputs, against the tensor form in double.</summary>
[NonParallelizable]
public sealed class HostObjectiveTests
{
    private static readonly string[] Names = ["rasd", "rasd-cosine", "segment"];

    // More than one chunk of 4096 voxels, no side a multiple of 16, and images of fewer voxels than a vector has lanes.
    private static readonly long[][] Spaces = [[67, 71], [1, 5], [17, 13, 21], [2, 3, 2]];

    [Test]
    public void LossAndGradientAreTheTensorForms(
        [ValueSource(nameof(Names))] string name, [ValueSource(nameof(Spaces))] long[] space, [Values] bool isChannelsLast,
        [Values(3, 16, 21)] int channels)
    {
        int labelCount = name == "segment" ? channels : 5;
        using var rig = new ObjectiveRig(2, channels, labelCount, space, absentLabel: 2, size: 0.6);
        (Tensor gradient, ObjectiveValue value) = TensorForm(name, rig.FeatureTensor(ScalarType.Float64), rig, scale: 0.5);
        Tensor features = Laid(rig.FeatureTensor(ScalarType.Float32), isChannelsLast).requires_grad_();
        ObjectiveValue host = TestObjectives.Create(name).Backward(features, rig.LabelTensor(), labelCount, 0.5);
        AssertClose(host, value, 1e-6 * Math.Max(1, value.Loss));
        AssertClose(features.grad!, gradient, 2e-5, rig);
    }

    [Test]
    public void BrainFloatsAreReadAndWritten([ValueSource(nameof(Names))] string name, [Values] bool isChannelsLast)
    {
        using var rig = new ObjectiveRig(2, 16, name == "segment" ? 16 : 4, [9, 8, 31], size: 0.6);
        Tensor given = Laid(rig.FeatureTensor(ScalarType.BFloat16), isChannelsLast);
        (Tensor gradient, ObjectiveValue value) = TensorForm(name, given.to_type(ScalarType.Float64), rig, scale: 1);
        Tensor features = given.requires_grad_();
        ObjectiveValue host = TestObjectives.Create(name).Backward(features, rig.LabelTensor(), rig.LabelCount, 1);
        AssertClose(host, value, 1e-6 * Math.Max(1, value.Loss));
        Assert.That(features.grad!.dtype, Is.EqualTo(ScalarType.BFloat16));
        // Half a step of eight bits.
        Tensor off = (features.grad!.to_type(ScalarType.Float64) - gradient).abs() - (gradient.abs() * (1.01 / 256));
        Assert.That(off.max().item<double>(), Is.LessThan(2e-5 * gradient.abs().max().item<double>()));
    }

    [Test]
    public void ThreadsChangeNoBit([ValueSource(nameof(Names))] string name)
    {
        using var rig = new ObjectiveRig(2, 16, name == "segment" ? 16 : 4, [25, 25, 25]);
        int before = get_num_threads();
        try
        {
            (Tensor Gradient, double Loss)[] results = [.. new[] { 1, 3 }.Select(threads =>
            {
                set_num_threads(threads);
                Tensor features = rig.FeatureTensor(ScalarType.Float32, hasGradient: true);
                double loss = TestObjectives.Create(name).Backward(features, rig.LabelTensor(), rig.LabelCount, 1).Loss;
                return (features.grad!, loss);
            })];
            Assert.That(results[1].Loss, Is.EqualTo(results[0].Loss));
            Assert.That(results[1].Gradient.eq(results[0].Gradient).all().item<bool>());
        }
        finally
        {
            set_num_threads(before);
        }
    }

    // By both forms: in the tensors' one a product of matrices that do not fit would end the process.
    [Test]
    public void LabelsOfAnotherShapeAreRefused(
        [ValueSource(nameof(Names))] string name, [Values(ScalarType.Float32, ScalarType.Float64)] ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = zeros([2, 4, 8, 8], type), labels = zeros([2, 8, 7], ScalarType.Byte);
        Assert.That(
            () => TestObjectives.Create(name).Backward(features, labels, 4, 1),
            Throws.ArgumentException.With.Message.Contains("[2, 4, 8, 8]").And.Message.Contains("[2, 8, 7]"));
    }

    private static (Tensor Gradient, ObjectiveValue Value) TensorForm(
        string name, Tensor features, ObjectiveRig rig, double scale)
    {
        Tensor leaf = features.contiguous().detach().requires_grad_();
        if (name == "segment")
        {
            ObjectiveValue value = SegmentObjective.BackwardByTensors(leaf, rig.LabelTensor(), rig.LabelCount, scale);
            return (leaf.grad!, value);
        }

        using var unrecorded = no_grad();
        (Tensor gradient, Tensor pull, Tensor push) = new RasdObjective(name == "rasd-cosine")
            .Differentiate(leaf.detach(), rig.LabelTensor(), rig.LabelCount, scale);
        (double one, double other) = (pull.item<double>(), push.item<double>());
        return (gradient, new ObjectiveValue(one + other, [("pull", one), ("push", other)]));
    }

    private static Tensor Laid(Tensor planar, bool isChannelsLast) => isChannelsLast ? ChannelsLast.Of(planar) : planar;

    private static void AssertClose(ObjectiveValue value, ObjectiveValue expected, double tolerance)
    {
        Assert.That(value.Loss, Is.EqualTo(expected.Loss).Within(tolerance));
        for (int part = 0; part < expected.Parts.Count; part++)
        {
            Assert.That(value.Parts[part].Name, Is.EqualTo(expected.Parts[part].Name));
            Assert.That(value.Parts[part].Value, Is.EqualTo(expected.Parts[part].Value).Within(tolerance));
        }
    }

    // Where a softmax is all but sure of itself, gradients are differences of nearly equal numbers: of the rounding of 1.
    private static void AssertClose(Tensor value, Tensor expected, double share, ObjectiveRig rig)
    {
        double off = (value.to_type(ScalarType.Float64) - expected).abs().max().item<double>();
        double rounding = 2e-7 / (0.07 * rig.Labels.Length * rig.LabelCount * rig.Labels[0].Length);
        Assert.That(off, Is.LessThan((share * expected.abs().max().item<double>()) + rounding));
    }
}
