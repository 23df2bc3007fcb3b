using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuSynth.Kernels;

/// <summary>
/// The host form: tiles of 4 x 4 voxels (sixteen lanes, y and x), four planes to a block. A displacement inside a tile is a sum of at most
/// a few nodes under hat weights shared by every label; a label field is one gather of its merged grid.
/// </summary>
public sealed unsafe class NoiseAnatomyHost
{
    /// <summary>Voxels along each edge of a block.</summary>
    public const int Edge = 4;

    private const int Lanes = 16;
    private readonly VolumeShape shape;
    private readonly KnotGrid labelField;
    private readonly KnotGrid? displacement;
    private readonly int labels;
    private readonly int components;
    private readonly TileAxis tileY;
    private readonly TileAxis tileX;
    private readonly SampleAxis[] axes;
    private readonly int planeStride;

    /// <summary>Prepares everything that does not depend on the sample.</summary>
    public NoiseAnatomyHost(VolumeShape shape, NoiseGridLayout fieldLayout, NoiseGridLayout? displacementLayout)
    {
        this.shape = shape;
        labels = fieldLayout.Channels;
        components = shape.Dimensions;
        labelField = Merged(shape, fieldLayout, KnotAxis.OfVoxels);
        displacement = displacementLayout is null ? null : Merged(shape, displacementLayout, KnotAxis.OfNodes);
        axes = [new SampleAxis(labelField.Z, shape.Depth), new SampleAxis(labelField.Y, shape.Height), new SampleAxis(labelField.X, shape.Width)];
        tileY = new TileAxis(displacement?.Y, axes[1], shape.Height, along: 1);
        tileX = new TileAxis(displacement?.X, axes[2], shape.Width, along: 0);
        planeStride = displacement is null ? 0 : HostMath.RoundUp(displacement.PlaneLength, Lanes) + Lanes;
    }

    private interface ISpace
    {
        static abstract bool IsVolume { get; }
    }

    private delegate KnotAxis AxisRule(int length, ReadOnlySpan<int> nodeCounts);

    /// <summary>The merged label fields.</summary>
    public KnotGrid Field => labelField;

    /// <summary>The merged displacements, null where there are none.</summary>
    public KnotGrid? Displacement => displacement;

    /// <summary>Slabs of <see cref="Edge"/> planes.</summary>
    public int SlabCount => (shape.Depth + Edge - 1) / Edge;

    /// <summary>Floats of scratch that one call of <see cref="Slab"/> needs.</summary>
    public int ScratchLength => (Edge * labels * components * planeStride) + (2 * Lanes * tileY.MaxNodes * tileX.MaxNodes) + Lanes;

    private static KnotGrid Merged(VolumeShape shape, NoiseGridLayout layout, AxisRule rule)
    {
        Span<int> z = stackalloc int[layout.ScaleCount];
        Span<int> y = stackalloc int[layout.ScaleCount];
        Span<int> x = stackalloc int[layout.ScaleCount];
        for (int scale = 0; scale < layout.ScaleCount; scale++)
        {
            (z[scale], y[scale], x[scale]) = layout.Nodes(scale);
        }

        return new KnotGrid(layout, shape.Dimensions == 2 ? KnotAxis.OfNodes(1, z) : rule(shape.Depth, z), rule(shape.Height, y), rule(shape.Width, x));
    }

    /// <summary>Factor that merges a displacement component (array-axis order) from voxels into sampling positions: S / (S - 1).</summary>
    public float Stretch(int component) => axes[component + 3 - components].Stretch;

    public void Prepare(float* f, float* d) { }
    public string Stats() => "";

