using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// The image from the label map on a GPU in the order that the hand-fused painting takes: bias nodes, largest intensity, painting, finishing, each
/// one launch or a few over the whole batch. 16-bit images are painted as floats in a scratch that holds a few samples at a time.
/// </summary>
internal sealed class GpuAppearance : IGpuAppearance
{
    private readonly FusedAppearance fused;
    private readonly VolumeShape shape;
    private readonly SampleLayout layout;
    private readonly GpuTables tables;
    private readonly RowEntry? bias;
    private readonly bool hasNoise;
    private readonly ImageFormat format;
    private readonly BiasGrid? biasGrid;
    private readonly int paintedSamples;
    private readonly int taps;
    private int scratchPiece;
    private ArrayView<float> nodes;
    private ArrayView<float> scratch;
    private ContrastPeak.Launcher? peak;
    private Painting.Launcher? painting;
    private ChainPass? finishing;

    public GpuAppearance(
        RowLayout rows, FusedAppearance fused, SampleLayout layout, int batchSize, ImageFormat format, long scratchBytes)
    {
        this.fused = fused;
        this.layout = layout;
        this.format = format;
        shape = rows.Facts.Shape;
        tables = new GpuTables(rows, layout, batchSize);
        bias = rows.Find<Bias>();
        biasGrid = (bias?.Component as Bias)?.Grid(shape);
        hasNoise = rows.Find<Noise>() is not null;
        taps = (rows.Find<Blur>()?.Component as Blur)?.Taps ?? 1;

        // The float image is the slot itself, or a scratch for as many samples as fit.
        long fitting = Math.Max(1, scratchBytes / (shape.VoxelCount * sizeof(float)));
        paintedSamples = format == ImageFormat.Float32 ? batchSize : (int)Math.Min(batchSize, fitting);
    }

    /// <inheritdoc/>
    public int MeasuredCount => 1;

    /// <inheritdoc/>
    public int RecordedRange => 0;

    /// <inheritdoc/>
    public IReadOnlyList<int> ImageRanges { get; } = [0];

    /// <inheritdoc/>
    public (int Which, bool IsRange)? RecordedPeak => hasNoise ? (0, false) : null;

    /// <inheritdoc/>
    public void Declare(GpuArena arena)
    {
        tables.Declare(arena);
        if (format != ImageFormat.Float32)
        {
            scratchPiece = arena.Declare<float>(
                "painted images", paintedSamples * shape.VoxelCount, "images before the normalisation, a few samples at a time");
        }
    }

    /// <inheritdoc/>
    public void Start(GpuBackend backend, GpuArena arena)
    {
        KernelLoader loader = backend.Kernels;
        tables.Start(backend, arena);
        nodes = tables.NumbersOf(bias);
        scratch = format == ImageFormat.Float32 ? ArrayView<float>.Empty : arena.View<float>(scratchPiece);
        peak = hasNoise ? new ContrastPeak.Launcher(loader) : null;
        painting = new Painting.Launcher(loader, shape, biasGrid, hasNoise, taps);
        finishing = fused.Chain is null && format == ImageFormat.Float32 ? null : ChainPass.Create(fused.Chain, loader, shape, format);
    }

    /// <inheritdoc/>
    public void Enqueue(in GpuBatch batch)
    {
        tables.Enqueue(in batch);
        peak?.Run(batch.Words, batch.Measured, layout, batch.Samples, shape, biasGrid, batch.Labels, nodes);
        for (int first = 0; first < batch.Samples; first += paintedSamples)
        {
            Finish(in batch, first, Math.Min(paintedSamples, batch.Samples - first));
        }
    }

    private void Finish(in GpuBatch batch, int first, int count)
    {
        long voxels = shape.VoxelCount;
        long nodeCount = biasGrid?.NodeCount ?? 0;
        bool isFloat = format == ImageFormat.Float32;
        ArrayView<uint> words = batch.Words.SubView((long)first * layout.Stride, (long)count * layout.Stride);
        ArrayView<uint> measured = batch.Measured.SubView(
            (long)first * MeasuredWords.PerSample, (long)count * MeasuredWords.PerSample);
        ArrayView<byte> labels = batch.Labels.SubView(first * voxels, count * voxels);
        ArrayView<float> field = biasGrid is null ? nodes : nodes.SubView(first * nodeCount, count * nodeCount);
        ArrayView<float> painted = isFloat ? batch.Image.SubView(first * voxels, count * voxels) : scratch;
        ArrayView<ushort> image16 = isFloat ? ArrayView<ushort>.Empty : batch.Image16.SubView(first * voxels, count * voxels);
        painting!.Run(words, measured, layout, count, labels, field, painted);
        finishing?.Run(words, measured, layout, 0, count, painted, painted, image16);
    }
}
