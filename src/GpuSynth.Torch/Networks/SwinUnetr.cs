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

    /// <summary>Patches, then the transformer's four stages; the convolutions of skips and decoder do not decay.</summary>
    public override int LayerCount => 1 + SwinEncoder.StageCount;

    /// <inheritdoc/>
    public override int LayerOf(string name) => name.Split('.') switch
    {
        ["swinViT", "patch_embed", ..] => 0,
        ["swinViT", var part, ..] => part["layers".Length] - '0', // "layers1", "layers1c".
        _ => LayerCount,
    };

    /// <summary>The transformer; the convolutions of the skips feed the decoder and go with it.</summary>
    public override bool IsEncoder(string name) => name.StartsWith("swinViT.", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureMap> FeatureMaps(Tensor input, bool encoderOnly = false)
    {
        using var scope = NewDisposeScope();
        Tensor[] encoded = encoder.Encode(input);
        List<FeatureMap> maps =
        [
            .. encoded.Select((map, level) =>
                new FeatureMap(level < encoded.Length - 1 ? FeaturePart.Encoder : FeaturePart.Deepest, 2 << level, map)),
        ];
        foreach ((int level, Tensor decoded) in encoderOnly ? [] : Decode(input, encoded))
        {
            maps.Add(new FeatureMap(level > 0 ? FeaturePart.Decoder : FeaturePart.Output, 1 << level, decoded));
        }

        maps.ForEach(static map => map.Values.MoveToOuterDisposeScope());
        return maps;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return head.call(Decode(input, encoder.Encode(input)).Last().Features).MoveToOuterDisposeScope();
    }

    // What the decoder has at 1/16, 1/8, 1/4, 1/2 and the whole of the resolution, in the caller's scope.
    private IEnumerable<(int Level, Tensor Features)> Decode(Tensor input, Tensor[] encoded)
    {
        // The resolution of 1/16 goes into the decoder as it is; the others through a block of convolutions.
        Tensor current = ups[4].Join(skips[4].call(encoded[4]), encoded[3]);
        yield return (4, current);
        for (int level = 3; level >= 0; level--)
        {
            current = ups[level].Join(current, skips[level].call(level > 0 ? encoded[level - 1] : input));
            yield return (level, current);
        }
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
