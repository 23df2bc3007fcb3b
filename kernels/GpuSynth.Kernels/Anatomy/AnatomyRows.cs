using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// AnatomyRows: label(p) = argmax over k of P[k](p'),  p' = (p + F[k](p)) S / (S - 1) - 1/2,  P zero outside the volume, the
// lowest k wins a tie: NoiseAnatomy for a whole batch, from merged grids.
//   F: ShiftGrid, already as p' - 1/2 - p, so that the large term is added late: it is rounded twice at most. P: FieldGrid.
//   A group takes some whole rows of a plane, a few at a time: it lerps the displacements of all labels to these rows in shared
//   memory, then each thread takes voxels at distances of 256 and goes over the labels, the best score in a register. Per voxel and label: 2 reads
//   of 16 B and 8 B from shared memory, 3 of up to 16 B from the tables of places, 2 of 16 B from the fields; all of them from the cache.
//   Where not even one row of all labels fits the shared memory, the displacements are lerped per voxel.
// label: byte[sample][D,H,W], written once. 1 B/voxel.
// Labels: the same on every device away from ties. Reference: NoiseAnatomy.Reference.cs. Source: RaSD, anatomy steps 1 to 4.

/// <summary>The labels of a batch of noise anatomies.</summary>
public static class AnatomyRows
{
    // The field of a label at a displaced voxel of the group's rows.
    private static float Score(
        StagedRows shared,
        int at,
        float t,
        float x,
        ArrayView<FieldCell> cells,
        FieldPlan plan,
        int first,
        ArrayView<FieldPlace> placesZ,
        ArrayView<FieldPlace> placesY,
        ArrayView<FieldPlace> placesX)
    {
        ShiftPair across = shared.Across[at];
        float lowered = x + shared.Along[at].At(t);
        return FieldGrid.At(cells, plan, first, placesZ, placesY, placesX, across.Z.At(t), across.Y.At(t), lowered);
    }

