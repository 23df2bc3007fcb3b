using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// How noisy a slice of CT is where, by how much of the beam gets through: of N photons e^-p N, and so the deviation grows with e^(p / 2).
//   p(x) = the mean over 8 directions, 22.5 degrees apart, of the line integral through x of mu = 0.192 max(0, 1 + HU / 1000) per cm.
//   p_0 = the mean of p over the slice, weighted by mu: over the body, for air weighs nothing, and no threshold says where the body ends.
//   q(x) = the sum of the three directions next to rows minus that of the three next to columns, over 8: that between them counts in neither.
//   exp(l / 2 (p(x) - p_0 + w q(x))) multiplies noise in streaks along rows, exp(l / 2 (p(x) - p_0 - w q(x))) noise in streaks along columns: noise at a
// frequency comes from the beams across it alone. Exponents are within 4 of 0. On cells, linear between their middles: s, the second one, and d, the first
// minus the second.
// A cell is a square of as many whole voxels as make at most 32 of them along an axis, its mu their mean; outside there is air. A line crosses the cells
// column by column, or row by row, whichever it is nearer to: there its number is linear between two cells (P. M. Joseph, IEEE Trans. Med. Imaging 1, 1982,
// 192). Lines of a direction lie one cell apart, and p is linear between two of them. The first five directions go along rows, with the slopes -1, -t, 0,
// t, 1, the last three along columns with -t, 0, t; t = tan 22.5 degrees.
// Two sectors of directions for eight, and a body's axes are those of the image: streaks of shoulders lie along rows.

/// <summary>The cells on which line integrals through a sample's slices are worked out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CtPaths
{
    /// <summary>Cells of a slice at most.</summary>
    public const int MostCells = Side * Side;

    /// <summary>Directions.</summary>
    public const int Directions = 8;

    /// <summary>Of these, how many go along rows; the others come after them.</summary>
    public const int AlongRows = 5;

    /// <summary>Lines of a direction at most, and a few words more.</summary>
    public const int MostLines = (2 * Side) + 4;

    /// <summary>What an exponent is at most, above or below 0: a deviation 55 times as large.</summary>
    public const float MostExponent = 4;

    /// <summary>Attenuation of water per cm at 70 keV.</summary>
    public const float WaterPerCm = 0.192f;

    /// <summary>tan 22.5 degrees.</summary>
    public const float Slope = 0.41421356f;

    // Cells along an axis, and slices with maps of their own: 256 KB at most.
    private const int Side = 32;
    private const int MostMaps = 32;

    /// <summary>Rows of a slice.</summary>
    public readonly int Height;

    /// <summary>Columns of a slice.</summary>
    public readonly int Width;

    /// <summary>Slices.</summary>
    public readonly int Depth;

    /// <summary>Voxels along the side of a cell.</summary>
    public readonly int Cell;

    /// <summary>Rows of cells.</summary>
    public readonly int Rows;

    /// <summary>Columns of cells.</summary>
    public readonly int Columns;

    /// <summary>Slices that share their maps: 1, but of more than 32 slices.</summary>
    public readonly int Shared;

    /// <summary>The cells of a sample.</summary>
    /// <param name="shape">Shape of the sample.</param>
    public CtPaths(VolumeShape shape)
    {
        (Depth, Height, Width) = (shape.Depth, shape.Height, shape.Width);
        Cell = (Math.Max(Height, Width) + Side - 1) / Side;
        Rows = (Height + Cell - 1) / Cell;
        Columns = (Width + Cell - 1) / Cell;
        Shared = (Depth + MostMaps - 1) / MostMaps;
    }

    /// <summary>Cells of a slice.</summary>
    public int Cells => Rows * Columns;

    /// <summary>Slices with maps of their own.</summary>
    public int Maps => (Depth + Shared - 1) / Shared;

    /// <summary>Numbers of all maps, [slice][s, d][row][column].</summary>
    public int Length => Maps * 2 * Cells;

    /// <summary>The maps at a cell.</summary>
    /// <param name="factor">l / 2 times the line integral over a cell of water.</param>
    /// <param name="path">p - p_0, in cells.</param>
    /// <param name="streak">w q, in cells.</param>
    /// <param name="scale">s.</param>
    /// <param name="difference">d.</param>
    public static void Scales(float factor, float path, float streak, out float scale, out float difference)
    {
        scale = KernelMath.Exp(Clamped(factor * (path - streak)));
        difference = KernelMath.Exp(Clamped(factor * (path + streak))) - scale;
    }

    /// <summary>The slice that maps are made of: the middle one of those that share them.</summary>
    public int PlaneOf(int map) => KernelMath.Min((map * Shared) + (Shared / 2), Depth - 1);

    private static float Clamped(float exponent) => KernelMath.Min(KernelMath.Max(exponent, -MostExponent), MostExponent);
}
