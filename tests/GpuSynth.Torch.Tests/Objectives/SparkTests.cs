using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>Sparse encoders: nothing of a hidden block is in any map, and without hidden blocks they are the ordinary ones.</summary>
[CancelAfter(240_000)]
public sealed class SparkTests
{
    [Test]
    public void NormsAreOfActiveSitesAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        float one = (float)(1 / Math.Sqrt(1 + 1e-5));
        Tensor active = tensor(new[] { true, false, false, true, true, false, true, false }).reshape(2, 1, 2, 2);
        Tensor map = tensor(new float[] { 1, 77, -5, 3, 5, float.NaN, 7, 1e9f }).reshape(2, 1, 2, 2);
        var sites = new SparseSites(active, []);
        Tensor ofImage = sites.Scatter(Layers.Norm("instance", 2, 1).call(sites.Gather(map)), map.shape);
        Assert.That(ofImage.data<float>().ToArray(), Is.EqualTo(new[] { -one, 0, 0, one, -one, 0, one, 0 }).Within(1e-6f));
        // Of the batch: 1, 3, 5, 7 have mean 4 and variance 5.
        Tensor ofBatch = sites.Scatter(Layers.Norm("batch", 2, 1).call(sites.Gather(map)), map.shape);
        float three = (float)(3 / Math.Sqrt(5 + 1e-5)), unit = three / 3;
        Assert.That(ofBatch.data<float>().ToArray(), Is.EqualTo(new[] { -three, 0, 0, -unit, unit, 0, three, 0 }).Within(1e-6f));
    }

    [Test]
    public void WhatIsHiddenIsInNoMap_ToTheBit(
        [Values(2, 3)] int dimensions, [Values("instance", "batch")] string norm, [Values(0, 2)] int units)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        manual_seed(4);
        var network = new ResidualUNet(MaskedRig.UNet(dimensions, norm, units));
        Tensor image = randn([2, 1, .. Enumerable.Repeat(16L, dimensions)]);
        SparseSites sites = Sites(network, image, share: 0.4);
        Tensor holes = sites.Holes(image.shape), noise = randn_like(image).mul(50);
        byte[][] before = Bits(network.EncodeSparse(image, sites));
        Assert.That(before, Has.Length.EqualTo(3));
        Assert.That(Bits(network.EncodeSparse(image.where(holes.logical_not(), noise), sites)), Is.EqualTo(before));
        Assert.That(Bits(network.EncodeSparse(image.masked_fill(holes, float.NaN), sites)), Is.EqualTo(before));
        byte[][] other = Bits(network.EncodeSparse(image.where(holes, noise), sites));
        for (int level = 0; level < other.Length; level++)
        {
            Assert.That(other[level], Is.Not.EqualTo(before[level]), $"level {level} does not see the image");
        }

        network.Dispose();
    }

    [Test]
    public void WithNothingHiddenTheEncoderIsTheOrdinaryOne(
        [Values(2, 3)] int dimensions, [Values("instance", "batch")] string norm, [Values(0, 2)] int units, [Values] bool isTrained)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        manual_seed(5);
        var network = new ResidualUNet(MaskedRig.UNet(dimensions, norm, units));
        Tensor image = randn([2, 1, .. Enumerable.Repeat(16L, dimensions)]);
        network.train(isTrained);
        IReadOnlyList<FeatureMap> expected = network.FeatureMaps(image);
        IReadOnlyList<Tensor> maps = network.EncodeSparse(image, Sites(network, image, share: 1));
        for (int level = 0; level < maps.Count; level++)
        {
            Assert.That(maps[level].shape, Is.EqualTo(expected[level].Values.shape));
            Assert.That(maps[level].sub(expected[level].Values).abs().max().item<float>(), Is.LessThan(2e-5f), $"level {level}");
        }

        Assert.That(
            MaskedRig.Bits(network.Decode([.. expected.Take(maps.Count).Select(static map => map.Values)])),
            Is.EqualTo(MaskedRig.Bits(expected[^1].Values)), "the decoder is the network's own");
        network.Dispose();
    }

    [Test]
    public void BatchNormsKeepTheMeansOfActiveSites()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        manual_seed(6);
        var network = new ResidualUNet(MaskedRig.UNet(2, "batch") with { ResidualUnits = 0 });
        Tensor image = randn([2, 1, 16, 16]);
        SparseSites sites = Sites(network, image, share: 0.4);
        network.EncodeSparse(image, sites);
        (string Name, Tensor Tensor)[] state = [.. Weights.State(network)];
        Tensor Of(string name) => state.Single(one => one.Name == name).Tensor;
        Tensor convolved = nn.functional.conv2d(sites.Masked(image), Of("model.0.conv.weight"), Of("model.0.conv.bias"), [2, 2], [1, 1]);
        Tensor rows = sites.Gather(convolved).transpose(0, 1).reshape(4, -1);
        Assert.That(Of("model.0.adn.N.running_mean").allclose(rows.mean([1]).mul(0.1), 1e-4, 1e-6), Is.True);
        Assert.That(Of("model.0.adn.N.running_var").allclose(rows.var(1, unbiased: true).mul(0.1).add(0.9), 1e-4, 1e-6), Is.True);
        network.Dispose();
    }

    [Test]
    public void AnImpulseReachesNoMapInAHiddenBlock([Values(2, 3)] int dimensions)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        manual_seed(7);
        var network = new ResidualUNet(MaskedRig.UNet(dimensions));
        Tensor image = zeros([1, 1, .. Enumerable.Repeat(16L, dimensions)]);
        SparseSites sites = Sites(network, image, share: 0.4);
        // In the first voxel that is seen.
        long first = sites.Holes(image.shape).logical_not().reshape(-1).nonzero().reshape(-1)[0].item<long>();
        Tensor impulse = image.clone();
        impulse.view(-1).narrow(0, first, 1).fill_(1000f);
        foreach ((Tensor with, Tensor without) in network.EncodeSparse(impulse, sites).Zip(network.EncodeSparse(image, sites)))
        {
            Tensor holes = sites.Holes(with.shape).expand_as(with);
            Assert.That(with.masked_select(holes).count_nonzero().item<long>(), Is.Zero);
            Assert.That(with.sub(without).count_nonzero().item<long>(), Is.GreaterThan(0));
        }

        network.Dispose();
    }

    [Test]
    public void ExactlyTwoFifthsOfTheBlocksAreSeen_ByItemAndSeedAlone()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((VolumeShape shape, int expected) in new[] { (VolumeShape.Volume(16, 12, 8), 10), (VolumeShape.Image(28, 20), 14) })
        {
            using var objective = new SparkObjective(MaskedRig.Context("spark", shape, MaskedRig.UNet(shape.Dimensions)));
            Tensor Seen(int firstItem, ulong seed) => objective.Seen(
                MaskedRig.StepFrom(null, firstItem, seed, (ObjectiveView.Sample, zeros([2, 1, .. MaskedRig.Sides(shape)]))), CPU);
            HashSet<string> masks = [];
            for (int item = 0; item < 40; item += 2)
            {
                Tensor seen = Seen(item, MaskedRig.Seed);
                for (int n = 0; n < 2; n++)
                {
                    Assert.That(seen[n].sum().item<long>(), Is.EqualTo(expected));
                    Assert.That(masks.Add(Convert.ToHexString(MaskedRig.Bits(seen[n]))), "a mask that was there before");
                }
            }

            Assert.That(MaskedRig.Bits(Seen(4, MaskedRig.Seed)[1]), Is.EqualTo(MaskedRig.Bits(Seen(5, MaskedRig.Seed)[0])));
            Assert.That(MaskedRig.Bits(Seen(4, 6)), Is.Not.EqualTo(MaskedRig.Bits(Seen(4, 7))));
        }
    }

    [Test]
    public void EveryParameterHasAGradient_TokensToo_AndTheFirstTokensAreCut([Values("instance", "batch")] string norm)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(8);
        using SegmentationNetwork network = NetworkFactory.Create(MaskedRig.UNet(3, norm));
        using var objective = new SparkObjective(MaskedRig.Context("spark", VolumeShape.Volume(16, 16, 16), network.Options));
        objective.Begin(network, 3);
        Tensor[] tokens =
        [
            .. objective.Parts!.named_parameters().Where(static one => one.name.EndsWith("token", StringComparison.Ordinal))
                .Select(static one => one.parameter),
        ];
        Assert.That(tokens.Select(static one => one.numel()), Is.EqualTo(new long[] { 4, 16, 8 }));
        Assert.That(cat(tokens).abs().max().item<float>(), Is.InRange(0.01f, 0.02f));
        objective.Backward(MaskedRig.Step(network, (ObjectiveView.Sample, rand([2, 1, 16, 16, 16]))));
        // What a norm takes away again has a gradient of 0: the biases of convolutions before one.
        string[] without =
        [
            .. network.named_parameters().Concat(objective.Parts.named_parameters())
                .Where(static one => one.parameter.grad is not { } own || own.abs().max().item<float>() == 0)
                .Select(static one => one.name),
        ];
        Assert.That(without.Where(static name => !name.EndsWith("conv.bias", StringComparison.Ordinal)), Is.Empty);
        Assert.That(without, Is.Not.Empty);
    }

    [Test]
    public void OtherNetworksAndTooFewBlocksAreRefused()
    {
        Assert.That(
            () => new SparkObjective(MaskedRig.Context("spark", VolumeShape.Volume(64, 64, 64), NetworkOptions.SwinUnetr(12))),
            Throws.TypeOf<ObjectiveException>().With.Message.Contains("take the U-Net (--net unet), or the objective mae"));
        Assert.That(
            () => new SparkObjective(MaskedRig.Context("spark", VolumeShape.Image(4, 12), MaskedRig.UNet(2))),
            Throws.TypeOf<ObjectiveException>().With.Message.Contains("blocks of 4 voxels, and 4x12 has 3: take longer sides"));
        Assert.That(() => new SparkObjective(MaskedRig.Context("spark", VolumeShape.Image(4, 16), MaskedRig.UNet(2))).Dispose(), Throws.Nothing);
    }

    [Test]
    public void TheLossFallsBelowChance([Values(2, 3)] int dimensions)
    {
        (double first, double last) = MaskedRig.Falls(MaskedRig.Options("spark", dimensions), steps: 60);
        Assert.That(last, Is.LessThan(0.95 * first).And.LessThan(1));
    }

    // As many active blocks in every image, drawn.
    private static SparseSites Sites(ResidualUNet network, Tensor image, double share)
    {
        long[] blocks = [.. image.shape.Skip(2).Select(side => side / network.SideMultiple)];
        int count = (int)blocks.Aggregate(1L, static (all, one) => all * one);
        var random = new PlaceRandom(9, 0, 0);
        bool[] active =
        [
            .. Enumerable.Range(0, (int)image.shape[0]).SelectMany(_ => random.Shuffled(count)).Select(n => n < (int)(share * count)),
        ];
        return new SparseSites(tensor(active).reshape([image.shape[0], 1, .. blocks]), network.Options.Strides);
    }

    private static byte[][] Bits(IReadOnlyList<Tensor> maps) => [.. maps.Select(MaskedRig.Bits)];
}
