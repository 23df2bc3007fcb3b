using System.Numerics;

namespace GpuSynth.Kernels;

/// <summary>
/// Which blobs may win somewhere in a brick: of an ellipsoid the way |L^-1 (x - c)| of a brick's voxels is that of its middle, give or take that of the
/// farthest corner, and noise is bounded.
/// </summary>
internal readonly ref struct GaussianPrune
{
    // Between what is certain and what rounding makes of it.
    private const float Slack = 0.01f;
    private const float Half = (HostGaussians.Edge - 1) / 2f;

    private readonly ReadOnlySpan<float> blobs;
    private readonly ReadOnlySpan<float> reaches;
    private readonly int organs;
    private readonly float stay;
    private readonly float noise;
    private readonly float halfZ;

    /// <summary>The blobs of a sample.</summary>
    /// <param name="blobs"><see cref="GaussianWords"/>.</param>
    /// <param name="organs">Organs among them.</param>
    /// <param name="stay">Score of the background.</param>
    /// <param name="noise">What the noise adds at most.</param>
    /// <param name="dimensions">2 or 3.</param>
    /// <param name="reaches">Room for a number of each blob.</param>
    /// <param name="parts">Room for a mask of each blob.</param>
    public GaussianPrune(ReadOnlySpan<float> blobs, int organs, float stay, float noise, int dimensions, Span<float> reaches, Span<ulong> parts)
    {
        this.blobs = blobs;
        (this.organs, this.stay, this.noise) = (organs, stay, noise);
        halfZ = dimensions == 3 ? Half : 0;
        int count = blobs.Length / GaussianWords.Count;
        for (int blob = 0; blob < count; blob++)
        {
            ReadOnlySpan<float> words = blobs.Slice(blob * GaussianWords.Count, GaussianWords.Count);
            (int first, int end) = ((int)words[GaussianWords.FirstPart], (int)words[GaussianWords.EndPart]);
            parts[blob] = first == end ? 0 : (ulong.MaxValue >> (64 - (end - first))) << first;
            float farthest = 0;
            for (int corner = 0; corner < 4; corner++)
            {
                farthest = MathF.Max(farthest, Way(words, halfZ, corner % 2 == 0 ? Half : -Half, corner < 2 ? Half : -Half));
            }

            reaches[blob] = farthest;
        }

        this.reaches = reaches[..count];
        Parts = parts[..count];
    }

    /// <summary>The parts of each blob, a bit each.</summary>
    public ReadOnlySpan<ulong> Parts { get; }

    /// <summary>The blobs that may win in a brick, a bit each; none where one label is certain.</summary>
    /// <param name="z">The brick's first plane.</param>
    /// <param name="y">Its first row.</param>
    /// <param name="x">Its first column.</param>
    /// <param name="label">The label that is certain.</param>
    public ulong May(int z, int y, int x, out byte label)
    {
        Span<float> highest = stackalloc float[Gaussians.MostBlobs];
        float best = stay;
        int sure = -1;
        for (int organ = 0; organ < organs; organ++)
        {
            highest[organ] = Scores(organ, z, y, x, out float least);
            (best, sure) = least > best ? (least, organ) : (best, sure);
        }

        ulong may = 0;
        for (int organ = 0; organ < organs; organ++)
        {
            may |= highest[organ] >= best - Slack ? 1UL << organ : 0;
        }

        label = 0;
        if (may == 0)
        {
            return 0;
        }

        bool isAlone = sure >= 0 && may == 1UL << sure && best > stay + Slack;
        ulong all = may;
        for (ulong rest = may; rest != 0; rest &= rest - 1)
        {
            ulong inside = PartsOf(BitOperations.TrailingZeroCount(rest), z, y, x);
            all |= inside;
            rest |= inside;
        }

        if (isAlone && all == may)
        {
            label = (byte)blobs[(sure * GaussianWords.Count) + GaussianWords.Label];
            return 0;
        }

        return all;
    }

    private ulong PartsOf(int blob, int z, int y, int x)
    {
        ulong may = 0;
        for (ulong rest = Parts[blob]; rest != 0; rest &= rest - 1)
        {
            int part = BitOperations.TrailingZeroCount(rest);
            may |= Scores(part, z, y, x, out _) >= stay - Slack ? 1UL << part : 0;
        }

        return may;
    }

    // The largest score of a blob in a brick, and the least.
    private float Scores(int blob, int z, int y, int x, out float least)
    {
        ReadOnlySpan<float> words = blobs.Slice(blob * GaussianWords.Count, GaussianWords.Count);
        float way = Way(words, z + halfZ - words[0], y + Half - words[1], x + Half - words[2]);
        float near = MathF.Max(0, way - reaches[blob]);
        float far = way + reaches[blob];
        least = words[GaussianWords.LogWeight] - (0.5f * far * far) - noise;
        return words[GaussianWords.LogWeight] - (0.5f * near * near) + noise;
    }

    private static float Way(ReadOnlySpan<float> words, float z, float y, float x)
    {
        ReadOnlySpan<float> shape = words.Slice(GaussianWords.Shape, 6);
        float half = (shape[0] * z * z) + (shape[1] * y * y) + (shape[2] * x * x) + (shape[3] * z * y) + (shape[4] * z * x) + (shape[5] * y * x);
        return MathF.Sqrt(MathF.Max(0, -2 * half));
    }
}
