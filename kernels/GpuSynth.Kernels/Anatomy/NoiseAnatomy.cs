using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// NoiseAnatomy: label(x) = argmax over k of P[k](p'),  p' = (x + F[k](x)) S / (S - 1) - 1/2,  P zero outside the volume,
// the lowest k wins a tie. P and F are sums of corner-aligned coarse grids.
//   merge:  the coarse grids of one channel become one grid on knots (KnotAxis), once per sample: some 20^3 knots per channel.
//   argmax: one thread per voxel. Per label d + 1 trilinear reads of merged grids, 8 values each: 256 reads for 8 labels in 3D,
//           all from a few hundred kilobytes that stay in the cache; 1 B/voxel is written. Nothing of full size is ever stored.
// knots: float[channel][z][y][x]; label: byte[D,H,W].
// Labels: the same on every device away from ties. Reference: NoiseAnatomy.Reference.cs. Source: RaSD, anatomy steps 1 to 4.
public static partial class NoiseAnatomy
{
    /// <summary>One knot of a merged grid: the sum over scales of the coarse grids at its position, 0 on the border.</summary>
    /// <param name="nodes">Coarse grids.</param>
    /// <param name="scales">Their scales.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="z">Position along z in voxels.</param>
    /// <param name="y">Position along y in voxels.</param>
    /// <param name="x">Position along x in voxels.</param>
    /// <param name="layout">Sizes.</param>
    public static float Knot(
        ArrayView<float> nodes, ArrayView<NoiseGridScale> scales, int channel, float z, float y, float x,
        NoiseAnatomyLayout layout)
    {
        bool inside = z >= 0f && z <= layout.Depth - 1 && y >= 0f && y <= layout.Height - 1 && x >= 0f && x <= layout.Width - 1;
        return inside ? NoiseField.SumAtPosition(nodes, scales, channel, z, y, x) : 0f;
    }

    /// <summary>A merged grid at a position: trilinear within the cell, held at its outermost knots.</summary>
    /// <param name="knots">Merged grids.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="span">Sizes of the grid.</param>
    /// <param name="positions">Table of positions.</param>
    /// <param name="cells">Table of cells.</param>
    /// <param name="z">Position along z in voxels.</param>
    /// <param name="y">Position along y in voxels.</param>
    /// <param name="x">Position along x in voxels.</param>
    public static float Sample(
        ArrayView<float> knots, int channel, KnotSpan span, ArrayView<float> positions, ArrayView<int> cells, float z, float y,
        float x)
    {
        int tableZ = span.PositionOffset;
        int tableY = tableZ + (2 * span.CountZ);
        int tableX = tableY + (2 * span.CountY);
        float atZ = Clamp(z, span.FirstZ, span.CellsZ);
        float atY = Clamp(y, span.FirstY, span.CellsY);
        float atX = Clamp(x, span.FirstX, span.CellsX);
        int z0 = cells[span.CellOffset + (int)(atZ - span.FirstZ)];
        int y0 = cells[span.CellOffset + span.CellsZ + (int)(atY - span.FirstY)];
        int x0 = cells[span.CellOffset + span.CellsZ + span.CellsY + (int)(atX - span.FirstX)];
        float tz = (atZ - positions[tableZ + z0]) * positions[tableZ + span.CountZ + z0];
        float ty = (atY - positions[tableY + y0]) * positions[tableY + span.CountY + y0];
        float tx = (atX - positions[tableX + x0]) * positions[tableX + span.CountX + x0];
        int stepX = x0 + 1 < span.CountX ? 1 : 0;
        int stepY = y0 + 1 < span.CountY ? span.CountX : 0;
        int stepZ = z0 + 1 < span.CountZ ? span.CountY * span.CountX : 0;
        int corner = (((((channel * span.CountZ) + z0) * span.CountY) + y0) * span.CountX) + x0;
        int above = corner + stepZ;
        float v00 = NoiseField.Linear(knots[corner], knots[corner + stepX], tx);
        float v01 = NoiseField.Linear(knots[corner + stepY], knots[corner + stepY + stepX], tx);
        float v10 = NoiseField.Linear(knots[above], knots[above + stepX], tx);
        float v11 = NoiseField.Linear(knots[above + stepY], knots[above + stepY + stepX], tx);
        return NoiseField.Linear(NoiseField.Linear(v00, v01, ty), NoiseField.Linear(v10, v11, ty), tz);
    }

