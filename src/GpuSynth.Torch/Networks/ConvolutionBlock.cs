using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// The U-Net's unit: a 3-wide convolution ("conv") and then "adn": norm ("N"), dropout ("D"), activation ("A"), or the
/// convolution alone. MONAI's <c>Convolution</c>; a dropout of zero is left out, which changes no name, as it has no parameters.
/// </summary>
internal sealed class ConvolutionBlock : NamedModule, ISparseUnit
{
    private readonly Convolution convolution;
    private readonly AfterConvolution? after;

    private ConvolutionBlock(nn.Module<Tensor, Tensor> convolution, AfterConvolution? after)
        : base(nameof(ConvolutionBlock))
    {
        this.convolution = (Convolution)Register("conv", convolution);
        this.after = after is null ? null : Register("adn", after);
    }

    /// <summary>Convolution, norm, dropout, activation.</summary>
    public static ConvolutionBlock Create(NetworkOptions options, int inputs, int outputs, int stride) => new(
        Layers.Convolution(options.Dimensions, inputs, outputs, kernel: 3, stride), new AfterConvolution(options, outputs));

    /// <summary>The convolution alone, under the name that it has in a block.</summary>
    public static ConvolutionBlock CreateBare(NetworkOptions options, int inputs, int outputs) =>
        new(Layers.Convolution(options.Dimensions, inputs, outputs, kernel: 3), after: null);

    /// <summary>Transposed convolution, norm, dropout, activation.</summary>
    public static ConvolutionBlock CreateTransposed(NetworkOptions options, int inputs, int outputs, int stride) =>
        new(Layers.Transposed(options.Dimensions, inputs, outputs, stride), new AfterConvolution(options, outputs));

    /// <summary>The transposed convolution alone.</summary>
    public static ConvolutionBlock CreateBareTransposed(NetworkOptions options, int inputs, int outputs, int stride) =>
        new(Layers.Transposed(options.Dimensions, inputs, outputs, stride), after: null);

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => Forward(input, added: null);

    /// <summary>The block's result, and what is added to it.</summary>
    public Tensor Forward(Tensor input, Tensor? added)
    {
        if (after is not null && after.TakesBias(input))
        {
            using Tensor bare = Layers.WithoutBias(convolution, input);
            return after.Join(bare, convolution.bias, added);
        }

        Tensor result = convolution.call(input);
        if (after is null)
        {
            // In the result's own memory: a convolution's backward pass never reads its result.
            return added is null ? result : result.PlusInPlace(added);
        }

        using (result)
        {
            return AfterConvolution.Plus(after.call(result), added);
        }
    }

    /// <inheritdoc/>
    public Tensor ForwardSparse(Tensor input, SparseSites sites) => ForwardSparse(input, sites, added: null);

    /// <summary>The block's result at active sites, with norms of these alone, and what is added to it.</summary>
    public Tensor ForwardSparse(Tensor input, SparseSites sites, Tensor? added)
    {
        bool isBare = after is not null && after.TakesBias(input);
        using Tensor result = isBare ? Layers.WithoutBias(convolution, input) : convolution.call(input);
        if (after is null)
        {
            return AfterConvolution.Plus(sites.Masked(result), added);
        }

        using Tensor active = sites.Gather(result);
        using Tensor done = isBare ? after.Join(active, convolution.bias, added: null) : after.call(active);
        return AfterConvolution.Plus(sites.Scatter(done, result.shape), added);
    }
}
