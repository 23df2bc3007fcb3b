using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>Where in a network a feature map arises.</summary>
public enum FeaturePart
{
    /// <summary>On the way down.</summary>
    Encoder,

    /// <summary>At the lowest level: what a classifier takes the mean of.</summary>
    Deepest,

    /// <summary>On the way up.</summary>
    Decoder,

    /// <summary>What leaves the network, at the image's resolution.</summary>
    Output,
}

/// <summary>Features of one level of a network.</summary>
/// <param name="Part">Where they arise.</param>
/// <param name="Stride">Voxels of the image per voxel of the map, along every axis.</param>
/// <param name="Values">[B, C, (D / stride,) H / stride, W / stride]; the receiver disposes of them.</param>
public sealed record FeatureMap(FeaturePart Part, int Stride, Tensor Values)
{
    /// <summary>After how many blocks of a transformer, where several maps of the encoder have one stride; null: it needs no telling.</summary>
    public int? Block { get; init; }

    /// <summary>"encoder/4"; "encoder/8 block 2".</summary>
    public string Name => FormattableString.Invariant($"{Part.ToString().ToLowerInvariant()}/{Stride}{(Block is { } block ? $" block {block}" : string.Empty)}");
}
