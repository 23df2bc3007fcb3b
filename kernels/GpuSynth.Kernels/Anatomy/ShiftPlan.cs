using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>A <see cref="ShiftGrid"/> and the rows that groups work on, as a device sees them.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct ShiftPlan
{
    /// <summary>Cells of one row: labels x cells along x.</summary>
    public readonly int Columns;

    /// <summary>Cells of one label of one row.</summary>
    public readonly int CellsX;

    /// <summary>From a cell to that at the next knot along y; 0 where there is none.</summary>
    public readonly int StepY;

    /// <summary>From a cell to that at the next knot along z; 0 where there is none.</summary>
    public readonly int StepZ;

    /// <summary>Cells of one sample.</summary>
    public readonly int Cells;

    /// <summary>Voxels along z.</summary>
    public readonly int Depth;

    /// <summary>Voxels along y.</summary>
    public readonly int Height;

    /// <summary>Voxels along x.</summary>
    public readonly int Width;

    /// <summary>Rows of voxels that a group works on, all of one plane.</summary>
    public readonly int RowsPerGroup;

    /// <summary>Rows that it has in shared memory at a time.</summary>
    public readonly int RowsPerTurn;

    /// <summary>Groups that a plane takes.</summary>
    public readonly int GroupsPerPlane;

    /// <summary>Rows that a thread goes on from one of its voxels to the next: group size / width.</summary>
    public readonly int RowStride;

    /// <summary>Voxels along x that it goes on besides: group size % width.</summary>
    public readonly int VoxelStride;

    /// <summary>1 / width.</summary>
    public readonly float InverseWidth;

    internal ShiftPlan(ShiftGrid grid, int rowsPerTurn, int turns)
    {
        VolumeShape shape = grid.Shape;
        CellsX = grid.CellsX;
        Columns = grid.Labels * CellsX;
        StepY = grid.Y.Count > 1 ? Columns : 0;
        StepZ = grid.Z.Count > 1 ? Columns * grid.Y.Count : 0;
        Cells = grid.Cells;
        (Depth, Height, Width) = (shape.Depth, shape.Height, shape.Width);
        RowsPerTurn = rowsPerTurn;
        RowsPerGroup = rowsPerTurn * turns;
        GroupsPerPlane = (shape.Height + RowsPerGroup - 1) / RowsPerGroup;
        RowStride = KernelLoader.GroupSize / shape.Width;
        VoxelStride = KernelLoader.GroupSize % shape.Width;
        InverseWidth = 1f / shape.Width;
    }

    /// <summary>The row, counted from a group's first, of the voxel that a thread begins with.</summary>
    /// <remarks>The half keeps the product of numbers below 256 away from a whole number, so that rounding cannot cross it.
    /// </remarks>
    public int RowOfThread(int thread) => (int)((thread + 0.5f) * InverseWidth);

    /// <summary>The first voxel of a row in a batch.</summary>
    public long FirstVoxel(long sample, int plane, int row) => ((((sample * Depth) + plane) * Height) + row) * Width;
}
