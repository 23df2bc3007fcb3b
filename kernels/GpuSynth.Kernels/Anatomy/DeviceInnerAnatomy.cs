using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// An anatomy inside labels of those before it, on a device: it is drawn beside the labels of the batch, and put where it belongs by a launch more.
/// </summary>
internal sealed class DeviceInnerAnatomy(DeviceAnatomy own, InnerLabels inner, RowEntry entry, VolumeShape shape)
    : DeviceInner(own, inner, entry, shape)
{
    private LabelLaunch<PutInside>? launch;

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory)
    {
        base.Start(loader, memory);
        launch = new LabelLaunch<PutInside>(loader, Entry.MayBeMissing);
    }

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        ArrayView<byte> drawn = Beside(batch.Samples);
        Own.Run(batch with { Labels = drawn });
        var kernel = new PutInside(drawn, Table, batch.Labels, Voxels);
        launch!.Run(BatchGrid.Of(Voxels, batch.Samples), kernel, batch.Samples, batch.GateOf(Entry));
    }

    /// <inheritdoc/>
    protected override byte[] FirstInside() => Inner.FirstInside();
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
