using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// A part inside labels of those before it, on a device: the batch's labels are copied beside, it paints as it would by itself, with the labels of the first that
/// it is drawn in, and a launch more puts these where they belong.
/// </summary>
internal sealed class DeviceInnerPart(DeviceAnatomy own, InnerLabels inner, RowEntry entry, VolumeShape shape)
    : DeviceInner(own, inner, entry, shape)
{
    private LabelLaunch<KeptLabels>? keep;
    private LabelLaunch<PutPartInside>? put;

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        base.Start(loader, memory);
        keep = new(loader, Entry.MayBeMissing);
        put = new(loader, Entry.MayBeMissing);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        ArrayView<byte> before = Beside(batch.Samples);
        SampleGate gate = batch.GateOf(Entry);
        keep!.Run(BatchGrid.Of(Voxels, batch.Samples), new(batch.Labels, before, Voxels), batch.Samples, gate);
        Own.Run(batch);
        var kernel = new PutPartInside(before, Table, batch.Labels, Voxels, Inner.First);
        put!.Run(BatchGrid.Of(Voxels, batch.Samples), kernel, batch.Samples, gate);
    }

    /// <inheritdoc/>
    protected override byte[] FirstInside() => Inner.FirstInsideRegions();
}

// Where a label is other than before, the part's n-th: first[before] + n where first[before] > 0, else what was before. byte[B][D,H,W] both; 2 to 3 B/voxel.
// Labels: the same on every device.

/// <summary>Puts what a part has painted inside others' labels: a voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct PutPartInside(ArrayView<byte> before, ArrayView<byte> first, ArrayView<byte> labels, int voxels, int firstOwn) : ILabelKernel
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
        int old = before[at];
        int own = labels[at];
        if (own != old)
        {
            int inside = first[old];
            labels[at] = (byte)(inside == 0 ? old : inside + own - firstOwn);
        }
    }
}
