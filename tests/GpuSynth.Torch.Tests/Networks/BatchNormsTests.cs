using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

public sealed class BatchNormsTests
{
    // Measured on one batch, a norm in eval mode does to it what it does in training, but for the unbiased variance.
    [Test]
    public void MeasuredNorms_DoToABatchWhatTrainingDoes()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable unrecorded = no_grad();
        manual_seed(5);
        using SegmentationNetwork network = NetworkFactory.Create(Small);
        Tensor batch = (rand([6, 1, 16, 16]) * 50) + 200;
        network.train();
        Tensor trained = network.call(batch);
        network.eval();
        Assert.That(network.call(batch).allclose(trained, 0.02, 0.02), Is.False, "with means of 0 and variances of 1");
        BatchNorms.Measure(network, _ => batch);
        Assert.That(network.training, Is.False);
        Assert.That(network.call(batch).allclose(trained, 0.02, 0.02), Is.True);
    }

    [Test]
    public void OfSeveralBatches_TheFirstHasASayOfNineTenthsToThePowerOfTheOthers()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(5);
        using SegmentationNetwork network = NetworkFactory.Create(Small);
        Tensor dark = zeros([2, 1, 16, 16]), bright = ones([2, 1, 16, 16]);
        double[] means = [.. new[] { new[] { dark }, [bright], [dark, bright] }.Select(batches =>
        {
            BatchNorms.Measure(network, n => batches[Math.Min(n, batches.Length - 1)]);
            return network.named_buffers().First(static one => one.name.EndsWith("running_mean", StringComparison.Ordinal)).buffer[0].ToDouble();
        })];
        double first = Math.Pow(0.9, BatchNorms.Passes - 1);
        Assert.That(means[0], Is.Not.EqualTo(means[1]).Within(1e-3));
        Assert.That(means[2], Is.EqualTo((first * means[0]) + ((1 - first) * means[1])).Within(1e-5));
    }

    private static NetworkOptions Small => NetworkOptions.SmallUNet3D with
    {
        Dimensions = 2, Channels = [4, 8], Strides = [2], ResidualUnits = 1, OutChannels = 3, Norm = "batch", Dropout = 0,
    };
}
