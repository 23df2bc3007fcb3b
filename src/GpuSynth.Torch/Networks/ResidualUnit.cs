using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// y = units(x) + residual(x): a chain of convolution blocks ("conv.unit0", ...), and beside it nothing when the shape stays, or
/// a convolution ("residual") that gives x the new shape: as wide as the kernel with a stride, 1-wide without. MONAI's
/// <c>ResidualUnit</c>.
/// </summary>
internal sealed class ResidualUnit : NamedModule, ISparseUnit
{
    private readonly ConvolutionBlock[] units;
    private readonly nn.Module<Tensor, Tensor>? residual;

    /// <param name="options">Dimensions, norm, activation, dropout.</param>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="stride">Stride of the first unit.</param>
    /// <param name="unitCount">Blocks in the chain.</param>
    /// <param name="endsBare">The last unit is a convolution only: no norm or activation ends the network.</param>
    public ResidualUnit(NetworkOptions options, int inputs, int outputs, int stride, int unitCount, bool endsBare = false)
        : base(nameof(ResidualUnit))
    {
        units = new ConvolutionBlock[unitCount];
        for (int i = 0; i < unitCount; i++)
        {
            int from = i == 0 ? inputs : outputs;
            units[i] = endsBare && i == unitCount - 1
                ? ConvolutionBlock.CreateBare(options, from, outputs)
                : ConvolutionBlock.Create(options, from, outputs, i == 0 ? stride : 1);
        }

        Register("conv", nn.Sequential(units.Select(static (unit, i) => ($"unit{i}", (nn.Module<Tensor, Tensor>)unit))));
        if (stride != 1 || inputs != outputs)
        {
            residual = Register(
                "residual", Layers.Convolution(options.Dimensions, inputs, outputs, kernel: stride == 1 ? 1 : 3, stride));
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using Tensor shortcut = residual?.call(input) ?? input.alias();
        Tensor current = input.alias();
        for (int i = 0; i < units.Length; i++)
        {
            using Tensor before = current;
            current = units[i].Forward(before, i == units.Length - 1 ? shortcut : null);
        }

        return current;
    }

    /// <inheritdoc/>
    public Tensor ForwardSparse(Tensor input, SparseSites sites)
    {
        using Tensor shortcut = Shortcut(input, sites);
        Tensor current = input.alias();
        for (int i = 0; i < units.Length; i++)
        {
            using Tensor before = current;
            current = units[i].ForwardSparse(before, sites, i == units.Length - 1 ? shortcut : null);
        }

        return current;
    }

    private Tensor Shortcut(Tensor input, SparseSites sites)
    {
        if (residual is null)
        {
            return input.alias();
        }

        using Tensor whole = residual.call(input);
        return sites.Masked(whole);
    }
}
