using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Masked images: what is hidden, what is predicted, and of what.</summary>
[CancelAfter(240_000)]
public sealed class MaeTests
{
    private static readonly ObjectiveView Clean = ObjectiveView.Sample with { IsClean = true };

    [Test]
    public void TheLossIsTheMeanSquareOfHiddenVoxelsAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor target = tensor(new float[] { 0, 2, 1, 3 }).reshape(1, 1, 1, 4);
        Tensor hidden = tensor(new[] { false, false, true, true }).reshape(1, 1, 1, 4);
        Assert.That(HiddenSquares.Mean(zeros_like(target), target, hidden).item<float>(), Is.EqualTo(5));
    }

    [TestCase(1, 1)]
    [TestCase(4, 1)]
    [TestCase(8, 2)]
    [TestCase(24, 4)]
    [TestCase(25, 8)]
    [TestCase(48, 8)]
    [TestCase(49, 16)]
    [TestCase(128, 16)]
    public void ABlocksSideIsAFunctionOfTheImages(int side, int block) => Assert.That(MaskedImage.BlockSide(side), Is.EqualTo(block));

    [Test]
    public void ExactlyThreeQuartersOfTheBlocksAreHidden_EachWhole_ByItemAndSeedAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((VolumeShape shape, int[] blocks) in new (VolumeShape, int[])[]
        {
            (VolumeShape.Volume(50, 31, 9), [16, 8, 2]), (VolumeShape.Image(100, 33), [16, 8]), (VolumeShape.Volume(48, 48, 48), [8, 8, 8]),
        })
        {
            long[] sides = MaskedRig.Sides(shape);
            using var form = new MaskedImage(shape);
            HashSet<string> seen = [];
            int count = (int)sides.Zip(blocks, static (side, block) => (side + block - 1) / block).Aggregate(1L, static (all, one) => all * one);
            for (int item = 0; item < 40; item += 2)
            {
                Tensor hidden = Hidden(form, sides, item, MaskedRig.Seed);
                for (int n = 0; n < 2; n++)
                {
                    bool[] voxels = [.. hidden[n].reshape(-1).data<bool>()];
                    var byBlock = voxels.Index().GroupBy(one => BlockOf(one.Index, sides, blocks)).ToList();
                    Assert.That(byBlock, Has.Count.EqualTo(count));
                    Assert.That(
                        byBlock.All(static block => block.Select(static one => one.Item).Distinct().Count() == 1), "a block that is partly hidden");
                    Assert.That(byBlock.Count(static block => block.First().Item), Is.EqualTo(count * 3 / 4));
                    Assert.That(seen.Add(string.Concat(voxels.Select(static one => one ? '1' : '0'))), "a mask that was there before");
                }
            }

            Tensor first = Hidden(form, sides, 4, MaskedRig.Seed), second = Hidden(form, sides, 5, MaskedRig.Seed);
            Assert.That(MaskedRig.Bits(first[1]), Is.EqualTo(MaskedRig.Bits(second[0])), "whatever the batch begins with");
            Assert.That(MaskedRig.Bits(first), Is.Not.EqualTo(MaskedRig.Bits(Hidden(form, sides, 4, MaskedRig.Seed + 1))));
        }
    }

    [Test]
    public void WhatIsHiddenMakesNoDifferenceToThePrediction_AndWhatIsNotDoes()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        foreach (VolumeShape shape in new[] { VolumeShape.Volume(16, 16, 16), VolumeShape.Image(32, 20) })
        {
            manual_seed(1);
            using SegmentationNetwork network = NetworkFactory.Create(MaskedRig.UNet(shape.Dimensions));
            using var form = new MaskedImage(shape);
            form.Begin(network);
            Tensor image = randn([2, 1, .. MaskedRig.Sides(shape)]);
            ObjectiveStep step = MaskedRig.Step(network, (ObjectiveView.Sample, image));
            Tensor hidden = form.Hidden(step, CPU), noise = randn_like(image).mul(100);
            byte[] before = MaskedRig.Bits(form.Predict(step, image, hidden));
            Assert.That(MaskedRig.Bits(form.Predict(step, image.where(hidden.logical_not(), noise), hidden)), Is.EqualTo(before));
            Assert.That(MaskedRig.Bits(form.Predict(step, image.where(hidden, noise), hidden)), Is.Not.EqualTo(before));
        }
    }

    [TestCase("mae")]
    [TestCase("mae-clean")]
    public void OfAPredictionOfZeroTheLossIsTheMeanSquareOfItsOwnTarget(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(2);
        VolumeShape shape = VolumeShape.Volume(8, 16, 8);
        using SegmentationNetwork network = NetworkFactory.Create(MaskedRig.UNet(3));
        using var objective = new MaeObjective(MaskedRig.Context(name, shape, network.Options));
        objective.Begin(network, 3);
        using (no_grad())
        {
            foreach (Tensor weight in objective.Parts!.parameters())
            {
                weight.zero_();
            }
        }

        Tensor image = rand([2, 1, .. MaskedRig.Sides(shape)]), clean = image.square().add(3);
        ObjectiveStep step = MaskedRig.Step(network, (ObjectiveView.Sample, image), (Clean, clean));
        using var form = new MaskedImage(shape);
        Tensor hidden = form.Hidden(step, CPU);
        Assert.That(objective.Views, Is.EqualTo(name == "mae" ? new[] { ObjectiveView.Sample } : [ObjectiveView.Sample, Clean]));
        float[] target = [.. InputScale.ZScore(name == "mae" ? image : clean).reshape(-1).data<float>()];
        bool[] isHidden = [.. hidden.reshape(-1).data<bool>()];
        double expected = target.Zip(isHidden).Where(static one => one.Second).Average(static one => (double)one.First * one.First);
        Assert.That(objective.Backward(step).Loss, Is.EqualTo(expected).Within(1e-6));
        Assert.That(expected, Is.EqualTo(objective.Bounds.Chance!.Value).Within(0.1), "and near chance");
    }

    [Test]
    public void SwinUnetrIsTrainedToo()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        VolumeShape shape = VolumeShape.Volume(32, 32, 64);
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SwinUnetr(12) with { OutChannels = 4 });
        using var objective = new MaeObjective(MaskedRig.Context("mae", shape, network.Options));
        objective.Begin(network, 3);
        ObjectiveValue value = objective.Backward(MaskedRig.Step(network, (ObjectiveView.Sample, rand([1, 1, .. MaskedRig.Sides(shape)]))));
        Assert.That(value.Loss, Is.InRange(0.5, 3));
        Assert.That(network.parameters().Count(static one => one.grad is { } own && own.abs().sum().item<float>() > 0),
            Is.GreaterThan(network.parameters().Count() / 2));
    }

    [Test]
    public void TheLossFallsBelowChance([Values("mae", "mae-clean")] string objective, [Values(2, 3)] int dimensions)
    {
        (double first, double last) = MaskedRig.Falls(MaskedRig.Options(objective, dimensions), steps: 60);
        Assert.That(last, Is.LessThan(0.95 * first).And.LessThan(1));
    }

    [Test]
    public void AStoppedRunThatIsResumedIsTheWholeRun_ToTheBit([Values("mae", "mae-clean", "spark")] string objective) =>
        ResumedRun.AssertToTheBit(
            TinyRun.Options with
            {
                Objective = objective, Network = TinyRun.Options.Network with { Norm = objective == "spark" ? "batch" : "instance" },
            },
            stop: 3);

    [Test]
    public void InBfloat16TheLossIsNearlyTheSame([Values("mae", "spark")] string name, [Values("instance", "batch")] string norm)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        VolumeShape shape = VolumeShape.Volume(16, 16, 16);
        using SegmentationNetwork network = NetworkFactory.Create(MaskedRig.UNet(3, norm));
        using Objective objective = ObjectiveCatalogue.Own.Create(name, MaskedRig.Context(name, shape, network.Options));
        objective.Begin(network, 3);
        Tensor image = rand([2, 1, .. MaskedRig.Sides(shape)]);
        double expected = objective.Backward(MaskedRig.Step(network, (ObjectiveView.Sample, image))).Loss;
        using SegmentationNetwork copy = NetworkFactory.Create(network.Options);
        copy.load_state_dict(network.state_dict());
        copy.to(ScalarType.BFloat16);
        double loss = objective.Backward(MaskedRig.Step(copy, (ObjectiveView.Sample, image))).Loss;
        Assert.That(loss, Is.EqualTo(expected).Within(0.01 * expected).And.Not.EqualTo(expected));
    }

    [Test]
    public void TheCleanViewIsOfTheSameSample()
    {
        using DisposeScope scope = NewDisposeScope();
        PretrainOptions options = MaskedRig.Options("mae-clean") with { Shape = VolumeShape.Volume(32, 32, 32) };
        using Objective objective = options.CreateObjective();
        using var source = new ViewSource(options, objective.Views, CPU);
        source.Start(0);
        ViewBatch batch = source.Acquire();
        Tensor image = InputScale.ZScore(batch.Tensors[objective.Views[0]].Image), clean = InputScale.ZScore(batch.Tensors[objective.Views[1]].Image);
        float[] own = [.. image.mul(clean).mean([1, 2, 3, 4]).data<float>()];
        float[] other = [.. image.mul(clean.flip(0)).mean([1, 2, 3, 4]).data<float>()];
        source.Release(batch);
        TestContext.Out.WriteLine($"{string.Join(' ', own)}, of others {string.Join(' ', other)}");
        Assert.That(own, Is.All.GreaterThan(0.5f));
        Assert.That(other, Is.All.LessThan(0.3f));
    }

    private static Tensor Hidden(MaskedImage form, long[] sides, int firstItem, ulong seed) =>
        form.Hidden(MaskedRig.StepFrom(null, firstItem, seed, (ObjectiveView.Sample, zeros([2, 1, .. sides]))), CPU);

    private static string BlockOf(int voxel, long[] sides, int[] blocks)
    {
        var places = new long[sides.Length];
        long rest = voxel;
        for (int axis = sides.Length - 1; axis >= 0; axis--)
        {
            places[axis] = rest % sides[axis] / blocks[axis];
            rest /= sides[axis];
        }

        return string.Join(' ', places);
    }
}
