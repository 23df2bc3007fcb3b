using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// Half the resolution, twice the channels, from [B, D, H, W, C] with even sides: the eight voxels of every 2x2x2 cell side by
/// side, a norm, a linear map. MONAI's <c>PatchMerging</c>.
/// </summary>
internal sealed class PatchMerging : NamedModule
{
    // The published weights were trained with these eight, of which two come twice and two never; so are ours.
    private static readonly (int Z, int Y, int X)[] Corners =
        [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (0, 1, 0), (0, 0, 1), (1, 1, 1)];

    private readonly Linear reduction;
    private readonly LayerNorm norm;

    public PatchMerging(int channels)
        : base(nameof(PatchMerging))
    {
        reduction = Register("reduction", nn.Linear(8 * channels, 2 * channels, hasBias: false));
        norm = Register("norm", nn.LayerNorm(8L * channels));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        long[] size = input.shape;
        Tensor[] corners = [.. Corners.Select(
            corner => input.slice(1, corner.Z, size[1], 2).slice(2, corner.Y, size[2], 2).slice(3, corner.X, size[3], 2))];
        return reduction.call(norm.call(cat(corners, -1))).MoveToOuterDisposeScope();
    }
}
