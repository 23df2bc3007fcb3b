using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Tests.Networks;

/// <summary>Digests, counts and values are MONAI 1.3's <c>UNet</c>.</summary>
public sealed class ResidualUNetTests
{
    private static readonly NetworkOptions Plain = new()
    {
        InChannels = 2, OutChannels = 3, Channels = [4, 8, 16], Strides = [2, 1], ResidualUnits = 0,
    };

    private static readonly NetworkOptions Shallow = new()
    {
        OutChannels = 5, Channels = [4, 4, 8], Strides = [1, 2], ResidualUnits = 1, Activation = "relu",
    };

    [Test]
    public void Small3D_NamesShapesCount_AreMonais()
    {
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SmallUNet3D);
        Assert.That(network.ParameterCount, Is.EqualTo(1_240_285));
        Assert.That(Weights.State(network), Has.Count.EqualTo(49));
        Assert.That(
            MonaiGolden.StateDigest(network), Is.EqualTo("584274be80c7cc55658226f175d978d2658e1e610e0301f5a3ec1f8803bae1e0"));
        Assert.That(
            string.Join(' ', network.HeadNames),
            Is.EqualTo(
                "model.2.0.conv.weight model.2.0.conv.bias model.2.1.conv.unit0.conv.weight model.2.1.conv.unit0.conv.bias"));
    }

    [Test]
    public void Rasd2D_NamesShapesCount_AreMonais()
    {
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.RasdUNet2D);
        Assert.That(network.ParameterCount, Is.EqualTo(51_177_536));
        Assert.That(Weights.State(network), Has.Count.EqualTo(201));
        Assert.That(
            MonaiGolden.StateDigest(network), Is.EqualTo("707b7fc2fc0d62f5dd865d610c31548530390da5d1d1ce6fb34d737ce0040ff1"));
    }

    [Test]
    public void OtherForms_NamesShapes_AreMonais()
    {
        using SegmentationNetwork plain = NetworkFactory.Create(Plain);
        using SegmentationNetwork shallow = NetworkFactory.Create(Shallow);
        Assert.That(
            MonaiGolden.StateDigest(plain), Is.EqualTo("b76fde8519b28e22a351bac0d8cb7ad1f601f772ed33d7df20efad1f1f49bc76"));
        Assert.That(
            MonaiGolden.StateDigest(shallow), Is.EqualTo("35530f54929f86b21474f055d10868db9a97f6fe96fa4713eaccf8f3eed9a2be"));
    }

    [Test]
    public void Small3D_Forward_IsMonais()
    {
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SmallUNet3D);
        MonaiGolden.AssertForward(network, [2, 1, 16, 16, 24], 10.0988517,
            [2.1161399, 28.463228, 3.4321332, -0.25412458, -33.557774, 2.1697688, 10.470882, 1.2978354]);
    }

    [Test]
    public void Rasd2D_Forward_IsMonais()
    {
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.RasdUNet2D);
        MonaiGolden.AssertForward(network, [2, 1, 32, 48], 3.85689075,
            [-0.099381015, -1.3768132, -0.5818764, -1.5861301, 0.78656203, 11.185354, 12.250724, 0.13902898]);
    }

    [Test]
    public void OtherForms_Forward_AreMonais()
    {
        using SegmentationNetwork plain = NetworkFactory.Create(Plain);
        MonaiGolden.AssertForward(plain, [1, 2, 8, 8, 10], 0.917325974,
            [-0.051062882, 0.69296056, 0.011690021, -1.1123009, -1.1506035, 2.9610832, -0.72679561, 0.025749847]);
        using SegmentationNetwork shallow = NetworkFactory.Create(Shallow);
        MonaiGolden.AssertForward(shallow, [1, 1, 8, 8, 10], 2.14329615,
            [-0.10761282, -2.9757364, -1.8469858, 2.9134722, -0.11994529, 1.7196697, 0.1219558, 2.8128576]);
    }

    [Test]
    public void EveryForm_Trains()
    {
        NetworkOptions batch = Shallow with { Norm = "batch", Dropout = 0.2, ResidualUnits = 3, Strides = [2, 1] };
        NetworkOptions flat = NetworkOptions.RasdUNet2D with { Channels = [4, 8, 8], Strides = [2, 2] };
        foreach (NetworkOptions options in new[] { NetworkOptions.SmallUNet3D, Plain, Shallow, batch, flat })
        {
            using SegmentationNetwork network = NetworkFactory.Create(options);
            long[] shape = options.Dimensions == 2 ? [2, 1, 16, 16] : [2, options.InChannels, 16, 16, 16];
            MonaiGolden.AssertTrains(network, shape);
        }
    }

    [Test]
    public void Shape_ThatDoesNotFit_NamesTheNearestOnes()
    {
        using SegmentationNetwork network = NetworkFactory.Create(NetworkOptions.SmallUNet3D);
        network.CheckShape(VolumeShape.Volume(48, 32, 8));
        Assert.That(
            () => network.CheckShape(VolumeShape.Volume(50, 48, 48)),
            Throws.InstanceOf<GpuSynthException>().With.Message.EqualTo(
                "The network's sides are multiples of 8, and 50x48x48 does not fit: take 48x48x48 or 56x48x48."));
        Assert.That(
            () => network.CheckShape(VolumeShape.Volume(8, 3, 8)),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains("take 16x16x16."));
        Assert.That(
            () => network.CheckShape(VolumeShape.Cubic(3, 8)),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains("take 16x16x16 or more"));
        Assert.That(
            () => network.CheckShape(VolumeShape.Image(64, 64)),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains("3 sides"));
    }
}
