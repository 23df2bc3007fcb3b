using GpuSynth.Kernels;
using GpuSynth.Recipes;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// The image from the label map on a GPU, as <see cref="HostAppearance"/> makes it: bias nodes, largest intensity, painting,
/// finishing, each one launch or a few over the whole batch. 16-bit images are painted as floats in a scratch that holds a few
/// samples at a time.
/// </summary>
internal sealed class GpuAppearance : IGpuStage
{
    private const long LargestScratchBytes = 32L << 20;

    private readonly Recipe recipe;
    private readonly FusedAppearance fused;
    private readonly VolumeShape shape;
    private readonly SampleLayout layout;
    private readonly int batchSize;
    private readonly ImageFormat format;
    private readonly BiasGrid? biasGrid;
    private readonly int paintedSamples;
    private readonly int taps;
    private int cellsPiece;
    private int afterXPiece;
    private int matricesPiece;
    private int nodesPiece;
    private int scalesPiece;
    private int scratchPiece;
    private ArrayView<float> cells;
    private ArrayView<float> afterX;
    private ArrayView<float> matrices;
    private ArrayView<float> nodes;
    private ArrayView<NoiseGridScale> noScales;
    private ArrayView<float> scratch;
    private CoarseDraw.Launcher? draw;
    private BiasNodes.Launcher? biasNodes;
    private ContrastPeak.Launcher? peak;
    private Painting.Launcher? painting;
    private ChainPass? finishing;

    public GpuAppearance(
        Recipe recipe, FusedAppearance fused, VolumeShape shape, SampleLayout layout, int batchSize, ImageFormat format)
    {
        this.recipe = recipe;
        this.fused = fused;
        this.shape = shape;
        this.layout = layout;
        this.batchSize = batchSize;
        this.format = format;
        taps = recipe.Find<Blur>()?.Taps ?? 1;
        if (recipe.Find<Bias>() is { } field)
        {
            biasGrid = field.Grid(shape);
        }

        // The float image is the slot itself, or a scratch for as many samples as fit.
        long fitting = Math.Max(1, LargestScratchBytes / (shape.VoxelCount * sizeof(float)));
        paintedSamples = format == ImageFormat.Float32 ? batchSize : (int)Math.Min(batchSize, fitting);
    }

    /// <inheritdoc/>
    public void Declare(GpuArena arena)
    {
        if (biasGrid is not null)
        {
            (int cellLength, int afterXLength, int matrixLength) = BiasNodes.ScratchLengths(biasGrid);
            cellsPiece = arena.Declare<float>(
                "bias-field cells", (long)batchSize * cellLength, "white noise of the bias fields, then their passes");
            afterXPiece = arena.Declare<float>(
                "bias-field rows", (long)batchSize * afterXLength, "the bias fields after their pass along x");
            matricesPiece = arena.Declare<float>(
                "bias-field matrices", (long)batchSize * matrixLength, "what brings the cells' noise to the nodes");
            scalesPiece = arena.Declare<NoiseGridScale>("bias-field scales", 1, "a table that every draw names; not read");
        }

        nodesPiece = arena.Declare<float>(
            "bias-field nodes", (long)batchSize * (biasGrid?.NodeCount ?? 0), "coarse grids of the bias fields");
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
        if (biasGrid is not null)
        {
            cells = arena.View<float>(cellsPiece);
            afterX = arena.View<float>(afterXPiece);
            matrices = arena.View<float>(matricesPiece);
            noScales = arena.View<NoiseGridScale>(scalesPiece);
            draw = new CoarseDraw.Launcher(loader);
            biasNodes = new BiasNodes.Launcher(loader);
        }

        nodes = arena.View<float>(nodesPiece);
        scratch = format == ImageFormat.Float32 ? ArrayView<float>.Empty : arena.View<float>(scratchPiece);
        peak = recipe.Find<Noise>() is null ? null : new ContrastPeak.Launcher(loader);
        painting = new Painting.Launcher(loader, shape, biasGrid, recipe.Find<Noise>() is not null, taps);
        finishing = fused.Chain is null && format == ImageFormat.Float32 ? null : ChainPass.Create(fused.Chain, loader, shape, format);
    }

    /// <inheritdoc/>
    public void Enqueue(in GpuBatch batch)
    {
        if (biasGrid is not null)
        {
            draw!.Run(
                batch.Words, layout, batch.Samples, true, Streams.BiasCells, -1, noScales, biasGrid.CellCount, cells);
            biasNodes!.Run(
                batch.Words, layout, batch.Samples, biasGrid, cells, afterX, matrices, nodes, batch.Measured);
        }

        peak?.Run(batch.Words, batch.Measured, layout, batch.Samples, shape, biasGrid, batch.Labels, nodes);
        for (int first = 0; first < batch.Samples; first += paintedSamples)
        {
            Finish(in batch, first, Math.Min(paintedSamples, batch.Samples - first));
        }
    }

    private void Finish(in GpuBatch batch, int first, int count)
    {
        long voxels = shape.VoxelCount;
        int nodeCount = biasGrid?.NodeCount ?? 0;
        bool isFloat = format == ImageFormat.Float32;
        ArrayView<uint> words = batch.Words.SubView((long)first * layout.Stride, (long)count * layout.Stride);
        ArrayView<uint> measured = batch.Measured.SubView(
            (long)first * MeasuredWords.PerSample, (long)count * MeasuredWords.PerSample);
        ArrayView<byte> labels = batch.Labels.SubView(first * voxels, count * voxels);
        ArrayView<float> field = nodes.SubView((long)first * nodeCount, (long)count * nodeCount);
        ArrayView<float> painted = isFloat ? batch.Image.SubView(first * voxels, count * voxels) : scratch;
        ArrayView<ushort> image16 = isFloat ? ArrayView<ushort>.Empty : batch.Image16.SubView(first * voxels, count * voxels);
        painting!.Run(words, measured, layout, count, labels, field, painted);
        finishing?.Run(words, measured, layout, count, painted, image16);
    }
}
