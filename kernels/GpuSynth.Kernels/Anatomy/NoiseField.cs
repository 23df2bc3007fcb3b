using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// NoiseField: one voxel of an upsampled coarse grid: (bi/tri)linear, corners aligned (node 0 at voxel 0, node n - 1
// at voxel S - 1).
//   Along an axis voxel i stands at i (n - 1) / (S - 1) nodes; the integer quotient is the node below, the remainder over
//   S - 1 is the fraction, so neither is ever wrong by rounding.
// nodes: float[nz,ny,nx]. Eight reads per voxel from a grid that fits the cache. Reference: NoiseField.Reference.cs.
public static partial class NoiseField
{
    /// <summary>The interpolated value at a voxel.</summary>
    /// <param name="nodes">Memory that holds the grid.</param>
    /// <param name="offset">First node of the grid.</param>
    /// <param name="span">Nodes and voxels per axis.</param>
    /// <param name="z">Voxel along z.</param>
    /// <param name="y">Voxel along y.</param>
    /// <param name="x">Voxel along x.</param>
    public static float Voxel(ArrayView<float> nodes, int offset, GridSpan span, int z, int y, int x)
    {
        int productZ = z * (span.NodesZ - 1);
        int productY = y * (span.NodesY - 1);
        int productX = x * (span.NodesX - 1);
        int z0 = productZ / span.StepsZ;
        int y0 = productY / span.StepsY;
        int x0 = productX / span.StepsX;
        float fractionZ = (float)(productZ - (z0 * span.StepsZ)) / span.StepsZ;
        float fractionY = (float)(productY - (y0 * span.StepsY)) / span.StepsY;
        float fractionX = (float)(productX - (x0 * span.StepsX)) / span.StepsX;
        return Cell(nodes, offset, span, z0, y0, x0, fractionZ, fractionY, fractionX);
    }

    /// <summary>The interpolated value at a position between voxels, within the volume.</summary>
    /// <param name="nodes">Memory that holds the grid.</param>
    /// <param name="offset">First node of the grid.</param>
    /// <param name="span">Nodes and voxels per axis.</param>
    /// <param name="z">Position along z in voxels, 0 to Depth - 1.</param>
    /// <param name="y">Position along y in voxels, 0 to Height - 1.</param>
    /// <param name="x">Position along x in voxels, 0 to Width - 1.</param>
    public static float Position(ArrayView<float> nodes, int offset, GridSpan span, float z, float y, float x)
    {
        float gridZ = z * (span.NodesZ - 1) / span.StepsZ;
        float gridY = y * (span.NodesY - 1) / span.StepsY;
        float gridX = x * (span.NodesX - 1) / span.StepsX;
        int z0 = KernelMath.Min((int)gridZ, span.NodesZ - 1);
        int y0 = KernelMath.Min((int)gridY, span.NodesY - 1);
        int x0 = KernelMath.Min((int)gridX, span.NodesX - 1);
        return Cell(nodes, offset, span, z0, y0, x0, gridZ - z0, gridY - y0, gridX - x0);
    }

    /// <summary>The sum over scales of one channel at a position between voxels.</summary>
    /// <param name="nodes">All grids, laid out by a <see cref="NoiseGridLayout"/>.</param>
    /// <param name="scales">Its scales, from <see cref="Scales"/>; none gives 0.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="z">Position along z in voxels.</param>
    /// <param name="y">Position along y in voxels.</param>
    /// <param name="x">Position along x in voxels.</param>
    public static float SumAtPosition(
        ArrayView<float> nodes, ArrayView<NoiseGridScale> scales, int channel, float z, float y, float x)
    {
        float sum = 0f;
        for (int scale = 0; scale < scales.Length; scale++)
        {
            NoiseGridScale grid = scales[scale];
            sum += Position(nodes, grid.Offset + (channel * grid.NodesPerChannel), grid.Span, z, y, x);
        }

        return sum;
    }

    /// <summary>The sum over scales of one channel at a voxel.</summary>
    /// <param name="nodes">All grids, laid out by a <see cref="NoiseGridLayout"/>.</param>
    /// <param name="scales">Its scales, from <see cref="Scales"/>; none gives 0.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="z">Voxel along z.</param>
    /// <param name="y">Voxel along y.</param>
    /// <param name="x">Voxel along x.</param>
    public static float Sum(ArrayView<float> nodes, ArrayView<NoiseGridScale> scales, int channel, int z, int y, int x)
    {
        float sum = 0f;
        for (int scale = 0; scale < scales.Length; scale++)
        {
            NoiseGridScale grid = scales[scale];
            sum += Voxel(nodes, grid.Offset + (channel * grid.NodesPerChannel), grid.Span, z, y, x);
        }

        return sum;
    }

