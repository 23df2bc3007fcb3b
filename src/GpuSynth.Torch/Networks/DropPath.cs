using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

// x + b(x) becomes x + m b(x) / (1 - p), m = 0 with probability p, drawn for every item of a batch and every branch b. Of n blocks the k-th, from 0, has
// p = rate k / (n - 1): the first ones, which all others build on, are left out least.

/// <summary>
/// Stochastic depth: training leaves branches of a transformer's blocks out, item by item. Sources: Huang et al., "Deep networks with stochastic depth",
/// 2016; the linear law of fine-tuned transformers, He et al., MAE.
/// </summary>
internal static class DropPath
{
    /// <summary>Has the blocks of a network leave branches out while it is trained.</summary>
    /// <param name="network">The network.</param>
    /// <param name="rate">The chance in the last block, 0 to below 1.</param>
    /// <exception cref="GpuSynthException">The network has no such blocks.</exception>
    public static void Set(SegmentationNetwork network, double rate)
    {
        IResidualBlock[] blocks = [.. network.modules().OfType<IResidualBlock>()];
        if (rate > 0 && blocks.Length == 0)
        {
            throw new GpuSynthException(FormattableString.Invariant(
                $"A drop path of {rate} is for transformers, and this network is a U-Net: leave --drop-path out, or take --net vit or swinunetr."));
        }

        for (int n = 0; n < blocks.Length; n++)
        {
            blocks[n].DropPath = rate * n / Math.Max(1, blocks.Length - 1);
        }
    }

    /// <summary>x + b, or what training makes of it.</summary>
    /// <param name="block">The block whose branch it is.</param>
    /// <param name="x">[B, ...].</param>
    /// <param name="branch">b, as x.</param>
    public static Tensor Sum(IResidualBlock block, Tensor x, Tensor branch)
    {
        if (!block.training || block.DropPath == 0)
        {
            return x.Plus(branch);
        }

        Tensor kept = DropoutRandom.Kept(x.shape[0], block.DropPath).to(x.dtype, x.device);
        return x.Plus(branch * kept.reshape([x.shape[0], .. Enumerable.Repeat(1L, x.shape.Length - 1)]));
    }
}

/// <summary>A block of a transformer whose branches can be left out.</summary>
internal interface IResidualBlock
{
    /// <summary>The chance of each branch.</summary>
    double DropPath { get; set; }

    /// <summary>Whether it is trained.</summary>
    bool training { get; }
}
