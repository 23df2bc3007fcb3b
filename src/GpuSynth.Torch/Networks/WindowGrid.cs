using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// How a volume of [D, H, W] tokens is cut into windows for attention: 7 tokens wide, or the whole side where it is shorter;
/// sides are padded at their ends to whole windows; every second block works on windows shifted by half their width, but not
/// along a side that is one window.
/// </summary>
internal readonly record struct WindowGrid
{
    /// <summary>The most tokens along a window's side.</summary>
    public const int Width = 7;

    // What masked attention scores are lowered by: MONAI's value, e^-100 of the weight.
    private const float Masked = -100f;

    public WindowGrid(long depth, long height, long width)
    {
        Sides = [depth, height, width];
        Window = [.. Sides.Select(static side => Math.Min(side, Width))];
        Shift = [.. Sides.Select(static side => side <= Width ? 0L : Width / 2)];
        Padded = [.. Sides.Zip(Window, static (side, window) => (side + window - 1) / window * window)];
        Counts = [.. Padded.Zip(Window, static (padded, window) => padded / window)];
    }

    public long[] Sides { get; }

    public long[] Window { get; }

    public long[] Shift { get; }

    public long[] Padded { get; }

    /// <summary>Windows along each axis.</summary>
    public long[] Counts { get; }

    /// <summary>Tokens in a window.</summary>
    public long Tokens => Window[0] * Window[1] * Window[2];

    /// <summary>Some side has more than one window, so that shifting them makes a difference.</summary>
    public bool CanShift => Shift.Any(static shift => shift > 0);

    /// <summary>[B, D, H, W, C], padded, to [B * windows, tokens, C].</summary>
    public Tensor Split(Tensor volume) => volume
        .reshape(volume.shape[0], Counts[0], Window[0], Counts[1], Window[1], Counts[2], Window[2], volume.shape[4])
        .permute(0, 1, 3, 5, 2, 4, 6, 7)
        .reshape(-1, Tokens, volume.shape[4]);

    /// <summary>The way back from <see cref="Split"/>.</summary>
    public Tensor Join(Tensor windows, long batch) => windows
        .reshape(batch, Counts[0], Counts[1], Counts[2], Window[0], Window[1], Window[2], windows.shape[2])
        .permute(0, 1, 4, 2, 5, 3, 6, 7)
        .reshape(batch, Padded[0], Padded[1], Padded[2], windows.shape[2]);

    /// <summary>
    /// [windows, tokens, tokens], added to the scores in shifted windows: a window at the end of an axis holds tokens of both
    /// ends, which must not see each other. 0 for a pair of one region, else -100.
    /// </summary>
    public Tensor Mask(Tensor like)
    {
        using var scope = NewDisposeScope();
        Tensor regions = empty([Counts[0] * Counts[1] * Counts[2], Tokens], ScalarType.Int32);
        FillRegions(MemoryMarshal.Cast<byte, int>(regions.bytes));
        Tensor moved = regions.to(like.device);
        return moved.unsqueeze(1).ne(moved.unsqueeze(2)).to_type(like.dtype).mul_(Scalars.Of(Masked)).MoveToOuterDisposeScope();
    }

    // Along an axis: 0 up to the last window, then 1, then 2 from where the roll brought the first tokens to.
    private static int Region(long place, long padded, long window, long shift) =>
        place < padded - window ? 0 : place < padded - shift ? 1 : 2;

    private void FillRegions(Span<int> regions)
    {
        int next = 0;
        for (long window = 0; window < Counts[0] * Counts[1] * Counts[2]; window++)
        {
            long z0 = window / (Counts[1] * Counts[2]) * Window[0];
            long y0 = window / Counts[2] % Counts[1] * Window[1];
            long x0 = window % Counts[2] * Window[2];
            for (long token = 0; token < Tokens; token++)
            {
                int z = Region(z0 + (token / (Window[1] * Window[2])), Padded[0], Window[0], Shift[0]);
                int y = Region(y0 + (token / Window[2] % Window[1]), Padded[1], Window[1], Shift[1]);
                int x = Region(x0 + (token % Window[2]), Padded[2], Window[2], Shift[2]);
                regions[next++] = (((z * 3) + y) * 3) + x;
            }
        }
    }
}