    /// <summary>The scales of a layout as a device reads them.</summary>
    public static NoiseGridScale[] Scales(NoiseGridLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var scales = new NoiseGridScale[layout.ScaleCount];
        for (int scale = 0; scale < scales.Length; scale++)
        {
            (int nodesZ, int nodesY, int nodesX) = layout.Nodes(scale);
            var span = new GridSpan(layout.Shape, nodesZ, nodesY, nodesX);
            scales[scale] = new NoiseGridScale(span, layout.Offset(scale), layout.NodesPerChannel(scale));
        }

        return scales;
    }

    // Between the eight nodes around a position; beyond the last node there is none, and its weight is 0.
    private static float Cell(
        ArrayView<float> nodes, int offset, GridSpan span, int z0, int y0, int x0, float fractionZ, float fractionY,
        float fractionX)
    {
        int z1 = KernelMath.Min(z0 + 1, span.NodesZ - 1);
        int y1 = KernelMath.Min(y0 + 1, span.NodesY - 1);
        int x1 = KernelMath.Min(x0 + 1, span.NodesX - 1);
        int row00 = offset + (((z0 * span.NodesY) + y0) * span.NodesX);
        int row01 = offset + (((z0 * span.NodesY) + y1) * span.NodesX);
        int row10 = offset + (((z1 * span.NodesY) + y0) * span.NodesX);
        int row11 = offset + (((z1 * span.NodesY) + y1) * span.NodesX);
        float v00 = Linear(nodes[row00 + x0], nodes[row00 + x1], fractionX);
        float v01 = Linear(nodes[row01 + x0], nodes[row01 + x1], fractionX);
        float v10 = Linear(nodes[row10 + x0], nodes[row10 + x1], fractionX);
        float v11 = Linear(nodes[row11 + x0], nodes[row11 + x1], fractionX);
        return Linear(Linear(v00, v01, fractionY), Linear(v10, v11, fractionY), fractionZ);
    }

    /// <summary>a + (b - a) t.</summary>
    public static float Linear(float a, float b, float t) => a + ((b - a) * t);
}

/// <summary>One coarse grid over a volume, as a device sees it.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct GridSpan
{
    /// <summary>Nodes along z.</summary>
    public readonly int NodesZ;

    /// <summary>Nodes along y.</summary>
    public readonly int NodesY;

    /// <summary>Nodes along x.</summary>
    public readonly int NodesX;

    /// <summary>Voxel steps along z: Depth - 1, but at least 1, because it divides.</summary>
    public readonly int StepsZ;

    /// <summary>Voxel steps along y.</summary>
    public readonly int StepsY;

    /// <summary>Voxel steps along x.</summary>
    public readonly int StepsX;

    /// <summary>Voxels along y.</summary>
    public readonly int Height;

    /// <summary>Voxels along x.</summary>
    public readonly int Width;

    /// <summary>A grid of the given nodes over a shape.</summary>
    public GridSpan(VolumeShape shape, int nodesZ, int nodesY, int nodesX)
    {
        NodesZ = nodesZ;
        NodesY = nodesY;
        NodesX = nodesX;
        StepsZ = Math.Max(1, shape.Depth - 1);
        StepsY = Math.Max(1, shape.Height - 1);
        StepsX = Math.Max(1, shape.Width - 1);
        Height = shape.Height;
        Width = shape.Width;
    }
}

/// <summary>One scale of a <see cref="NoiseGridLayout"/>, as a device sees it.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct NoiseGridScale
{
    /// <summary>Nodes and voxels per axis.</summary>
    public readonly GridSpan Span;

    /// <summary>First node of channel 0.</summary>
    public readonly int Offset;

    /// <summary>Nodes of one channel.</summary>
    public readonly int NodesPerChannel;

    /// <summary>A scale.</summary>
    public NoiseGridScale(GridSpan span, int offset, int nodesPerChannel)
    {
        Span = span;
        Offset = offset;
        NodesPerChannel = nodesPerChannel;
    }
}
