using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Probing;

/// <summary>
/// Fixed random projections that keep read-outs of wide levels quick: Gaussian, and the same wherever as many channels become as
/// many. They are linear, and so commute with interpolation.
/// </summary>
internal static class Projection
{
    /// <summary>The most channels of a level.</summary>
    public const int MostChannels = 256;

    /// <summary>The most channels that a level adds to all levels together.</summary>
    public const int MostTogether = 64;

    /// <summary>A matrix [to, from] of normal numbers of variance 1 / from.</summary>
    public static float[] Of(int from, int to)
    {
        var random = new PlaceRandom((ulong)to, (ulong)from, PlaceRandom.ProbeProjectionStream);
        float[] matrix = new float[to * from];
        for (int n = 0; n < matrix.Length; n++)
        {
            // Box and Muller.
            double radius = Math.Sqrt(-2 * Math.Log(random.Uniform()));
            matrix[n] = (float)(radius * Math.Cos(Math.Tau * random.Uniform()) / Math.Sqrt(from));
        }

        return matrix;
    }
}
