using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Voxel contrast: levels and voxels, what must not matter, and runs.</summary>
[CancelAfter(120_000)]
public sealed class AnatomixTests
{
    [Test]
    public void AVoxelOfALevelIsTheSameInEveryView_AndHasTheLabelInItsMiddle()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = arange(4 * 3 * 4 * 6, dtype: ScalarType.Float32).reshape(4, 3, 4, 6);
        Tensor labels = arange(2 * 8 * 12).reshape(2, 8, 12);
        PlaceRandom[] random = [new(1, 0, PlaceRandom.VoxelStream), new(1, 1, PlaceRandom.VoxelStream)];
        LevelVoxels voxels = LevelVoxels.Draw(new FeatureMap(FeaturePart.Deepest, 2, values), 10, random);
        Assert.That(voxels.Map.shape, Is.EqualTo(new long[] { 2, 10 }));
        (Tensor features, Tensor named) = (voxels.Features(values, 2), voxels.Labels(labels));
        Assert.That(features.shape, Is.EqualTo(new long[] { 4, 10, 3 }));
        for (int item = 0; item < 2; item++)
        {
            long[] own = voxels.Map[item].data<long>().ToArray();
            Assert.That(own, Is.Unique);
            for (int n = 0; n < own.Length; n++)
            {
                (long y, long x) = Math.DivRem(own[n], 6);
                Assert.That(named[item, n].item<long>(), Is.EqualTo(labels[item, (2 * y) + 1, (2 * x) + 1].item<long>()));
                Assert.That(features[item, n, 1].item<float>(), Is.EqualTo(values[item, 1, y, x].item<float>()));
                Assert.That(features[item + 2, n, 1].item<float>(), Is.EqualTo(values[item + 2, 1, y, x].item<float>()));
            }
        }

