using GpuSynth.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Networks;

/// <summary>Stochastic depth: what is left out, how often, and that nothing else changes.</summary>
[NonParallelizable]
public sealed class DropPathTests
{
    private static readonly NetworkOptions Vit = new() { Kind = NetworkKind.Vit, Dimensions = 2, PatchSize = 8, HiddenSize = 24, Depth = 5, Heads = 2 };

    [Test]
    public void ChancesGrowEvenly_FromNoneInTheFirstBlock()
    {
        using SegmentationNetwork vit = NetworkFactory.Create(Vit), swin = NetworkFactory.Create(NetworkOptions.SwinUnetr(12));
        DropPath.Set(vit, 0.2);
        DropPath.Set(swin, 0.7);
        Assert.That(Chances(vit), Is.EqualTo([0, 0.05, 0.1, 0.15, 0.2]).Within(1e-12));
        Assert.That(Chances(swin), Is.EqualTo(Enumerable.Range(0, 8).Select(static n => 0.1 * n)).Within(1e-12));

        static IEnumerable<double> Chances(SegmentationNetwork network) => network.modules().OfType<IResidualBlock>().Select(static block => block.DropPath);
    }

    // An item keeps a branch or loses it as a whole. Of 4,000 draws of p = 0.3 the share has the deviation .0072; kept branches are divided by 0.7, so that
    // the mean over all is that of a sum without drawing.
    [Test]
    public void AnItemLosesABranch_AsOftenAsItSays()
    {
        using DisposeScope scope = NewDisposeScope();
        using DropoutRandom numbers = new(3);
        var block = new VitBlock(24, 2) { DropPath = 0.3 };
        block.train();
        Tensor sum = DropPath.Sum(block, zeros([4000, 3, 24]), ones([4000, 3, 24]));
        float[] ofItems = [.. sum.mean([1, 2]).data<float>()];
        Assert.That(sum.amax([1, 2]).eq(sum.amin([1, 2])).all().item<bool>(), "an item as a whole");
        Assert.That(ofItems.Distinct().Order(), Is.EqualTo(new[] { 0, 1 / 0.7f }).Within(1e-6));
        Assert.That(ofItems.Average(static value => value == 0 ? 1 : 0), Is.EqualTo(0.3).Within(0.03));
        block.eval();
        Assert.That(DropPath.Sum(block, zeros([9, 3, 24]), ones([9, 3, 24])).eq(1).all().item<bool>(), "nothing without training");
    }

    // Where everything is left out, a block gives back what it was given; of two branches one can be left out alone.
    [Test]
    public void ABlockOfWhichBothBranchesAreLeftOut_ChangesNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        using DropoutRandom numbers = new(5);
        manual_seed(1);
        var block = new VitBlock(24, 2) { DropPath = 0.5 };
        block.train();
        Tensor tokens = randn([64, 4, 24]);
        bool[] same = [.. block.call(tokens).eq(tokens).all(2).all(1).data<bool>()];
        Assert.That(same.Count(static one => one), Is.InRange(4, 30), "a quarter of 64");
    }

    [Test]
    public void TheSameSeedDrawsTheSame_AndAUNetHasNoSuchBlocks()
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentationNetwork vit = NetworkFactory.Create(Vit), unet = NetworkFactory.Create(new NetworkOptions { Dimensions = 2 });
        DropPath.Set(vit, 0.5);
        Tensor image = randn([4, 1, 16, 16]);
        vit.train();
        Tensor Trained(ulong seed)
        {
            using DropoutRandom numbers = new(seed);
            return vit.call(image);
        }

        Assert.That(Trained(1).equal(Trained(1)).all().item<bool>());
        Assert.That(Trained(1).equal(Trained(2)).all().item<bool>(), Is.False);
        DropPath.Set(unet, 0);
        Assert.That(() => DropPath.Set(unet, 0.1), Throws.TypeOf<GpuSynthException>().With.Message.Contains("is for transformers, and this network is a U-Net"));
    }
}
