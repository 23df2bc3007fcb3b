using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Tests.Networks;

public sealed class NetworkOptionsTests
{
    [Test]
    public void Json_RoundTrips()
    {
        NetworkOptions[] several = [NetworkOptions.RasdUNet2D, NetworkOptions.SwinUnetr(96), new NetworkOptions()];
        foreach (NetworkOptions options in several)
        {
            Assert.That(NetworkOptions.FromJson(options.ToJson()), Is.EqualTo(options));
        }

        Assert.That(NetworkOptions.SwinUnetr(24).ToJson(), Does.Contain("\"kind\":\"swinUnetr\""));
        Assert.That(NetworkOptions.FromJson("""{"kind":"uNet","outChannels":5}""").OutChannels, Is.EqualTo(5));
    }

    [Test]
    public void Defaults_AreRasdsIn2DAndSmallIn3D()
    {
        Assert.That(NetworkOptions.Default(NetworkKind.UNet, 2), Is.EqualTo(NetworkOptions.RasdUNet2D));
        Assert.That(NetworkOptions.Default(NetworkKind.UNet, 3), Is.EqualTo(NetworkOptions.SmallUNet3D));
        Assert.That(NetworkOptions.Default(NetworkKind.SwinUnetr, 3).FeatureSize, Is.EqualTo(48));
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
    [TestCase("""{"kind":"resNet"}""", "not readable JSON")]
    [TestCase("null", "empty")]
    public void WrongOptions_AreRefused(string json, string sentence) => Assert.That(
        () => NetworkOptions.FromJson(json), Throws.InstanceOf<CheckpointException>().With.Message.Contains(sentence));
}