        Assert.That(voxels.Map[0].data<long>().ToArray(), Is.Not.EquivalentTo(voxels.Map[1].data<long>().ToArray()));
        LevelVoxels all = LevelVoxels.Draw(new FeatureMap(FeaturePart.Deepest, 2, values), 24, random);
        Assert.That(all.Map[1].data<long>().ToArray(), Is.EquivalentTo(Enumerable.Range(0, 24)));
    }

    [TestCase(new[] { 2, 4, 8, 8, 4, 2, 1 }, 3, new[] { 3, 4, 5, 6 })]
    [TestCase(new[] { 2, 4, 8, 16, 16, 8, 4, 2, 1 }, 4, new[] { 4, 5, 7, 8 })]
    [TestCase(new[] { 2, 4, 8, 16, 32, 16, 8, 4, 2, 1 }, 4, new[] { 4, 6, 7, 9 })]
    [TestCase(new[] { 2, 2, 1 }, 1, new[] { 1, 2 })]
    public void LevelsAreSpreadFromTheDeepestToTheOutput(int[] strides, int deepest, int[] expected) =>
        Assert.That(
            AnatomixObjective.LevelsOf(
            [
                .. strides.Select((_, n) => n < deepest ? FeaturePart.Encoder
                    : n == deepest ? FeaturePart.Deepest : n < strides.Length - 1 ? FeaturePart.Decoder : FeaturePart.Output),
            ]),
            Is.EqualTo(expected));

    [Test]
    public void AWholeStepDoesNotKnowWhichViewIsFirst_NorWhatLabelsAreCalled()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(2);
        using SegmentationNetwork network = NetworkFactory.Create(TinyRun.Options.Network with { Dropout = 0 });
        using var objective = new AnatomixObjective(TestObjectives.Context with { Name = "anatomix" });
        objective.Begin(network, 3);
        Tensor first = rand([2, 1, 32, 8, 8]), second = rand([2, 1, 32, 8, 8]);
        Tensor labels = first.squeeze(1).mul(3).to_type(ScalarType.Byte);
        (ObjectiveValue value, Tensor gradient) = Do(labels, first, second);
        foreach ((ObjectiveValue Value, Tensor Gradient) other in new[] { Do(labels, second, first), Do(labels.mul(2).add(1), first, second) })
        {
            Assert.That(other.Value.Loss, Is.EqualTo(value.Loss).Within(2e-6));
            Assert.That(ContrastRuns.Difference(gradient, other.Gradient), Is.LessThan(1e-3));
        }

        ObjectiveValue moved = Do(labels, first, second.roll(4, 2)).Value;
        Assert.That(moved.Loss, Is.Not.EqualTo(value.Loss).Within(1e-3));
        Assert.That(value.Parts.Select(static part => part.Name), Is.EqualTo(new[] { "deepest/2", "output/1" }));
        Assert.That(value.Parts.Average(static part => part.Value), Is.EqualTo(value.Loss).Within(1e-6));

        (ObjectiveValue Value, Tensor Gradient) Do(Tensor given, Tensor one, Tensor two)
        {
            ObjectiveValue own = objective.Backward(ContrastRuns.Step(network, given, one, two));
            return (own, ContrastRuns.TakeGradients(network, objective.Parts!));
        }
    }

    [Test]
    public void ItTakesSwinUnetrAndImages()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(2);
        foreach ((NetworkOptions options, VolumeShape shape, double chance) in new[]
        {
            (NetworkOptions.SwinUnetr(12), VolumeShape.Volume(32, 32, 64),
                (Math.Log(3) + Math.Log(255) + (2 * Math.Log(511))) / 4),
            (NetworkOptions.SmallUNet3D with { Dimensions = 2 }, VolumeShape.Image(32, 48),
                (Math.Log(47) + Math.Log(191) + (2 * Math.Log(511))) / 4),
        })
        {
            using SegmentationNetwork network = NetworkFactory.Create(options);
            using var objective = new AnatomixObjective(
                TestObjectives.Context with { Name = "anatomix", Shape = shape, Network = options });
            objective.Begin(network, 3);
            long[] sides = shape.Dimensions == 2 ? [shape.Height, shape.Width] : [shape.Depth, shape.Height, shape.Width];
            Tensor first = rand([1, 1, .. sides]), second = rand([1, 1, .. sides]);
            ObjectiveValue value = objective.Backward(
                ContrastRuns.Step(network, first.squeeze(1).mul(3).to_type(ScalarType.Byte), first, second));
            Assert.That(value.Parts, Has.Count.EqualTo(4));
            Assert.That(value.Loss, Is.InRange(1, 12));
            Assert.That(objective.Bounds.Chance, Is.EqualTo(chance).Within(1e-12));
            Assert.That(network.training, "it goes on to be trained");
            Assert.That(objective.Parts!.parameters().All(static weight => weight.grad is not null), "every projector learns");
        }
    }

    [Test]
    public void OneLabelIsRefused()
    {
        using SegmentationNetwork network = NetworkFactory.Create(TinyRun.Options.Network);
        using var objective = new AnatomixObjective(TestObjectives.Context with { Name = "anatomix" });
        Assert.That(
            () => objective.Begin(network, 1),
            Throws.TypeOf<ObjectiveException>().With.Message.Contains("the recipe has one label; take a recipe with two or more"));
    }

    [Test]
    public void AResumedRunIsTheWholeRun_ToTheBit([Values("anatomix", "anatomix-balanced")] string name, [Values(1, 3)] int stop) =>
        ResumedRun.AssertToTheBit(TinyRun.Options with { Objective = name }, stop);

    [Test]
    public void InBfloat16TheLossIsNearlyTheSame() =>
        ContrastRuns.AssertNearlyTheSameInBfloat16(TinyRun.Options with { Objective = "anatomix" }, 3);

    // Three labels in blocks of 4 x 4 x 4 voxels, each with a grey level that both views know and noise of a tenth of the contrast: ln 511 = 6.24 at
    // chance, and about ln 511 / 3 = 5.14 at best.
    [Test]
    public void LabelsThatShowAreLearnt_FarBelowChance()
    {
        manual_seed(12);
        using SegmentationNetwork network = NetworkFactory.Create(TinyRun.Options.Network with { Dropout = 0, Channels = [8, 16] });
        using var objective = new AnatomixObjective(TestObjectives.Context with { Name = "anatomix" });
        objective.Begin(network, 3);
        using var optimiser = new ClippedAdamW(network.parameters().Concat(objective.Parts!.parameters()), 1e-2, 0);
        double[] losses = new double[50];
        for (int n = 0; n < losses.Length; n++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor labels = nn.functional.interpolate(randint(0, 3, [2, 1, 8, 2, 2], ScalarType.Float32), scale_factor: [4, 4, 4]);
            Tensor View(params float[] greys) =>
                tensor(greys)[labels.to_type(ScalarType.Int64)] + (randn_like(labels) * 0.1);
            optimiser.ZeroGradients();
            losses[n] = objective.Backward(
                ContrastRuns.Step(network, labels.squeeze(1).to_type(ScalarType.Byte), View(0, 0.5f, 1), View(0.2f, 0.6f, 1.2f))).Loss;
            optimiser.Clip(1);
            optimiser.Step(1e-2);
        }

        TestContext.Out.WriteLine($"{losses[0]:F3} {losses[^10..].Average():F3}");
        Assert.That(objective.Bounds.Chance, Is.EqualTo(Math.Log(511)).Within(1e-12));
        Assert.That(losses[^10..].Average(), Is.InRange(Math.Log(511.0 / 3) - 0.1, Math.Log(511) - 0.4));
    }

    // 511 rows are at chance with ln 511 = 6.24, and those of three labels end near ln 511 / 3 = 5.14.
    [Test]
    public void TheLossFalls()
    {
        double[] losses = ContrastRuns.Losses(TinyRun.Options with
        {
            Objective = "anatomix", Steps = 60, LearningRate = 5e-3, Accumulate = 1, Schedule = ScheduleKind.Constant,
            Network = TinyRun.Options.Network with { Dropout = 0, Channels = [8, 16] },
        });
        TestContext.Out.WriteLine($"{losses[0]:F3} {losses[..10].Average():F3} {losses[^10..].Average():F3}");
        Assert.That(losses[^10..].Average(), Is.LessThan(losses[..5].Average() - 0.08));
    }
}
