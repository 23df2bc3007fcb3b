namespace GpuSynth.Kernels;

/// <summary>
/// Where the nodes of noise(scales, maxStd) lie in memory: one coarse grid per scale, [scale][channel][z][y][x], x fastest.
/// An axis of S voxels has max(2, S / scale) nodes, node 0 at voxel 0 and the last at voxel S - 1 (corners aligned); the z axis
/// of a 2D image has one.
/// Source: RaSD (arXiv 2602.12317), synthesis.
/// </summary>
public sealed class NoiseGridLayout
{
    private readonly (int Z, int Y, int X)[] nodes;
    private readonly int[] offsets;

    /// <summary>Lays out the grids of the given scales.</summary>
    /// <param name="shape">Shape of the volume that the grids span, in voxels.</param>
    /// <param name="scales">Node spacing per grid in voxels, each at least 1.</param>
    /// <param name="channels">Grids per scale: labels, or labels x components.</param>
    /// <exception cref="ArgumentOutOfRangeException">A scale or the number of channels is below 1.</exception>
    public NoiseGridLayout(VolumeShape shape, ReadOnlySpan<int> scales, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        Shape = shape;
        Channels = channels;
        nodes = new (int, int, int)[scales.Length];
        offsets = new int[scales.Length];
        for (int scale = 0; scale < scales.Length; scale++)
        {
            int spacing = scales[scale];
            ArgumentOutOfRangeException.ThrowIfLessThan(spacing, 1, nameof(scales));
            nodes[scale] = (
                shape.Dimensions == 2 ? 1 : NodeCount(shape.Depth, spacing),
                NodeCount(shape.Height, spacing),
                NodeCount(shape.Width, spacing));
            offsets[scale] = Length;
            Length = checked(Length + (channels * NodesPerChannel(scale)));
        }
    }

    /// <summary>Shape of the volume that the grids span.</summary>
    public VolumeShape Shape { get; }

    /// <summary>Grids per scale.</summary>
    public int Channels { get; }

    /// <summary>Number of scales.</summary>
    public int ScaleCount => nodes.Length;

    /// <summary>Nodes in all, over scales and channels.</summary>
    public int Length { get; }

    /// <summary>Nodes along each axis at one scale.</summary>
    public (int Z, int Y, int X) Nodes(int scale) => nodes[scale];

    /// <summary>Nodes of one channel at one scale.</summary>
    public int NodesPerChannel(int scale) => nodes[scale].Z * nodes[scale].Y * nodes[scale].X;

    /// <summary>First node of a channel at a scale.</summary>
    public int Offset(int scale, int channel = 0) => offsets[scale] + (channel * NodesPerChannel(scale));

    private static int NodeCount(int length, int spacing) => Math.Max(2, length / spacing);
}
