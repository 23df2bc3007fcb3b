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

    /// <summary>The list of a word.</summary>
    public static WordList Of(in TissueTable table, int word) => new(table.First + (word * table.Labels), table.Labels);

    /// <summary>Works out the words of a label.</summary>
    public static void Work(Span<float> words, in TissueNumbers drawn, int octaves, int dimensions)
    {
        words.Clear();
        double std = drawn.Std;
        double share = drawn.Share;
        words[Mean] = drawn.Mean;
        words[White] = (float)(std * Math.Sqrt(Math.Max(0, 1 - share)));
        words[Structured] = (float)(std * Math.Sqrt(share));
        words[Ridge] = drawn.Ridge >= 0.5f ? PerMagnitude : drawn.Ridge <= -0.5f ? -PerMagnitude : 0;
        words[Rise] = (float)Math.Pow(2, drawn.Hurst);
        words[First] = (float)FractalNoise.FirstStrength(octaves, drawn.Hurst);
        WriteLattice(words[Lattice..], in drawn, dimensions);
    }

    private static void WriteLattice(Span<float> words, in TissueNumbers drawn, int dimensions)
    {
        double across = 1.0 / drawn.SpacingVoxels;
        double along = across / drawn.Elongation;
        (double sinTurn, double cosTurn) = Math.SinCos(2 * Math.PI * drawn.Turn);
        words[0] = drawn.OffsetY;
        words[1] = drawn.OffsetX;
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
        double cosTilt = drawn.Tilt;
        double sinTilt = Math.Sqrt(Math.Max(0, 1 - (cosTilt * cosTilt)));
        (double sinSpin, double cosSpin) = Math.SinCos(2 * Math.PI * drawn.Spin);
        (double Z, double Y, double X) u = (cosTilt, sinTilt * sinTurn, sinTilt * cosTurn);
        (double Z, double Y, double X) p = (-sinTilt, cosTilt * sinTurn, cosTilt * cosTurn);
        (double Z, double Y, double X) q = (0, cosTurn, -sinTurn);
        (double Z, double Y, double X) v = ((cosSpin * p.Z) + (sinSpin * q.Z), (cosSpin * p.Y) + (sinSpin * q.Y), (cosSpin * p.X) + (sinSpin * q.X));
        (double Z, double Y, double X) w = ((cosSpin * q.Z) - (sinSpin * p.Z), (cosSpin * q.Y) - (sinSpin * p.Y), (cosSpin * q.X) - (sinSpin * p.X));
        Span<double> volume =
        [
            across * v.Y, across * v.X, across * w.Y, across * w.X,
            drawn.OffsetZ,
            along * u.Z, along * u.Y, along * u.X, across * v.Z, across * w.Z,
        ];
        for (int i = 0; i < volume.Length; i++)
        {
            words[2 + i] = (float)volume[i];
        }
    }
}
