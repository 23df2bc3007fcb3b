using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// ShiftGrid: where a voxel is displaced to, as a grid of knots (KnotAxis.OfNodes) merged by KnotMerge. A cell along x holds, per
// component, the value at its lower knot and the rise to its upper one, so that a voxel costs one read and one multiply-add:
//   d(x) = V + D t(x),  V and D linear in z and y between knots.
//   cells: ShiftCell[zknot][yknot][label][xcell]: what one row of voxels needs of all labels lies together.
//   rows: a group first lerps the cells along z and y for its rows, into shared memory: ShiftCell[row][label][xcell].
// A grid without scales has two knots per axis and is the displacement zero, or the slip alone.

/// <summary>One component of a displacement along a cell.</summary>
/// <param name="Value">At the lower knot along x.</param>
/// <param name="Rise">To the upper knot.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ShiftRamp(float Value, float Rise)
{
    /// <summary>The component within the cell.</summary>
    /// <param name="t">0 at the lower knot, 1 at the upper.</param>
    public float At(float t) => Value + (Rise * t);

    /// <summary>Between two ramps.</summary>
    public static ShiftRamp Linear(ShiftRamp a, ShiftRamp b, float t) =>
        new(NoiseField.Linear(a.Value, b.Value, t), NoiseField.Linear(a.Rise, b.Rise, t));
}

/// <summary>The displacement along a cell.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ShiftCell
{
    /// <summary>Along z.</summary>
    public ShiftRamp Z;

    /// <summary>Along y.</summary>
    public ShiftRamp Y;

    /// <summary>Along x.</summary>
    public ShiftRamp X;

    /// <summary>Between two cells.</summary>
    public static ShiftCell Linear(ShiftCell a, ShiftCell b, float t)
    {
        ShiftCell cell;
        cell.Z = ShiftRamp.Linear(a.Z, b.Z, t);
        cell.Y = ShiftRamp.Linear(a.Y, b.Y, t);
        cell.X = ShiftRamp.Linear(a.X, b.X, t);
        return cell;
    }
}

/// <summary>A voxel's place along one axis of a <see cref="ShiftGrid"/>.</summary>
/// <param name="Offset">Its cell, in cells of memory.</param>
/// <param name="T">How far it is within the cell: 0 at the lower knot, 1 at the upper.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ShiftPlace(int Offset, float T);

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

    /// <summary>Rows of voxels that a group works on.</summary>
    public readonly int RowsPerGroup;

    /// <summary>Rows that a thread goes on from one of its voxels to the next: group size / width.</summary>
    public readonly int RowStride;

    /// <summary>Voxels along x that it goes on besides: group size % width.</summary>
    public readonly int VoxelStride;

    internal ShiftPlan(ShiftGrid grid, int rowsPerGroup)
    {
        VolumeShape shape = grid.Shape;
        CellsX = grid.CellsX;
        Columns = grid.Labels * CellsX;
        StepY = grid.Y.Count > 1 ? Columns : 0;
        StepZ = grid.Z.Count > 1 ? Columns * grid.Y.Count : 0;
        Cells = grid.Cells;
        (Depth, Height, Width) = (shape.Depth, shape.Height, shape.Width);
        RowsPerGroup = rowsPerGroup;
        RowStride = KernelLoader.GroupSize / shape.Width;
        VoxelStride = KernelLoader.GroupSize % shape.Width;
    }

    /// <summary>Rows of voxels.</summary>
    public int Rows => Depth * Height;
}

/// <summary>A merged displacement on the knots of its coarse grids, and the tables that go with it.</summary>
public sealed class ShiftGrid
{
    /// <summary>Cells of shared memory that a group has for its rows: 24 KB.</summary>
    public const int SharedCells = 1024;

    // More rows than these voxels need are of no use, and cost groups.
    private const int VoxelsPerGroup = 1024;

    /// <summary>Lays out a grid.</summary>
    /// <param name="shape">Shape of the label map.</param>
    /// <param name="layout">Coarse grids, channel = label * dimensions + component; null: no displacement.</param>
    /// <param name="labels">Displacements: labels, or 1.</param>
    /// <param name="slips">Whether the displacement is one of a noise anatomy: to p' - 1/2, see <see cref="AnatomyRows"/>.</param>
    /// <exception cref="ArgumentException">The layout has another number of channels.</exception>
    public ShiftGrid(VolumeShape shape, NoiseGridLayout? layout, int labels, bool slips)
    {
        int channels = checked(labels * shape.Dimensions);
        if (layout is not null && layout.Channels != channels)
        {
            throw new ArgumentException(
                $"The displacement has {layout.Channels} channels, expected {channels}: one per label and axis.", nameof(layout));
        }

        Shape = shape;
        Layout = layout ?? new NoiseGridLayout(shape, [], channels);
        Labels = labels;
        (Z, Y, X) = KnotAxis.OfNodes(Layout);
        CellsX = Math.Max(1, X.Count - 1);
        Cells = checked(Z.Count * Y.Count * Labels * CellsX);
        int columns = Labels * CellsX;
        Places = [.. PlacesAlong(Z, Y.Count * columns), .. PlacesAlong(Y, columns), .. PlacesAlong(X, 1)];
        Weights =
        [
            .. KnotWeight.Table(Layout, Z, Y, X), .. Slips(Z, slips), .. Slips(Y, slips), .. Slips(X, slips),
        ];
        (StretchZ, StretchY, StretchX) = slips
            ? (Stretch(shape.Depth), Stretch(shape.Height), Stretch(shape.Width))
            : (1f, 1f, 1f);

        // Whole rows in shared memory; none where not even one fits.
        int rows = Math.Min(SharedCells / columns, (VoxelsPerGroup + shape.Width - 1) / shape.Width);
        FitsShared = rows > 0;
        Plan = new ShiftPlan(this, Math.Max(1, Math.Min(rows, shape.Depth * shape.Height)));
    }

