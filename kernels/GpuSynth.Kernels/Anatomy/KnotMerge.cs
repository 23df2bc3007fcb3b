using ILGPU;

namespace GpuSynth.Kernels;

// KnotMerge: the coarse grids of a batch become one grid of knots per channel, as FieldGrid and ShiftGrid read it:
//   knot = sum over scales of the trilinear interpolation of that scale's grid at the knot, 0 on the border of a label field.
//   fields:  FieldCell[sample][label][zknot][ycell][xcell], the polynomial between four knots.
//   shifts:  ShiftKnot[sample][zknot][yknot][label][xcell], knot * S / (S - 1) + slip, and the rise to the next knot.
// nodes: float[sample][element] (NoiseGridLayout). A thread has eight knots of a row, in registers, and goes over the scales:
// what depends on z and y is worked out once for all eight. About 30 instructions per knot and scale.
// Reference: NoiseField.Reference.cs; equal to KnotGrid (host) up to rounding.

/// <summary>Merges the coarse grids of a batch.</summary>
public static partial class KnotMerge
{
    // Cells that a thread works on: one less than it has knots.
    private const int CellsPerThread = 7;

    // Eight knots of a row of one channel, from the knot first on; those beyond the last repeat it.
    private static KnotRow Row(
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        ArrayView<KnotWeight> weights,
        KnotMergePlan plan,
        int channel,
        int z,
        int y,
        int first)
    {
        KnotRow knots = default;
        int last = plan.CountX - 1;
        int table = 0;
        for (int scale = 0; scale < plan.Scales; scale++)
        {
            KnotWeight alongZ = weights[table + z];
            KnotWeight alongY = weights[table + plan.CountZ + y];
            int below = scales[scale].Offset + (channel * scales[scale].NodesPerChannel) + Whole(alongZ.Node)
                + Whole(alongY.Node);
            int above = below + Whole(alongZ.Step);
            NodeRows rows;
            rows.LowLower = nodes.SubView(below);
            rows.LowUpper = nodes.SubView(below + Whole(alongY.Step));
            rows.HighLower = nodes.SubView(above);
            rows.HighUpper = nodes.SubView(above + Whole(alongY.Step));
            rows.OfLowLower = alongZ.First * alongY.First;
            rows.OfLowUpper = alongZ.First * alongY.Second;
            rows.OfHighLower = alongZ.Second * alongY.First;
            rows.OfHighUpper = alongZ.Second * alongY.Second;
            table += plan.CountZ + plan.CountY;
            knots.V0 += rows.At(weights[table + first]);
            knots.V1 += rows.At(weights[table + KernelMath.Min(first + 1, last)]);
            knots.V2 += rows.At(weights[table + KernelMath.Min(first + 2, last)]);
            knots.V3 += rows.At(weights[table + KernelMath.Min(first + 3, last)]);
            knots.V4 += rows.At(weights[table + KernelMath.Min(first + 4, last)]);
            knots.V5 += rows.At(weights[table + KernelMath.Min(first + 5, last)]);
            knots.V6 += rows.At(weights[table + KernelMath.Min(first + 6, last)]);
            knots.V7 += rows.At(weights[table + KernelMath.Min(first + 7, last)]);
            table += plan.CountX;
        }

        return knots;
    }

    internal static int Whole(float bits) => (int)Interop.FloatAsInt(bits);

    // One thread for some cells of a row of cells, of the sample Grid.IdxY. Chunks are [label][zknot][ycell][chunk].
    internal readonly struct FieldKernel(
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        ArrayView<KnotWeight> weights,
        KnotMergePlan plan,
        ArrayView<FieldCell> cells) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int thread = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            if (thread >= plan.Threads)
            {
                return;
            }

