using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// An anatomy inside labels of those before it, on a device: it is drawn beside the labels of the batch, and put where it belongs by a launch more.
/// </summary>
internal sealed class DeviceInnerAnatomy(DeviceAnatomy own, InnerLabels labels, RowEntry entry, VolumeShape shape) : DeviceAnatomy
{
    private readonly int voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
    private int drawnPiece;
    private int tablePiece;
    private ArrayView<byte> drawn;
    private ArrayView<byte> table;
    private LabelLaunch<PutInside>? launch;

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        own.Declare(memory, batchSize);
        drawnPiece = memory.DeclareShared<byte>("labels beside", checked((long)batchSize * voxels), "labels that are put inside others");
        tablePiece = memory.Declare<byte>($"labels inside, {entry.Name}", LabelTables.Most, "which labels lie inside which");
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        own.Start(loader, memory);
        drawn = memory.View<byte>(drawnPiece);
        table = memory.View<byte>(tablePiece);
        memory.Upload<byte>(labels.FirstInside(), table);
        launch = new LabelLaunch<PutInside>(loader, entry.MayBeMissing);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        ArrayView<byte> beside = drawn.SubView(0, (long)batch.Samples * voxels);
        own.Run(batch with { Labels = beside });
        var kernel = new PutInside(beside, table, batch.Labels, voxels);
        launch!.Run(BatchGrid.Of(voxels, batch.Samples), kernel, batch.Samples, batch.GateOf(entry));
    }
}

// label = first[label] + drawn where first[label] > 0. byte[B][D,H,W] both; 3 B/voxel. Labels: the same on every device.

/// <summary>Puts labels inside others: a voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct PutInside(ArrayView<byte> drawn, ArrayView<byte> first, ArrayView<byte> labels, int voxels) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (voxel < voxels)
        {
            long at = ((long)Grid.IdxY * voxels) + voxel;
            int inside = first[(int)labels[at]];
            if (inside != 0)
            {
                labels[at] = (byte)(inside + drawn[at]);
            }
        }
    }
}
