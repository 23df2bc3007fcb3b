using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

public sealed class FeatureMapTests
{
    [Test]
    public void UNet_HasAMapOfEveryLevel_AndItsOutputLast()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SmallUNet3D);
        network.eval();
        AssertMaps(
            network, rand([1, 1, 16, 32, 24]),
            "encoder/2 16", "encoder/4 32", "encoder/8 64", "deepest/8 128", "decoder/4 32", "decoder/2 16", "output/1 32");
    }

    [Test]
    public void SwinUnetr_HasAMapOfEveryLevel_AndTheHeadsInputLast()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SwinUnetr(12) with { OutChannels = 3 });
        network.eval();
        using IDisposable unrecorded = no_grad();
        Tensor image = rand([1, 1, 32, 64, 32]);
        IReadOnlyList<FeatureMap> maps = network.FeatureMaps(image);
        Assert.That(Texts(maps), Is.EqualTo(new[]
        {
            "encoder/2 12", "encoder/4 24", "encoder/8 48", "encoder/16 96", "deepest/32 192",
            "decoder/16 96", "decoder/8 48", "decoder/4 24", "decoder/2 12", "output/1 12",
        }));
        Assert.That(Texts(network.FeatureMaps(image, encoderOnly: true)), Is.EqualTo(Texts(maps)[..5]));
        Assert.That(maps[4].Values.shape, Is.EqualTo(new long[] { 1, 192, 1, 2, 1 }));
        Tensor weight = network.get_parameter(network.HeadNames[0])!, bias = network.get_parameter(network.HeadNames[1])!;
        Tensor expected = nn.functional.conv3d(maps[^1].Values, weight, bias);
        Assert.That(network.call(image).allclose(expected, 1e-5, 1e-6), Is.True);
    }

    [Test]
    public void SegmentationModel_GivesItsBodysMaps()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationNetwork network = FineTuneModel.Create(
            NetworkOptions.SmallUNet3D with { Dimensions = 2, Channels = [4, 8], Strides = [2] }, 3);
        Assert.That(Texts(network.FeatureMaps(rand([2, 1, 8, 8]))), Is.EqualTo(new[] { "encoder/2 4", "deepest/2 8", "output/1 32" }));
    }

    [Test]
    public void RateFactors_FallFromTheHeadToThePatches()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationNetwork swin = FineTuneModel.Create(NetworkOptions.SwinUnetr(12), 3);
        Dictionary<string, double> factors = Named(swin, new RateFactors { Body = 0.5, LayerDecay = 0.5 });
        Assert.That(factors["out.conv.conv.weight"], Is.EqualTo(1));
        Assert.That(factors["decoder1.conv_block.conv1.conv.weight"], Is.EqualTo(0.5));
        Assert.That(factors.Where(static one => one.Key.StartsWith("swinViT.layers4", StringComparison.Ordinal))
            .Select(static one => one.Value), Is.All.EqualTo(0.25));
        Assert.That(factors["swinViT.patch_embed.proj.weight"], Is.EqualTo(0.5 / 32));
        using SegmentationNetwork unet = FineTuneModel.Create(NetworkOptions.SmallUNet3D, 3);
        Assert.That(Named(unet, new RateFactors { Body = 0.3 }).Values.Distinct(), Is.EquivalentTo(new[] { 0.3, 1 }));
        Assert.That(
            () => new RateFactors { LayerDecay = 0.75 }.Of(unet),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains("--body-rate"));
    }

    private static Dictionary<string, double> Named(SegmentationNetwork network, RateFactors factors) =>
        network.named_parameters().Zip(factors.Of(network)).ToDictionary(static pair => pair.First.name, static pair => pair.Second);

    private static void AssertMaps(SegmentationNetwork network, Tensor image, params string[] expected)
    {
        using IDisposable unrecorded = no_grad();
        IReadOnlyList<FeatureMap> maps = network.FeatureMaps(image);
        Assert.That(Texts(maps), Is.EqualTo(expected));
        Assert.That(maps[^1].Values.eq(network.call(image)).all().item<bool>(), Is.True);
        IReadOnlyList<FeatureMap> down = network.FeatureMaps(image, encoderOnly: true);
        Assert.That(Texts(down), Is.EqualTo(expected.TakeWhile(static one => !one.StartsWith("decoder", StringComparison.Ordinal))));
        Assert.That(down.Zip(maps, static (one, other) => one.Values.eq(other.Values).all().item<bool>()), Is.All.True);
        foreach (FeatureMap map in maps)
        {
            Assert.That(
                map.Values.shape.Skip(2), Is.EqualTo(image.shape.Skip(2).Select(side => side / map.Stride)), map.Name);
        }
    }

    private static string[] Texts(IReadOnlyList<FeatureMap> maps) => [.. maps.Select(static map => $"{map.Name} {map.Values.shape[1]}")];
}
