using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// ShiftGrid: where a voxel is displaced to, as a grid of knots (KnotAxis.OfNodes) merged by KnotMerge. A cell along x holds, per
// component, the value at its lower knot and the rise to its upper one, so that a voxel costs one read and one multiply-add:
//   d(x) = V + D t(x),  V and D linear in z and y between knots.
//   cells: ShiftKnot[zknot][yknot][label][xcell]: what one row of voxels needs of all labels lies together.
//   rows: a group first lerps the cells along z and y for its rows, into shared memory: StagedRows[row][label][xcell], where z and
//   y are positions already, so that no voxel has to add its own.
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

    /// <summary>What lies between two cells: b - a.</summary>
    public static ShiftCell Difference(ShiftCell b, ShiftCell a)
    {
        ShiftCell cell;
        cell.Z = new ShiftRamp(b.Z.Value - a.Z.Value, b.Z.Rise - a.Z.Rise);
        cell.Y = new ShiftRamp(b.Y.Value - a.Y.Value, b.Y.Rise - a.Y.Rise);
        cell.X = new ShiftRamp(b.X.Value - a.X.Value, b.X.Rise - a.X.Rise);
        return cell;
    }

    /// <summary>a + d t.</summary>
    public static ShiftCell Sum(ShiftCell a, ShiftCell d, float t)
    {
        ShiftCell cell;
        cell.Z = new ShiftRamp(a.Z.Value + (d.Z.Value * t), a.Z.Rise + (d.Z.Rise * t));
        cell.Y = new ShiftRamp(a.Y.Value + (d.Y.Value * t), a.Y.Rise + (d.Y.Rise * t));
        cell.X = new ShiftRamp(a.X.Value + (d.X.Value * t), a.X.Rise + (d.X.Rise * t));
        return cell;
    }

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

/// <summary>A cell as it lies in memory: 32 bytes, which a device reads in two steps where 24 would take six.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ShiftKnot
{
    /// <summary>The cell.</summary>
    public ShiftCell Cell;

    /// <summary>Fills 32 bytes; neither written nor read.</summary>
    public ShiftRamp Unused;
}

/// <summary>The two components of a cell that <see cref="StagedRows"/> keeps together: 16 bytes, which a device reads at once.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ShiftPair
{
    public ShiftRamp Z;
    public ShiftRamp Y;
}

/// <summary>The rows of a group in its shared memory.</summary>
internal struct StagedRows
{
    /// <summary>Positions along z and y: the voxel's own and its displacement.</summary>
    public ArrayView<ShiftPair> Across;

    /// <summary>Displacements along x.</summary>
    public ArrayView<ShiftRamp> Along;
}

/// <summary>A voxel's place along one axis of a <see cref="ShiftGrid"/>.</summary>
/// <param name="OffsetBits">Bits of <see cref="Offset"/>: a float like the other, so that a device reads both at once.</param>
/// <param name="T">How far it is within the cell: 0 at the lower knot, 1 at the upper.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ShiftPlace(float OffsetBits, float T)
{
    /// <summary>Its cell, in cells of memory.</summary>
    public int Offset => (int)Interop.FloatAsInt(OffsetBits);
}

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

/// <summary>A merged displacement on the knots of its coarse grids, and the tables that go with it.</summary>
public sealed class ShiftGrid
{
    /// <summary>Cells of shared memory that a group has for its rows: 24 KB.</summary>
    public const int SharedCells = 1024;

    // More rows than these voxels need are of no use, and cost groups.
    private const int VoxelsPerTurn = 1024;

    // What a group works out once for all its turns is a tenth of one turn: more turns than these gain little.
    private const int MostTurns = 4;

    // A large GPU's 132 multiprocessors with five groups each.
    private const int BusyGroups = 5 * 132;

