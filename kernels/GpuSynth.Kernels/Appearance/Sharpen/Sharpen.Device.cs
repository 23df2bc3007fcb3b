using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

// Sharpen: f = G I, axis after axis; then G f likewise, and with the last axis y = f + a (f - G f).
// From image to image of three; 16 B/voxel and axis, and 4 more. Values: the same run to run on one device.

/// <summary>The sharpening on a device.</summary>
internal sealed class SharpenDeviceStage(StepPlace place, int taps) : DeviceStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private LinePass? line;
    private Action<KernelConfig, Kernel>? last;

    /// <inheritdoc/>
    public override bool NeedsThird => true;

    /// <inheritdoc/>
    public override bool EndsInSecond => shape.Dimensions == 2;

    /// <inheritdoc/>
    public override int BytesPerVoxel => (4 * sizeof(float) * shape.Dimensions) + sizeof(float);

    /// <inheritdoc/>
    public override void Start(KernelLoader loader)
    {
        line = new LinePass(loader, shape, renormalises: true);
        last = loader.Load<Kernel>();
    }

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        int firstAxis = 3 - shape.Dimensions;
        int weights = place.Entry.Lists;
        StageBatch unmeasured = batch with { Measured = ArrayView<uint>.Empty };
        (ArrayView<float> smooth, ArrayView<float> other) = line!.RunAxes(in unmeasured, weights, taps, batch.First, batch.Second);
        weights += 3 * taps;
        ArrayView<float> between = smooth;
        for (int axis = firstAxis; axis < 2; axis++)
        {
            ArrayView<float> to = axis == 1 ? batch.Third : other;
            line!.Run(in unmeasured, axis, weights + (axis * taps), taps, between, to);
            between = to;
        }

        var plan = new LinePlan(shape, 2, batch.Layout.Stride, weights + (2 * taps), taps, renormalises: true, batch.Measured.Length > 0);
        int amount = SampleLayout.FieldOf<Sharpen.Drawn>(place.Entry, nameof(Sharpen.Drawn.Amount));
        last!(BatchGrid.Of(plan.Voxels, batch.Samples), new(batch.Words, batch.Measured, smooth, between, other, plan, amount));
    }

    // One voxel per thread, of the sample Grid.IdxY.
    internal readonly struct Kernel(
        ArrayView<uint> words,
        ArrayView<uint> measured,
        ArrayView<float> smooth,
        ArrayView<float> between,
        ArrayView<float> to,
        LinePlan plan,
        int amount) : IKernel
    {
        /// <inheritdoc/>
        public void Execute()
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(2 * GroupExtremes.Length);
            int sample = Grid.IdxY;
            int voxel = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
            PaintedRange range = PaintedRange.Empty();
            if (voxel < plan.Voxels)
            {
                ArrayView<uint> own = words.SubView((long)sample * plan.Stride, plan.Stride);
                long first = (long)sample * plan.Voxels;
                float f = smooth[first + voxel];
                float blurred = LinePass.At(own, between.SubView(first, plan.Voxels), plan, voxel);
                float value = f + (SampleLayout.Number(own, amount) * (f - blurred));
                to[first + voxel] = value;
                range = range.With(value);
            }

            if (plan.Measures != 0)
            {
                range.Merge(shared, measured, sample);
            }
        }
    }
}
