using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// FlowGrid: phi = exp(v), where a point is after following the smooth velocity v for a unit of time, by scaling and squaring:
//   u_0 = v / 2^T;  T times u <- u(x) + u(x + u(x)), linear between nodes, clamped at the edges;  phi(x) = x + u(x).
//   v: the sum over scales of coarse grids (NoiseField), read at the nodes of one regular grid of 32 nodes along the side; there u lives. u, then, is a
//   coarse grid like any other displacement: KnotMerge, KnotGrid.
//   T = max(5, ceil(log2(2 max|v|))), max|v| in cells of the grid, so that the first step is at most half a cell. The largest of the velocity is bounded
//   by its law and by 5.77 standard deviations (Normal), so that T is known of all samples before any is drawn.
// phi never folds, and exp(-v) is its inverse, as far as the grid resolves v. Of 6 nodes of v along a side of 128, of 3 voxels each, v and back misses
// by 0.05 voxels in the mean square; finer grids miss by less in proportion, and cost with the cube (64 nodes: 0.02 for 8 times the time).
// Reference: FlowGrid.Reference.cs. Source: Arsigny et al., MICCAI 2006; SynthSeg deforms its label maps so.

/// <summary>The flow of a random velocity: where it is drawn, and where it is integrated.</summary>
public sealed partial class FlowGrid
{
    private const int LeastSquarings = 5;
    private const double LargestNormal = 5.77;

    // Nodes of the grid along the side.
    private const int NodesOfSide = 32;

    /// <summary>Lays out the grids.</summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="velocity">Scales and law of the velocity.</param>
    public FlowGrid(VolumeShape shape, ShiftGrids velocity)
    {
        ArgumentNullException.ThrowIfNull(velocity);
        int[] scales = velocity.ScalesInVoxels(shape.Side);
        Velocity = new NoiseGridLayout(shape, scales, shape.Dimensions);
        Spacing = Math.Max(1, shape.Side / NodesOfSide);
        Layout = new NoiseGridLayout(shape, [Spacing], shape.Dimensions);
        Knots = KnotAxis.OfNodes(Layout);
        Weights = KnotWeight.Table(Velocity, Knots.Z, Knots.Y, Knots.X);
        (int z, int y, int x) = Layout.Nodes(0);
        (PerVoxelZ, PerVoxelY, PerVoxelX) = (PerVoxel(z, shape.Depth), PerVoxel(y, shape.Height), PerVoxel(x, shape.Width));
        double most = velocity.StdOfSide.Maximum * shape.Side * scales.Length * LargestNormal * Math.Max(PerVoxelZ, Math.Max(PerVoxelY, PerVoxelX));
        Squarings = Math.Max(LeastSquarings, (int)Math.Ceiling(Math.Log2(Math.Max(1, 2 * most))));
    }

    /// <summary>The coarse grids of the velocity, in voxels per unit of time, a channel per axis.</summary>
    public NoiseGridLayout Velocity { get; }

    /// <summary>Distance of the nodes of the displacement, in voxels.</summary>
    public int Spacing { get; }

    /// <summary>The grid of the displacement, in voxels, a channel per axis.</summary>
    public NoiseGridLayout Layout { get; }

    /// <summary>Its nodes along each axis; one of an axis of one voxel.</summary>
    public (KnotAxis Z, KnotAxis Y, KnotAxis X) Knots { get; }

    /// <summary>What each node takes from the velocity's, one block per scale.</summary>
    public KnotWeight[] Weights { get; }

    /// <summary>T.</summary>
    public int Squarings { get; }

    /// <summary>1 / 2^T.</summary>
    public float FirstStep => 1f / (1 << Squarings);

    /// <summary>Cells of the grid in a voxel along z.</summary>
    public float PerVoxelZ { get; }

    /// <summary>Along y.</summary>
    public float PerVoxelY { get; }

    /// <summary>Along x.</summary>
    public float PerVoxelX { get; }

    private static float PerVoxel(int nodes, int length) => length == 1 ? 0f : (float)((nodes - 1.0) / (length - 1));
}

/// <summary>A <see cref="FlowGrid"/> as a device sees it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct FlowPlan(FlowGrid grid, int stride)
{
    /// <summary>Nodes of the displacement along z.</summary>
    public readonly int CountZ = grid.Layout.Nodes(0).Z;

    /// <summary>Along y.</summary>
    public readonly int CountY = grid.Layout.Nodes(0).Y;

    /// <summary>Along x.</summary>
    public readonly int CountX = grid.Layout.Nodes(0).X;

    /// <summary>Entries along z of the table of weights; an axis of one voxel has one for both its nodes.</summary>
    public readonly int WeightsZ = grid.Knots.Z.Count;

    /// <summary>Along y.</summary>
    public readonly int WeightsY = grid.Knots.Y.Count;

    /// <summary>Along x.</summary>
    public readonly int WeightsX = grid.Knots.X.Count;

    /// <summary>Components: 2 or 3.</summary>
    public readonly int Channels = grid.Layout.Channels;

    /// <summary>Scales of the velocity.</summary>
    public readonly int Scales = grid.Velocity.ScaleCount;

    /// <summary>Nodes of a sample's velocity.</summary>
    public readonly int VelocityNodes = grid.Velocity.Length;

    /// <summary>Floats from one sample's displacement to the next.</summary>
    public readonly int Stride = stride;

    /// <summary>1 / 2^T.</summary>
    public readonly float FirstStep = grid.FirstStep;

    /// <summary>Cells in a voxel along z.</summary>
    public readonly float PerVoxelZ = grid.PerVoxelZ;

    /// <summary>Along y.</summary>
    public readonly float PerVoxelY = grid.PerVoxelY;

    /// <summary>Along x.</summary>
    public readonly float PerVoxelX = grid.PerVoxelX;

    /// <summary>Nodes of a component.</summary>
    public int Nodes => CountZ * CountY * CountX;
}
