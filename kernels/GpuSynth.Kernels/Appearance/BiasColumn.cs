using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// BiasColumn: the bias field down one column of voxels (fixed z and x, y rising), from its coarse nodes. The field is linear
// between nodes along each axis, so that a column needs new nodes only where y passes one: between them a voxel costs one
// multiplication and one addition. Positions between nodes are exact quotients of whole numbers: rem / steps.

/// <summary>The nodes of a bias field over a volume, as a kernel sees them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BiasSpan(BiasGrid? grid)
{
    /// <summary>1 where there is a bias field.</summary>
    public readonly int IsThere = grid is null ? 0 : 1;

    public readonly int NodesZ = grid?.Nodes.Z ?? 1;
    public readonly int NodesY = grid?.Nodes.Y ?? 1;
    public readonly int NodesX = grid?.Nodes.X ?? 1;
    public readonly int StepsZ = grid?.Steps.Z ?? 1;
    public readonly int StepsY = grid?.Steps.Y ?? 1;
    public readonly int StepsX = grid?.Steps.X ?? 1;
    public readonly float PerStepZ = 1f / (grid?.Steps.Z ?? 1);
    public readonly float PerStepY = 1f / (grid?.Steps.Y ?? 1);
    public readonly float PerStepX = 1f / (grid?.Steps.X ?? 1);

    /// <summary>Nodes of one sample; 0 without a field.</summary>
    public int Count => IsThere * NodesZ * NodesY * NodesX;
}

/// <summary>Where a voxel lies between two nodes of an axis.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BiasPlace
{
    /// <summary>The node at or below.</summary>
    public readonly int Near;

    /// <summary>The next node, or the last one.</summary>
    public readonly int Far;

    /// <summary>0 at the near node, 1 at the far one.</summary>
    public readonly float Fraction;

    public BiasPlace(int voxel, int nodes, int steps, float perStep)
    {
        int product = voxel * (nodes - 1);
        Near = product / steps;
        Far = KernelMath.Min(Near + 1, nodes - 1);
        Fraction = (product - (Near * steps)) * perStep;
    }
}

/// <summary>The bias field at one voxel of a column, on the way down it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BiasWalk
{
    private readonly ArrayView<float> nodes;
    private readonly BiasSpan span;
    private readonly BiasPlace z;
    private readonly BiasPlace x;
    private readonly float factor;
    private readonly int nodeY;
    private readonly int remainder;
    private readonly float below;
    private readonly float above;
    private readonly float rise;

    /// <summary>At the first voxel of a way.</summary>
    /// <param name="nodes">The sample's nodes.</param>
    /// <param name="span">Their layout.</param>
    /// <param name="z">Where the column lies along z.</param>
    /// <param name="x">Where it lies along x.</param>
    /// <param name="y">Row of the voxel.</param>
    /// <param name="factor">What the nodes are multiplied by.</param>
    /// <param name="isThere">Whether the voxel and the field are there; the field is 0 else.</param>
    public BiasWalk(ArrayView<float> nodes, BiasSpan span, BiasPlace z, BiasPlace x, int y, float factor, bool isThere)
    {
        this.nodes = nodes;
        this.span = span;
        this.z = z;
        this.x = x;
        this.factor = factor;
        int product = y * (span.NodesY - 1);
        nodeY = product / span.StepsY;
        remainder = product - (nodeY * span.StepsY);
        below = 0f;
        above = 0f;
        if (isThere)
        {
            below = BiasColumn.NodeRow(nodes, span, z, x, nodeY, factor);
            above = BiasColumn.NodeRow(nodes, span, z, x, KernelMath.Min(nodeY + 1, span.NodesY - 1), factor);
        }

        rise = above - below;
    }

    private BiasWalk(BiasWalk walk, int nodeY, int remainder, float below, float above, float rise)
    {
        nodes = walk.nodes;
        span = walk.span;
        z = walk.z;
        x = walk.x;
        factor = walk.factor;
        this.nodeY = nodeY;
        this.remainder = remainder;
        this.below = below;
        this.above = above;
        this.rise = rise;
    }

    /// <summary>b at the voxel.</summary>
    public float Value => below + (rise * (remainder * span.PerStepY));

    /// <summary>At the voxel below, of a column that is there; without a field no node is ever passed.</summary>
    public BiasWalk Next()
    {
        int next = remainder + span.NodesY - 1;
        if (next < span.StepsY)
        {
            return new BiasWalk(this, nodeY, next, below, above, rise);
        }

        int node = nodeY + 1;
        float furthest = BiasColumn.NodeRow(nodes, span, z, x, KernelMath.Min(node + 1, span.NodesY - 1), factor);
        return new BiasWalk(this, node, next - span.StepsY, above, furthest, furthest - above);
    }
}

/// <summary>What a launch knows of the factor of a sample's nodes.</summary>
internal static class BiasColumn
{
    /// <summary>What a sample's nodes are multiplied by: their largest becomes the word BiasPeak, but for its sign.</summary>
    public static float Factor(ArrayView<uint> row, ArrayView<uint> measured, SampleLayout layout, int sample)
    {
        float largest = MeasuredWords.Value(measured[(sample * MeasuredWords.PerSample) + MeasuredWords.TableMaximum]);
        return BiasField.Factor(SampleLayout.Number(row, layout.BiasPeak), largest);
    }

    /// <summary>The field at one row of nodes, at a place between the nodes along z and x.</summary>
    public static float NodeRow(
        ArrayView<float> nodes, BiasSpan span, BiasPlace z, BiasPlace x, int nodeY, float factor)
    {
        int plane = span.NodesY * span.NodesX;
        int row = nodeY * span.NodesX;
        int near = (z.Near * plane) + row;
        int far = (z.Far * plane) + row;
        float low = NoiseField.Linear(nodes[near + x.Near], nodes[near + x.Far], x.Fraction);
        float high = NoiseField.Linear(nodes[far + x.Near], nodes[far + x.Far], x.Fraction);
        return factor * NoiseField.Linear(low, high, z.Fraction);
    }
}
