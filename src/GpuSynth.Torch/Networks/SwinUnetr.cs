using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// Swin UNETR: a windowed transformer as encoder, convolutions as decoder, and a skip at every resolution. Reference: MONAI's
/// <c>SwinUNETR</c>; Hatamizadeh et al., 2022; version 2, He et al., 2023.
/// </summary>
public sealed class SwinUnetr : SegmentationNetwork
{
    private readonly SwinEncoder encoder;
    private readonly nn.Module<Tensor, Tensor>[] skips = new nn.Module<Tensor, Tensor>[5];
    private readonly UpBlock[] ups = new UpBlock[5];
    private readonly nn.Module<Tensor, Tensor> head;

    /// <summary>A network of these options with PyTorch's initial weights.</summary>
    /// <exception cref="CheckpointException">No network can be built from the options.</exception>
    public SwinUnetr(NetworkOptions options)
        : base(nameof(SwinUnetr), options)
    {
        options.Validate();
        int width = options.FeatureSize;
        encoder = new SwinEncoder(options.InChannels, width, options.UseV2);
        register_module("swinViT", encoder);
        skips[0] = Skip("encoder1", options.InChannels, width);
        skips[1] = Skip("encoder2", width, width);
        skips[2] = Skip("encoder3", 2 * width, 2 * width);
        skips[3] = Skip("encoder4", 4 * width, 4 * width);
        skips[4] = Skip("encoder10", 16 * width, 16 * width);
        ups[4] = Up("decoder5", 16 * width, 8 * width);
        ups[3] = Up("decoder4", 8 * width, 4 * width);
        ups[2] = Up("decoder3", 4 * width, 2 * width);
        ups[1] = Up("decoder2", 2 * width, width);
        ups[0] = Up("decoder1", width, width);
        head = nn.Sequential(("conv", nn.Sequential(("conv", Layers.Convolution(3, width, options.OutChannels, kernel: 1)))));
        register_module("out", head);
    }

    /// <inheritdoc/>
    public override int SideMultiple => 32;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadNames => ["out.conv.conv.weight", "out.conv.conv.bias"];

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor[] encoded = encoder.Encode(input);

        // The resolution of 1/16 goes into the decoder as it is; the others through a block of convolutions.
        Tensor current = ups[4].Join(skips[4].call(encoded[4]), encoded[3]);
        for (int level = 3; level > 0; level--)
        {
            current = ups[level].Join(current, skips[level].call(encoded[level - 1]));
        }

        current = ups[0].Join(current, skips[0].call(input));
        return head.call(current).MoveToOuterDisposeScope();
    }

    private nn.Module<Tensor, Tensor> Skip(string name, int inputs, int outputs)
    {
        nn.Module<Tensor, Tensor> block = ResidualBlock.CreateLayer(inputs, outputs);
        register_module(name, block);
        return block;
    }

    private UpBlock Up(string name, int inputs, int outputs)
    {
        UpBlock block = new(inputs, outputs);
        register_module(name, block);
        return block;
    }
}
