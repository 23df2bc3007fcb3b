using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// One voxel per thread, of the sample Grid.IdxY. 9 B/voxel; 27 labels of every voxel and, where they differ, 27 more and one intensity, from the cache.

/// <summary>Partial volumes on a device.</summary>
internal sealed class PartialVolumeDeviceStage(StepPlace place) : DeviceStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private Action<KernelConfig, Kernel>? kernel;

    /// <inheritdoc/>
    public override bool EndsInSecond => true;

    /// <inheritdoc/>
    public override int BytesPerVoxel => (2 * sizeof(float)) + sizeof(byte);

    /// <inheritdoc/>
    public override void Start(KernelLoader loader) => kernel = loader.Load<Kernel>();

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        batch.Check(shape);
        LaunchCheck.AtLeast(batch.Labels.Length, batch.Samples * shape.VoxelCount, nameof(batch.Labels));
        var grid = new ShapeGrid(shape);
        kernel!(
            BatchGrid.Of(grid.Voxels, batch.Samples),
            new(
                batch.Words, batch.Measured, batch.Labels, batch.First, batch.Second, new BorderShape(shape), grid, batch.Layout.Stride, place.Entry.First));
    }

    private readonly struct DeviceLabels(ArrayView<byte> labels) : ILabels
    {
        public int this[int voxel] => labels[voxel];
    }

    internal readonly struct Kernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<byte> labels,
        ArrayView<float> from,
        ArrayView<float> to,
        BorderShape shape,
        ShapeGrid grid,
        int stride,
        int first) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            PaintedRange range = PaintedRange.Empty();
            if (voxel < grid.Voxels)
            {
                long start = (long)sample * grid.Voxels;
                var row = new Row(words.SubView((long)sample * stride, stride), measured, sample);
                float amount = Real1.Drawn<PartialVolume.Drawn>(in row, first).Amount;
                float value = At(new DeviceLabels(labels.SubView(start, grid.Voxels)), from.SubView(start, grid.Voxels), voxel, amount);
                to[start + voxel] = value;
                range = range.With(value);
            }

            if (measured.Length > 0)
            {
                range.Merge(shared, measured, sample);
            }
        }

        private float At(DeviceLabels own, ArrayView<float> image, int voxel, float amount)
        {
            float value = image[voxel];
            if (amount == 0)
            {
                return value;
            }

            grid.Of(voxel, out int z, out int y, out int x);
            LabelBorder border = LabelBorder.Of(own, shape, z, y, x);
            float share = amount * border.Share();
            return share > 0 ? value + (share * (image[border.Across(own, shape, z, y, x)] - value)) : value;
        }
    }
}