    /// <summary>Labels of one slab of planes.</summary>
    public void Slab(int slab, float* fieldKnots, float* displacementKnots, byte* labelsDHW, float* scratch)
    {
        int z0 = slab * Edge;
        int planes = Math.Min(Edge, shape.Depth - z0);
        float* weights = scratch;
        float* nodePlanes = scratch + (Lanes * tileY.MaxNodes * tileX.MaxNodes);
        int* offsets = stackalloc int[tileY.MaxNodes * tileX.MaxNodes];
        if (displacement is not null)
        {
            for (int plane = 0; plane < planes; plane++)
            {
                DisplacementPlane(z0 + plane, displacementKnots, nodePlanes + (plane * labels * components * planeStride));
            }
        }

        for (int ty = 0; ty < tileY.Count; ty++)
        {
            for (int tx = 0; tx < tileX.Count; tx++)
            {
                int nodes = TileWeights(ty, tx, weights, offsets);
                if (components == 3)
                {
                    Block<InVolume>(z0, planes, ty, tx, fieldKnots, nodePlanes, nodes, offsets, weights, labelsDHW);
                }
                else
                {
                    Block<InImage>(z0, planes, ty, tx, fieldKnots, nodePlanes, nodes, offsets, weights, labelsDHW);
                }
            }
        }
    }

    private void DisplacementPlane(int z, float* knots, float* to)
    {
        KnotAxis axis = displacement!.Z;
        int cell = axis.CellOfVoxel[z];
        float t = (z - axis.Positions[cell]) * axis.InverseWidths[cell];
        int step = axis.Count > 1 ? displacement.PlaneLength : 0;
        Vector512<float> weight = Vector512.Create(t);
        for (int channel = 0; channel < labels * components; channel++)
        {
            float* below = knots + ((long)channel * displacement.ChannelStride) + (cell * displacement.PlaneLength);
            float* above = below + step;
            float* row = to + (channel * planeStride);
            for (int at = 0; at < displacement.PlaneLength; at += Lanes)
            {
                HostMath.Lerp(Vector512.Load(below + at), Vector512.Load(above + at), weight).Store(row + at);
            }
        }
    }

    private int TileWeights(int ty, int tx, float* weights, int* offsets)
    {
        if (displacement is null)
        {
            return 0;
        }

        int ny = tileY.NodeCount[ty];
        int nx = tileX.NodeCount[tx];
        int at = 0;
        for (int j = 0; j < ny; j++)
        {
            Vector512<float> wy = tileY.Weight(ty, j);
            for (int i = 0; i < nx; i++, at++)
            {
                (wy * tileX.Weight(tx, i)).Store(weights + (at * Lanes));
                offsets[at] = ((tileY.FirstNode[ty] + j) * displacement.X.Count) + tileX.FirstNode[tx] + i;
            }
        }

        return at;
    }

