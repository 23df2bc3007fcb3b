using ILGPU;

namespace GpuSynth.Kernels;

// ChangedLabels: label = table[label], a table of floats in each sample's row. byte[B][D,H,W], in place; 2 B/voxel.
// Labels: the same on every device. On the host: ByteTable.

/// <summary>Operations on labels on a device: a launch over the labels, and one more that renames them when all intensities are made.</summary>
/// <param name="component">The component.</param>
/// <param name="place">Where it stands.</param>
internal sealed class DeviceLabelOps(LabelOps component, in StepPlace place) : DeviceAnatomy
{
    private readonly RowEntry entry = place.Entry;
    private readonly int voxels = LaunchCheck.Extent(place.Facts.Shape.VoxelCount, nameof(place));
    private readonly int labelCount = place.Facts.LabelCount;
    private readonly int nameCount = LabelOps.CountOf(place.Entry.FirstLabel, place.Facts);
    private LabelLaunch<ChangedLabels>? launch;

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        // Everything stands in the row.
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory) => launch = new(loader, entry.MayBeMissing);

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        if (component.Changes)
        {
            Launch(in batch, entry.Lists + (2 * nameCount), labelCount);
        }
    }

    /// <inheritdoc/>
    public override void RunNames(in AnatomyBatch batch)
    {
        if (component.Renames)
        {
            Launch(in batch, entry.Lists + nameCount, nameCount);
        }
    }

    private void Launch(in AnatomyBatch batch, int tableWord, int count)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch.Words));
        LaunchCheck.AtLeast(batch.Labels.Length, (long)batch.Samples * voxels, nameof(batch.Labels));
        launch!.Run(
            BatchGrid.Of(voxels, batch.Samples),
            new ChangedLabels(batch.Words, batch.Layout.Stride, tableWord, count, batch.Labels, voxels),
            batch.Samples,
            batch.GateOf(entry));
    }
}

/// <summary>A voxel per thread, of the sample Grid.IdxY; labels from the count on stay.</summary>
internal readonly struct ChangedLabels(
    ArrayView<uint> words, int stride, int tableWord, int count, ArrayView<byte> labels, int voxels) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (voxel < voxels)
        {
            long at = ((long)Grid.IdxY * voxels) + voxel;
            int label = labels[at];
            if (label < count)
            {
                labels[at] = (byte)(int)SampleLayout.Number(words, (Grid.IdxY * stride) + tableWord + label);
            }
        }
    }
}
