using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// One merged grid (<see cref="KnotAxis"/> along each axis) as a device sees it. Its knots are [channel][z][y][x]. Two tables go
/// with it: floats, per axis z, y, x the knots' positions and then the inverse widths of their cells; and ints, per axis the cell
/// of every voxel. Several grids share one pair of tables.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct KnotSpan
{
    /// <summary>Knots along z.</summary>
    public readonly int CountZ;

    /// <summary>Knots along y.</summary>
    public readonly int CountY;

    /// <summary>Knots along x.</summary>
    public readonly int CountX;

    /// <summary>Voxels with an entry in the table of cells, along z.</summary>
    public readonly int CellsZ;

    /// <summary>Voxels with an entry in the table of cells, along y.</summary>
    public readonly int CellsY;

    /// <summary>Voxels with an entry in the table of cells, along x.</summary>
    public readonly int CellsX;

    /// <summary>The first of those voxels along z: 0, or -1 with a zero border.</summary>
    public readonly int FirstZ;

    /// <summary>The first of those voxels along y.</summary>
    public readonly int FirstY;

    /// <summary>The first of those voxels along x.</summary>
    public readonly int FirstX;

    /// <summary>Where this grid's positions begin in the table of floats.</summary>
    public readonly int PositionOffset;

    /// <summary>Where this grid's cells begin in the table of ints.</summary>
    public readonly int CellOffset;

    internal KnotSpan(KnotAxis z, KnotAxis y, KnotAxis x, int positionOffset, int cellOffset)
    {
        CountZ = z.Count;
        CountY = y.Count;
        CountX = x.Count;
        CellsZ = z.CellOfVoxel.Length;
        CellsY = y.CellOfVoxel.Length;
        CellsX = x.CellOfVoxel.Length;
        FirstZ = z.FirstVoxel;
        FirstY = y.FirstVoxel;
        FirstX = x.FirstVoxel;
        PositionOffset = positionOffset;
        CellOffset = cellOffset;
    }

    /// <summary>Knots of one channel.</summary>
    public int KnotsPerChannel => CountZ * CountY * CountX;
}
