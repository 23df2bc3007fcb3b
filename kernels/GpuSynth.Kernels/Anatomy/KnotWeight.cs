using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// What a knot of a merged grid takes from one coarse grid along one axis: two neighbouring nodes and their weights, both 0 on
/// the border. All four are floats, so that a device reads them at once; the offsets are the bits of ints.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct KnotWeight
{
    /// <summary>Weight of the lower node.</summary>
    public readonly float First;

    /// <summary>Weight of the upper node.</summary>
    public readonly float Second;

    /// <summary>Bits: where the lower node lies, in nodes of memory.</summary>
    public readonly float Node;

    /// <summary>Bits: from it to the upper one; 0 where there is none.</summary>
    public readonly float Step;

    internal KnotWeight(float first, float second, int node, int step)
    {
        First = first;
        Second = second;
        Node = BitConverter.Int32BitsToSingle(node);
        Step = BitConverter.Int32BitsToSingle(step);
    }

    /// <summary>The knots of three axes, one block [z, y, x] per scale.</summary>
    /// <param name="layout">Coarse grids.</param>
    /// <param name="z">Knots along z.</param>
    /// <param name="y">Knots along y.</param>
    /// <param name="x">Knots along x.</param>
    public static KnotWeight[] Table(NoiseGridLayout layout, KnotAxis z, KnotAxis y, KnotAxis x)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(z);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(x);
        var table = new List<KnotWeight>();
        for (int scale = 0; scale < layout.ScaleCount; scale++)
        {
            (int nz, int ny, int nx) = layout.Nodes(scale);
            table.AddRange(Along(z, nz, ny * nx));
            table.AddRange(Along(y, ny, nx));
            table.AddRange(Along(x, nx, 1));
        }

        return [.. table];
    }

    private static IEnumerable<KnotWeight> Along(KnotAxis axis, int nodes, int stride) => axis.Positions.Select(position =>
    {
        if (position < 0 || position > axis.Length - 1)
        {
            return new KnotWeight(0f, 0f, 0, 0);
        }

        double along = axis.Length == 1 ? 0 : (double)position * (nodes - 1) / (axis.Length - 1);
        int node = Math.Clamp((int)along, 0, Math.Max(0, nodes - 2));
        return new KnotWeight((float)(1 - (along - node)), (float)(along - node), node * stride, nodes > 1 ? stride : 0);
    });
}
