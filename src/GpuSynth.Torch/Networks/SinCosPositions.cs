using static TorchSharp.torch;

namespace GpuSynth.Torch.Networks;

// Of a grid's axes 0, 1 (and 2) MONAI calls the first h, the second w, the third d, and a code begins with w. A token of place n along
// an axis has sin(n w_j) and cos(n w_j) of that axis, w_j = 10000^(-j / m), j = 0 .. m - 1; m is the width over twice the axes.

/// <summary>
/// Codes of places in a grid that nothing trains: sin w, cos w, sin h, cos h (, sin d, cos d). As MONAI's <c>build_sincos_position_embedding</c>;
/// Vaswani et al., "Attention is all you need", 2017.
/// </summary>
internal static class SinCosPositions
{
    private const double LongestWave = 10000;

    /// <summary>Whether a code of this width has as much room for every axis.</summary>
    public static bool Fits(int width, int axes) => width > 0 && width % (2 * axes) == 0;

    /// <summary>The codes [L, width] of a grid, of the type and on the device of other tokens.</summary>
    public static Tensor Of(IReadOnlyList<long> counts, Tensor tokens)
    {
        int width = (int)tokens.shape[^1];
        float[] values = Values(counts, width);
        using Tensor onHost = tensor(values, [values.Length / width, width]);
        return onHost.to(tokens.dtype, tokens.device);
    }

    /// <summary>The codes [L, width] of a grid, token by token.</summary>
    /// <param name="counts">Tokens along each axis, 2 or 3.</param>
    /// <param name="width">Values of a code: see <see cref="Fits"/>.</param>
    public static float[] Values(IReadOnlyList<long> counts, int width)
    {
        int[] order = counts.Count == 2 ? [1, 0] : [1, 0, 2];
        int part = width / counts.Count;
        float[][][] codes = [.. counts.Select(count => Enumerable.Range(0, (int)count).Select(place => Code(place, part / 2)).ToArray())];
        float[] values = new float[width * counts.Aggregate(1L, static (product, count) => product * count)];
        for (long token = 0, at = 0; at < values.Length; token++)
        {
            foreach (int axis in order)
            {
                long below = counts.Skip(axis + 1).Aggregate(1L, static (product, count) => product * count);
                codes[axis][token / below % counts[axis]].CopyTo(values, at);
                at += part;
            }
        }

        return values;
    }

    // The sines of a place, and its cosines.
    private static float[] Code(int place, int waves)
    {
        double[] angles = [.. Enumerable.Range(0, waves).Select(wave => place * Math.Pow(LongestWave, -(double)wave / waves))];
        return [.. angles.Select(static angle => (float)Math.Sin(angle)), .. angles.Select(static angle => (float)Math.Cos(angle))];
    }
}