    /// <summary>Lays out a grid.</summary>
    /// <param name="shape">Shape of the label map.</param>
    /// <param name="layout">Coarse grids, channel = label * dimensions + component; null: no displacement.</param>
    /// <param name="labels">Displacements: labels, or 1.</param>
    /// <param name="slips">Whether the displacement is one of a noise anatomy: to p' - 1/2, see
    /// <see cref="AnatomyRows"/>.</param>
    /// <param name="busyGroups">Groups that a sample should have at least before one of them takes several turns.</param>
    /// <exception cref="ArgumentException">The layout has another number of channels.</exception>
    public ShiftGrid(
        VolumeShape shape, NoiseGridLayout? layout, int labels, bool slips, int busyGroups = BusyGroups)
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
        int rows = Math.Min(SharedCells / columns, (VoxelsPerTurn + shape.Width - 1) / shape.Width);
        FitsShared = rows > 0;
        rows = Math.Max(1, Math.Min(rows, shape.Height));
        long turns = (long)shape.Depth * ((shape.Height + rows - 1) / rows);
        Plan = new ShiftPlan(this, rows, (int)Math.Clamp(turns / busyGroups, 1, MostTurns));
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

    /// <summary>Groups that one sample takes.</summary>
    public int Groups => checked(Shape.Depth * Plan.GroupsPerPlane);

    // Lerps the cells of a group's rows along z and y. A thread has one column of cells and goes down the rows; neighbouring rows
    // mostly lie between the same knots along y.
    internal static void StageRows(
        ArrayView<ShiftKnot> cells,
        ArrayView<ShiftPlace> places,
        ShiftPlan plan,
        int plane,
        int firstRow,
        int rows,
        StagedRows shared)
    {
        ShiftPlace alongZ = places[plane];
        float z = plane;
        ArrayView<ShiftPlace> placesY = places.SubView(plan.Depth + firstRow);
        for (int column = Group.IdxX; column < plan.Columns; column += KernelLoader.GroupSize)
        {
            int held = -1;
            int to = column;
            float y = firstRow;
            ShiftCell lower = default;
            ShiftCell rise = default;
            for (int row = 0; row < rows; row++)
            {
                ShiftPlace alongY = placesY[row];
                if (alongY.Offset != held)
                {
                    held = alongY.Offset;
                    int corner = column + alongZ.Offset + held;
                    int next = corner + plan.StepY;
                    lower = AlongZ(cells, corner, plan.StepZ, alongZ.T);
                    rise = ShiftCell.Difference(AlongZ(cells, next, plan.StepZ, alongZ.T), lower);
                }

                ShiftCell cell = ShiftCell.Sum(lower, rise, alongY.T);
                ShiftPair across;
                across.Z = new ShiftRamp(z + cell.Z.Value, cell.Z.Rise);
                across.Y = new ShiftRamp(y + cell.Y.Value, cell.Y.Rise);
                shared.Across[to] = across;
                shared.Along[to] = cell.X;
                to += plan.Columns;
                y += 1f;
            }
        }
    }

    // One cell for one row, straight from the grid.
    internal static ShiftCell Cell(ArrayView<ShiftKnot> cells, ShiftPlan plan, int corner, float tz, float ty) =>
        ShiftCell.Linear(
            AlongZ(cells, corner, plan.StepZ, tz), AlongZ(cells, corner + plan.StepY, plan.StepZ, tz), ty);

    // Whole knots are read: a part of one would be read float by float.
    private static ShiftCell AlongZ(ArrayView<ShiftKnot> cells, int corner, int step, float t)
    {
        ShiftKnot below = cells[corner];
        ShiftKnot above = cells[corner + step];
        return ShiftCell.Linear(below.Cell, above.Cell, t);
    }

    // p' - 1/2 = p + (shift S / (S - 1) + p / (S - 1) - 1); on an axis of one voxel p' is 0 whatever the shift.
    private static float Stretch(int length) => length == 1 ? 0f : (float)((double)length / (length - 1));

    private static IEnumerable<KnotWeight> Slips(KnotAxis axis, bool slips) => axis.Positions.Select(position =>
        new KnotWeight(!slips ? 0f : axis.Length == 1 ? -0.5f : (float)(((double)position / (axis.Length - 1)) - 1), 0f, 0, 0));

    private static IEnumerable<ShiftPlace> PlacesAlong(KnotAxis axis, int stride) => axis.CellOfVoxel.Select((cell, voxel) =>
        new ShiftPlace(
            BitConverter.Int32BitsToSingle(cell * stride),
            (float)((voxel - (double)axis.Positions[cell]) * axis.InverseWidths[cell])));
}
