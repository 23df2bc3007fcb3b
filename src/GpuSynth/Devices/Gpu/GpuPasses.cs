using GpuSynth.Kernels;
using GpuSynth.Planning;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// The image from the label map on a GPU in any order of the recipe's components: pass after pass of the schedule, each chain one kernel that is
/// fused for the recipe at hand, each stage launches of its own, whose first has the chain before it in it where the stage can. What stages go
/// between lies in scratch for a few samples at a time.
/// </summary>
internal sealed class GpuPasses : IGpuAppearance
{
    private readonly RowLayout rows;
    private readonly SampleLayout layout;
    private readonly GpuTables tables;
    private readonly ImageFormat format;
    private readonly IReadOnlyList<Pass> passes;
    private readonly DeviceStage?[] stages;
    private readonly ImagePass?[] chains;
    private readonly bool[] readsLabels;
    private readonly int batchSize;
    private readonly int samplesAtOnce;
    private readonly bool needsSecond;

    // The last pass where it writes the slot from wherever the image is, in the slot's format; behind the end without such a one.
    private readonly int last;
    private readonly int[] scratchPieces = [-1, -1, -1];
    private readonly ArrayView<float>[] scratch = new ArrayView<float>[3];
    private ChainPass? finishing;

    public GpuPasses(RowLayout rows, SampleLayout layout, int batchSize, ImageFormat format, long scratchBytes)
    {
        this.rows = rows;
        this.layout = layout;
        this.batchSize = batchSize;
        this.format = format;
        tables = new GpuTables(rows, layout, batchSize);
        passes = Schedule.Of(rows);
        stages = [.. passes.Select(pass => ((IStageComponent?)pass.Stage?.Component)?.CreateDeviceStage(new StepPlace(pass.Stage!, 0, rows.Facts)))];
        chains = new ImagePass?[passes.Count];
        readsLabels = [.. passes.Select(static pass => pass.Chain.Any(static step => step.Component.ReadsLabels))];
        RecordedRange = Schedule.RecordedRange(passes);
        RecordedPeak = Schedule.RecordedPeak(passes) is { } peak ? (peak, true) : null;
        ImageRanges = [.. Enumerable.Range(0, passes.Count).Where(number => passes[number].Writes && passes[number].Measures)];
        needsSecond = passes.Where((pass, number) => stages[number] is { } stage && (pass.FromImage || stage is not SourcedDeviceStage)).Any();
        last = passes[^1] is { FromImage: true, Stage: null, Measures: false } && !readsLabels[^1] ? passes.Count - 1 : passes.Count;
        bool usesScratch = format != ImageFormat.Float32 || needsSecond;
        long fitting = Math.Max(1, scratchBytes / (rows.Facts.Shape.VoxelCount * sizeof(float)));
        samplesAtOnce = usesScratch ? (int)Math.Min(batchSize, fitting) : batchSize;
    }

    /// <inheritdoc/>
    public int MeasuredCount => Math.Max(passes.Count, tables.Count);

