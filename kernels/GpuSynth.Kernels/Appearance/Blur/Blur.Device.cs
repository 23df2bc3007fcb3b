using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>The blur on a device where the hand-fused painting does not do it: an axis after another, from image to image.</summary>
internal sealed class BlurDeviceStage(StepPlace place, int taps) : DeviceStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private LinePass? line;

    /// <inheritdoc/>
    public override bool EndsInSecond => shape.Dimensions == 3;

    /// <inheritdoc/>
    public override int BytesPerVoxel => 2 * sizeof(float) * shape.Dimensions;

    /// <inheritdoc/>
    public override void Start(KernelLoader loader) => line = new LinePass(loader, shape);

    /// <inheritdoc/>
    public override void Run(in StageBatch batch)
    {
        StageBatch unmeasured = batch with { Measured = ArrayView<uint>.Empty };
        (ArrayView<float> from, ArrayView<float> to) = (batch.First, batch.Second);
        for (int axis = 3 - shape.Dimensions; axis < 3; axis++)
        {
            StageBatch own = axis == 2 ? batch : unmeasured;
            line!.Run(in own, axis, place.Entry.Lists + (axis * taps), taps, from, to);
            (from, to) = (to, from);
        }
    }
}
