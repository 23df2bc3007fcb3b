namespace GpuSynth.Kernels;

/// <summary>
/// What a label's voxels need of its texture, as words of the row: worked out from what was drawn. A word is a list over labels, [word][label]:
/// of 32 labels and fewer a vector of the host looks it up in its registers.
/// </summary>
internal static class TissueWords
{
    /// <summary>Words of a label.</summary>
    public const int Count = 18;

    /// <summary>Mean intensity.</summary>
    public const int Mean = 0;

    /// <summary>Standard deviation of the white part.</summary>
    public const int White = 1;

    /// <summary>Standard deviation of the structured part.</summary>
    public const int Structured = 2;

    /// <summary>0 of clouds; of ridges what makes their deviation 1, negative where they are dark.</summary>
    public const int Ridge = 3;

    /// <summary>Strength of an octave over that of the one before.</summary>
    public const int Rise = 4;

    /// <summary>Strength of the first octave.</summary>
    public const int First = 5;

    /// <summary>The offset along y and x, then the matrix [yy, yx, xy, xx]; of volumes the offset along z and [zz, zy, zx, yz, xz] follow.</summary>
    public const int Lattice = 6;

    /// <summary>Mean of the magnitude of a normal number: sqrt(2 / pi).</summary>
    public const float MeanMagnitude = 0.79788456f;

    // 1 / sqrt(1 - 2 / pi), one over the standard deviation of that magnitude.
    private const float PerMagnitude = 1.65889639f;

    /// <summary>Works out the words of a label, and says whether it has structure.</summary>
    public static bool Write(Span<float> row, in Texture.Drawn drawn, int label, int octaves, int dimensions)
    {
        Span<float> words = stackalloc float[Count];
        Work(words, in drawn, row, label, octaves, dimensions);
        for (int word = 0; word < Count; word++)
        {
            row[Of(in drawn, word).First + label] = words[word];
        }

        return words[Structured] != 0;
    }

    /// <summary>The list of a word.</summary>
    public static WordList Of(in Texture.Drawn drawn, int word) =>
        new(drawn.Tissue.First + (word * drawn.Means.Count), drawn.Means.Count);

    private static void Work(Span<float> words, in Texture.Drawn drawn, ReadOnlySpan<float> row, int label, int octaves, int dimensions)
    {
        words.Clear();
        bool isOwn = label > 0 || drawn.BackgroundKind == 0;
        bool isDark = drawn.BackgroundKind == 1;
        double std = isOwn ? Of(drawn.Stds, row, label) : isDark ? drawn.BackgroundStd : 0;
        double share = Of(drawn.Shares, row, label);
        float ridge = Of(drawn.Ridges, row, label);
        float hurst = Of(drawn.Hursts, row, label);
        words[Mean] = isOwn ? Of(drawn.Means, row, label) : isDark ? drawn.BackgroundMean : 0;
        words[White] = (float)(std * Math.Sqrt(Math.Max(0, 1 - share)));
        words[Structured] = (float)(std * Math.Sqrt(share));
        words[Ridge] = ridge >= 0.5f ? PerMagnitude : ridge <= -0.5f ? -PerMagnitude : 0;
        words[Rise] = (float)Math.Pow(2, hurst);
        words[First] = (float)FractalNoise.FirstStrength(octaves, hurst);
        WriteLattice(words[Lattice..], in drawn, row, label, dimensions);
    }

    private static void WriteLattice(Span<float> words, in Texture.Drawn drawn, ReadOnlySpan<float> row, int label, int dimensions)
    {
        double across = 1.0 / Of(drawn.SpacingsVoxels, row, label);
        double along = across / Of(drawn.Elongations, row, label);
        (double sinTurn, double cosTurn) = Math.SinCos(2 * Math.PI * Of(drawn.Turns, row, label));
        words[0] = Of(drawn.OffsetsY, row, label);
        words[1] = Of(drawn.OffsetsX, row, label);
        if (dimensions == 2)
        {
            // Structure's direction is (sin, cos) of (y, x): the lattice's y runs along it, its x across.
            Span<double> image = [along * sinTurn, along * cosTurn, across * cosTurn, -across * sinTurn];
            for (int i = 0; i < image.Length; i++)
            {
                words[2 + i] = (float)image[i];
            }

            return;
        }

        // The lattice's z runs along the direction u; v and w are at right angles to it, turned about it by the spin.
        double cosTilt = Of(drawn.Tilts, row, label);
        double sinTilt = Math.Sqrt(Math.Max(0, 1 - (cosTilt * cosTilt)));
        (double sinSpin, double cosSpin) = Math.SinCos(2 * Math.PI * Of(drawn.Spins, row, label));
        (double Z, double Y, double X) u = (cosTilt, sinTilt * sinTurn, sinTilt * cosTurn);
        (double Z, double Y, double X) p = (-sinTilt, cosTilt * sinTurn, cosTilt * cosTurn);
        (double Z, double Y, double X) q = (0, cosTurn, -sinTurn);
        (double Z, double Y, double X) v = ((cosSpin * p.Z) + (sinSpin * q.Z), (cosSpin * p.Y) + (sinSpin * q.Y), (cosSpin * p.X) + (sinSpin * q.X));
        (double Z, double Y, double X) w = ((cosSpin * q.Z) - (sinSpin * p.Z), (cosSpin * q.Y) - (sinSpin * p.Y), (cosSpin * q.X) - (sinSpin * p.X));
        Span<double> volume =
        [
            across * v.Y, across * v.X, across * w.Y, across * w.X,
            Of(drawn.OffsetsZ, row, label),
            along * u.Z, along * u.Y, along * u.X, across * v.Z, across * w.Z,
        ];
        for (int i = 0; i < volume.Length; i++)
        {
            words[2 + i] = (float)volume[i];
        }
    }

    private static float Of(WordList list, ReadOnlySpan<float> row, int label) => row[list.First + label];
}
