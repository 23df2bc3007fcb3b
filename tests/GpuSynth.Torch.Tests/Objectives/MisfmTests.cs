using GpuSynth.Kernels;
using GpuSynth.Torch.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Volume fusion: the law of its blocks, what is mixed, and that it is learnt.</summary>
[CancelAfter(120_000)]
public sealed class MisfmTests
{
    private static readonly VolumeShape Shape = VolumeShape.Volume(12, 16, 8);
    private static readonly ObjectiveContext Context = TestObjectives.Context with { Shape = Shape };

    [Test]
    public void ThreeQuartersOf8AndAQuarterOf4Are7_AndTheOtherWayRound()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor f = full([1, 1, 2, 2], 8f), g = full([1, 1, 2, 2], 4f), y = tensor(new byte[] { 3, 0, 4, 2 }).reshape(1, 2, 2);
        float[] mixed = MisfmObjective.Fuse(f, g, y).data<float>().ToArray();
        Assert.That(mixed, Is.EqualTo(new float[] { 7, 4, 8, 6 }));
        Tensor one = rand([2, 1, 5, 6]), other = rand([2, 1, 5, 6]), levels = randint(5, [2, 5, 6], dtype: ScalarType.Byte);
        Tensor off = MisfmObjective.Fuse(one, other, levels) - MisfmObjective.Fuse(other, one, full([2, 5, 6], (byte)4, ScalarType.Byte) - levels);
        Assert.That(off.abs().max().item<float>(), Is.LessThan(2e-7f));
    }

    [TestCase(64, 0)]
    [TestCase(67, 3)]
    public void SevenTenthsOfTheBlocksHaveALevel_Exactly(int side, int mostOffset)
    {
        VolumeShape shape = VolumeShape.Volume(side, side, side);
        HashSet<byte> seen = [];
        HashSet<int> offsets = [];
        for (ulong item = 0; item < 12; item++)
        {
            var random = new PlaceRandom(1, item, PlaceRandom.FusionStream);
            FusionBlocks blocks = FusionBlocks.Draw(shape, [16, 16, 16], ref random);
            Assert.That(blocks.BlockLevels, Has.Length.EqualTo(64));
            Assert.That(blocks.BlockLevels.Count(static level => level > 0), Is.EqualTo(44));
            byte[] levels = new byte[shape.VoxelCount];
            Array.Fill(levels, (byte)99);
            blocks.Fill(levels);
            Assert.That(levels.Count(static level => level > 0), Is.EqualTo(44 * 4096));
            Assert.That(levels.Max(), Is.LessThanOrEqualTo(4));
            for (int level = 1; level <= 4; level++)
            {
                Assert.That(levels.Count(one => one == level), Is.EqualTo(4096 * blocks.BlockLevels.Count(one => one == level)));
            }

            seen.UnionWith(levels);
            offsets.Add(Array.FindIndex(levels, static level => level > 0) / (side * side) % 16);
        }

        Assert.That(seen, Is.EquivalentTo(new byte[] { 0, 1, 2, 3, 4 }));
        Assert.That(offsets.Max(), Is.EqualTo(mostOffset));
    }

    [Test]
    public void SidesFollowTheShape_AndNoneIsBelow4()
    {
        HashSet<int> blocks = [];
        for (ulong item = 0; item < 200; item++)
        {
            var random = new PlaceRandom(1, item, PlaceRandom.FusionStream);
            blocks.Add(FusionBlocks.Draw(VolumeShape.Volume(48, 4, 9), ref random).BlockLevels.Length);
        }

        // Along 48 sides of 8 to 24, along 4 one block, along 9 two of 4.
        Assert.That(blocks, Is.EquivalentTo(new[] { 2 * 2, 3 * 2, 4 * 2, 5 * 2, 6 * 2 }));
        Assert.That(FusionBlocks.Fewest(VolumeShape.Volume(48, 4, 9)), Is.EqualTo(4));
        Assert.That(FusionBlocks.Fewest(VolumeShape.Image(48, 48)), Is.EqualTo(4));
    }

    [Test]
    public void LevelsAndNoiseAreOfTheItem_WhateverTheImages()
    {
        using var rig = new StepRig(new MisfmObjective(Context));
        var objective = (MisfmObjective)rig.Objective;
        (Tensor image, Tensor levels) = objective.Mixed(rig.Step(Pair(1, out Tensor f, out Tensor g)));
        Assert.That(objective.Mixed(rig.Step(Pair(1, out _, out _))).Image.Equals(image), "the same again, to the bit");
        (Tensor other, Tensor same) = objective.Mixed(rig.Step(Pair(2, out Tensor k, out Tensor l)));
        Assert.That(same.Equals(levels), "blocks do not follow the image");
        Tensor noise = Noise(image, f, g, levels), noiseOfOther = Noise(other, k, l, levels);
        Assert.That((noise - noiseOfOther).abs().max().item<float>(), Is.LessThan(1e-5f), "nor does the noise, be it of f, of g or of both");
        for (int item = 0; item < 2; item++)
        {
            double std = noise[item].std().item<float>();
            Assert.That(std, Is.InRange(1e-4, 0.11), "of the range");
        }

        (_, Tensor next) = objective.Mixed(rig.Step(Pair(1, out _, out _), firstItem: 1));
        Assert.That(next[0].Equals(levels[1]), "item 1 is the same first or second in its batch");
        Assert.That(next[1].Equals(levels[0]), Is.False);
    }

    [Test]
    public void ViewsAreTwoAnatomiesInOneAppearance_WithoutDegradation()
    {
        using var objective = new MisfmObjective(Context);
        Assert.That(objective.Views.Select(static view => (view.KeyOf(7), view.IsClean)), Is.EqualTo(new[]
        {
            (new SampleKey(14, 7), true), (new SampleKey(15, 7), true),
        }));
    }

    [Test]
    public void AHeadOfZerosHasACrossEntropyOfLn5_AndGradientsAreTheLosss()
    {
        using var rig = new StepRig(new MisfmObjective(Context));
        IReadOnlyDictionary<ObjectiveView, Tensor> pair = Pair(1, out _, out _);
        Tensor weight = rig.Part("levels.weight"), bias = rig.Part("levels.bias");
        using (no_grad())
        {
            weight.zero_();
            bias.zero_();
        }

        ObjectiveValue value = rig.Backward(rig.Step(pair));
        Assert.That(Part(value, "crossEntropy"), Is.EqualTo(Math.Log(5)).Within(5e-6));
        Assert.That(value.Loss, Is.EqualTo((0.5 * Part(value, "dice")) + (0.5 * Math.Log(5))).Within(5e-6));
        float[] gradient = bias.grad!.data<float>().ToArray();
        float[] numeric = [.. Enumerable.Range(0, 5).Select(n => (float)((LossAt(n, 0.02f) - LossAt(n, -0.02f)) / 0.04))];
        Assert.That(numeric, Is.EqualTo(gradient).Within(1e-4f));
        Assert.That(gradient.Max(Math.Abs), Is.GreaterThan(1e-2));
        rig.Backward(rig.Step(pair, scale: 0.25));
        Assert.That(bias.grad!.data<float>().ToArray(), Is.EqualTo(gradient.Select(static one => one / 4)).Within(1e-7f));

        double LossAt(int level, float value)
        {
            using (no_grad())
            {
                bias[level] = value;
            }

            double loss = rig.Objective.Backward(rig.Step(pair)).Loss;
            using (no_grad())
            {
                bias[level] = 0f;
            }

            return loss;
        }
    }

    [Test]
    public void AShapeOfOneBlockIsRefused()
    {
        var error = Assert.Throws<ObjectiveException>(() => _ = new MisfmObjective(Context with { Shape = VolumeShape.Volume(4, 6, 7) }));
        Assert.That(error!.Message, Does.Match("^Objective test mixes blocks of at least 4 voxels a side, and 4x6x7 has room for one; take .*\\.$"));
    }

    [Test]
    public void ItIsLearnt()
    {
        (double first, double last) = StepRig.Trained(StepRig.Images("misfm"), 120);
        Assert.That(last, Is.LessThan(0.9 * first));
    }

    private static double Part(ObjectiveValue value, string name) => value.Parts.Single(part => part.Name == name).Value;

    private static Tensor Noise(Tensor image, Tensor f, Tensor g, Tensor levels)
    {
        Tensor fused = MisfmObjective.Fuse(f, g, levels);
        Tensor range = fused.amax([1, 2, 3, 4], keepdim: true) - fused.amin([1, 2, 3, 4], keepdim: true);
        return (image - fused) / range;
    }

    private static Dictionary<ObjectiveView, Tensor> Pair(int seed, out Tensor f, out Tensor g)
    {
        random.manual_seed(seed);
        (f, g) = (rand([2, 1, 12, 16, 8]), rand([2, 1, 12, 16, 8]));
        return new() { [MisfmObjective.Foreground] = f, [MisfmObjective.Background] = g };
    }
}
