using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// A part inside labels of those before it, on a device: the batch's labels are copied beside, it paints as it would by itself, with the labels of the first that
/// it is drawn in, and a launch more puts these where they belong.
/// </summary>
internal sealed class DeviceInnerPart(DeviceAnatomy own, InnerLabels labels, RowEntry entry, VolumeShape shape) : DeviceAnatomy
{
    private readonly int voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
    private int beforePiece;
    private int tablePiece;
    private ArrayView<byte> before;
    private ArrayView<byte> table;
    private LabelLaunch<KeepLabels>? keep;
    private LabelLaunch<PutPartInside>? put;

    /// <inheritdoc/>
    public override int FoundCount => own.FoundCount;

    /// <inheritdoc/>
    public override ArrayView<int> Found => own.Found;

    /// <inheritdoc/>
    public override void Record(ReadOnlySpan<int> found, Span<uint> row) => own.Record(found, row);

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        own.Declare(memory, batchSize);
        beforePiece = memory.DeclareShared<byte>("labels beside", checked((long)batchSize * voxels), "labels that are put inside others");
        tablePiece = memory.Declare<byte>($"labels inside, {entry.Name}", LabelTables.Most, "which labels lie inside which");
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        own.Start(loader, memory);
        before = memory.View<byte>(beforePiece);
        table = memory.View<byte>(tablePiece);
        memory.Upload<byte>(labels.FirstInsideRegions(), table);
        keep = new(loader, entry.MayBeMissing);
        put = new(loader, entry.MayBeMissing);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        ArrayView<byte> beside = before.SubView(0, (long)batch.Samples * voxels);
        SampleGate gate = batch.GateOf(entry);
        keep!.Run(BatchGrid.Of(voxels, batch.Samples), new(batch.Labels, beside, voxels), batch.Samples, gate);
        own.Run(batch);
        put!.Run(BatchGrid.Of(voxels, batch.Samples), new(beside, table, batch.Labels, voxels, labels.First, labels.OwnCount), batch.Samples, gate);
    }
}

/// <summary>Copies labels: a voxel per thread, of the sample Grid.IdxY. byte[B][D,H,W] both; 2 B/voxel.</summary>
internal readonly struct KeepLabels(ArrayView<byte> labels, ArrayView<byte> to, int voxels) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (voxel < voxels)
        {
            long at = ((long)Grid.IdxY * voxels) + voxel;
            to[at] = labels[at];
        }
    }
}

// Where a label is one of the part's own, n from the first: first[before] + n where first[before] > 0, else what was before. byte[B][D,H,W] both; 2 to 3 B/voxel.
// Labels: the same on every device.

/// <summary>Puts what a part has painted inside others' labels: a voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct PutPartInside(
    ArrayView<byte> before, ArrayView<byte> first, ArrayView<byte> labels, int voxels, int firstOwn, int ownCount) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (voxel >= voxels)
        {
            return;
        }

        long at = ((long)Grid.IdxY * voxels) + voxel;
        int label = labels[at] - firstOwn;
        if (label >= 0 && label < ownCount)
        {
            int old = before[at];
            int inside = first[old];
            labels[at] = (byte)(inside == 0 ? old : inside + label);
        }
    }
}