    // One group for some rows of a plane of the sample Grid.IdxY, as many at a time as its shared memory holds.
    internal readonly struct SharedKernel(
        ArrayView<ShiftKnot> shifts,
        ArrayView<ShiftPlace> shiftPlaces,
        ArrayView<FieldCell> fields,
        ArrayView<FieldPlace> fieldPlaces,
        ShiftPlan shiftPlan,
        FieldPlan fieldPlan,
        ArrayView<byte> labelDHW) : ILabelKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            StagedRows shared;
            shared.Across = SharedMemory.Allocate<ShiftPair>(ShiftGrid.SharedCells);
            shared.Along = SharedMemory.Allocate<ShiftRamp>(ShiftGrid.SharedCells);
            int plane = (int)((uint)Grid.IdxX / (uint)shiftPlan.GroupsPerPlane);
            int firstRow = (Grid.IdxX - (plane * shiftPlan.GroupsPerPlane)) * shiftPlan.RowsPerGroup;
            int ownRows = KernelMath.Min(shiftPlan.RowsPerGroup, shiftPlan.Height - firstRow);
            long sample = Grid.IdxY;
            ArrayView<ShiftKnot> own = shifts.SubView(sample * shiftPlan.Cells, shiftPlan.Cells);
            ArrayView<FieldCell> cells = fields.SubView(sample * fieldPlan.Cells, fieldPlan.Cells);
            ArrayView<FieldPlace> placesY = fieldPlaces.SubView(fieldPlan.LastZ + 1);
            ArrayView<FieldPlace> placesX = placesY.SubView(fieldPlan.LastY + 1);
            ArrayView<ShiftPlace> columns = shiftPlaces.SubView(shiftPlan.Depth + shiftPlan.Height);
            ArrayView<byte> to = labelDHW.SubView(shiftPlan.FirstVoxel(sample, plane, firstRow), (long)ownRows * shiftPlan.Width);
            int rowOfThread = shiftPlan.RowOfThread(Group.IdxX);
            int xOfThread = Group.IdxX - (rowOfThread * shiftPlan.Width);
            for (int turn = 0; turn < ownRows; turn += shiftPlan.RowsPerTurn)
            {
                int rows = KernelMath.Min(shiftPlan.RowsPerTurn, ownRows - turn);
                ShiftGrid.StageRows(own, shiftPlaces, shiftPlan, plane, firstRow + turn, rows, shared);
                Group.Barrier();
                int row = rowOfThread;
                int x = xOfThread;
                while (row < rows)
                {
                    ShiftPlace column = columns[x];
                    float atX = x;
                    int at = (row * shiftPlan.Columns) + column.Offset;
                    int first = 0;
                    int winner = 0;
                    int label = 0;
                    float best = float.NegativeInfinity;

                    // Two labels at a time: the reads of one wait while the other is worked on.
                    for (; label + 1 < fieldPlan.Labels; label += 2)
                    {
                        float score = Score(shared, at, column.T, atX, cells, fieldPlan, first, fieldPlaces, placesY, placesX);
                        float next = Score(
                            shared, at + shiftPlan.CellsX, column.T, atX, cells, fieldPlan, first + fieldPlan.CellsPerLabel,
                            fieldPlaces, placesY, placesX);
                        winner = score > best ? label : winner;
                        best = score > best ? score : best;
                        winner = next > best ? label + 1 : winner;
                        best = next > best ? next : best;
                        at += 2 * shiftPlan.CellsX;
                        first += 2 * fieldPlan.CellsPerLabel;
                    }

                    if (label < fieldPlan.Labels)
                    {
                        float score = Score(shared, at, column.T, atX, cells, fieldPlan, first, fieldPlaces, placesY, placesX);
                        winner = score > best ? label : winner;
                    }

                    to[((turn + row) * shiftPlan.Width) + x] = (byte)winner;
                    row += shiftPlan.RowStride;
                    x += shiftPlan.VoxelStride;
                    if (x >= shiftPlan.Width)
                    {
                        x -= shiftPlan.Width;
                        row++;
                    }
                }

                // Nobody writes the next rows before all have read these.
                Group.Barrier();
            }
        }
    }

    // The same without shared memory.
    internal readonly struct DirectKernel(
        ArrayView<ShiftKnot> shifts,
        ArrayView<ShiftPlace> shiftPlaces,
        ArrayView<FieldCell> fields,
        ArrayView<FieldPlace> fieldPlaces,
        ShiftPlan shiftPlan,
        FieldPlan fieldPlan,
        ArrayView<byte> labelDHW) : ILabelKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int plane = (int)((uint)Grid.IdxX / (uint)shiftPlan.GroupsPerPlane);
            int firstRow = (Grid.IdxX - (plane * shiftPlan.GroupsPerPlane)) * shiftPlan.RowsPerGroup;
            int rows = KernelMath.Min(shiftPlan.RowsPerGroup, shiftPlan.Height - firstRow);
            long sample = Grid.IdxY;
            ArrayView<ShiftKnot> own = shifts.SubView(sample * shiftPlan.Cells, shiftPlan.Cells);
            ArrayView<FieldCell> cells = fields.SubView(sample * fieldPlan.Cells, fieldPlan.Cells);
            ArrayView<FieldPlace> placesY = fieldPlaces.SubView(fieldPlan.LastZ + 1);
            ArrayView<FieldPlace> placesX = placesY.SubView(fieldPlan.LastY + 1);
            ArrayView<byte> to = labelDHW.SubView(shiftPlan.FirstVoxel(sample, plane, firstRow), (long)rows * shiftPlan.Width);
            ShiftPlace alongZ = shiftPlaces[plane];
            for (int voxel = Group.IdxX; voxel < rows * shiftPlan.Width; voxel += KernelLoader.GroupSize)
            {
                int row = voxel / shiftPlan.Width;
                int x = voxel - (row * shiftPlan.Width);
                int y = firstRow + row;
                ShiftPlace alongY = shiftPlaces[shiftPlan.Depth + y];
                ShiftPlace alongX = shiftPlaces[shiftPlan.Depth + shiftPlan.Height + x];
                int at = alongZ.Offset + alongY.Offset + alongX.Offset;
                int first = 0;
                int winner = 0;
                float best = float.NegativeInfinity;
                for (int label = 0; label < fieldPlan.Labels; label++)
                {
                    ShiftCell shift = ShiftGrid.Cell(own, shiftPlan, at, alongZ.T, alongY.T);
                    float score = FieldGrid.At(
                        cells, fieldPlan, first, fieldPlaces, placesY, placesX,
                        plane + shift.Z.At(alongX.T), y + shift.Y.At(alongX.T), x + shift.X.At(alongX.T));
                    winner = score > best ? label : winner;
                    best = score > best ? score : best;
                    at += shiftPlan.CellsX;
                    first += fieldPlan.CellsPerLabel;
                }

                to[voxel] = (byte)winner;
            }
        }
    }

    /// <summary>Launches the labels of a batch.</summary>
    public sealed class Launcher
    {
        private readonly LabelLaunch<SharedKernel> sharedKernel;
        private readonly LabelLaunch<DirectKernel> directKernel;

        /// <summary>Makes the kernels launchable.</summary>
        /// <param name="loader">Loads them.</param>
        /// <param name="isGated">Whether some samples are without the anatomy and keep the labels that they have.</param>
        public Launcher(KernelLoader loader, bool isGated = false)
        {
            ArgumentNullException.ThrowIfNull(loader);
            sharedKernel = new(loader, isGated);
            directKernel = new(loader, isGated);
        }

        /// <summary>Writes the label of every voxel of every sample.</summary>
        /// <param name="shiftGrid">Grid of the displacements, one per label, with slips.</param>
        /// <param name="fieldGrid">Grid of the label fields.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="shifts">Merged displacements, [sample][cell]; may be longer.</param>
        /// <param name="shiftPlaces"><see cref="ShiftGrid.Places"/> on the device.</param>
        /// <param name="fields">Merged fields, [sample][cell]; may be longer.</param>
        /// <param name="fieldPlaces"><see cref="FieldGrid.Places"/> on the device.</param>
        /// <param name="labelDHW">Written: labels [sample][D, H, W]; may be longer.</param>
        /// <param name="gate">Which samples have the anatomy; not read of a launcher that is not gated.</param>
        /// <exception cref="ArgumentException">The grids are of different shapes or labels, or a view is too short.</exception>
        public void Run(
            ShiftGrid shiftGrid,
            FieldGrid fieldGrid,
            int samples,
            ArrayView<ShiftKnot> shifts,
            ArrayView<ShiftPlace> shiftPlaces,
            ArrayView<FieldCell> fields,
            ArrayView<FieldPlace> fieldPlaces,
            ArrayView<byte> labelDHW,
            SampleGate gate = default)
        {
            ArgumentNullException.ThrowIfNull(shiftGrid);
            ArgumentNullException.ThrowIfNull(fieldGrid);
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            if (shiftGrid.Shape != fieldGrid.Layout.Shape || shiftGrid.Labels != fieldGrid.Layout.Channels)
            {
                throw new ArgumentException(
                    $"The displacements are {shiftGrid.Labels} of {shiftGrid.Shape}, expected {fieldGrid.Layout.Channels} of "
                    + $"{fieldGrid.Layout.Shape}: one per label.", nameof(shiftGrid));
            }

            LaunchCheck.AtLeast(shifts.Length, (long)samples * shiftGrid.Cells, nameof(shifts));
            LaunchCheck.AtLeast(shiftPlaces.Length, shiftGrid.Places.Length, nameof(shiftPlaces));
            LaunchCheck.AtLeast(fields.Length, (long)samples * fieldGrid.Plan.Cells, nameof(fields));
            LaunchCheck.AtLeast(fieldPlaces.Length, fieldGrid.Places.Length, nameof(fieldPlaces));
            LaunchCheck.AtLeast(labelDHW.Length, samples * shiftGrid.Shape.VoxelCount, nameof(labelDHW));
            KernelConfig config = BatchGrid.OfGroups(shiftGrid.Groups, samples, KernelLoader.GroupSize);
            ShiftPlan shiftPlan = shiftGrid.Plan;
            FieldPlan fieldPlan = fieldGrid.Plan;
            if (shiftGrid.FitsShared)
            {
                sharedKernel.Run(config, new(shifts, shiftPlaces, fields, fieldPlaces, shiftPlan, fieldPlan, labelDHW), samples, gate);
            }
            else
            {
                directKernel.Run(config, new(shifts, shiftPlaces, fields, fieldPlaces, shiftPlan, fieldPlan, labelDHW), samples, gate);
            }
        }
    }
}
