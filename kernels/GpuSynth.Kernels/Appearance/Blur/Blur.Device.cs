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
    public override void Run(in StageBatch batch) => line!.RunAxes(in batch, place.Entry.Lists, taps, batch.First, batch.Second);
}
