using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using GpuSynth.Torch.Reports;
using GpuSynth.Torch.Tests.Networks;
using GpuSynth.Torch.Tests.Training;
using GpuSynth.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>The masked autoencoder of a vision transformer.</summary>
[CancelAfter(120_000)]
public sealed class VitMaeTests
{
    private static PretrainOptions Options => TinyRun.Options with
    {
        Objective = "mae",
        Network = VisionTransformerTests.Tiny,
    };

    [TestCase(false, 5.0)]
    [TestCase(true, 0.49999975)]
    public void TheLoss_IsThatOfHiddenPatches_WithTheUnbiasedVariance(bool isNormalised, double expected)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor patches = tensor((float[])[0, 2, 1, 3], [1, 2, 2]);
        var masking = new VitMaeMasking([[0, 1]], 1, CPU);
        Tensor target = isNormalised ? MaskedPatches.Normalised(patches) : patches;
        Assert.That(MaskedPatches.Loss(zeros([1, 2, 2]), target, masking.Hidden).item<float>(), Is.EqualTo(expected).Within(6e-8));
        // What is predicted of the patch that is seen does not count.
        Tensor other = tensor((float[])[7, -9, 0, 0], [1, 2, 2]);
        Assert.That(MaskedPatches.Loss(other, target, masking.Hidden).item<float>(), Is.EqualTo(expected).Within(6e-8));
    }

    [Test]
    public void HiddenVoxels_ChangeNoBitOfTheEncoder_AndSeenOnesDo()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        using VisionTransformer network = Made();
        Tensor image = randn([2, 1, 8, 16, 8]);
        VitMaeMasking masking = new([Shuffled(1), Shuffled(2)], 4, CPU);
        PatchGrid grid = network.GridOf(image);
        Tensor before = network.EncodePatches(image, masking.Kept);
        Assert.That(before.shape, Is.EqualTo((long[])[2, 5, 12]));
        // Random voxels in hidden patches, in array order: those of one patch after the other, back in their places.
        Tensor seen = masking.Hidden.eq(Scalars.Of(0)).reshape(2, 1, 2, 4, 2);
        for (int axis = 2; axis <= 4; axis++)
        {
            seen = seen.repeat_interleave(4, axis);
        }

        Assert.That(grid.Voxels(seen.to_type(ScalarType.Float32)).mean([-1]).eq(masking.Hidden).any().item<bool>(), Is.False);
        Tensor changed = where(seen, image, randn(image.shape));
        Assert.That(changed.ne(image).sum().item<long>(), Is.EqualTo(2 * 12 * 64));
        Assert.That(network.EncodePatches(changed, masking.Kept).eq(before).all().item<bool>(), Is.True);
        Tensor others = where(seen, randn(image.shape), image);
        Assert.That(network.EncodePatches(others, masking.Kept).eq(before).any().item<bool>(), Is.False);
    }

    [Test]
    public void TheOrderOfKeptPatches_ChangesNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        using VisionTransformer network = Made();
        manual_seed(6);
        using var decoder = new VitMaeDecoder(12, 64);
        Tensor image = randn([1, 1, 8, 16, 8]);
        int[] order = Shuffled(3);
        Tensor Predicted(int[] patches, int kept)
        {
            VitMaeMasking masking = new([patches], kept, CPU);
            return decoder.Predict(network.EncodePatches(image, masking.Kept), masking, [2, 4, 2]);
        }

        Tensor prediction = Predicted(order, 4);
        Assert.That(prediction.shape, Is.EqualTo((long[])[1, 16, 64]));
        int[] turned = [order[2], order[0], order[3], order[1], .. order[4..].Reverse()];
        Assert.That((Predicted(turned, 4) - prediction).abs().max().item<float>(), Is.LessThan(1e-5f));
        Assert.That((Predicted([.. order[1..], order[0]], 4) - prediction).abs().max().item<float>(), Is.GreaterThan(1e-3f), "other patches");
    }

    // Of 2,000 items, each of 32 patches is kept a quarter of the times: 500 with a deviation of 19.4; five of these.
    [Test]
    public void AQuarterIsKept_OfEveryItem_EachPatchAsOften()
    {
        using DisposeScope scope = NewDisposeScope();
        const int Items = 2000;
        var step = new ObjectiveStep(null!, ScalarType.Float32, new Dictionary<ObjectiveView, ViewTensors>
        {
            [ObjectiveView.Sample] = new(empty([Items, 1]), empty([0]), default),
        }) { FirstItem = 40, Seed = 3, LabelCount = 2 };
        var masking = VitMaeMasking.Draw(step, 32, CPU);
        Assert.That(masking.Kept.shape, Is.EqualTo((long[])[Items, 8]));
        Assert.That(masking.Hidden.sum([1L]).eq(Scalars.Of(24)).all().item<bool>(), Is.True);
        Assert.That(masking.Hidden.gather(1, masking.Kept).sum().item<float>(), Is.Zero);
        Tensor kept = masking.Hidden.sum([0L]).neg().Plus(Items);
        Assert.That(kept.min().item<float>(), Is.GreaterThan(500 - 97));
        Assert.That(kept.max().item<float>(), Is.LessThan(500 + 97));
        Assert.That(masking.Places.sort(1).Values.eq(arange(Scalars.Of(32), ScalarType.Int64)).all().item<bool>(), Is.True);
        Assert.That(VitMaeMasking.KeptOf(216), Is.EqualTo(54));
        Assert.That(VitMaeMasking.KeptOf(7), Is.EqualTo(1));
    }

    [Test]
    public void TheEncoderLearns_AndTheConvolutionsStayAsTheyAre([Values] Precision precision)
    {
        using var loop = new TrainingLoop(Options with { Precision = precision, LearningRate = 1e-2 });
        Dictionary<string, Tensor> before = Weights.State(loop.Network).ToDictionary(static one => one.Name, static one => one.Tensor.clone());
        Assert.That(loop.Bounds.Chance, Is.EqualTo(63.0 / 64));
        double loss = loop.DoStep()[MetricsRow.Loss];
        Assert.That(loss, Is.InRange(0.8, 2.5));
        loop.DoStep();
        foreach ((string name, Tensor now) in Weights.State(loop.Network))
        {
            Assert.That(now.eq(before[name]).all().item<bool>(), Is.EqualTo(!loop.Network.IsEncoder(name)), name);
            before[name].Dispose();
        }
    }

    [Test]
    public void PredictingNothing_IsChance()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor target = MaskedPatches.Normalised(randn([3, 5, 64]));
        double loss = MaskedPatches.Loss(zeros([3, 5, 64]), target, ones([3, 5])).item<float>();
        Assert.That(loss, Is.EqualTo(63.0 / 64).Within(1e-5));
    }

    [Test]
    public void AStoppedRunThatIsResumedIsTheWholeRun_ToTheBit([Values(1, 3)] int stop) => ResumedRun.AssertToTheBit(Options, stop);

    [Test]
    [NonParallelizable]
    public void AStepLeavesNoTensorBehind()
    {
        using var loop = new TrainingLoop(Options);
        loop.DoStep();
        loop.DoStep();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        for (int step = 0; step < 10; step++)
        {
            loop.DoStep();
        }

        Assert.That(Tensor.TotalCount, Is.LessThanOrEqualTo(before));
    }

    [Test]
    public void TheLossFalls_BelowChance()
    {
        using var loop = new TrainingLoop(Options with
        {
            Recipe = Presets.Get("rasd-3d").Clean(),
            Shape = VolumeShape.Cubic(3, 16),
            Network = VisionTransformerTests.Tiny with { HiddenSize = 48, Heads = 3 },
            Batch = 4,
            Accumulate = 1,
            Steps = 100,
            Schedule = ScheduleKind.Constant,
            LearningRate = 3e-3,
        });
        double[] losses = [.. Enumerable.Range(0, 100).Select(_ => loop.DoStep()[MetricsRow.Loss])];
        Assert.That(losses[50..].Average(), Is.LessThan(losses[0] - 0.5).And.LessThan(loop.Bounds.Chance!.Value - 0.015));
    }

    [Test]
    public void TooFewPatchesAreRefused() => Assert.That(
        () => ObjectiveCatalogue.Own.Create("mae", TestObjectives.Context with
        {
            Network = NetworkOptions.Default(NetworkKind.Vit, 3), Shape = VolumeShape.Cubic(3, 8),
        }),
        Throws.TypeOf<ObjectiveException>().With.Message.Contains("8x8x8 has 1 of side 8: take --size 32 or more"));

    private static VisionTransformer Made()
    {
        manual_seed(5);
        return (VisionTransformer)NetworkFactory.Create(VisionTransformerTests.Tiny);
    }

    private static int[] Shuffled(ulong number) => new PlaceRandom(1, number, 0).Shuffled(16);
}
