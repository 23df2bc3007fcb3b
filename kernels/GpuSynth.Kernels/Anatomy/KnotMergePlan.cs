using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>Sizes of a merge, as a device sees them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct KnotMergePlan
{
    public readonly int Threads;
    public readonly int Chunks;
    public readonly int Scales;
    public readonly int Nodes;
    public readonly int Cells;
    public readonly int CountZ;
    public readonly int CountY;
    public readonly int CountX;
    public readonly int CellsY;
    public readonly int CellsX;
    public readonly int Labels;
    public readonly int Dimensions;
    public readonly float StretchZ;
    public readonly float StretchY;
    public readonly float StretchX;

    public KnotMergePlan(FieldGrid grid)
        : this(grid.Layout, grid.Z, grid.Y, grid.X)
    {
        Labels = grid.Layout.Channels;
        Cells = grid.Plan.Cells;
        CellsY = grid.CellsY;
        CellsX = grid.CellsX;
        Chunks = KnotMerge.Launcher.Chunks(CellsX);
        Threads = checked(Labels * CountZ * CellsY * Chunks);
    }

    public KnotMergePlan(ShiftGrid grid)
        : this(grid.Layout, grid.Z, grid.Y, grid.X)
    {
        Labels = grid.Labels;
        Cells = grid.Cells;
        CellsX = grid.CellsX;
        Chunks = KnotMerge.Launcher.Chunks(CellsX);
        Threads = checked(CountZ * CountY * Labels * 3 * Chunks);
        (StretchZ, StretchY, StretchX) = (grid.StretchZ, grid.StretchY, grid.StretchX);
    }

    private KnotMergePlan(NoiseGridLayout layout, KnotAxis z, KnotAxis y, KnotAxis x)
    {
        Scales = layout.ScaleCount;
        Nodes = layout.Length;
        (CountZ, CountY, CountX) = (z.Count, y.Count, x.Count);
        Dimensions = layout.Shape.Dimensions;
    }
}
