using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// A small vision transformer with a decoder of convolutions like UNETR's, 2D or 3D: tokens of patches ("vit"), maps of them after
/// evenly spaced blocks, as many as the decoder ("decoder") has levels, and a 1-wide convolution ("out"). Places are computed for the image's own grid, so
/// that any sides do that are multiples of the patch. References: Dosovitskiy et al., 2021; Hatamizadeh et al., "UNETR", 2022.
/// </summary>
public sealed class VisionTransformer : SegmentationNetwork
{
    private const string EncoderPrefix = "vit.";

    private readonly VitEncoder encoder;
    private readonly VitDecoder decoder;
    private readonly nn.Module<Tensor, Tensor> head;
    private readonly int[] taps;

    /// <summary>A network of these options: a transformer's initial weights, PyTorch's for the convolutions.</summary>
    /// <exception cref="CheckpointException">No network can be built from the options.</exception>
    public VisionTransformer(NetworkOptions options)
        : base(nameof(VisionTransformer), options)
    {
        options.Validate();
        int levels = VitDecoder.LevelsOf(options.PatchSize);
        taps = [.. Enumerable.Range(1, levels).Select(n => options.Depth * n / levels)];
        encoder = new VitEncoder(options);
        register_module("vit", encoder);
        decoder = new VitDecoder(options);
        register_module("decoder", decoder);
        head = Layers.Convolution(options.Dimensions, VitDecoder.Width, options.OutChannels, kernel: 1);
        register_module("out", head);
    }

    /// <inheritdoc/>
    public override int SideMultiple => Options.PatchSize;

    /// <inheritdoc/>
    public override IReadOnlyList<string> HeadNames => ["out.weight", "out.bias"];

    /// <summary>Patches and class token, then every block; the last norm and the convolutions do not decay.</summary>
    public override int LayerCount => 1 + Options.Depth;

    /// <inheritdoc/>
    public override int LayerOf(string name) => name.Split('.') switch
    {
        ["vit", "patch_embed" or "cls_token", ..] => 0,
        ["vit", "blocks", var block, ..] => 1 + int.Parse(block, System.Globalization.CultureInfo.InvariantCulture),
        _ => LayerCount,
    };

    /// <summary>The transformer; the convolutions of the skips feed the decoder and go with it.</summary>
    public override bool IsEncoder(string name) => name.StartsWith(EncoderPrefix, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureMap> FeatureMaps(Tensor input, bool encoderOnly = false)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = Laid(input);
        Tensor[] encoded = Maps(image);
        List<FeatureMap> maps =
        [
            .. encoded.Zip(taps, (map, block) => new FeatureMap(
                block < Options.Depth ? FeaturePart.Encoder : FeaturePart.Deepest, Options.PatchSize, map)
            {
                Block = block < Options.Depth ? block : null,
            }),
        ];
        foreach ((int stride, Tensor features) in encoderOnly ? [] : decoder.Decode(image, encoded))
        {
            maps.Add(new FeatureMap(stride > 1 ? FeaturePart.Decoder : FeaturePart.Output, stride, features));
        }

        maps.ForEach(static map => map.Values.MoveToOuterDisposeScope());
        return maps;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor image = Laid(input);
        return head.call(decoder.Decode(image, Maps(image)).Last().Features).MoveToOuterDisposeScope();
    }

    /// <summary>How images are cut into patches.</summary>
    /// <exception cref="ArgumentException">They cannot be.</exception>
    internal PatchGrid GridOf(Tensor input) => PatchGrid.Of(input, Options);

    /// <summary>The transformer's last tokens [B, 1 + n, D] of some patches alone, the class token first.</summary>
    /// <param name="input">[B, C, (D,) H, W].</param>
    /// <param name="kept">int64 [B, n]: numbers of the patches that it sees, in any order.</param>
    internal Tensor EncodePatches(Tensor input, Tensor kept)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = encoder.Embed(input, GridOf(input));
        Tensor seen = tokens.gather(1, kept.unsqueeze(-1).expand(-1, -1, tokens.shape[2]));
        return encoder.Encode(seen, Options.Depth)[0].MoveToOuterDisposeScope();
    }

    // On the host convolutions compute with their channels last; what goes in decides how everything behind it lies.
    private static Tensor Laid(Tensor input) => input.device.type == DeviceType.CPU ? ChannelsLast.Of(input) : input.alias();

    // The tokens of the taps, without the class token, as maps in the caller's scope.
    private Tensor[] Maps(Tensor image)
    {
        PatchGrid grid = GridOf(image);
        return [.. encoder.Encode(encoder.Embed(image, grid), taps).Select(one => grid.ToMap(one.narrow(1, 1, grid.Count)))];
    }
}
