using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// One resolution of the transformer: a block on plain windows, a block on shifted ones, and the merging into the next
/// resolution. [B, C, D, H, W] to [B, 2C, D/2, H/2, W/2]. MONAI's <c>BasicLayer</c> of depth 2.
/// </summary>
internal sealed class SwinStage : NamedModule
{
    private readonly SwinBlock plain;
    private readonly SwinBlock shifted;
    private readonly PatchMerging merging;

    public SwinStage(int channels, int heads)
        : base(nameof(SwinStage))
    {
        plain = new SwinBlock(channels, heads, isShifted: false);
        shifted = new SwinBlock(channels, heads, isShifted: true);
        Register("blocks", nn.ModuleList<nn.Module>(plain, shifted));
        merging = Register("downsample", new PatchMerging(channels));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        WindowGrid grid = new(input.shape[2], input.shape[3], input.shape[4]);
        Tensor volume = input.permute(0, 2, 3, 4, 1).contiguous();
        Tensor merged = merging.call(shifted.Apply(plain.Apply(volume, grid), grid));
        return merged.permute(0, 4, 1, 2, 3).contiguous().MoveToOuterDisposeScope();
    }
}
