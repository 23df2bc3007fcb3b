using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// CellGrid: the points start + 2 r k, k = 0 .. count - 1, along each axis; a cell's middle lies within r / 2 of its point along each of them.
//   A cell reaches 2.5 r at most: what holds a voxel belongs to its nearest point or one of that one's neighbours, 3^d in all.

/// <summary>The points that cells stand at. Part of a component's drawn struct.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CellGrid
{
    /// <summary>Where the points begin, in voxels.</summary>
    public readonly AxisNumbers Start;

    /// <summary>From a point to the next, in voxels.</summary>
    public readonly float Pitch;

    /// <summary>Points along z; 1 in an image.</summary>
    public readonly int CountZ;

    /// <summary>Points along y.</summary>
    public readonly int CountY;

    /// <summary>Points along x.</summary>
    public readonly int CountX;

    /// <summary>The points of a sample.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="radius">r in voxels.</param>
    /// <param name="phase">Where the points lie in the room that is left along each axis, 0 to 1.</param>
    public CellGrid(Cells cells, VolumeShape shape, float radius, AxisNumbers phase)
    {
        Pitch = 2 * radius;
        (CountZ, float startZ) = shape.Dimensions == 3 ? Along(cells, shape.Depth, radius, phase.Z) : (1, 0);
        (CountY, float startY) = Along(cells, shape.Height, radius, phase.Y);
        (CountX, float startX) = Along(cells, shape.Width, radius, phase.X);
        Start = new AxisNumbers(startZ, startY, startX);
    }

    /// <summary>Points in all.</summary>
    public int Count => CountZ * CountY * CountX;

    /// <summary>Points along an axis.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="length">Voxels of the axis.</param>
    /// <param name="radius">r in voxels.</param>
    public static double CountAlong(Cells cells, int length, double radius) =>
        Math.Max(0, Math.Floor((length - 1 + (cells.AreWhole ? -4 : 4) * radius) / (2 * radius)) + 1);

    /// <summary>The most points in all of a sample.</summary>
    /// <param name="cells">The cells.</param>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="radius">r in voxels, at least.</param>
    public static double Most(Cells cells, VolumeShape shape, double radius) => CountAlong(cells, shape.Height, radius)
        * CountAlong(cells, shape.Width, radius) * (shape.Dimensions == 3 ? CountAlong(cells, shape.Depth, radius) : 1);

    /// <summary>The nearest point to a voxel along an axis, or one beyond the first or the last.</summary>
    /// <param name="voxel">The voxel's place.</param>
    /// <param name="start">Where the points begin.</param>
    /// <param name="pitch">From a point to the next.</param>
    public static int Nearest(int voxel, float start, float pitch)
    {
        float at = ((voxel - start) / pitch) + 0.5f;
        int cut = (int)at;
        return cut > at ? cut - 1 : cut;
    }

    private static (int Count, float Start) Along(Cells cells, int length, float radius, float phase)
    {
        // Where no cell may be cut, the row at the border is left out; else one stands behind it, which may reach in.
        int count = (int)CountAlong(cells, length, radius);
        float low = (cells.AreWhole ? 2 : -2) * radius;
        float left = length - 1 - (2 * low) - ((count - 1) * 2 * radius);
        return (count, low + (phase * left));
    }
}
