using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// LabelMapRows: label(p) = map[floor(q + 1/2)],  q = M (p + F(p)) + t,  0 outside the map: LabelMapAnatomy for a whole batch,
// each sample with its own map, M and t (SampleLayout), from a merged deformation (ShiftGrid without slips).
//   A group takes some whole rows, a few at a time: it lerps the deformation to these rows in shared memory, then each thread takes voxels at
//   distances of 256. Where not even one row fits, the deformation is lerped per voxel.
//   A flipped sample's labels go through a table of their own: what was left is right.
// maps: bytes, two tables of 256 labels (each itself; exchanged), then one map [Dm,Hm,Wm] after another.
// label: byte[sample][D,H,W], written once. About 2 B/voxel.
// Labels: the same on every device away from ties. Reference: LabelMapAnatomy.Reference.cs.

/// <summary>The labels of a batch made from label maps.</summary>
public static class LabelMapRows
{
    /// <summary>Bytes of the two tables before the first map.</summary>
    public const int TableBytes = 512;

    /// <summary>The two tables: every label itself, and what it becomes in a mirror.</summary>
    /// <param name="exchange">What each of 256 labels becomes; null: itself.</param>
    public static byte[] Tables(byte[]? exchange)
    {
        byte[] tables = new byte[TableBytes];
        for (int label = 0; label < 256; label++)
        {
            tables[label] = (byte)label;
            tables[256 + label] = exchange is null ? (byte)label : exchange[label];
        }

        return tables;
    }