    private void Block<TSpace>(int z0, int planes, int ty, int tx, float* fieldKnots, float* nodePlanes, int nodes, int* offsets, float* weights, byte* labelsDHW)
        where TSpace : struct, ISpace
    {
        Vector512<float>* best = stackalloc Vector512<float>[Edge];
        Vector512<int>* winner = stackalloc Vector512<int>[Edge];
        for (int plane = 0; plane < planes; plane++)
        {
            best[plane] = Vector512.Create(float.NegativeInfinity);
            winner[plane] = Vector512<int>.Zero;
        }

        Vector512<float> baseY = tileY.Bases(ty);
        Vector512<float> baseX = tileX.Bases(tx);
        for (int label = 0; label < labels; label++)
        {
            float* knots = fieldKnots + ((long)label * labelField.ChannelStride);
            float* channel = nodePlanes + ((long)label * components * planeStride);
            for (int plane = 0; plane < planes; plane++, channel += labels * components * planeStride)
            {
                Vector512<float> qz = Vector512.Create(axes[0].Base(z0 + plane));
                Vector512<float> qy = baseY;
                Vector512<float> qx = baseX;
                float* cy = TSpace.IsVolume ? channel + planeStride : channel;
                float* cx = cy + planeStride;
                for (int node = 0; node < nodes; node++)
                {
                    Vector512<float> weight = Vector512.Load(weights + (node * Lanes));
                    int offset = offsets[node];
                    if (TSpace.IsVolume)
                    {
                        qz = HostMath.Fma(Vector512.Create(channel[offset]), weight, qz);
                    }

                    qy = HostMath.Fma(Vector512.Create(cy[offset]), weight, qy);
                    qx = HostMath.Fma(Vector512.Create(cx[offset]), weight, qx);
                }

                Vector512<float> score = Sample<TSpace>(knots, qz, qy, qx);
                Vector512<float> better = Vector512.GreaterThan(score, best[plane]);
                best[plane] = Vector512.ConditionalSelect(better, score, best[plane]);
                winner[plane] = Vector512.ConditionalSelect(better.AsInt32(), Vector512.Create(label), winner[plane]);
            }
        }

        for (int plane = 0; plane < planes; plane++)
        {
            Store(winner[plane], labelsDHW + ((((long)z0 + plane) * shape.Height) * shape.Width), ty * Edge, tx * Edge);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Sample<TSpace>(float* knots, Vector512<float> qz, Vector512<float> qy, Vector512<float> qx)
        where TSpace : struct, ISpace
    {
        Vector512<int> at = axes[1].Locate(qy, out Vector512<float> ty);
        Vector512<float> tz = default;
        if (TSpace.IsVolume)
        {
            at += axes[0].Locate(qz, out tz) * Vector512.Create(labelField.Y.Count);
        }

        at = (at * Vector512.Create(labelField.X.Count)) + axes[2].Locate(qx, out Vector512<float> tx);
        Vector512<float> value = Bilinear(knots, at, ty, tx);
        return TSpace.IsVolume ? HostMath.Lerp(value, Bilinear(knots + labelField.PlaneLength, at, ty, tx), tz) : value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Bilinear(float* knots, Vector512<int> at, Vector512<float> ty, Vector512<float> tx)
    {
        float* next = knots + labelField.X.Count;
        return HostMath.Lerp(
            HostMath.Lerp(HostMath.Gather(knots, at), HostMath.Gather(knots + 1, at), tx),
            HostMath.Lerp(HostMath.Gather(next, at), HostMath.Gather(next + 1, at), tx),
            ty);
    }

    private void Store(Vector512<int> winner, byte* planeHW, int y0, int x0)
    {
        int height = Math.Min(Edge, shape.Height - y0);
        int width = Math.Min(Edge, shape.Width - x0);
        Vector128<byte> bytes = Narrow(winner);
        byte* row = planeHW + ((long)y0 * shape.Width) + x0;
        for (int y = 0; y < height; y++, row += shape.Width)
        {
            uint four = bytes.AsUInt32().GetElement(y);
            if (width == Edge)
            {
                Unsafe.WriteUnaligned(row, four);
            }
            else
            {
                for (int x = 0; x < width; x++)
                {
                    row[x] = (byte)(four >> (8 * x));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector512<int> lanes)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector128Byte(lanes);
        }

        Vector256<short> words = Vector256.Narrow(lanes.GetLower(), lanes.GetUpper());
        return Vector128.Narrow(words.GetLower(), words.GetUpper()).AsByte();
    }

    /// <summary>Makes the compiler write the tile's code once per number of dimensions.</summary>
    private struct InVolume : ISpace
    {
        public static bool IsVolume => true;
    }

    private struct InImage : ISpace
    {
        public static bool IsVolume => false;
    }

    /// <summary>The nodes that the four voxels of a tile lie between, and each voxel's hat weights on them.</summary>
    private sealed class TileAxis
    {
        private readonly float[] weights;
        private readonly float[] bases;

        public TileAxis(KnotAxis? axis, SampleAxis sample, int length, int along)
        {
            Count = (length + Edge - 1) / Edge;
            bases = new float[Count * Lanes];
            for (int i = 0; i < bases.Length; i++)
            {
                int lane = i % Lanes;
                bases[i] = sample.Base((i / Lanes * Edge) + (along == 0 ? lane % Edge : lane / Edge));
            }

            FirstNode = new int[Count];
            NodeCount = new int[Count];
            if (axis is null)
            {
                weights = [];
                return;
            }

            for (int tile = 0; tile < Count; tile++)
            {
                int last = Math.Min((tile * Edge) + Edge, length) - 1;
                FirstNode[tile] = axis.CellOfVoxel[tile * Edge];
                NodeCount[tile] = Math.Min(axis.CellOfVoxel[last] + 1, axis.Count - 1) - FirstNode[tile] + 1;
                MaxNodes = Math.Max(MaxNodes, NodeCount[tile]);
            }

            weights = new float[Count * MaxNodes * Lanes];
            for (int tile = 0; tile < Count; tile++)
            {
                for (int lane = 0; lane < Lanes; lane++)
                {
                    int voxel = Math.Min((tile * Edge) + (along == 0 ? lane % Edge : lane / Edge), length - 1);
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

        public int Count { get; }

        public int MaxNodes { get; } = 1;

        public int[] FirstNode { get; }

        public int[] NodeCount { get; }

        /// <summary>Sampling positions of the tile's voxels before displacement.</summary>
        public Vector512<float> Bases(int tile) => Vector512.Create(bases, tile * Lanes);

        public Vector512<float> Weight(int tile, int node) => Vector512.Create(weights, ((tile * MaxNodes) + node) * Lanes);
    }

    /// <summary>
    /// Where a sampling position falls on the knots of a label field. Positions are q = p' + 1, so that the zero border at voxel -1 is 0.
    /// </summary>
    private sealed class SampleAxis
    {
        private readonly int[] cells;
        private readonly float[] starts;
        private readonly float[] inverseWidths;
        private readonly Vector512<float> limit;
        private readonly bool small;
        private readonly int length;
        private readonly int firstVoxel;

        public SampleAxis(KnotAxis axis, int length)
        {
            cells = GC.AllocateArray<int>(axis.CellOfVoxel.Length, pinned: true);
            axis.CellOfVoxel.CopyTo(cells, 0);
            int padded = Math.Max(2 * Lanes, HostMath.RoundUp(axis.Count, Lanes));
            starts = GC.AllocateArray<float>(padded, pinned: true);
            inverseWidths = GC.AllocateArray<float>(padded, pinned: true);
            for (int knot = 0; knot < axis.Count; knot++)
            {
                starts[knot] = axis.Positions[knot] - axis.FirstVoxel;
                inverseWidths[knot] = axis.InverseWidths[knot];
            }

            // At the outer border, and beyond it, the value is exactly 0: the last knot begins a cell of its own, of weight 0.
            cells[^1] = axis.Count - 1;
            limit = Vector512.Create(starts[axis.Count - 1]);
            small = axis.Count <= 2 * Lanes && Avx512F.IsSupported;
            this.length = length;
            firstVoxel = axis.FirstVoxel;
        }

        /// <summary>Displacements are stretched by S / (S - 1) as positions are; an axis of one voxel has none.</summary>
        public float Stretch => length == 1 ? 0 : (float)((double)length / (length - 1));

        /// <summary>q of a voxel that is not displaced.</summary>
        public float Base(int voxel) =>
            length == 1 ? -firstVoxel : (float)((voxel * ((double)length / (length - 1))) - 0.5 - firstVoxel);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<int> Locate(Vector512<float> q, out Vector512<float> t)
        {
            q = Vector512.MinNative(Vector512.MaxNative(q, Vector512<float>.Zero), limit);
            Vector512<int> voxel = Vector512.ConvertToInt32Native(q);
            fixed (int* table = &cells[0])
            fixed (float* start = &starts[0], inverse = &inverseWidths[0])
            {
                Vector512<int> cell = HostMath.Gather(table, voxel);
                if (small)
                {
                    t = (q - Avx512F.PermuteVar16x32x2(Vector512.Load(start), cell, Vector512.Load(start + Lanes)))
                        * Avx512F.PermuteVar16x32x2(Vector512.Load(inverse), cell, Vector512.Load(inverse + Lanes));
                }
                else
                {
                    t = (q - HostMath.Gather(start, cell)) * HostMath.Gather(inverse, cell);
                }

                return cell;
            }
        }
    }
}
