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

    // The ways down and up of every level, the top first, and what lies below them: the parts of the model by themselves.
    private readonly List<(nn.Module<Tensor, Tensor> Down, nn.Module<Tensor, Tensor> Up)> levels = [];
    private nn.Module<Tensor, Tensor>? bottom;

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

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureMap> FeatureMaps(Tensor input, bool encoderOnly = false)
    {
        using DisposeScope scope = NewDisposeScope();
        List<FeatureMap> maps = [];
        Tensor current = Laid(input);
        int stride = 1;
        foreach (((nn.Module<Tensor, Tensor> down, _), int factor) in levels.Zip(Options.Strides))
        {
            current = down.call(current);
            maps.Add(new FeatureMap(FeaturePart.Encoder, stride *= factor, current));
        }

        current = bottom!.call(current);
        maps.Add(new FeatureMap(FeaturePart.Deepest, stride, current));
        for (int level = levels.Count - 1; level >= 0 && !encoderOnly; level--)
        {
            current = levels[level].Up.call(cat([maps[level].Values, current], 1));
            maps.Add(new FeatureMap(level > 0 ? FeaturePart.Decoder : FeaturePart.Output, stride /= Options.Strides[level], current));
        }

        maps.ForEach(static map => map.Values.MoveToOuterDisposeScope());
        return maps;
    }

    /// <summary>
    /// The maps of the way down and of the lowest level, the top first, with everything in hidden blocks left out: zeros in every map, and no part of
    /// a norm's means and variances.
    /// </summary>
    /// <param name="input">[B, C, (D,) H, W]; what is in its holes makes no difference.</param>
    /// <param name="sites">The active sites, by the network's own strides.</param>
    internal IReadOnlyList<Tensor> EncodeSparse(Tensor input, SparseSites sites)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = Laid(sites.Masked(input));
        List<Tensor> maps = [];
        foreach (nn.Module<Tensor, Tensor> down in levels.Select(static level => level.Down).Append(bottom!))
        {
            maps.Add(current = ((ISparseUnit)down).ForwardSparse(current, sites));
        }

        maps.ForEach(static map => map.MoveToOuterDisposeScope());
        return maps;
    }

    /// <summary>The network's output from maps of the way down and of the lowest level, the top first.</summary>
    internal Tensor Decode(IReadOnlyList<Tensor> maps)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor current = Laid(maps[^1]);
        for (int level = levels.Count - 1; level >= 0; level--)
        {
            current = levels[level].Up.call(cat([Laid(maps[level]), current], 1));
        }

        return current.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override bool IsEncoder(string name)
    {
        // A level is "0" (down), "1.submodule" (what lies below), "2" (up); the deepest level is a unit without numbers.
        const string Below = "1.submodule.";
        string rest = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        while (rest.StartsWith(Below, StringComparison.Ordinal))
        {
            rest = rest[Below.Length..];
        }

        return !rest.StartsWith("2.", StringComparison.Ordinal);
    }

    // On the host with channels last, in the caller's scope: what goes in decides how everything behind it lies.
    private static Tensor Laid(Tensor tensor) => tensor.device.type == DeviceType.CPU ? ChannelsLast.Of(tensor) : tensor;

    // The top level's way up: all of it has as many channels as leave the network, but for the slope that they share.
    private static bool IsHead(string name) =>
        name.StartsWith("model.2.", StringComparison.Ordinal) && !name.EndsWith(".A.weight", StringComparison.Ordinal);

    private Sequential Level(NetworkOptions options, int level, int inputs, int outputs)
    {
        int channels = options.Channels[level];
        int stride = options.Strides[level];
        bool isLast = level == options.Channels.Count - 2;
        int lowest = options.Channels[^1];
        // In this order: torch's random state gives the weights, and the same seed has always given these.
        nn.Module<Tensor, Tensor> below = isLast
            ? bottom = Down(options, channels, lowest, stride: 1)
            : Level(options, level + 1, channels, channels);
        nn.Module<Tensor, Tensor> down = Down(options, inputs, channels, stride);
        nn.Module<Tensor, Tensor> up = Up(options, isLast ? channels + lowest : 2 * channels, outputs, stride, isTop: level == 0);
        levels.Insert(0, (down, up)); // Built from the bottom up.
        return nn.Sequential(("0", down), ("1", new SkipConnection(below)), ("2", up));
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
