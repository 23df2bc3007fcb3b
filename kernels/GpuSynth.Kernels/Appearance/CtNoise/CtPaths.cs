using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// How noisy a slice of CT is where, by how much of the beam gets through: of N photons e^-p N, and so the deviation grows with e^(p / 2).
//   p(x) = the mean over 8 directions, 22.5 degrees apart, of the line integral through x of mu = 0.192 max(0, 1 + HU / 1000) per cm.
//   p_0 = the mean of p over the slice, weighted by mu: over the body, for air weighs nothing, and no threshold says where the body ends.
//   s(x) = exp(l / 2 (p(x) - p_0)), the exponent within 4 of 0: what noise is multiplied by, on cells, linear between their middles.
// A cell is a square of as many whole voxels as make at most 32 of them along an axis, its mu their mean; outside there is air. A line crosses the cells
// column by column, or row by row, whichever it is nearer to: there its number is linear between two cells (P. M. Joseph, IEEE Trans. Med. Imaging 1, 1982,
// 192). Lines of a direction lie one cell apart, and p is linear between two of them. The first five directions go along rows, with the slopes -1, -t, 0,
// t, 1, the last three along columns with -t, 0, t; t = tan 22.5 degrees.
// Noise is as strong in every direction: streaks along the thick ones, as of shoulders, would need a tile for each sector of directions, whose share of the
// noise follows the line integral across it: eight tiles for one.

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

    // Cells along an axis, and maps of a sample: 512 KB of both.
    private const int Side = 32;
    private const int MostMaps = 128;

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

    /// <summary>Slices that share a map: 1, but of more than 128 slices.</summary>
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

    /// <summary>Maps of a sample.</summary>
    public int Maps => (Depth + Shared - 1) / Shared;

    /// <summary>Numbers of all maps, [map][row][column].</summary>
    public int Length => Maps * Cells;

    /// <summary>The slice that a map is made of: the middle one of those that share it.</summary>
    public int PlaneOf(int map) => KernelMath.Min((map * Shared) + (Shared / 2), Depth - 1);
}
