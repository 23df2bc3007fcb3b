using ILGPU;

namespace GpuSynth.Kernels;

// BoneKernel: the labels of a batch's bones, a voxel per thread, which asks every piece of its row whether its ball holds it (20 B and 8 operations from
//   the cache), and those whose ball does how far away it is (44 B, 30 operations). byte[sample][D,H,W], written where bone is.
// Labels: the same on every device away from ties.

/// <summary>Bones on a device: one launch over the batch; the pieces stand in the samples' rows.</summary>
internal sealed class DeviceBones(in StepPlace place) : DeviceAnatomy
{
    private readonly RowEntry entry = place.Entry;
    private readonly ShapeGrid grid = new(place.Facts.Shape);
    private LabelLaunch<BoneKernel>? labels;

    /// <inheritdoc/>
    public override void Declare(IDeviceMemory memory, int batchSize)
    {
        // Everything stands in the row.
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, IDeviceMemory memory) => labels = new(loader, entry.MayBeMissing);

    /// <inheritdoc/>
    public override void Run(in AnatomyBatch batch)
    {
        LaunchCheck.AtLeast(batch.Words.Length, (long)batch.Samples * batch.Layout.Stride, nameof(batch.Words));
        LaunchCheck.AtLeast(batch.Labels.Length, (long)batch.Samples * grid.Voxels, nameof(batch.Labels));
        var sample = new ShapeBatch(batch.Words, batch.Layout.Stride, ArrayView<float>.Empty, 0, grid, batch.Labels);
        labels!.Run(BatchGrid.Of(grid.Voxels, batch.Samples), new(sample, entry.First, entry.FirstLabel), batch.Samples, batch.GateOf(entry));
    }
}

/// <summary>A voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct BoneKernel(ShapeBatch batch, int first, int firstLabel) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        if (!batch.Voxel(out int z, out int y, out int x, out long at))
        {
            return;
        }

        Row row = batch.Row;
        Bones.Drawn drawn = Real1.Drawn<Bones.Drawn>(in row, first);
        int depth = 0;
        for (int one = 0; one < drawn.Count; one++)
        {
            BonePiece piece = Real1.Drawn<BonePiece>(in row, drawn.Pieces.First + (one * BonePiece.Words));
            if (piece.MayHold(z, y, x))
            {
                float distance = piece.Distance<Real1, Word1>(new Real1(z), new Real1(y), new Real1(x)).V;
                int own = distance < -piece.Cortex ? 2 : distance < 0f ? 1 : 0;
                depth = KernelMath.Max(depth, own);
            }
        }

        if (depth > 0)
        {
            batch.Store(at, firstLabel + depth - 1);
        }
    }
}
