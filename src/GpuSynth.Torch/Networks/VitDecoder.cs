using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

/// <summary>
/// From maps of tokens to the image's resolution, doubled again and again, with 8 channels at the image's resolution, 16 at 1/2, 32 at
/// 1/4, ...: at 1/s "upS" brings what is below, "skipS" an earlier map of tokens (at 1/1 the image itself), and "joinS" makes one of both.
/// After UNETR: Hatamizadeh et al., 2022.
/// </summary>
internal sealed class VitDecoder : NamedParts
{
    private const int TopWidth = 8;
    private const int UnitConvolutions = 2;

    private readonly nn.Module<Tensor, Tensor>[] ups;
    private readonly nn.Module<Tensor, Tensor>[] skips;
    private readonly nn.Module<Tensor, Tensor>[] joins;

    public VitDecoder(NetworkOptions options)
        : base(nameof(VitDecoder))
    {
        int levels = LevelsOf(options.PatchSize);
        (ups, skips, joins) = (new nn.Module<Tensor, Tensor>[levels], new nn.Module<Tensor, Tensor>[levels], new nn.Module<Tensor, Tensor>[levels]);
        // Convolutions are the U-Net's usual ones, whatever the options have for another family.
        var usual = new NetworkOptions { Dimensions = options.Dimensions };
        for (int level = levels - 1; level >= 0; level--)
        {
            (int width, int stride) = (WidthAt(level), 1 << level);
            int below = level == levels - 1 ? options.HiddenSize : WidthAt(level + 1);
            ups[level] = Register($"up{stride}", ConvolutionBlock.CreateTransposed(usual, below, width, 2));
            skips[level] = Register($"skip{stride}", level == 0
                ? new ResidualUnit(usual, options.InChannels, width, 1, UnitConvolutions)
                : Raised(usual, options.HiddenSize, levels - 1, level));
            joins[level] = Register($"join{stride}", new ResidualUnit(usual, 2 * width, width, 1, UnitConvolutions));
        }
    }

    /// <summary>Channels that leave the decoder.</summary>
    public static int Width => TopWidth;

    /// <summary>How often the resolution of patches is doubled, and how many maps of tokens that takes.</summary>
    public static int LevelsOf(int patch) => BitOperations.Log2((uint)patch);

    /// <summary>What the decoder has at every level, the lowest first, in the caller's scope.</summary>
    /// <param name="image">[B, C, (D,) H, W].</param>
    /// <param name="maps">Maps of tokens, of the earliest blocks first.</param>
    public IEnumerable<(int Stride, Tensor Features)> Decode(Tensor image, IReadOnlyList<Tensor> maps)
    {
        Tensor current = maps[^1];
        for (int level = ups.Length - 1; level >= 0; level--)
        {
            Tensor skip = skips[level].call(level > 0 ? maps[level - 1] : image);
            current = joins[level].call(cat([ups[level].call(current), skip], 1));
            yield return (1 << level, current);
        }
    }

    private static int WidthAt(int level) => TopWidth << level;

    // From the tokens' resolution to a level's.
    private static nn.Module<Tensor, Tensor> Raised(NetworkOptions usual, int width, int from, int to) => nn.Sequential(
        Enumerable.Range(0, from - to + 1).Select(n => ($"{n}", (nn.Module<Tensor, Tensor>)ConvolutionBlock.CreateTransposed(
            usual, n == 0 ? width : WidthAt(from - n + 1), WidthAt(from - n), 2))));
}
