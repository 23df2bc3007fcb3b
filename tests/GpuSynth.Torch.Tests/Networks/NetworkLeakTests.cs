using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

/// <summary>
/// Tensors are native memory: what a network makes on its way is gone when its output is, without a garbage collection.
/// </summary>
[NonParallelizable]
public sealed class NetworkLeakTests
{
    private static readonly NetworkOptions[] Forms =
    [
        new() { OutChannels = 4, Channels = [4, 8, 8], Strides = [2, 1] },
        new() { OutChannels = 4, Channels = [4, 8], Strides = [2], Norm = "batch", Activation = "relu", Dropout = 0.1 },
        NetworkOptions.SwinUnetr(12) with { OutChannels = 2 },
        VisionTransformerTests.Tiny with { OutChannels = 2 },
    ];

    [Test]
    public void Forward_LeavesNothingBehind_EvenWithoutAScope()
    {
        // Handles that earlier tests left to the collector must not be collected in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long atStart = Tensor.TotalCount;
        long parameters = 0;
        foreach (NetworkOptions options in Forms)
        {
            using SegmentationNetwork network = FineTuneModel.Create(options, classes: 3);
            parameters += network.parameters().Count();
            using var unrecorded = no_grad();
            using Tensor image = MonaiGolden.Image(1, 1, 32, 32, 64);
            long before = Tensor.TotalCount;
            for (int i = 0; i < 2; i++)
            {
                using Tensor output = network.call(image);
                Assert.That(Tensor.TotalCount, Is.EqualTo(before + 1), options.ToJson());
            }
        }

        // TorchSharp counts a parameter once too often: a parameter takes the handle of the tensor that it is made from, which is
        // never counted out. The memory itself is given back.
        Assert.That(Tensor.TotalCount, Is.EqualTo(atStart + parameters), "a network's own tensors, after it is disposed of");
    }

    [Test]
    public void Network_MadeInAScope_OutlivesIt()
    {
        SegmentationNetwork network;
        using (NewDisposeScope())
        {
            network = NetworkFactory.Create(Forms[2]);
        }

        using (network)
        using (Tensor image = MonaiGolden.Image(1, 1, 32, 32, 64))
        using (Tensor output = network.call(image))
        {
            Assert.That(output.shape[1], Is.EqualTo(2));
        }
    }
}
