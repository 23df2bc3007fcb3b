using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>
/// The sum of several coarse grids as one grid on <see cref="KnotAxis"/> knots, one block per channel: [channel][z][y][x] with
/// <see cref="ChannelStride"/> floats per channel. Exact: between knots every summand is linear.
/// </summary>
public sealed unsafe class KnotGrid
{
    private const int Lanes = 16;
    private readonly AxisWeights[][] weights;

    /// <summary>Merges grids laid out by <paramref name="layout"/> on the given knots.</summary>
    /// <param name="layout">Nodes of the grids.</param>
    /// <param name="knots">Knots along z, y and x, see <see cref="KnotAxis"/>.</param>
    public KnotGrid(NoiseGridLayout layout, (KnotAxis Z, KnotAxis Y, KnotAxis X) knots)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Layout = layout;
        (KnotAxis z, KnotAxis y, KnotAxis x) = knots;
        (Z, Y, X) = knots;
        PlaneLength = y.Count * x.Count;

        // Behind each channel: a plane and a row of zeros, which a sample at the outer border reads with weight 0, and room for
        // vector stores that run over the end.
        ChannelStride = HostMath.RoundUp(((z.Count + 1) * PlaneLength) + x.Count + Lanes, Lanes);
        weights = new AxisWeights[layout.ScaleCount][];
        int rows = 0;
        int planes = 0;
        for (int scale = 0; scale < layout.ScaleCount; scale++)
        {
            (int nz, int ny, int nx) = layout.Nodes(scale);
            weights[scale] = [new AxisWeights(z, nz), new AxisWeights(y, ny), new AxisWeights(x, nx)];
            rows = Math.Max(rows, nz * ny * x.Count);
            planes += (nz * PlaneLength) + Lanes;
        }

        RowScratch = rows + Lanes;
        ScratchLength = RowScratch + planes;
    }

    /// <summary>Nodes of the merged grids.</summary>
    public NoiseGridLayout Layout { get; }

    /// <summary>Knots along z.</summary>
    public KnotAxis Z { get; }

    /// <summary>Knots along y.</summary>
    public KnotAxis Y { get; }

    /// <summary>Knots along x.</summary>
    public KnotAxis X { get; }

    /// <summary>Floats of one plane of one channel.</summary>
    public int PlaneLength { get; }

    /// <summary>Floats between the beginnings of two channels.</summary>
    public int ChannelStride { get; }

    /// <summary>Floats of the merged grid, all channels.</summary>
    public long Length => (long)ChannelStride * Layout.Channels;

    /// <summary>Floats of scratch that one call of <see cref="Merge"/> needs.</summary>
    public int ScratchLength { get; }

    private int RowScratch { get; }

    /// <summary>Merges one channel.</summary>
    /// <param name="nodes">Coarse nodes, laid out by <see cref="Layout"/>, sixteen floats of room behind the last.</param>
    /// <param name="channel">Channel to merge.</param>
    /// <param name="factor">Factor on every value.</param>
    /// <param name="merged">Merged grid of all channels; only the channel's own block is written.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    public void Merge(float* nodes, int channel, float factor, float* merged, float* scratch)
    {
        float* planes = scratch + RowScratch;
        for (int scale = 0; scale < Layout.ScaleCount; scale++)
        {
            (int nz, int ny, int nx) = Layout.Nodes(scale);
            float* from = nodes + Layout.Offset(scale, channel);
            AxisWeights alongY = weights[scale][1];
            AlongX(from, nz * ny, nx, weights[scale][2], scratch);
            for (int z = 0; z < nz; z++)
            {
                for (int y = 0; y < Y.Count; y++)
                {
                    float* below = scratch + (((z * ny) + alongY.Node[y]) * X.Count);
                    Blend(below, below + (alongY.Step[y] * X.Count), alongY.First[y], alongY.Second[y], X.Count,
                        planes + (z * PlaneLength) + (y * X.Count));
                }
            }

            planes += (nz * PlaneLength) + Lanes;
        }

        float* to = merged + ((long)channel * ChannelStride);
        for (int z = 0; z < Z.Count; z++)
        {
            AlongZ(scratch + RowScratch, z, factor, to + (z * PlaneLength));
        }

        new Span<float>(to + (Z.Count * PlaneLength), ChannelStride - (Z.Count * PlaneLength)).Clear();
    }

    private static void AlongX(float* from, int rows, int nodes, AxisWeights along, float* to)
    {
        int knots = along.Node.Length;
        for (int row = 0; row < rows; row++, from += nodes, to += knots)
        {
            for (int x = 0; x < knots; x++)
            {
                to[x] = (along.First[x] * from[along.Node[x]]) + (along.Second[x] * from[along.Node[x] + along.Step[x]]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Blend(float* a, float* b, float first, float second, int length, float* to)
    {
        for (int x = 0; x < length; x += Lanes)
        {
            HostMath.Fma(Vector512.Create(second), Vector512.Load(b + x), Vector512.Create(first) * Vector512.Load(a + x))
                .Store(to + x);
        }
    }

    private void AlongZ(float* planes, int z, float factor, float* to)
    {
        for (int at = 0; at < PlaneLength; at += Lanes)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            float* plane = planes;
            for (int scale = 0; scale < weights.Length; scale++)
            {
                AxisWeights along = weights[scale][0];
                float* below = plane + (along.Node[z] * PlaneLength) + at;
                float* above = below + (along.Step[z] * PlaneLength);
                sum = HostMath.Fma(Vector512.Create(along.First[z]), Vector512.Load(below), sum);
                sum = HostMath.Fma(Vector512.Create(along.Second[z]), Vector512.Load(above), sum);
                plane += (Layout.Nodes(scale).Z * PlaneLength) + Lanes;
            }

            (sum * Vector512.Create(factor)).Store(to + at);
        }
    }

    /// <summary>
    /// The two nodes of one grid that a knot lies between, and their weights; outside the volume both weights are 0.
    /// </summary>
    private sealed class AxisWeights
    {
        public AxisWeights(KnotAxis axis, int nodes)
        {
            Node = new int[axis.Count];
            Step = new int[axis.Count];
            First = new float[axis.Count];
            Second = new float[axis.Count];
            for (int knot = 0; knot < axis.Count; knot++)
            {
                double position = axis.Positions[knot];
                if (position < 0 || position > axis.Length - 1)
                {
                    continue;
                }

                double along = axis.Length == 1 ? 0 : position * (nodes - 1) / (axis.Length - 1);
                int node = Math.Clamp((int)along, 0, Math.Max(0, nodes - 2));
                Node[knot] = node;
                Step[knot] = nodes > 1 ? 1 : 0;
                First[knot] = (float)(1 - (along - node));
                Second[knot] = (float)(along - node);
            }
        }

        public int[] Node { get; }

        public int[] Step { get; }

        public float[] First { get; }

        public float[] Second { get; }
    }
}
