using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// KnotMerge: the coarse grids of a batch become one grid of knots per channel, as FieldGrid and ShiftGrid read it:
//   knot = sum over scales of the trilinear interpolation of that scale's grid at the knot, 0 on the border of a label field.
//   fields:  FieldCell[sample][label][zknot][ycell][xcell], the polynomial between four knots.
//   shifts:  ShiftKnot[sample][zknot][yknot][label][xcell], knot * S / (S - 1) + slip, and the rise to the next knot.
// nodes: float[sample][element] (NoiseGridLayout). A thread goes along x over some cells, so that it works out each knot once:
// about 40 instructions per knot and scale, 20 per voxel of a volume of side 128 with 8 labels.
// Reference: NoiseField.Reference.cs; equal to KnotGrid (host) up to rounding.

/// <summary>Merges the coarse grids of a batch.</summary>
public static class KnotMerge
{
    // Cells that a thread works on: it reads one knot more than cells.
    private const int CellsPerThread = 4;

    /// <summary>One knot of one channel.</summary>
    /// <param name="nodes">Coarse grids of the sample.</param>
    /// <param name="scales">Their scales.</param>
    /// <param name="weights">Table of weights.</param>
    /// <param name="plan">Sizes.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="z">Knot along z.</param>
    /// <param name="y">Knot along y.</param>
    /// <param name="x">Knot along x.</param>
    internal static float Knot(
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        ArrayView<KnotWeight> weights,
        KnotMergePlan plan,
        int channel,
        int z,
        int y,
        int x)
    {
        float sum = 0f;
        int table = 0;
        for (int scale = 0; scale < plan.Scales; scale++)
        {
            KnotWeight alongZ = weights[table + z];
            KnotWeight alongY = weights[table + plan.CountZ + y];
            KnotWeight alongX = weights[table + plan.CountZ + plan.CountY + x];
            int below = scales[scale].Offset + (channel * scales[scale].NodesPerChannel) + Whole(alongZ.Node) + Whole(alongY.Node)
                + Whole(alongX.Node);
            int above = below + Whole(alongZ.Step);
            int stepY = Whole(alongY.Step);
            int stepX = Whole(alongX.Step);
            float low = (alongY.First * Along(nodes, below, stepX, alongX))
                + (alongY.Second * Along(nodes, below + stepY, stepX, alongX));
            float high = (alongY.First * Along(nodes, above, stepX, alongX))
                + (alongY.Second * Along(nodes, above + stepY, stepX, alongX));
            sum += (alongZ.First * low) + (alongZ.Second * high);
            table += plan.CountZ + plan.CountY + plan.CountX;
        }

        return sum;
    }

    private static float Along(ArrayView<float> nodes, int node, int step, KnotWeight weight) =>
        (weight.First * nodes[node]) + (weight.Second * nodes[node + step]);

    private static int Whole(float bits) => (int)Interop.FloatAsInt(bits);

    // One thread for some cells of a row of cells, of the sample Grid.IdxY. Chunks are [label][zknot][ycell][chunk].
    internal static void FieldKernel(
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        ArrayView<KnotWeight> weights,
        KnotMergePlan plan,
        ArrayView<FieldCell> cells)
    {
        int thread = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (thread >= plan.Threads)
        {
            return;
        }

        int row = thread / plan.Chunks;
        int first = (thread - (row * plan.Chunks)) * CellsPerThread;
        int last = KernelMath.Min(first + CellsPerThread, plan.CellsX);
        int rows = plan.CellsY;
        int plane = row / rows;
        int y = row - (plane * rows);
        int label = plane / plan.CountZ;
        int z = plane - (label * plan.CountZ);
        int above = KernelMath.Min(y + 1, plan.CountY - 1);
        ArrayView<float> own = nodes.SubView((long)Grid.IdxY * plan.Nodes, plan.Nodes);
        ArrayView<FieldCell> to = cells.SubView((long)Grid.IdxY * plan.Cells, plan.Cells);
        float v00 = Knot(own, scales, weights, plan, label, z, y, first);
        float v10 = Knot(own, scales, weights, plan, label, z, above, first);
        for (int x = first; x < last; x++)
        {
            int next = KernelMath.Min(x + 1, plan.CountX - 1);
            float v01 = Knot(own, scales, weights, plan, label, z, y, next);
            float v11 = Knot(own, scales, weights, plan, label, z, above, next);
            to[(row * plan.CellsX) + x] = FieldCell.Of(v00, v01, v10, v11);
            v00 = v01;
            v10 = v11;
        }
    }

