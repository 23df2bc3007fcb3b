using GpuSynth.Torch.Networks;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Objectives;

/// <summary>A projector for each of some levels.</summary>
internal sealed class AnatomixParts : NamedParts
{
    private const int Width = 64;

    private readonly nn.Module<Tensor, Tensor>[] projectors;

    /// <summary>Projectors with PyTorch's initial weights, named after their levels: "deepest8", "decoder4".</summary>
    public AnatomixParts(IEnumerable<NetworkLevel> levels)
        : base(nameof(AnatomixParts)) =>
        projectors =
        [
            .. levels.Select(level => Register(
                FormattableString.Invariant($"{level.Part.ToString().ToLowerInvariant()}{level.Stride}"), Projector(level.Channels))),
        ];

    /// <summary>Rows [n, channels] of a level to [n, 64], float32. The rows' means are those of all items and both views.</summary>
    public Tensor Project(int level, Tensor rows) => projectors[level].call(rows);

    private static nn.Module<Tensor, Tensor> Projector(int channels) => nn.Sequential(
        ("linear1", nn.Linear(channels, Width, hasBias: false)),
        ("norm1", nn.BatchNorm1d(Width)),
        ("relu1", nn.ReLU()),
        ("linear2", nn.Linear(Width, Width)),
        ("norm2", nn.BatchNorm1d(Width)),
        ("relu2", nn.ReLU()),
        ("linear3", nn.Linear(Width, Width)),
        ("norm3", nn.BatchNorm1d(Width, affine: false)));
}