    /// <inheritdoc/>
    public int RecordedRange { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> ImageRanges { get; }

    /// <inheritdoc/>
    public (int Which, bool IsRange)? RecordedPeak { get; }

    /// <inheritdoc/>
    public void Declare(GpuArena arena)
    {
        tables.Declare(arena);
        long length = samplesAtOnce * rows.Facts.Shape.VoxelCount;
        Declare(0, "images so far", format != ImageFormat.Float32);
        Declare(1, "images beside them", needsSecond);
        Declare(2, "third images", Array.Exists(stages, static stage => stage is { NeedsThird: true }));

        void Declare(int which, string name, bool isNeeded) => scratchPieces[which] =
            isNeeded ? arena.Declare<float>(name, length, "what components that read neighbours go between, a few samples at a time") : -1;
    }

    /// <inheritdoc/>
    public void Start(GpuBackend backend, GpuArena arena)
    {
        KernelLoader loader = backend.Kernels;
        VolumeShape shape = rows.Facts.Shape;
        tables.Start(backend, arena);
        for (int which = 0; which < scratch.Length; which++)
        {
            scratch[which] = scratchPieces[which] < 0 ? ArrayView<float>.Empty : arena.View<float>(scratchPieces[which]);
        }

        for (int number = 0; number < last; number++)
        {
            ValueType? chain = ChainOf(number);
            if (stages[number] is SourcedDeviceStage sourced)
            {
                sourced.Start(loader, chain);
                continue;
            }

            stages[number]?.Start(loader);
            bool isChain = chain is not null || !passes[number].FromImage || stages[number] is null;
            chains[number] = isChain ? ImagePass.Create(chain, loader, shape) : null;
        }

        finishing = ChainPass.Create(last < passes.Count ? ChainOf(last) : null, loader, shape, format);
    }

    /// <inheritdoc/>
    public void Enqueue(in GpuBatch batch)
    {
        tables.Enqueue(in batch);
        for (int first = 0; first < batch.Samples; first += samplesAtOnce)
        {
            Run(in batch, first, Math.Min(samplesAtOnce, batch.Samples - first));
        }
    }

    private ValueType? ChainOf(int number) => Chain.Of(passes[number].Chain.Select(step => step.Component.CreateLink(PlaceOf(step))));

    private StepPlace PlaceOf(ScheduledStep step) => new(step.Entry, WordOf(step.Slot / 2, MeasuredWords.Minimum), rows.Facts)
    {
        Table = new NumberTable(tables.NumbersOf(step.Entry)),
        TableSlot = WordOf(tables.NumberOf(step.Entry), MeasuredWords.TableMaximum),
    };

    // A word of the batch's first sample; the others' follow at distances of MeasuredWords.PerSample.
    private int WordOf(int which, int word) => (Math.Max(0, which) * batchSize * MeasuredWords.PerSample) + word;

    private ArrayView<uint> Measured(ArrayView<uint> all, int which, int first, int count) =>
        all.SubView(WordOf(which, 0) + (first * MeasuredWords.PerSample), count * MeasuredWords.PerSample);

    private void Survey(Pass pass, ArrayView<uint> words, int first, int count, ArrayView<float> image)
    {
        if (pass.Surveys)
        {
            tables.Survey(pass.Chain[0].Entry, words, first, count, image);
        }
    }

    private void Run(in GpuBatch batch, int first, int count)
    {
        long voxels = rows.Facts.Shape.VoxelCount;
        ArrayView<uint> words = batch.Words.SubView((long)first * layout.Stride, (long)count * layout.Stride);
        ArrayView<byte> labels = batch.Labels.SubView(first * voxels, count * voxels);
        ArrayView<float> target = format == ImageFormat.Float32 ? batch.Image.SubView(first * voxels, count * voxels) : Scratch(0);
        (ArrayView<float> current, ArrayView<float> other, bool isInTarget) = (target, Scratch(1), true);
        for (int number = 0; number < last; number++)
        {
            Pass pass = passes[number];
            DeviceStage? stage = stages[number];
            ArrayView<uint> measured = pass.Measures || !pass.Writes ? Measured(batch.Measured, number, first, count) : ArrayView<uint>.Empty;
            ArrayView<byte> readLabels = readsLabels[number] ? labels : ArrayView<byte>.Empty;
            ArrayView<float> readImage = pass.FromImage ? current : ArrayView<float>.Empty;
            Survey(pass, words, first, count, current);
            chains[number]?.Run(
                words,
                batch.Measured,
                stage is null ? measured : ArrayView<uint>.Empty,
                layout,
                first,
                count,
                readLabels,
                readImage,
                pass.Writes ? current : ArrayView<float>.Empty);
            if (stage is null)
            {
                continue;
            }

            var work = new StageBatch(words, measured, layout, count, current, other, Scratch(2), labels);
            bool endsInOther = stage.EndsInSecond;
            if (stage is SourcedDeviceStage sourced)
            {
                // What is made of labels needs no image beside the one that it is written to.
                endsInOther = pass.FromImage;
                sourced.Run(in work, new StageSource(readLabels, readImage, batch.Measured, first), endsInOther ? other : current);
            }
            else
            {
                stage.Run(in work);
            }

            (current, other, isInTarget) = endsInOther ? (other, current, !isInTarget) : (current, other, isInTarget);
        }

        if (last < passes.Count || format != ImageFormat.Float32 || !isInTarget)
        {
            if (last < passes.Count)
            {
                Survey(passes[last], words, first, count, current);
            }

            ArrayView<ushort> narrow = format == ImageFormat.Float32 ? ArrayView<ushort>.Empty : batch.Image16.SubView(first * voxels, count * voxels);
            finishing!.Run(words, batch.Measured, layout, first, count, current, target, narrow);
        }

        ArrayView<float> Scratch(int which) => scratchPieces[which] < 0 ? ArrayView<float>.Empty : scratch[which].SubView(0, count * voxels);
    }
}