    // One thread for one component of some cells of a row of cells, of the sample Grid.IdxY. Chunks are
    // [zknot][yknot][label][component z, y, x][chunk].
    internal static void ShiftKernel(
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        ArrayView<KnotWeight> weights,
        KnotMergePlan plan,
        ArrayView<ShiftKnot> cells)
    {
        int thread = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (thread >= plan.Threads)
        {
            return;
        }

        int rowComponent = thread / plan.Chunks;
        int first = (thread - (rowComponent * plan.Chunks)) * CellsPerThread;
        int last = KernelMath.Min(first + CellsPerThread, plan.CellsX);
        int row = rowComponent / 3;
        int component = rowComponent - (row * 3);
        int position = row / plan.Labels;
        int label = row - (position * plan.Labels);
        int z = position / plan.CountY;
        int y = position - (z * plan.CountY);
        ArrayView<float> own = nodes.SubView((long)Grid.IdxY * plan.Nodes, plan.Nodes);
        ArrayView<ShiftKnot> to = cells.SubView((long)Grid.IdxY * plan.Cells, plan.Cells);
        float value = Shift(own, scales, weights, plan, label, component, z, y, first);
        for (int x = first; x < last; x++)
        {
            float next = Shift(
                own, scales, weights, plan, label, component, z, y, KernelMath.Min(x + 1, plan.CountX - 1));
            var ramp = new ShiftRamp(value, next - value);
            int at = (row * plan.CellsX) + x;
            if (component == 0)
            {
                to[at].Cell.Z = ramp;
            }
            else if (component == 1)
            {
                to[at].Cell.Y = ramp;
            }
            else
            {
                to[at].Cell.X = ramp;
            }

            value = next;
        }
    }

    // An image has no component z: only the slip is left of it.
    private static float Shift(
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        ArrayView<KnotWeight> weights,
        KnotMergePlan plan,
        int label,
        int component,
        int z,
        int y,
        int x)
    {
        int ofImage = component - (3 - plan.Dimensions);
        int slips = plan.Scales * (plan.CountZ + plan.CountY + plan.CountX);
        int knot = component == 0 ? z : component == 1 ? plan.CountZ + y : plan.CountZ + plan.CountY + x;
        float stretch = component == 0 ? plan.StretchZ : component == 1 ? plan.StretchY : plan.StretchX;
        float noise = ofImage < 0
            ? 0f
            : Knot(nodes, scales, weights, plan, (label * plan.Dimensions) + ofImage, z, y, x);
        return (noise * stretch) + weights[slips + knot].First;
    }

    /// <summary>Launches the merges of a batch.</summary>
    public sealed class Launcher
    {
        private readonly Action<KernelConfig, ArrayView<float>, ArrayView<NoiseGridScale>, ArrayView<KnotWeight>, KnotMergePlan,
            ArrayView<FieldCell>> fieldKernel;

        private readonly Action<KernelConfig, ArrayView<float>, ArrayView<NoiseGridScale>, ArrayView<KnotWeight>, KnotMergePlan,
            ArrayView<ShiftKnot>> shiftKernel;

        /// <summary>Makes the kernels launchable.</summary>
        public Launcher(KernelLoader loader)
        {
            ArgumentNullException.ThrowIfNull(loader);
            fieldKernel = loader.Load<ArrayView<float>, ArrayView<NoiseGridScale>, ArrayView<KnotWeight>, KnotMergePlan,
                ArrayView<FieldCell>>(FieldKernel);
            shiftKernel = loader.Load<ArrayView<float>, ArrayView<NoiseGridScale>, ArrayView<KnotWeight>, KnotMergePlan,
                ArrayView<ShiftKnot>>(ShiftKernel);
        }

