using GpuSynth.Kernels;
using GpuSynth.Torch.Networks;

namespace GpuSynth.Torch.Tests.Networks;

/// <summary>Digests, counts and values are MONAI 1.3's <c>SwinUNETR</c>; 72.8M and 62.2M parameters are published.</summary>
public sealed class SwinUnetrTests
{
    [TestCase(24, true, 32, 18_347_594, "18acd7db8a2e82fd2bfcb235560da579b6ac72b4ddaf8bf488ec3ddc392fd51a")]
    [TestCase(48, true, 32, 72_763_538, "4529e21807217799e7a321cc7e45214f4c8d8bfe97927c0c51b69b1768712b2a")]
    [TestCase(24, false, 14, 15_703_304, "af76ce4577ae066bb3069212dc5b5ba8035e2c7afe651d5c7e71af1593787d71")]
    [TestCase(48, false, 14, 62_187_296, "39f26349ba1858eb408263919bc572e6804250e4d84ab3be0cf3fb0d8ed7d0e7")]
    public void NamesShapesCount_AreMonais(int featureSize, bool useV2, int outputs, long parameters, string digest) =>
        AssertState(featureSize, useV2, outputs, parameters, digest);

    // 1.2 and 2.6 GB of weights.
    [TestCase(96, 290_393_762, "01b2f9fdffecc803f1633bf6e3484cca23d59a7eee82d155316ca1bdb2b04085")]
    [TestCase(144, 653_088_434, "03d982c8521d8c7a22825833de2ad151812d9341130737673f1d23e2ae5bd0bf")]
    [Explicit("not run: building the two largest Swin UNETRs takes minutes and gigabytes")]
    public void LargeNamesShapesCount_AreMonais(int featureSize, long parameters, string digest) =>
        AssertState(featureSize, useV2: true, 32, parameters, digest);

    [Test]
    public void V2_Forward_IsMonais()
    {
        // Sides of one window and of several, padded and not.
        using SegmentationNetwork network = Create(24, useV2: true, outputs: 4);
        MonaiGolden.AssertForward(network, [1, 1, 64, 32, 96], 0.357278632,
            [0.13855471, 0.11349033, 0.37728611, 0.13078879, -0.041738309, -0.033880644, 0.22336236, 0.18503535]);
    }

    [Test]
    public void V1_Forward_IsMonais()
    {
        using SegmentationNetwork network = Create(24, useV2: false, outputs: 4);
        MonaiGolden.AssertForward(network, [1, 1, 64, 64, 32], 0.355086589,
            [0.12549512, 0.089279398, -0.084578685, 0.34366497, -0.73187011, -0.27199221, 0.12344506, 0.33214977]);
    }

    // 32 would fit the multiple and leave a single voxel at the bottom: it is not advised.
    [TestCase(48, "The network's sides are multiples of 32, and 48x48x48 does not fit: take 64x64x64.")]
    [TestCase(20, "The network's sides are multiples of 32, and 20x20x20 does not fit: take 64x64x64.")]
    [TestCase(32, "32x32x32 leaves one voxel at the network's lowest level: take 64x64x64 or more.")]
    public void ShapesThatDoNotFit_AreRefusedWithOnesThatDo(int side, string message)
    {
        using SegmentationNetwork network = Create(24, useV2: true, outputs: 4);
        Assert.That(
            () => network.CheckShape(VolumeShape.Cubic(3, side)), Throws.TypeOf<GpuSynthException>().With.Message.EqualTo(message));
        Assert.That(() => network.CheckShape(VolumeShape.Cubic(3, 64)), Throws.Nothing);
    }

    [Category("Slow")]
    [Test]
    public void Trains()
    {
        using SegmentationNetwork network = Create(12, useV2: true, outputs: 2);
        MonaiGolden.AssertTrains(network, 2, 1, 32, 32, 64);
    }

    private static SegmentationNetwork Create(int featureSize, bool useV2, int outputs) =>
        NetworkFactory.Create(NetworkOptions.SwinUnetr(featureSize) with { UseV2 = useV2, OutChannels = outputs });

    private static void AssertState(int featureSize, bool useV2, int outputs, long parameters, string digest)
    {
        using SegmentationNetwork network = Create(featureSize, useV2, outputs);
        Assert.That(network.ParameterCount, Is.EqualTo(parameters));
        Assert.That(MonaiGolden.StateDigest(network), Is.EqualTo(digest));
        Assert.That(Weights.State(network).Select(static entry => entry.Name), Is.SupersetOf(network.HeadNames));
    }
}
