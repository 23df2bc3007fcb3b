using GpuSynth.Torch.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Losses against the reference, gradients against the reference's central differences.</summary>
public sealed class ObjectiveTests
{
    private static readonly long[] Volume = [3, 5, 4];
    private static readonly long[] Image = [7, 9];

    [Test]
    public void Rasd_IsTheReference(
        [Values] bool normalised, [Values(2, 3)] int dimensions, [Values(-1, 2)] int absentLabel, [Values(1, 3)] int batch)
    {
        using var rig = new ObjectiveRig(batch, 6, 4, dimensions == 3 ? Volume : Image, absentLabel);
        (double pull, double push) = ObjectiveReference.Rasd(rig.Features, rig.Labels, 4, rig.Offset, normalised);
        var objective = new RasdObjective(normalised);
        ObjectiveValue exact = objective.Backward(rig.FeatureTensor(ScalarType.Float64), rig.LabelTensor(), 4, 1);
        ObjectiveValue single = objective.Backward(rig.FeatureTensor(ScalarType.Float32), rig.LabelTensor(), 4, 1);
        Assert.Multiple(() =>
        {
            Assert.That(exact.Parts, Is.EqualTo(new[] { ("pull", pull), ("push", push) }).Using<(string Name, double Value)>(
                static (a, b) => a.Name == b.Name && Math.Abs(a.Value - b.Value) < 1e-12));
            Assert.That(exact.Loss, Is.EqualTo(pull + push).Within(1e-12));
            Assert.That(single.Loss, Is.EqualTo(pull + push).Within(2e-6));
        });
    }

    [Test]
    public void Rasd_GradientIsThatOfTheReference(
        [Values] bool normalised, [Values(2, 3)] int dimensions, [Values(-1, 2)] int absentLabel)
    {
        using var rig = new ObjectiveRig(2, 3, 4, dimensions == 3 ? Volume : Image, absentLabel);
        double Loss()
        {
            (double pull, double push) = ObjectiveReference.Rasd(rig.Features, rig.Labels, 4, rig.Offset, normalised);
            return pull + push;
        }

        AssertGradient(rig, new RasdObjective(normalised), Loss);
    }

    [Test]
    public void Rasd_ManyChunksAreOneChunk([Values] bool normalised)
    {
        using var rig = new ObjectiveRig(2, 5, 3, Volume);
        Tensor features = rig.FeatureTensor(ScalarType.Float64);
        (Tensor gradient, Tensor pull, Tensor push) =
            new RasdObjective(normalised).Differentiate(features, rig.LabelTensor(), 3, 1);
        (Tensor ofMany, Tensor pullOfMany, Tensor pushOfMany) =
            new RasdObjective(normalised, chunkValues: 5 * 7).Differentiate(features, rig.LabelTensor(), 3, 1);
        Assert.That((ofMany - gradient).abs().max().item<double>(), Is.LessThan(1e-15));
        Assert.That((pullOfMany - pull).item<double>(), Is.EqualTo(0).Within(1e-14));
        Assert.That((pushOfMany - push).item<double>(), Is.EqualTo(0).Within(1e-14));
    }

    [Test]
    public void Rasd_IsFiniteForFeaturesOfZeroAndOneLabel([Values] bool normalised)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = zeros([1, 4, 3, 3, 3], ScalarType.Float32).requires_grad_();
        Tensor labels = zeros([1, 3, 3, 3], ScalarType.Byte);
        ObjectiveValue value = new RasdObjective(normalised).Backward(features, labels, 5, 1);
        Assert.That(double.IsFinite(value.Loss));
        Assert.That(features.grad!.isfinite().all().item<bool>());
    }

    [Test]
    public void Segment_IsTheReference([Values(2, 3)] int dimensions, [Values(-1, 2)] int absentLabel)
    {
        using var rig = new ObjectiveRig(2, 4, 4, dimensions == 3 ? Volume : Image, absentLabel, size: 2);
        (double dice, double crossEntropy) = ObjectiveReference.Segment(rig.Features, rig.Labels, 4);
        ObjectiveValue value = new SegmentObjective().Backward(rig.FeatureTensor(ScalarType.Float64), rig.LabelTensor(), 4, 1);
        Assert.That(value.Loss, Is.EqualTo(dice + crossEntropy).Within(1e-12));
        Assert.That(value.Parts[0].Value, Is.EqualTo(dice).Within(1e-12));
        double Loss()
        {
            (double one, double other) = ObjectiveReference.Segment(rig.Features, rig.Labels, 4);
            return one + other;
        }

        AssertGradient(rig, new SegmentObjective(), Loss);
    }

    [Test]
    public void TheScaleIsThatOfTheGradientAlone([Values("rasd", "rasd-cosine", "segment")] string name)
    {
        using var rig = new ObjectiveRig(2, 3, 3, Volume);
        OutputObjective objective = TestObjectives.Create(name);
        Tensor whole = rig.FeatureTensor(ScalarType.Float64, hasGradient: true);
        Tensor quarter = rig.FeatureTensor(ScalarType.Float64, hasGradient: true);
        double loss = objective.Backward(whole, rig.LabelTensor(), 3, 1).Loss;
        Assert.That(objective.Backward(quarter, rig.LabelTensor(), 3, 0.25).Loss, Is.EqualTo(loss));
        Assert.That((whole.grad! * 0.25 - quarter.grad!).abs().max().item<double>(), Is.LessThan(1e-16));
    }

    [Test]
    public void OutputChannelsAreFeaturesOrLabels()
    {
        Assert.That(new RasdObjective(isNormalised: false).OutputChannels(5), Is.Null, "it leaves the choice");
        Assert.That(new SegmentObjective().OutputChannels(5), Is.EqualTo(5));
    }

    private static void AssertGradient(ObjectiveRig rig, OutputObjective objective, Func<double> loss)
    {
        Tensor features = rig.FeatureTensor(ScalarType.Float64, hasGradient: true);
        objective.Backward(features, rig.LabelTensor(), rig.LabelCount, 1);
        double[] gradient = features.grad!.reshape(-1).data<double>().ToArray();
        double largest = gradient.Max(Math.Abs);
        int channels = rig.Features[0].Length, voxels = rig.Labels[0].Length;
        for (int b = 0; b < rig.Features.Length; b++)
        {
            for (int x = 0; x < voxels; x += 5)
            {
                int c = x % channels;
                double expected = rig.Derivative(loss, b, c, x);
                Assert.That(
                    gradient[(((b * channels) + c) * voxels) + x],
                    Is.EqualTo(expected).Within(1e-6 * largest + 1e-10),
                    $"image {b}, channel {c}, voxel {x}");
            }
        }
    }
}
