namespace GpuSynth.Torch.Networks;

/// <summary>The levels of a U-Net where they are not the usual ones.</summary>
/// <param name="Channels">Channels of each level, the top first; null: the usual.</param>
/// <param name="Strides">
/// How many times smaller each level but the lowest is than what is above it, the first than the image: 1 is an image's own resolution. One fewer
/// than the channels; null: 2 each.
/// </param>
public sealed record UNetLevels(IReadOnlyList<int>? Channels, IReadOnlyList<int>? Strides = null);
