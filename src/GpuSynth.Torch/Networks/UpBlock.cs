using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// One level up: a 2-wide transposed convolution of stride 2 ("transp_conv", no bias), the skip's channels behind its own, and a
/// residual block ("conv_block"). MONAI's <c>UnetrUpBlock</c>.
/// </summary>
internal sealed class UpBlock : NamedParts
{
    private readonly nn.Module<Tensor, Tensor> widen;
    private readonly ResidualBlock block;

    public UpBlock(int inputs, int outputs)
        : base(nameof(UpBlock))
    {
        widen = Register("transp_conv", nn.Sequential(("conv", nn.ConvTranspose3d(inputs, outputs, 2L, 2, bias: false))));
        block = Register("conv_block", new ResidualBlock(2 * outputs, outputs));
    }

    public Tensor Join(Tensor input, Tensor skip)
    {
        using Tensor wide = widen.call(input);
        using Tensor joined = cat([wide, skip], 1);
        return block.call(joined);
    }
}