    // One group for some rows of a plane of the sample Grid.IdxY.
    internal readonly struct SharedKernel(
        ArrayView<uint> words,
        SampleLayout layout,
        ArrayView<ShiftKnot> shifts,
        ArrayView<ShiftPlace> places,
        ShiftPlan plan,
        ArrayView<byte> maps,
        ArrayView<byte> labelDHW) : ILabelKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            StagedRows shared;
            shared.Across = SharedMemory.Allocate<ShiftPair>(ShiftGrid.SharedCells);
            shared.Along = SharedMemory.Allocate<ShiftRamp>(ShiftGrid.SharedCells);
            int plane = (int)((uint)Grid.IdxX / (uint)plan.GroupsPerPlane);
            int firstRow = (Grid.IdxX - (plane * plan.GroupsPerPlane)) * plan.RowsPerGroup;
            int ownRows = KernelMath.Min(plan.RowsPerGroup, plan.Height - firstRow);
            int sample = Grid.IdxY;
            ArrayView<ShiftKnot> own = shifts.SubView((long)sample * plan.Cells, plan.Cells);
            int word = sample * layout.Stride;
            MapPlace place = Unsafe.As<uint, MapPlace>(ref words[word + layout.LabelMap]);
            LabelMapTransform transform = place.Transform(plan.Height, plan.Width);
            long map = place.Offset;
            int table = place.Exchange << 8;
            ArrayView<ShiftPlace> columns = places.SubView(plan.Depth + plan.Height);
            ArrayView<byte> to = labelDHW.SubView(plan.FirstVoxel(sample, plane, firstRow), (long)ownRows * plan.Width);
            int rowOfThread = plan.RowOfThread(Group.IdxX);
            int xOfThread = Group.IdxX - (rowOfThread * plan.Width);
            for (int turn = 0; turn < ownRows; turn += plan.RowsPerTurn)
            {
                int rows = KernelMath.Min(plan.RowsPerTurn, ownRows - turn);
                ShiftGrid.StageRows(own, places, plan, plane, firstRow + turn, rows, shared);
                Group.Barrier();
                int row = rowOfThread;
                int x = xOfThread;
                while (row < rows)
                {
                    ShiftPlace column = columns[x];
                    int at = (row * plan.Columns) + column.Offset;
                    ShiftPair across = shared.Across[at];
                    int index = LabelMapAnatomy.Index(
                        transform, across.Z.At(column.T), across.Y.At(column.T), x + shared.Along[at].At(column.T));
                    to[((turn + row) * plan.Width) + x] = maps[table + (index < 0 ? 0 : maps[map + index])];
                    row += plan.RowStride;
                    x += plan.VoxelStride;
                    if (x >= plan.Width)
                    {
                        x -= plan.Width;
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
        ArrayView<uint> words,
        SampleLayout layout,
        ArrayView<ShiftKnot> shifts,
        ArrayView<ShiftPlace> places,
        ShiftPlan plan,
        ArrayView<byte> maps,
        ArrayView<byte> labelDHW) : ILabelKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            int plane = (int)((uint)Grid.IdxX / (uint)plan.GroupsPerPlane);
            int firstRow = (Grid.IdxX - (plane * plan.GroupsPerPlane)) * plan.RowsPerGroup;
            int rows = KernelMath.Min(plan.RowsPerGroup, plan.Height - firstRow);
            int sample = Grid.IdxY;
            int word = sample * layout.Stride;
            MapPlace place = Unsafe.As<uint, MapPlace>(ref words[word + layout.LabelMap]);
            LabelMapTransform transform = place.Transform(plan.Height, plan.Width);
            long map = place.Offset;
            int table = place.Exchange << 8;
            ArrayView<ShiftKnot> own = shifts.SubView((long)sample * plan.Cells, plan.Cells);
            ArrayView<byte> to = labelDHW.SubView(plan.FirstVoxel(sample, plane, firstRow), (long)rows * plan.Width);
            ShiftPlace alongZ = places[plane];
            for (int voxel = Group.IdxX; voxel < rows * plan.Width; voxel += KernelLoader.GroupSize)
            {
                int row = voxel / plan.Width;
                int x = voxel - (row * plan.Width);
                int y = firstRow + row;
                ShiftPlace alongY = places[plan.Depth + y];
                ShiftPlace alongX = places[plan.Depth + plan.Height + x];
                ShiftCell shift = ShiftGrid.Cell(own, plan, alongZ.Offset + alongY.Offset + alongX.Offset, alongZ.T, alongY.T);
                int index = LabelMapAnatomy.Index(
                    transform, plane + shift.Z.At(alongX.T), y + shift.Y.At(alongX.T), x + shift.X.At(alongX.T));
                to[voxel] = maps[table + (index < 0 ? 0 : maps[map + index])];
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
        /// <param name="words">Table of the samples' words: transform, map offset and map shape.</param>
        /// <param name="layout">Where they lie.</param>
        /// <param name="grid">Grid of the deformation: one label, no slips.</param>
        /// <param name="samples">Samples of the batch.</param>
        /// <param name="shifts">Merged deformation, [sample][cell]; may be longer.</param>
        /// <param name="places"><see cref="ShiftGrid.Places"/> on the device.</param>
        /// <param name="maps">The tables of labels, and all maps, one after another.</param>
        /// <param name="labelDHW">Written: labels [sample][D, H, W]; may be longer.</param>
        /// <param name="gate">Which samples have the anatomy; not read of a launcher that is not gated.</param>
        /// <exception cref="ArgumentException">The grid has several displacements, or a view is too short.</exception>
        public void Run(
            ArrayView<uint> words,
            SampleLayout layout,
            ShiftGrid grid,
            int samples,
            ArrayView<ShiftKnot> shifts,
            ArrayView<ShiftPlace> places,
            ArrayView<byte> maps,
            ArrayView<byte> labelDHW,
            SampleGate gate = default)
        {
            ArgumentNullException.ThrowIfNull(grid);
            ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
            LaunchCheck.Length(grid.Labels, 1, nameof(grid));
            LaunchCheck.AtLeast(words.Length, (long)samples * layout.Stride, nameof(words));
            LaunchCheck.AtLeast(shifts.Length, (long)samples * grid.Cells, nameof(shifts));
            LaunchCheck.AtLeast(places.Length, grid.Places.Length, nameof(places));
            LaunchCheck.AtLeast(labelDHW.Length, samples * grid.Shape.VoxelCount, nameof(labelDHW));
            KernelConfig config = BatchGrid.OfGroups(grid.Groups, samples, KernelLoader.GroupSize);
            if (grid.FitsShared)
            {
                sharedKernel.Run(config, new(words, layout, shifts, places, grid.Plan, maps, labelDHW), samples, gate);
            }
            else
            {
                directKernel.Run(config, new(words, layout, shifts, places, grid.Plan, maps, labelDHW), samples, gate);
            }
        }
    }
}
