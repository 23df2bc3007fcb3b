using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// One group per sample: its range, its histogram in shared memory, two quantiles of it, its image. 16 B/voxel. A batch fills a device as far as it has samples.
// Counts are whole numbers, added atomically: the same in any order.

/// <summary>The range of quantiles on a device.</summary>
internal sealed class QuantileRangeDeviceStage(StepPlace place) : DeviceStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private Action<KernelConfig, Kernel>? kernel;

    /// <inheritdoc/>
    public override bool EndsInSecond => true;

    /// <inheritdoc/>
    public override int BytesPerVoxel => 4 * sizeof(float);

    /// <inheritdoc/>
    public override void Start(KernelLoader loader) => kernel = loader.Load<Kernel>();

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        batch.Check(shape);
        var plan = new QuantilePlan(shape, batch.Layout.Stride, place.Entry.First, batch.Measured.Length > 0);
        kernel!(
            BatchGrid.OfGroups(1, batch.Samples, KernelLoader.GroupSize),
            new(batch.Words, batch.Measured, batch.First, batch.Second, plan));
    }

    // The sample Grid.IdxY.
    internal readonly struct Kernel(
        ArrayView<uint> words, ArrayView<uint> measured, ArrayView<float> from, ArrayView<float> to, QuantilePlan plan) : IKernel
    {
        // Bins of a thread.
        private const int Own = QuantileRange.Bins / KernelLoader.GroupSize;

        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            ArrayView<int> counts = SharedMemory.Allocate<int>(QuantileRange.Bins);
            int sample = Grid.IdxY;
            var row = new Row(words.SubView((long)sample * plan.Stride, plan.Stride), measured, sample);
            QuantileRange.Drawn drawn = Real1.Drawn<QuantileRange.Drawn>(in row, plan.First);
            ArrayView<float> image = from.SubView((long)sample * plan.Voxels, plan.Voxels);
            PaintedRange extremes = PaintedRange.Empty();
            for (int voxel = Group.IdxX; voxel < plan.Voxels; voxel += KernelLoader.GroupSize)
            {
                extremes = extremes.With(image[voxel]);
            }

            float minimum = GroupExtremes.Value(GroupExtremes.Minimum(shared, extremes.Minimum));
            float maximum = GroupExtremes.Value(GroupExtremes.Maximum(shared, extremes.Maximum));
            var bins = new QuantileBins(minimum, maximum);
            Count(image, in bins, counts);
            QuantileScale scale = ScaleOf(in drawn, in bins, counts, shared);
            PaintedRange range = PaintedRange.Empty();
            for (int voxel = Group.IdxX; voxel < plan.Voxels; voxel += KernelLoader.GroupSize)
            {
                float before = image[voxel];
                float value = drawn.IsLeftOut != 0 ? before : (before - scale.Low) * scale.Factor;
                to[((long)sample * plan.Voxels) + voxel] = value;
                range = range.With(value);
            }

            if (plan.Measures != 0)
            {
                range.Merge(shared, measured, sample);
            }
        }

        private void Count(ArrayView<float> image, in QuantileBins bins, ArrayView<int> counts)
        {
            for (int bin = Group.IdxX; bin < QuantileRange.Bins; bin += KernelLoader.GroupSize)
            {
                counts[bin] = 0;
            }

            Group.Barrier();
            for (int voxel = Group.IdxX; voxel < plan.Voxels; voxel += KernelLoader.GroupSize)
            {
                Atomic.Add(ref counts[bins.Of(image[voxel])], 1);
            }

            Group.Barrier();
        }

        // Every thread adds up its bins; then each looks for both quantiles, first among the threads' sums.
        private QuantileScale ScaleOf(in QuantileRange.Drawn drawn, in QuantileBins bins, ArrayView<int> counts, ArrayView<int> shared)
        {
            int sum = 0;
            for (int bin = 0; bin < Own; bin++)
            {
                sum += counts[(Group.IdxX * Own) + bin];
            }

            shared[Group.IdxX] = sum;
            Group.Barrier();
            float low = Quantile(drawn.Low * plan.Voxels, in bins, counts, shared, out int lowBin);
            float high = Quantile(drawn.High * plan.Voxels, in bins, counts, shared, out int highBin);

            // Everyone has read the sums before they are overwritten.
            Group.Barrier();
            return bins.Scale(low, lowBin, high, highBin);
        }

        private static float Quantile(float target, in QuantileBins bins, ArrayView<int> counts, ArrayView<int> shared, out int bin)
        {
            int before = 0;
            int part = 0;
            while (part < KernelLoader.GroupSize - 1 && (shared[part] == 0 || before + shared[part] < target))
            {
                before += shared[part];
                part++;
            }

            bin = part * Own;
            int end = bin + Own - 1;
            while (bin < end && (counts[bin] == 0 || before + counts[bin] < target))
            {
                before += counts[bin];
                bin++;
            }

            return bins.At(bin, before, counts[bin], target);
        }
    }
}

/// <summary>What a launch of a <see cref="QuantileRangeDeviceStage"/> does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct QuantilePlan(VolumeShape shape, int stride, int first, bool measures)
{
    public readonly int Voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
    public readonly int Stride = stride;
    public readonly int First = first;
    public readonly int Measures = measures ? 1 : 0;
}
