using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// ShiftedLabels: the labels of a batch, voxel for voxel at displaced places (ShiftGrid); what stands there is the source's.
//   A group takes some whole rows of a plane, a few at a time: it lerps the displacements of all labels to these rows in shared memory, then
//   each thread takes voxels at distances of 256. Where not even one row of all labels fits the shared memory, the displacements are lerped
//   per voxel.
// label: byte[sample][D,H,W], written once. 1 B/voxel, and what the source reads.

/// <summary>What label stands at a displaced place.</summary>
/// <typeparam name="TSelf">The source itself.</typeparam>
internal interface ILabelSource<TSelf>
    where TSelf : struct, ILabelSource<TSelf>
{
    /// <summary>The source with the numbers of a sample.</summary>
    /// <param name="source">The source as an argument of the kernel.</param>
    /// <param name="plan">The displacements.</param>
    /// <param name="sample">The sample's place in the batch.</param>
    static abstract TSelf Load(TSelf source, ShiftPlan plan, int sample);

    /// <summary>The label of a voxel of rows that are in shared memory.</summary>
    /// <param name="loaded">From <see cref="Load"/>.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="plan">The displacements.</param>
    /// <param name="at">The voxel's cell in its row, of label 0.</param>
    /// <param name="t">How far the voxel is within it.</param>
    /// <param name="x">The voxel along x.</param>
    static abstract int Staged(in TSelf loaded, StagedRows rows, ShiftPlan plan, int at, float t, int x);

    /// <summary>The label of a voxel whose displacements are lerped here.</summary>
    /// <param name="loaded">From <see cref="Load"/>.</param>
    /// <param name="shifts">The sample's displacements.</param>
    /// <param name="plan">Their layout.</param>
    /// <param name="place">The voxel.</param>
    static abstract int Direct(in TSelf loaded, ArrayView<ShiftKnot> shifts, ShiftPlan plan, DirectPlace place);
}

/// <summary>A voxel and its place in a <see cref="ShiftGrid"/>.</summary>
internal readonly struct DirectPlace(int z, int y, int x, ShiftPlace alongZ, ShiftPlace alongY, ShiftPlace alongX)
{
    public readonly int Z = z;
    public readonly int Y = y;
    public readonly int X = x;
    public readonly ShiftPlace AlongZ = alongZ;
    public readonly ShiftPlace AlongY = alongY;
    public readonly ShiftPlace AlongX = alongX;

    /// <summary>Its cell, of label 0.</summary>
    public int Cell => AlongZ.Offset + AlongY.Offset + AlongX.Offset;
}

/// <summary>One group for some rows of a plane of the sample Grid.IdxY, as many at a time as its shared memory holds.</summary>
internal readonly struct StagedLabels<TSource>(
    ArrayView<ShiftKnot> shifts, ArrayView<ShiftPlace> places, ShiftPlan plan, TSource source, ArrayView<byte> labelDHW) : ILabelKernel
    where TSource : struct, ILabelSource<TSource>
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
        TSource loaded = TSource.Load(source, plan, sample);
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
                int label = TSource.Staged(in loaded, shared, plan, (row * plan.Columns) + column.Offset, column.T, x);
                to[((turn + row) * plan.Width) + x] = (byte)label;
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

/// <summary>The same without shared memory.</summary>
internal readonly struct DirectLabels<TSource>(
    ArrayView<ShiftKnot> shifts, ArrayView<ShiftPlace> places, ShiftPlan plan, TSource source, ArrayView<byte> labelDHW) : ILabelKernel
    where TSource : struct, ILabelSource<TSource>
{
    /// <inheritdoc/>
    public void Execute()
    {
        int plane = (int)((uint)Grid.IdxX / (uint)plan.GroupsPerPlane);
        int firstRow = (Grid.IdxX - (plane * plan.GroupsPerPlane)) * plan.RowsPerGroup;
        int rows = KernelMath.Min(plan.RowsPerGroup, plan.Height - firstRow);
        int sample = Grid.IdxY;
        ArrayView<ShiftKnot> own = shifts.SubView((long)sample * plan.Cells, plan.Cells);
        TSource loaded = TSource.Load(source, plan, sample);
        ArrayView<byte> to = labelDHW.SubView(plan.FirstVoxel(sample, plane, firstRow), (long)rows * plan.Width);
        ShiftPlace alongZ = places[plane];
        for (int voxel = Group.IdxX; voxel < rows * plan.Width; voxel += KernelLoader.GroupSize)
        {
            int row = voxel / plan.Width;
            int x = voxel - (row * plan.Width);
            int y = firstRow + row;
            ShiftPlace alongY = places[plan.Depth + y];
            ShiftPlace alongX = places[plan.Depth + plan.Height + x];
            to[voxel] = (byte)TSource.Direct(in loaded, own, plan, new DirectPlace(plane, y, x, alongZ, alongY, alongX));
        }
    }
}

/// <summary>Launches the labels of a batch.</summary>
/// <typeparam name="TSource">What label stands at a displaced place.</typeparam>
internal sealed class ShiftedLabels<TSource>
    where TSource : struct, ILabelSource<TSource>
{
    private readonly LabelLaunch<StagedLabels<TSource>> staged;
    private readonly LabelLaunch<DirectLabels<TSource>> direct;

    /// <summary>Makes the kernels launchable.</summary>
    /// <param name="loader">Loads them.</param>
    /// <param name="isGated">Whether some samples are without the anatomy and keep the labels that they have.</param>
    public ShiftedLabels(KernelLoader loader, bool isGated)
    {
        ArgumentNullException.ThrowIfNull(loader);
        staged = new(loader, isGated);
        direct = new(loader, isGated);
    }

    /// <summary>Writes the label of every voxel of every sample.</summary>
    /// <param name="grid">Grid of the displacements.</param>
    /// <param name="samples">Samples of the batch.</param>
    /// <param name="shifts">Merged displacements, [sample][cell]; may be longer.</param>
    /// <param name="places"><see cref="ShiftGrid.Places"/> on the device.</param>
    /// <param name="source">What label stands at a displaced place.</param>
    /// <param name="labelDHW">Written: labels [sample][D, H, W]; may be longer.</param>
    /// <param name="gate">Which samples have the anatomy; not read of a launcher that is not gated.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public void Run(
        ShiftGrid grid,
        int samples,
        ArrayView<ShiftKnot> shifts,
        ArrayView<ShiftPlace> places,
        TSource source,
        ArrayView<byte> labelDHW,
        SampleGate gate)
    {
        LaunchCheck.AtLeast(shifts.Length, (long)samples * grid.Cells, nameof(shifts));
        LaunchCheck.AtLeast(places.Length, grid.Places.Length, nameof(places));
        LaunchCheck.AtLeast(labelDHW.Length, samples * grid.Shape.VoxelCount, nameof(labelDHW));
        KernelConfig config = BatchGrid.OfGroups(grid.Groups, samples, KernelLoader.GroupSize);
        if (grid.FitsShared)
        {
            staged.Run(config, new(shifts, places, grid.Plan, source, labelDHW), samples, gate);
        }
        else
        {
            direct.Run(config, new(shifts, places, grid.Plan, source, labelDHW), samples, gate);
        }
    }
}
