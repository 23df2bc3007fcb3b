namespace GpuSynth.Kernels;

// A tile of noise whose power in the plane grows with the frequency f:  n = sum_j 2^(-1.5 j) B_j, j = 0 .. 4,  B_j linear between the nodes of a
// lattice of 2^j voxels, a node's number x minus the mean of the 3 x 3 around it, x ~ N(0, 1). Each B_j has the power of white noise of its width
// times what taking the mean away leaves of it, ~ f^2 below its own frequency; together they are ~ f from 1/64 to 1/4 per voxel, within 25 %.
// Planes go round: 4 of 128 x 128 for volumes, one of 256 x 256 for images.
// The part of it in streaks along rows is the same of (1 - M_y)(1 + M_x) x / 2, M the mean of 3 along an axis: with (1 - M_x)(1 + M_y) x / 2, the part in streaks
// along columns, it is x - M_y M_x x. Of waves of low frequency at the angle a to rows it has the share sin^2 a, the other cos^2 a.

/// <summary>The noise that slices of CT look into.</summary>
internal static class CtTile
{
    /// <summary>Numbers: 256 KB.</summary>
    public const int Length = 1 << 16;

    /// <summary>Logarithm to base 2 of a plane's side, of volumes.</summary>
    public const int VolumeBits = 7;

    /// <summary>The same of images.</summary>
    public const int ImageBits = 8;

    /// <summary>Lattices.</summary>
    public const int Octaves = 5;

    /// <summary>Taps of the kernel's Gaussian.</summary>
    public const int Taps = 9;

    /// <summary>Standard deviation of the sum above, over all places between nodes.</summary>
    public static double PlainStd { get; } = Math.Sqrt(Enumerable.Range(0, Octaves).Sum(static octave => Square(Strength(octave)) * Variance(octave)));

    /// <summary>Side of a plane.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public static int Side(VolumeShape shape) => 1 << (shape.Dimensions == 3 ? VolumeBits : ImageBits);

    /// <summary>Numbers x, [octave][plane][y][x].</summary>
    public const int NodeCount = Length + (Length >> 2) + (Length >> 4) + (Length >> 6) + (Length >> 8);

    /// <summary>Strength of an octave over that of the one before: 2^-1.5.</summary>
    public const float Fall = 0.35355339f;

    /// <summary>The first node of an octave.</summary>
    /// <param name="octave">Which, 0 to <see cref="Octaves"/> - 1.</param>
    public static int FirstNode(int octave)
    {
        int first = 0;
        for (int before = 0; before < octave; before++)
        {
            first += Length >> (2 * before);
        }

        return first;
    }

    /// <summary>2^(-1.5 j).</summary>
    /// <param name="octave">j.</param>
    public static float Strength(int octave) => (float)Math.Pow(2, -1.5 * octave);

    // The mean over all places in a cell: at t between two nodes along each axis.
    private static double Variance(int octave)
    {
        int width = 1 << octave;
        double sum = 0;
        for (int y = 0; y < width; y++)
        {
            for (int x = 0; x < width; x++)
            {
                sum += Variance((double)y / width, (double)x / width);
            }
        }

        return sum / (width * width);
    }

    // Two numbers x minus their means, d apart along y and e along x, know of each other as [d = e = 0] - 2/9 [both at most 1] + 1/81 times the
    // numbers that both means share.
    private static double Variance(double y, double x)
    {
        double side = Square(y) + Square(1 - y);
        double between = y * (1 - y);
        double other = Square(x) + Square(1 - x);
        double across = x * (1 - x);
        return (side * other * Covariance(0, 0)) + (4 * between * across * Covariance(1, 1))
            + (2 * between * other * Covariance(1, 0)) + (2 * side * across * Covariance(0, 1));
    }

    private static double Covariance(int d, int e) => (d + e == 0 ? 1 : 0) - (2 / 9.0) + ((3 - d) * (3 - e) / 81.0);

    private static double Square(double value) => value * value;
}
