using ILGPU;

namespace GpuSynth.Kernels;

// ShiftGrid: where a voxel is displaced to, as a grid of knots (KnotAxis.OfNodes) merged by KnotMerge. A cell along x holds, per
// component, the value at its lower knot and the rise to its upper one, so that a voxel costs one read and one multiply-add:
//   d(x) = V + D t(x),  V and D linear in z and y between knots.
//   cells: ShiftKnot[zknot][yknot][label][xcell]: what one row of voxels needs of all labels lies together.
//   rows: a group first lerps the cells along z and y for its rows, into shared memory: StagedRows[row][label][xcell], where z and
//   y are positions already, so that no voxel has to add its own.
// A grid without scales has two knots per axis and is the displacement zero, or the slip alone.

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
