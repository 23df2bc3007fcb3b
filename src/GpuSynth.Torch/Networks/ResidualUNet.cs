using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// The residual U-Net, built from the bottom up: every level is its way down, a skip connection around the levels below, and its
/// way up. Reference: MONAI's <c>UNet</c>; Kerfoot et al., "Left-Ventricle Quantification Using Residual U-Net", 2018.
/// </summary>
public sealed class ResidualUNet : SegmentationNetwork
{
    private readonly Sequential model;

    /// <summary>A network of these options with PyTorch's initial weights.</summary>
    /// <exception cref="CheckpointException">No network can be built from the options.</exception>
    public ResidualUNet(NetworkOptions options)
        : base(nameof(ResidualUNet), options)
    {
        options.Validate();
        model = Level(options, 0, options.InChannels, options.OutChannels);
        register_module("model", model);
    }

    /// <inheritdoc/>
    public override int SideMultiple => Options.Strides.Aggregate(1, static (product, stride) => product * stride);

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadNames =>
        [.. named_parameters().Where(static p => IsHead(p.name)).Select(static p => p.name)];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (input.device.type != DeviceType.CPU)
        {
            return model.call(input);
        }

        // What goes in decides how everything behind it lies.
        using Tensor given = ChannelsLast.Of(input);
        return model.call(given);
    }

    // The top level's way up: all of it has as many channels as leave the network, but for the slope that they share.
    private static bool IsHead(string name) =>
        name.StartsWith("model.2.", StringComparison.Ordinal) && !name.EndsWith(".A.weight", StringComparison.Ordinal);

    private static Sequential Level(NetworkOptions options, int level, int inputs, int outputs)
    {
        int channels = options.Channels[level];
        int stride = options.Strides[level];
        bool isLast = level == options.Channels.Count - 2;
        int lowest = options.Channels[^1];
        nn.Module<Tensor, Tensor> below = isLast
            ? Down(options, channels, lowest, stride: 1)
            : Level(options, level + 1, channels, channels);
        return nn.Sequential(
            ("0", Down(options, inputs, channels, stride)),
            ("1", new SkipConnection(below)),
            ("2", Up(options, isLast ? channels + lowest : 2 * channels, outputs, stride, isTop: level == 0)));
    }

    private static nn.Module<Tensor, Tensor> Down(NetworkOptions options, int inputs, int outputs, int stride) =>
        options.ResidualUnits > 0
            ? new ResidualUnit(options, inputs, outputs, stride, options.ResidualUnits)
            : ConvolutionBlock.Create(options, inputs, outputs, stride);

    private static nn.Module<Tensor, Tensor> Up(NetworkOptions options, int inputs, int outputs, int stride, bool isTop)
    {
        if (options.ResidualUnits == 0)
        {
            return isTop
                ? ConvolutionBlock.CreateBareTransposed(options, inputs, outputs, stride)
                : ConvolutionBlock.CreateTransposed(options, inputs, outputs, stride);
        }

        return nn.Sequential(
            ("0", ConvolutionBlock.CreateTransposed(options, inputs, outputs, stride)),
            ("1", new ResidualUnit(options, outputs, outputs, stride: 1, unitCount: 1, endsBare: isTop)));
    }
}
