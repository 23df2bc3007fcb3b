namespace GpuSynth.Kernels;

/// <summary>
/// The coarse grid on which a bias field is drawn: cells that carry the white noise, and nodes between which the field is linear.
/// Per axis of S voxels and a cell edge of h voxels: ceil(S / h) cells of S / cells voxels each, and max(2, ceil((S - 1) / h) +
/// 1) nodes, the first at voxel 0 and the last at voxel S - 1; an axis of one voxel has one of each. Both are [z][y][x], x
/// fastest.
/// </summary>
public sealed class BiasGrid
{
    /// <summary>Lays out the grid.</summary>
    /// <param name="shape">Shape of the volume.</param>
    /// <param name="smallestSigmaVoxels">Smallest standard deviation that the recipe can draw, in voxels: it decides the cell
    /// edge.</param>
    /// <param name="taps">Taps of the textbook filter, odd.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sigma is not positive and finite, or taps is even or below 1.</exception>
    public BiasGrid(VolumeShape shape, float smallestSigmaVoxels, int taps)
    {
        if (taps < 1 || taps % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(taps), taps, "must be an odd number, at least 1.");
        }

        Shape = shape;
        Taps = taps;
        CellEdge = BiasField.CellEdge(smallestSigmaVoxels);
        Cells = (CellsOf(shape.Depth), CellsOf(shape.Height), CellsOf(shape.Width));
        Nodes = (NodesOf(shape.Depth), NodesOf(shape.Height), NodesOf(shape.Width));
    }

    /// <summary>Shape of the volume.</summary>
    public VolumeShape Shape { get; }

    /// <summary>Taps of the textbook filter.</summary>
    public int Taps { get; }

    /// <summary>Cell edge in voxels, 1 to 4.</summary>
    public int CellEdge { get; }

    /// <summary>Cells per axis.</summary>
    public (int Z, int Y, int X) Cells { get; }

    /// <summary>Nodes per axis.</summary>
    public (int Z, int Y, int X) Nodes { get; }

    /// <summary>Steps from the first voxel to the last per axis, but at least 1, because they divide.</summary>
    public (int Z, int Y, int X) Steps =>
        (Math.Max(1, Shape.Depth - 1), Math.Max(1, Shape.Height - 1), Math.Max(1, Shape.Width - 1));

    /// <summary>Cells in all: the normal numbers to draw, element = flat cell index.</summary>
    public int CellCount => checked(Cells.Z * Cells.Y * Cells.X);

    /// <summary>Nodes in all.</summary>
    public int NodeCount => checked(Nodes.Z * Nodes.Y * Nodes.X);

    /// <summary>Floats after the pass along x, [cells z][cells y][nodes x].</summary>
    public int AfterX => checked(Cells.Z * Cells.Y * Nodes.X);

    /// <summary>Floats after the pass along y, [cells z][nodes y][nodes x].</summary>
    public int AfterY => checked(Cells.Z * Nodes.Y * Nodes.X);

    /// <summary>Cells along one axis: 0 is z, 1 is y, 2 is x.</summary>
    public int CellsAlong(int axis) => Along(axis, Cells.Z, Cells.Y, Cells.X);

    /// <summary>Nodes along one axis: 0 is z, 1 is y, 2 is x.</summary>
    public int NodesAlong(int axis) => Along(axis, Nodes.Z, Nodes.Y, Nodes.X);

    /// <summary>Voxels along one axis: 0 is z, 1 is y, 2 is x.</summary>
    public int VoxelsAlong(int axis) => Along(axis, Shape.Depth, Shape.Height, Shape.Width);

    private static int Along(int axis, int z, int y, int x) => axis switch
    {
        0 => z,
        1 => y,
        2 => x,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, "Axes are 0 (z), 1 (y) and 2 (x)."),
    };

    private int CellsOf(int voxels) => (voxels + CellEdge - 1) / CellEdge;

    private int NodesOf(int voxels) => voxels == 1 ? 1 : Math.Max(2, ((voxels - 1 + CellEdge - 1) / CellEdge) + 1);
}
