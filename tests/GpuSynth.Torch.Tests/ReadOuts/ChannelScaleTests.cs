using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Tests.ReadOuts;

public sealed class ChannelScaleTests
{
    [Test]
    public void Channels_GetMeanZeroAndDeviationOne_AndAFlatOneZero()
    {
        // Channel 0: 1, 2, 3, 6, mean 3, variance 3.5; channel 1 a third that rounding leaves flat.
        ChannelScale scale = ChannelScale.Of([[1, 1 / 3f, 2, 1 / 3f], [3, 1 / 3f, 6, 1 / 3f]], 2);
        Assert.That(scale.Means, Is.EqualTo((double[])[3, 1 / 3f]).Within(1e-12));
        Assert.That(scale.Variances, Is.EqualTo((double[])[3.5, 0]).Within(1e-12));
        Assert.That(scale.Apply([3, 1 / 3f, 3 + MathF.Sqrt(3.5f), 7]), Is.EqualTo((float[])[0, 0, 1, 0]).Within(1e-6));
        Assert.That(scale.Apply([6, 0], epsilon: 0.5)[0], Is.EqualTo(1.5).Within(1e-6), "3 / sqrt(3.5 + 0.5)");
    }

    [Test]
    public void ALargeMean_HidesNoContrast() =>
        Assert.That(ChannelScale.Of([[1000, 1001, 1002]], 1).Variances[0], Is.EqualTo(2 / 3.0).Within(1e-9));
}