        /// <summary>Merges the label fields of every sample.</summary>
        /// <param name="grid">Their grid.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="nodes">Coarse nodes, [sample][element]; may be longer.</param>
        /// <param name="scales">Scales of the coarse grids; one entry that is not read where there are none.</param>
        /// <param name="weights"><see cref="FieldGrid.Weights"/> on the device; one entry that is not read where there are
        /// none.</param>
        /// <param name="cells">Written; may be longer.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Fields(
            FieldGrid grid,
            int samples,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            ArrayView<KnotWeight> weights,
            ArrayView<FieldCell> cells)
        {
            ArgumentNullException.ThrowIfNull(grid);
            var plan = new KnotMergePlan(grid);
            LaunchCheck.AtLeast(cells.Length, (long)samples * plan.Cells, nameof(cells));
            fieldKernel(Config(plan, grid.Layout, samples, nodes, scales, weights, grid.Weights.Length), nodes, scales, weights,
                plan, cells);
        }

        /// <summary>Merges the displacements of every sample.</summary>
        /// <param name="grid">Their grid.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="nodes">Coarse nodes in voxels, [sample][element]; may be longer.</param>
        /// <param name="scales">Scales of the coarse grids; one entry that is not read where there are none.</param>
        /// <param name="weights"><see cref="ShiftGrid.Weights"/> on the device.</param>
        /// <param name="cells">Written; may be longer.</param>
        /// <exception cref="ArgumentException">A view is too short.</exception>
        public void Shifts(
            ShiftGrid grid,
            int samples,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            ArrayView<KnotWeight> weights,
            ArrayView<ShiftKnot> cells)
        {
            ArgumentNullException.ThrowIfNull(grid);
            var plan = new KnotMergePlan(grid);
            LaunchCheck.AtLeast(cells.Length, (long)samples * plan.Cells, nameof(cells));
            shiftKernel(Config(plan, grid.Layout, samples, nodes, scales, weights, grid.Weights.Length), nodes, scales, weights,
                plan, cells);
        }

        private static KernelConfig Config(
            KnotMergePlan plan,
            NoiseGridLayout layout,
            int samples,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            ArrayView<KnotWeight> weights,
            int weightCount)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            LaunchCheck.AtLeast(nodes.Length, (long)samples * layout.Length, nameof(nodes));
            LaunchCheck.AtLeast(scales.Length, layout.ScaleCount, nameof(scales));
            LaunchCheck.AtLeast(weights.Length, weightCount, nameof(weights));
            return BatchGrid.Of(plan.Threads, samples);
        }

        internal static int Chunks(int cells) => (cells + CellsPerThread - 1) / CellsPerThread;
    }
}

/// <summary>Sizes of a merge, as a device sees them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct KnotMergePlan
{
    public readonly int Threads;
    public readonly int Chunks;
    public readonly int Scales;
    public readonly int Nodes;
    public readonly int Cells;
    public readonly int CountZ;
    public readonly int CountY;
    public readonly int CountX;
    public readonly int CellsY;
    public readonly int CellsX;
    public readonly int Labels;
    public readonly int Dimensions;
    public readonly float StretchZ;
    public readonly float StretchY;
    public readonly float StretchX;

    public KnotMergePlan(FieldGrid grid)
        : this(grid.Layout, grid.Z, grid.Y, grid.X)
    {
        Labels = grid.Layout.Channels;
        Cells = grid.Plan.Cells;
        CellsY = grid.CellsY;
        CellsX = grid.CellsX;
        Chunks = KnotMerge.Launcher.Chunks(CellsX);
        Threads = checked(Labels * CountZ * CellsY * Chunks);
    }

    public KnotMergePlan(ShiftGrid grid)
        : this(grid.Layout, grid.Z, grid.Y, grid.X)
    {
        Labels = grid.Labels;
        Cells = grid.Cells;
        CellsX = grid.CellsX;
        Chunks = KnotMerge.Launcher.Chunks(CellsX);
        Threads = checked(CountZ * CountY * Labels * 3 * Chunks);
        (StretchZ, StretchY, StretchX) = (grid.StretchZ, grid.StretchY, grid.StretchX);
    }

    private KnotMergePlan(NoiseGridLayout layout, KnotAxis z, KnotAxis y, KnotAxis x)
    {
        Scales = layout.ScaleCount;
        Nodes = layout.Length;
        (CountZ, CountY, CountX) = (z.Count, y.Count, x.Count);
        Dimensions = layout.Shape.Dimensions;
    }
}
