using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// The U-Net's unit: a 3-wide convolution ("conv") and then "adn": norm ("N"), dropout ("D"), activation ("A"). MONAI's
/// <c>Convolution</c>; a dropout of zero is left out, which changes no name, as it has no parameters.
/// </summary>
internal static class ConvolutionBlock
{
    /// <summary>Convolution, norm, dropout, activation.</summary>
    public static Sequential Create(NetworkOptions options, int inputs, int outputs, int stride) => nn.Sequential(
        ("conv", Layers.Convolution(options.Dimensions, inputs, outputs, kernel: 3, stride)), ("adn", After(options, outputs)));

    /// <summary>The convolution alone, under the name that it has in a block.</summary>
    public static Sequential CreateBare(NetworkOptions options, int inputs, int outputs) =>
        nn.Sequential(("conv", Layers.Convolution(options.Dimensions, inputs, outputs, kernel: 3)));

    /// <summary>Transposed convolution, norm, dropout, activation.</summary>
    public static Sequential CreateTransposed(NetworkOptions options, int inputs, int outputs, int stride) => nn.Sequential(
        ("conv", Layers.Transposed(options.Dimensions, inputs, outputs, stride)), ("adn", After(options, outputs)));

    /// <summary>The transposed convolution alone.</summary>
    public static Sequential CreateBareTransposed(NetworkOptions options, int inputs, int outputs, int stride) =>
        nn.Sequential(("conv", Layers.Transposed(options.Dimensions, inputs, outputs, stride)));

    private static Sequential After(NetworkOptions options, int channels)
    {
        var norm = Layers.Norm(options.Norm, options.Dimensions, channels);
        var activation = Layers.Activation(options.Activation);
        return options.Dropout > 0
            ? nn.Sequential(("N", norm), ("D", nn.Dropout(options.Dropout)), ("A", activation))
            : nn.Sequential(("N", norm), ("A", activation));
    }
}
