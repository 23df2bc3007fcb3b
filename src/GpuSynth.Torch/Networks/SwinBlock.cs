using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// x + attention(norm1(x)), and then x + mlp(norm2(x)), on [B, D, H, W, C]. MONAI's <c>SwinTransformerBlock</c>.
/// </summary>
internal sealed class SwinBlock : NamedParts, IResidualBlock
{
    private readonly bool isShifted;
    private readonly LayerNorm norm1;
    private readonly WindowAttention attention;
    private readonly LayerNorm norm2;
    private readonly Perceptron perceptron;

    public SwinBlock(int channels, int heads, bool isShifted)
        : base(nameof(SwinBlock))
    {
        this.isShifted = isShifted;
        norm1 = Register("norm1", nn.LayerNorm((long)channels));
        attention = Register("attn", new WindowAttention(channels, heads));
        norm2 = Register("norm2", nn.LayerNorm((long)channels));
        perceptron = Register("mlp", new Perceptron(channels));
    }

    /// <inheritdoc/>
    public double DropPath { get; set; }

    public Tensor Apply(Tensor volume, WindowGrid grid)
    {
        using var scope = NewDisposeScope();
        Tensor sum = Networks.DropPath.Sum(this, volume, Attended(norm1.call(volume), grid));
        return Networks.DropPath.Sum(this, sum, perceptron.call(norm2.call(sum))).MoveToOuterDisposeScope();
    }

    private Tensor Attended(Tensor volume, WindowGrid grid)
    {
        bool shifts = isShifted && grid.CanShift;
        long[] ends = [.. grid.Padded.Zip(grid.Sides, static (padded, side) => padded - side)];
        bool pads = ends.Any(static end => end > 0);
        Tensor padded = pads ? nn.functional.pad(volume, [0, 0, 0, ends[2], 0, ends[1], 0, ends[0]]) : volume;
        Tensor shifted = shifts ? Roll(padded, [.. grid.Shift.Select(static shift => -shift)]) : padded;
        Tensor windows = attention.Attend(grid.Split(shifted), shifts ? grid.Mask(volume) : null);
        Tensor joined = grid.Join(windows, volume.shape[0]);
        Tensor back = shifts ? Roll(joined, grid.Shift) : joined;
        return pads ? back.narrow(1, 0, grid.Sides[0]).narrow(2, 0, grid.Sides[1]).narrow(3, 0, grid.Sides[2]) : back;
    }

    private static Tensor Roll(Tensor volume, long[] shifts) => roll(volume, shifts, new long[] { 1, 2, 3 });
}
