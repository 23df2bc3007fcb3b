using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// One axis of the tiles of sixteen voxels: the displacement nodes that a tile's voxels lie between, each voxel's hat weights on
/// them, and the voxels' sampling positions before displacement. Voxels beyond the volume repeat its last.
/// </summary>
internal sealed class TileAxis
{
    private const int Lanes = 16;
    private readonly float[] weights;
    private readonly float[] bases;

    /// <param name="axis">Knots of the displacements, null without any.</param>
    /// <param name="sample">Sampling positions along the axis.</param>
    /// <param name="length">Voxels along the axis.</param>
    /// <param name="edge">Voxels of a tile along the axis.</param>
    /// <param name="step">Lanes between two of them.</param>
    public TileAxis(KnotAxis? axis, SampleAxis sample, int length, int edge, int step)
    {
        Count = (length + edge - 1) / edge;
        FirstNode = new int[Count];
        NodeCount = new int[Count];
        bases = new float[Count * Lanes];
        weights = [];
        for (int i = 0; i < bases.Length; i++)
        {
            bases[i] = sample.Base(Math.Min((i / Lanes * edge) + (i % Lanes / step % edge), length - 1));
        }

        if (axis is null)
        {
            return;
        }

        for (int tile = 0; tile < Count; tile++)
        {
            int last = Math.Min((tile * edge) + edge, length) - 1;
            FirstNode[tile] = axis.CellOfVoxel[tile * edge];
            NodeCount[tile] = Math.Min(axis.CellOfVoxel[last] + 1, axis.Count - 1) - FirstNode[tile] + 1;
            MaxNodes = Math.Max(MaxNodes, NodeCount[tile]);
        }

        weights = new float[Count * MaxNodes * Lanes];
        for (int tile = 0; tile < Count; tile++)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                int voxel = Math.Min((tile * edge) + (lane / step % edge), length - 1);
                int cell = axis.CellOfVoxel[voxel];
                float t = (voxel - axis.Positions[cell]) * axis.InverseWidths[cell];
                int at = (((tile * MaxNodes) + cell - FirstNode[tile]) * Lanes) + lane;
                weights[at] = 1 - t;
                if (axis.Count > 1)
                {
                    weights[at + Lanes] = t;
                }
            }
        }
    }

    /// <summary>Tiles along the axis.</summary>
    public int Count { get; }

    /// <summary>The most nodes of a tile.</summary>
    public int MaxNodes { get; } = 1;

    /// <summary>First node of each tile.</summary>
    public int[] FirstNode { get; }

    /// <summary>Nodes of each tile.</summary>
    public int[] NodeCount { get; }

    /// <summary>Sampling positions of a tile's voxels before displacement.</summary>
    public Vector512<float> Bases(int tile) => Vector512.Create(bases, tile * Lanes);

    /// <summary>The voxels' weights on one of the tile's nodes.</summary>
    public Vector512<float> Weight(int tile, int node) => Vector512.Create(weights, ((tile * MaxNodes) + node) * Lanes);
}