    /// <summary>W[k] at a voxel: the field of label k, sampled at the displaced position.</summary>
    /// <param name="label">The label k.</param>
    /// <param name="z">Voxel along z.</param>
    /// <param name="y">Voxel along y.</param>
    /// <param name="x">Voxel along x.</param>
    /// <param name="fieldKnots">Merged label fields.</param>
    /// <param name="displacementKnots">Merged displacements in voxels.</param>
    /// <param name="positions">Table of positions.</param>
    /// <param name="cells">Table of cells.</param>
    /// <param name="layout">Sizes.</param>
    public static float Score(
        int label,
        int z,
        int y,
        int x,
        ArrayView<float> fieldKnots,
        ArrayView<float> displacementKnots,
        ArrayView<float> positions,
        ArrayView<int> cells,
        NoiseAnatomyLayout layout)
    {
        float shiftZ = 0f;
        float shiftY = 0f;
        float shiftX = 0f;
        if (layout.HasDisplacement != 0)
        {
            int last = (label * layout.Dimensions) + layout.Dimensions - 1;
            shiftX = Sample(displacementKnots, last, layout.Displacement, positions, cells, z, y, x);
            shiftY = Sample(displacementKnots, last - 1, layout.Displacement, positions, cells, z, y, x);
            if (layout.Dimensions == 3)
            {
                shiftZ = Sample(displacementKnots, last - 2, layout.Displacement, positions, cells, z, y, x);
            }
        }

        return Sample(
            fieldKnots,
            label,
            layout.Field,
            positions,
            cells,
            Slipped(z, shiftZ, layout.Depth),
            Slipped(y, shiftY, layout.Height),
            Slipped(x, shiftX, layout.Width));
    }

    /// <summary>The label of a voxel: argmax over the labels' scores, the lowest label at a tie.</summary>
    /// <param name="z">Voxel along z.</param>
    /// <param name="y">Voxel along y.</param>
    /// <param name="x">Voxel along x.</param>
    /// <param name="fieldKnots">Merged label fields.</param>
    /// <param name="displacementKnots">Merged displacements in voxels.</param>
    /// <param name="positions">Table of positions.</param>
    /// <param name="cells">Table of cells.</param>
    /// <param name="layout">Sizes.</param>
    public static byte Voxel(
        int z,
        int y,
        int x,
        ArrayView<float> fieldKnots,
        ArrayView<float> displacementKnots,
        ArrayView<float> positions,
        ArrayView<int> cells,
        NoiseAnatomyLayout layout)
    {
        int winner = 0;
        float best = Score(0, z, y, x, fieldKnots, displacementKnots, positions, cells, layout);
        for (int label = 1; label < layout.Labels; label++)
        {
            float score = Score(label, z, y, x, fieldKnots, displacementKnots, positions, cells, layout);
            winner = score > best ? label : winner;
            best = score > best ? score : best;
        }

        return (byte)winner;
    }

    /// <summary>p' = p S / (S - 1) - 1/2 at p = voxel + shift, the large term kept apart from the small ones; 0 on an axis of one
    /// voxel.</summary>
    public static float Slipped(int voxel, float shift, int length)
    {
        float slip = ((voxel + shift) / KernelMath.Max(1, length - 1)) - 0.5f;
        return length == 1 ? 0f : voxel + (shift + slip);
    }

    private static float Clamp(float position, int first, int count) =>
        KernelMath.Min(KernelMath.Max(position, first), first + count - 1);

    // One thread per knot of every channel.
    internal static void MergeKernel(
        Index1D knot,
        ArrayView<float> nodes,
        ArrayView<NoiseGridScale> scales,
        ArrayView<float> positions,
        ArrayView<float> knots,
        KnotSpan span,
        NoiseAnatomyLayout layout)
    {
        int row = knot.X / span.CountX;
        int plane = row / span.CountY;
        int x = knot.X - (row * span.CountX);
        int y = row - (plane * span.CountY);
        int channel = plane / span.CountZ;
        int z = plane - (channel * span.CountZ);
        int tableY = span.PositionOffset + (2 * span.CountZ);
        int tableX = tableY + (2 * span.CountY);
        knots[knot] = Knot(
            nodes, scales, channel, positions[span.PositionOffset + z], positions[tableY + y], positions[tableX + x], layout);
    }

    // One thread per voxel.
    internal static void LabelKernel(
        Index1D voxel,
        ArrayView<float> fieldKnots,
        ArrayView<float> displacementKnots,
        ArrayView<float> positions,
        ArrayView<int> cells,
        NoiseAnatomyLayout layout,
        ArrayView<byte> labelDHW)
    {
        int row = voxel.X / layout.Width;
        int x = voxel.X - (row * layout.Width);
        int z = row / layout.Height;
        int y = row - (z * layout.Height);
        labelDHW[voxel] = Voxel(z, y, x, fieldKnots, displacementKnots, positions, cells, layout);
    }

    /// <summary>The noise-field anatomy on a device.</summary>
    public sealed class Launcher
    {
        private readonly Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<NoiseGridScale>, ArrayView<float>,
            ArrayView<float>, KnotSpan, NoiseAnatomyLayout> mergeKernel;

        private readonly Action<AcceleratorStream, Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<int>,
            NoiseAnatomyLayout, ArrayView<byte>> labelKernel;