    /// <summary>Shape of the label map.</summary>
    public VolumeShape Shape { get; }

    /// <summary>Coarse grids; without scales where there is no displacement.</summary>
    public NoiseGridLayout Layout { get; }

    /// <summary>Displacements.</summary>
    public int Labels { get; }

    /// <summary>Knots along z.</summary>
    public KnotAxis Z { get; }

    /// <summary>Knots along y.</summary>
    public KnotAxis Y { get; }

    /// <summary>Knots along x.</summary>
    public KnotAxis X { get; }

    /// <summary>Cells along x.</summary>
    public int CellsX { get; }

    /// <summary>Cells of one sample.</summary>
    public int Cells { get; }

    /// <summary>Table of the voxels' places along z, then y, then x.</summary>
    public ShiftPlace[] Places { get; }

    /// <summary>Table of the knots' weights, one block per scale, and the slips as one more.</summary>
    public KnotWeight[] Weights { get; }

    /// <summary>Whether a row of all labels fits the shared memory of a group.</summary>
    public bool FitsShared { get; }

    /// <summary>Sizes and rows, given to the kernels by value.</summary>
    public ShiftPlan Plan { get; }

    internal float StretchZ { get; }

    internal float StretchY { get; }

    internal float StretchX { get; }

    /// <summary>Groups along the rows of one sample.</summary>
    public int Groups => (Plan.Rows + Plan.RowsPerGroup - 1) / Plan.RowsPerGroup;

    // Lerps the cells of a group's rows along z and y. A thread has one column of cells and goes down the rows; neighbouring rows
    // mostly lie between the same knots along y.
    internal static void StageRows(
        ArrayView<ShiftCell> cells,
        ArrayView<ShiftPlace> places,
        ShiftPlan plan,
        int firstZ,
        int firstY,
        int rows,
        ArrayView<ShiftCell> shared)
    {
        for (int column = Group.IdxX; column < plan.Columns; column += KernelLoader.GroupSize)
        {
            int z = firstZ;
            int y = firstY;
            int held = -1;
            ShiftCell lower = default;
            ShiftCell upper = default;
            int to = column;
            for (int row = 0; row < rows; row++)
            {
                ShiftPlace alongZ = places[z];
                ShiftPlace alongY = places[plan.Depth + y];
                int corner = column + alongZ.Offset + alongY.Offset;
                if (corner != held)
                {
                    held = corner;
                    lower = ShiftCell.Linear(cells[corner], cells[corner + plan.StepZ], alongZ.T);
                    upper = ShiftCell.Linear(
                        cells[corner + plan.StepY], cells[corner + plan.StepY + plan.StepZ], alongZ.T);
                }

                shared[to] = ShiftCell.Linear(lower, upper, alongY.T);
                to += plan.Columns;
                y++;
                if (y == plan.Height)
                {
                    y = 0;
                    z++;
                    held = -1;
                }
            }
        }
    }

    // One cell for one row, straight from the grid.
    internal static ShiftCell Cell(ArrayView<ShiftCell> cells, ShiftPlan plan, int corner, float tz, float ty) =>
        ShiftCell.Linear(
            ShiftCell.Linear(cells[corner], cells[corner + plan.StepZ], tz),
            ShiftCell.Linear(cells[corner + plan.StepY], cells[corner + plan.StepY + plan.StepZ], tz),
            ty);

    // p' - 1/2 = p + (shift S / (S - 1) + p / (S - 1) - 1); on an axis of one voxel p' is 0 whatever the shift.
    private static float Stretch(int length) => length == 1 ? 0f : (float)((double)length / (length - 1));

    private static IEnumerable<KnotWeight> Slips(KnotAxis axis, bool slips) => axis.Positions.Select(position =>
        new KnotWeight(!slips ? 0f : axis.Length == 1 ? -0.5f : (float)(((double)position / (axis.Length - 1)) - 1), 0f, 0, 0));

    private static IEnumerable<ShiftPlace> PlacesAlong(KnotAxis axis, int stride) => axis.CellOfVoxel.Select((cell, voxel) =>
        new ShiftPlace(cell * stride, (float)((voxel - (double)axis.Positions[cell]) * axis.InverseWidths[cell])));
}
