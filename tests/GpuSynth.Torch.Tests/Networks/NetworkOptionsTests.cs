using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Tests.Networks;

public sealed class NetworkOptionsTests
{
    [Test]
    public void Json_RoundTrips()
    {
        NetworkOptions[] several = [NetworkOptions.RasdUNet2D, NetworkOptions.SwinUnetr(96), NetworkOptions.SmallVit(2) with { Depth = 4 }, new NetworkOptions()];
        foreach (NetworkOptions options in several)
        {
            Assert.That(NetworkOptions.FromJson(options.ToJson()), Is.EqualTo(options));
        }

        Assert.That(NetworkOptions.SwinUnetr(24).ToJson(), Does.Contain("\"kind\":\"swinUnetr\""));
        Assert.That(NetworkOptions.FromJson("""{"kind":"uNet","outChannels":5}""").OutChannels, Is.EqualTo(5));
    }

    // Checkpoints and settings of runs hold this text.
    [Test]
    public void JsonOfTheOtherFamilies_SaysNothingOfTransformers()
    {
        const string UNet = """
            {"kind":"uNet","dimensions":3,"inChannels":1,"outChannels":32,"channels":[16,32,64,128],"strides":[2,2,2],"residualUnits":2,"activation":"prelu","norm":"instance","dropout":0,"featureSize":48,"useV2":true}
            """;
        Assert.That(NetworkOptions.SmallUNet3D.ToJson(), Is.EqualTo(UNet));
        Assert.That((NetworkOptions.SmallUNet3D with { Depth = 9 }), Is.EqualTo(NetworkOptions.SmallUNet3D), "a member of another family is ignored");
        Assert.That(NetworkOptions.SwinUnetr(48).ToJson(), Does.EndWith("\"useV2\":true}"));
        Assert.That(NetworkOptions.SmallVit(3).ToJson(), Does.Contain("\"kind\":\"vit\"").And.EndWith(",\"patchSize\":8,\"hiddenSize\":96,\"depth\":6,\"heads\":6}"));
    }

    [Test]
    public void Defaults_AreRasdsIn2DAndSmallIn3D()
    {
        Assert.That(NetworkOptions.Default(NetworkKind.UNet, 2), Is.EqualTo(NetworkOptions.RasdUNet2D));
        Assert.That(NetworkOptions.Default(NetworkKind.UNet, 3), Is.EqualTo(NetworkOptions.SmallUNet3D));
        Assert.That(NetworkOptions.Default(NetworkKind.SwinUnetr, 3).FeatureSize, Is.EqualTo(48));
        Assert.That(NetworkOptions.Default(NetworkKind.Vit, 2), Is.EqualTo(NetworkOptions.SmallVit(2)));
        Assert.That(() => NetworkOptions.Default(NetworkKind.SwinUnetr, 2), Throws.InstanceOf<CheckpointException>());
    }

    [Test]
    public void Levels_AreTheUsualOnesWhereTheyAreNotSaid()
    {
        NetworkOptions usual = NetworkOptions.Default(NetworkKind.UNet, 3);
        NetworkOptions fine = NetworkOptions.Default(NetworkKind.UNet, 3, new UNetLevels(null, [1, 2, 2]));
        NetworkOptions small = NetworkOptions.Default(NetworkKind.UNet, 3, new UNetLevels([4, 8]));
        Assert.That((fine.Channels, fine.Strides), Is.EqualTo((usual.Channels, (int[])[1, 2, 2])));
        Assert.That((small.Channels, small.Strides), Is.EqualTo(((int[])[4, 8], (int[])[2])));
        Assert.That(
            () => NetworkOptions.Default(NetworkKind.UNet, 3, new UNetLevels([4, 8], [1, 2])),
            Throws.InstanceOf<CheckpointException>().With.Message.Contains("strides cannot be [1, 2]"));
    }

    [TestCase("""{"strides":[2,2]}""", "strides cannot be [2, 2]: it must be positive, one fewer than the channels.")]
    [TestCase("""{"channels":[4]}""", "The network's channels cannot be [4]")]
    [TestCase("""{"activation":"gelu"}""", "cannot be gelu: it must be prelu or relu")]
    [TestCase("""{"norm":null}""", "norm cannot be missing")]
    [TestCase("""{"dropout":1}""", "dropout cannot be 1")]
    [TestCase("""{"kind":"swinUnetr","featureSize":50}""", "featureSize cannot be 50")]
    [TestCase("""{"kind":"vit","dimensions":4}""", "dimensions cannot be 4: it must be 2 or 3")]
    [TestCase("""{"kind":"vit","patchSize":6}""", "patchSize cannot be 6: it must be 4, 8 or 16.")]
    [TestCase("""{"kind":"vit","hiddenSize":64}""", "hiddenSize cannot be 64: it must be a multiple of 6, for sines and cosines along each of 3 axes.")]
    [TestCase("""{"kind":"vit","dimensions":2,"hiddenSize":90}""", "hiddenSize cannot be 90: it must be a multiple of 4")]
    [TestCase("""{"kind":"vit","heads":5}""", "heads cannot be 5: it must be a divisor of the hiddenSize, 96.")]
    [TestCase("""{"kind":"vit","patchSize":16,"depth":3}""", "depth cannot be 3: it must be at least 4: the decoder takes so many maps of patches of 16.")]
    [TestCase("""{"kind":"resNet"}""", "not readable JSON")]
    [TestCase("null", "empty")]
    public void WrongOptions_AreRefused(string json, string sentence) => Assert.That(
        () => NetworkOptions.FromJson(json), Throws.InstanceOf<CheckpointException>().With.Message.Contains(sentence));
}