        /// <summary>Compiles the kernels for an accelerator.</summary>
        public Launcher(Accelerator accelerator)
        {
            mergeKernel = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<NoiseGridScale>,
                ArrayView<float>, ArrayView<float>, KnotSpan, NoiseAnatomyLayout>(MergeKernel);
            labelKernel = accelerator.LoadAutoGroupedKernel<Index1D, ArrayView<float>, ArrayView<float>, ArrayView<float>,
                ArrayView<int>, NoiseAnatomyLayout, ArrayView<byte>>(LabelKernel);
        }

        /// <summary>Merges the label fields.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="tables">Tables of the shape.</param>
        /// <param name="positions"><see cref="NoiseAnatomyTables.Positions"/> on the device.</param>
        /// <param name="nodes">Coarse nodes of the fields, already scaled.</param>
        /// <param name="scales">Their scales, from <see cref="NoiseField.Scales"/>.</param>
        /// <param name="knots">Written: <see cref="NoiseAnatomyTables.FieldKnots"/> floats.</param>
        /// <exception cref="ArgumentException">A length does not fit the tables.</exception>
        public void MergeFields(
            AcceleratorStream stream,
            NoiseAnatomyTables tables,
            ArrayView<float> positions,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            ArrayView<float> knots)
        {
            ArgumentNullException.ThrowIfNull(tables);
            LaunchCheck.Length(positions.Length, tables.Positions.Length, nameof(positions));
            LaunchCheck.Length(knots.Length, tables.FieldKnots, nameof(knots));
            mergeKernel(stream, tables.FieldKnots, nodes, scales, positions, knots, tables.Layout.Field, tables.Layout);
        }

        /// <summary>Merges the displacements.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="tables">Tables of the shape, built with a displacement.</param>
        /// <param name="positions"><see cref="NoiseAnatomyTables.Positions"/> on the device.</param>
        /// <param name="nodes">Coarse nodes of the displacements in voxels, already scaled.</param>
        /// <param name="scales">Their scales, from <see cref="NoiseField.Scales"/>.</param>
        /// <param name="knots">Written: <see cref="NoiseAnatomyTables.DisplacementKnots"/> floats.</param>
        /// <exception cref="ArgumentException">A length does not fit the tables, or they were built without
        /// displacement.</exception>
        public void MergeDisplacements(
            AcceleratorStream stream,
            NoiseAnatomyTables tables,
            ArrayView<float> positions,
            ArrayView<float> nodes,
            ArrayView<NoiseGridScale> scales,
            ArrayView<float> knots)
        {
            ArgumentNullException.ThrowIfNull(tables);
            LaunchCheck.AtLeast(tables.DisplacementKnots, 1, nameof(tables));
            LaunchCheck.Length(positions.Length, tables.Positions.Length, nameof(positions));
            LaunchCheck.Length(knots.Length, tables.DisplacementKnots, nameof(knots));
            mergeKernel(stream, tables.DisplacementKnots, nodes, scales, positions, knots, tables.Layout.Displacement,
                tables.Layout);
        }

        /// <summary>Writes the label of every voxel.</summary>
        /// <param name="stream">Stream to launch on; nothing is waited for.</param>
        /// <param name="tables">Tables of the shape.</param>
        /// <param name="positions"><see cref="NoiseAnatomyTables.Positions"/> on the device.</param>
        /// <param name="cells"><see cref="NoiseAnatomyTables.Cells"/> on the device.</param>
        /// <param name="fieldKnots">Merged label fields.</param>
        /// <param name="displacementKnots">Merged displacements; one float that is not read without displacement.</param>
        /// <param name="labelDHW">Labels [D, H, W], written.</param>
        /// <exception cref="ArgumentException">A length does not fit the tables.</exception>
        public void Run(
            AcceleratorStream stream,
            NoiseAnatomyTables tables,
            ArrayView<float> positions,
            ArrayView<int> cells,
            ArrayView<float> fieldKnots,
            ArrayView<float> displacementKnots,
            ArrayView<byte> labelDHW)
        {
            ArgumentNullException.ThrowIfNull(tables);
            LaunchCheck.Length(positions.Length, tables.Positions.Length, nameof(positions));
            LaunchCheck.Length(cells.Length, tables.Cells.Length, nameof(cells));
            LaunchCheck.Length(fieldKnots.Length, tables.FieldKnots, nameof(fieldKnots));
            LaunchCheck.AtLeast(displacementKnots.Length, tables.DisplacementKnots, nameof(displacementKnots));
            LaunchCheck.Length(labelDHW.Length, tables.Shape.VoxelCount, nameof(labelDHW));
            int extent = LaunchCheck.Extent(labelDHW.Length, nameof(labelDHW));
            labelKernel(stream, extent, fieldKnots, displacementKnots, positions, cells, tables.Layout, labelDHW);
        }
    }
}