            int row = thread / plan.Chunks;
            int first = (thread - (row * plan.Chunks)) * CellsPerThread;
            int plane = row / plan.CellsY;
            int y = row - (plane * plan.CellsY);
            int label = plane / plan.CountZ;
            int z = plane - (label * plan.CountZ);
            ArrayView<float> own = nodes.SubView((long)Grid.IdxY * plan.Nodes, plan.Nodes);
            KnotRow lower = Row(own, scales, weights, plan, label, z, y, first);
            KnotRow upper = Row(own, scales, weights, plan, label, z, KernelMath.Min(y + 1, plan.CountY - 1), first);
            int count = KernelMath.Min(plan.CellsX - first, CellsPerThread);
            ArrayView<FieldCell> to = cells.SubView(((long)Grid.IdxY * plan.Cells) + (row * plan.CellsX) + first, count);
            StoreField(to, 0, lower.V0, lower.V1, upper.V0, upper.V1);
            StoreField(to, 1, lower.V1, lower.V2, upper.V1, upper.V2);
            StoreField(to, 2, lower.V2, lower.V3, upper.V2, upper.V3);
            StoreField(to, 3, lower.V3, lower.V4, upper.V3, upper.V4);
            StoreField(to, 4, lower.V4, lower.V5, upper.V4, upper.V5);
            StoreField(to, 5, lower.V5, lower.V6, upper.V5, upper.V6);
            StoreField(to, 6, lower.V6, lower.V7, upper.V6, upper.V7);
        }
    }

    private static void StoreField(ArrayView<FieldCell> to, int cell, float v00, float v01, float v10, float v11)
    {
        if (cell < to.IntLength)
        {
            to[cell] = FieldCell.Of(v00, v01, v10, v11);
        }
    }

    // One thread for one component of some cells of a row of cells, of the sample Grid.IdxY. Chunks are
    // [zknot][yknot][label][component z, y, x][chunk].
    internal readonly struct ShiftKernel(
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        ArrayView<KnotWeight> weights,
        KnotMergePlan plan,
        ArrayView<ShiftKnot> cells) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int thread = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            if (thread >= plan.Threads)
            {
                return;
            }

            int rowComponent = thread / plan.Chunks;
            int first = (thread - (rowComponent * plan.Chunks)) * CellsPerThread;
            int row = rowComponent / 3;
            int component = rowComponent - (row * 3);
            int position = row / plan.Labels;
            int label = row - (position * plan.Labels);
            int z = position / plan.CountY;
            int y = position - (z * plan.CountY);
            ArrayView<float> own = nodes.SubView((long)Grid.IdxY * plan.Nodes, plan.Nodes);

            // An image has no component z: only the slip is left of it.
            int ofLayout = component - (3 - plan.Dimensions);
            KnotRow knots = ofLayout < 0
                ? default
                : Row(own, scales, weights, plan, (label * plan.Dimensions) + ofLayout, z, y, first);
            ShiftLine line;
            line.Stretch = component == 0 ? plan.StretchZ : component == 1 ? plan.StretchY : plan.StretchX;
            line.Component = component;

            // Slips lie behind the weights of the last scale. Along x they go on from knot to knot.
            int slips = plan.Scales * (plan.CountZ + plan.CountY + plan.CountX);
            line.Step = component == 2 ? 1 : 0;
            line.Slips = weights.SubView(
                slips + (component == 0 ? z : component == 1 ? plan.CountZ + y : plan.CountZ + plan.CountY + first));
            line.To = cells.SubView(
                ((long)Grid.IdxY * plan.Cells) + (row * plan.CellsX) + first,
                KernelMath.Min(plan.CellsX - first, CellsPerThread));
            line.IsPoint = plan.CountX == 1 ? 1 : 0;
            line.Store(0, knots.V0, knots.V1);
            line.Store(1, knots.V1, knots.V2);
            line.Store(2, knots.V2, knots.V3);
            line.Store(3, knots.V3, knots.V4);
            line.Store(4, knots.V4, knots.V5);
            line.Store(5, knots.V5, knots.V6);
            line.Store(6, knots.V6, knots.V7);
        }
    }
}

/// <summary>Eight knots of a row.</summary>
internal struct KnotRow
{
    public float V0;
    public float V1;
    public float V2;
    public float V3;
    public float V4;
    public float V5;
    public float V6;
    public float V7;
}

/// <summary>The four rows of coarse nodes around a row of knots, below and above along z, lower and upper along y.</summary>
internal struct NodeRows
{
    public ArrayView<float> LowLower;
    public ArrayView<float> LowUpper;
    public ArrayView<float> HighLower;
    public ArrayView<float> HighUpper;
    public float OfLowLower;
    public float OfLowUpper;
    public float OfHighLower;
    public float OfHighUpper;

    public readonly float At(KnotWeight weight)
    {
        int node = KnotMerge.Whole(weight.Node);
        return (weight.First * Node(node)) + (weight.Second * Node(node + KnotMerge.Whole(weight.Step)));
    }

    private readonly float Node(int node) => (OfLowLower * LowLower[node]) + (OfLowUpper * LowUpper[node])
        + (OfHighLower * HighLower[node]) + (OfHighUpper * HighUpper[node]);
}

/// <summary>Where the cells of a thread go, and what makes displacements of its knots.</summary>
internal struct ShiftLine
{
    public ArrayView<ShiftKnot> To;
    public ArrayView<KnotWeight> Slips;
    public float Stretch;
    public int Component;
    public int Step;
    public int IsPoint;

    public readonly void Store(int cell, float knot, float next)
    {
        if (cell >= To.IntLength)
        {
            return;
        }

        // A line of one knot has a cell, but no second knot.
        int slip = cell * Step;
        int nextSlip = IsPoint != 0 ? slip : slip + Step;
        float value = (knot * Stretch) + Slips[slip].First;
        var ramp = new ShiftRamp(value, (next * Stretch) + Slips[nextSlip].First - value);
        if (Component == 0)
        {
            To[cell].Cell.Z = ramp;
        }
        else if (Component == 1)
        {
            To[cell].Cell.Y = ramp;
        }
        else
        {
            To[cell].Cell.X = ramp;
        }
    }
}
