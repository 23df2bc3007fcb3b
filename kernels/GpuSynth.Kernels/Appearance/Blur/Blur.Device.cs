using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>The blur on a device: what is before it is made in its tiles.</summary>
internal sealed class BlurTileStage(StepPlace place, int taps) : SourcedDeviceStage
{
    private readonly VolumeShape shape = place.Facts.Shape;
    private TilePass? pass;

    /// <inheritdoc/>
    public override int OwnBytesPerVoxel => (shape.Dimensions == 3 ? 3 : 1) * sizeof(float);

    /// <inheritdoc/>
    public override void Start(KernelLoader loader, ValueType? chain) => pass = TilePass.Create(chain, loader, shape);

    /// <inheritdoc/>
    public override void Run(in StageBatch batch, in StageSource source, ArrayView<float> to) =>
        pass!.Run(in batch, in source, place.Entry.Lists, taps, to);
}

/// <summary>The blur on a device where it has more taps than a tile: an axis after another, from image to image.</summary>
internal sealed class BlurLineStage(StepPlace place, int taps) : DeviceStage
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
