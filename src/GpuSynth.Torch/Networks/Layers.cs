using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>PyTorch's layers by number of spatial dimensions.</summary>
internal static class Layers
{
    /// <summary>A convolution whose padding keeps an odd kernel centred.</summary>
    public static nn.Module<Tensor, Tensor> Convolution(
        int dimensions, int inputs, int outputs, int kernel, int stride = 1, bool bias = true) => dimensions == 2
        ? nn.Conv2d(inputs, outputs, (long)kernel, stride, kernel / 2, bias: bias)
        : nn.Conv3d(inputs, outputs, (long)kernel, stride, kernel / 2, bias: bias);

    /// <summary>A 3-wide transposed convolution that multiplies every side by the stride exactly.</summary>
    public static nn.Module<Tensor, Tensor> Transposed(int dimensions, int inputs, int outputs, int stride) => dimensions == 2
        ? nn.ConvTranspose2d(inputs, outputs, 3L, stride, 1, stride - 1)
        : nn.ConvTranspose3d(inputs, outputs, 3L, stride, 1, stride - 1);

    /// <summary>What a convolution comes to before its bias.</summary>
    public static Tensor WithoutBias(Convolution layer, Tensor input) => (layer.transposed, input.shape.Length) switch
    {
        (false, 4) => nn.functional.conv2d(input, layer.weight, null, layer.stride, layer.padding),
        (false, _) => nn.functional.conv3d(input, layer.weight, null, layer.stride, layer.padding),
        (true, 4) => nn.functional.conv_transpose2d(
            input, layer.weight, null, layer.stride, layer.padding, layer.output_padding),
        _ => nn.functional.conv_transpose3d(input, layer.weight, null, layer.stride, layer.padding, layer.output_padding),
    };

    /// <summary>Batch norm with running statistics, or instance norm with neither weights nor statistics.</summary>
    public static nn.Module<Tensor, Tensor> Norm(string norm, int dimensions, int channels) => (norm, dimensions) switch
    {
        ("batch", 2) => nn.BatchNorm2d(channels),
        ("batch", _) => nn.BatchNorm3d(channels),
        (_, 2) => nn.InstanceNorm2d(channels),
        _ => nn.InstanceNorm3d(channels),
    };

    /// <summary>One learnt slope for all channels, or a ReLU in place: what stands before it does not need its output.</summary>
    public static nn.Module<Tensor, Tensor> Activation(string activation) =>
        activation == "prelu" ? Slope() : nn.ReLU(inplace: true);

    // PyTorch's own initial slope, written by a number that is held.
    private static PReLU Slope()
    {
        using IDisposable unrecorded = no_grad();
        PReLU slope = nn.PReLU(1);
        slope.weight.fill_(Scalars.Of(0.25));
        return slope;
    }
}
