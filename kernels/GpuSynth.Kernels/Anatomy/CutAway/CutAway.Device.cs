using ILGPU;

namespace GpuSynth.Kernels;

// CutAwayKernel: the labels of a batch where nothing is left, a voxel per thread, which asks every piece of its row (32 B from the cache, 10 operations).
//   byte[sample][D,H,W], written where something is cut. Labels: the same on every device away from ties.

/// <summary>What is cut away on a device: one launch over the batch; the pieces stand in the samples' rows.</summary>
internal sealed class DeviceCutAway(in StepPlace place) : DeviceAnatomy
{
    private readonly RowEntry entry = place.Entry;
    private readonly ShapeGrid grid = new(place.Facts.Shape);
    private readonly int pieces = SampleLayout.FieldOf<CutAway.Drawn>(place.Entry, nameof(CutAway.Drawn.Pieces));
    private LabelLaunch<CutAwayKernel>? labels;

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
        labels!.Run(BatchGrid.Of(grid.Voxels, batch.Samples), new(sample, pieces, entry.FirstLabel), batch.Samples, batch.GateOf(entry));
    }
}

/// <summary>A voxel per thread, of the sample Grid.IdxY.</summary>
internal readonly struct CutAwayKernel(ShapeBatch batch, int pieces, int air) : ILabelKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        if (!batch.Voxel(out int z, out int y, out int x, out long at))
        {
            return;
        }

        Row row = batch.Row;
        WordList all = Real1.Drawn<WordList>(in row, pieces);
        float deepest = -1f;
        for (int word = all.First; word < all.First + all.Count; word += CutPiece.WordCount)
        {
            deepest = KernelMath.Max(deepest, CutPiece.Depth<Real1, Word1>(in row, word, new Real1(z), new Real1(y), new Real1(x)).V);
        }

        if (deepest >= 0f)
        {
            batch.Store(at, air);
        }
    }
}
