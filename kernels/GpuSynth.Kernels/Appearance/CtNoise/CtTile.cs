using System.Numerics;

namespace GpuSynth.Kernels;

// A tile of noise whose power in the plane grows with the frequency f:  n = sum_j 2^(-1.5 j) B_j, j = 0 .. 4,  B_j linear between the nodes of a
// lattice of 2^j voxels, a node's number x minus the mean of the 3 x 3 around it, x ~ N(0, 1). Each B_j has the power of white noise of its width
// times what taking the mean away leaves of it, ~ f^2 below its own frequency; together they are ~ f from 1/64 to 1/4 per voxel, within 25 %.
// Planes go round. Their side is the power of 2 that a slice fits into, from 64 to 128 for volumes and to 256 for images; a larger slice sees its noise again.
// An image has one plane, a volume two: two tiles and the maps of CtPaths are 512 KB at most, 520 KB of images beyond 128 voxels.
// The part of it in streaks along rows is the same of (1 - M_y)(1 + M_x) x / 2, M the mean of 3 along an axis: with (1 - M_x)(1 + M_y) x / 2, the part in streaks
// along columns, it is x - M_y M_x x. Of waves of low frequency at the angle a to rows it has the share sin^2 a, the other cos^2 a.

/// <summary>The tiles of noise that slices of CT look into.</summary>
internal readonly struct CtTile
{
    /// <summary>Lattices.</summary>
    public const int Octaves = 5;

    /// <summary>Taps of the kernel's Gaussian.</summary>
    public const int Taps = 9;

    /// <summary>Strength of an octave over that of the one before: 2^-1.5.</summary>
    public const float Fall = 0.35355339f;

    /// <summary>Tiles, one behind the other: of all noise, and where there are two of that in streaks along rows.</summary>
    public readonly int Count;

    /// <summary>Logarithm to base 2 of a plane's side.</summary>
    public readonly int Bits;

    /// <summary>Numbers of a tile, [plane][y][x].</summary>
    public readonly int Length;

    private const int FewestBits = 6;
    private const int MostBitsOfVolumes = 7;
    private const int MostBitsOfImages = 8;
    private const int PlanesOfVolumes = 2;

    /// <summary>The tiles of a sample.</summary>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="count">How many, 1 or 2.</param>
    public CtTile(VolumeShape shape, int count)
    {
        bool isFlat = shape.Dimensions == 2;
        Count = count;
        int bits = BitOperations.Log2((2 * (uint)Math.Max(shape.Height, shape.Width)) - 1);
        Bits = Math.Clamp(bits, FewestBits, isFlat ? MostBitsOfImages : MostBitsOfVolumes);
        Length = (isFlat ? 1 : PlanesOfVolumes) << (2 * Bits);
    }

    /// <summary>Standard deviation of the sum above, over all places between nodes.</summary>
    public static double PlainStd { get; } = Math.Sqrt(Enumerable.Range(0, Octaves).Sum(static octave => Square(Strength(octave)) * Variance(octave)));

    /// <summary>Side of a plane.</summary>
    public int Side => 1 << Bits;

    /// <summary>Numbers of a plane.</summary>
    public int Plane => 1 << (2 * Bits);

    /// <summary>Numbers of all tiles.</summary>
    public int Total => Count * Length;

    /// <summary>Numbers x, [octave][plane][y][x]; two tiles are made of the same.</summary>
    public int NodeCount => FirstNode(Octaves);

    /// <summary>The first node of an octave.</summary>
    /// <param name="octave">Which, 0 to <see cref="Octaves"/> - 1.</param>
    public int FirstNode(int octave)
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
