using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// y = units(x) + residual(x): a chain of convolution blocks ("conv.unit0", ...), and beside it nothing when the shape stays, or
/// a convolution ("residual") that gives x the new shape: as wide as the kernel with a stride, 1-wide without. MONAI's
/// <c>ResidualUnit</c>.
/// </summary>
internal sealed class ResidualUnit : NamedModule
{
    private readonly nn.Module<Tensor, Tensor> units;
    private readonly nn.Module<Tensor, Tensor>? residual;
    private readonly bool endsBare;

    /// <param name="options">Dimensions, norm, activation, dropout.</param>
    /// <param name="inputs">Channels of x.</param>
    /// <param name="outputs">Channels of y.</param>
    /// <param name="stride">Stride of the first unit.</param>
    /// <param name="unitCount">Blocks in the chain.</param>
    /// <param name="endsBare">The last unit is a convolution only: no norm or activation ends the network.</param>
    public ResidualUnit(NetworkOptions options, int inputs, int outputs, int stride, int unitCount, bool endsBare = false)
        : base(nameof(ResidualUnit))
    {
        this.endsBare = endsBare;
        var chain = new (string, nn.Module<Tensor, Tensor>)[unitCount];
        for (int i = 0; i < unitCount; i++)
        {
            int from = i == 0 ? inputs : outputs;
            chain[i] = ($"unit{i}", endsBare && i == unitCount - 1
                ? ConvolutionBlock.CreateBare(options, from, outputs)
                : ConvolutionBlock.Create(options, from, outputs, i == 0 ? stride : 1));
        }

        units = Register("conv", nn.Sequential(chain));
        if (stride != 1 || inputs != outputs)
        {
            residual = Register(
                "residual", Layers.Convolution(options.Dimensions, inputs, outputs, kernel: stride == 1 ? 1 : 3, stride));
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        // The sum takes the memory of a convolution's result where there is one: a convolution's backward never reads its result,
        // an activation's may.
        if (residual is not null)
        {
            Tensor shortcut = residual.call(input);
            using Tensor added = units.call(input);
            return shortcut.add_(added);
        }

        Tensor result = units.call(input);
        if (endsBare)
        {
            return result.add_(input);
        }

        using (result)
        {
            return result + input;
        }
    }
}
