using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// Every component of the catalogue that reads neighbours, on the host, on a volume and on an image of four times the side: it is timed by being
/// there. Its numbers are drawn from laws in the middle of what its keys allow.
/// </summary>
internal sealed class StageComponents : IBenchmarkSource
{
    /// <inheritdoc/>
    public IEnumerable<BenchmarkEntry> Entries(EngineOptions options)
    {
        if (options.Device != DeviceCatalogue.Host)
        {
            yield break;
        }

        foreach ((string name, Type type) in options.Components.Types
            .Where(static found => found.Value.IsAssignableTo(typeof(IStageComponent)))
            .OrderBy(static found => found.Key, StringComparer.Ordinal))
        {
            var component = (Component)RecipeSection.Of(type).Middle();
            yield return new Entry(name, component, options.Shape);
            if (options.Shape.Dimensions == 3)
            {
                yield return new Entry($"{name} 2D", component, HostKernels.ImageBeside(options.Shape));
            }
        }
    }

    private sealed class Entry(string name, Component component, VolumeShape shape)
        : PieceworkEntry(BenchmarkKind.Component, name, shape)
    {
        protected override KernelBenchmark Create(int threads) => new StageBenchmark(component, Shape, threads);
    }
}

/// <summary>One component that reads neighbours at work on a volume: from an image to another, in runs of planes.</summary>
internal sealed unsafe class StageBenchmark : KernelBenchmark
{
    // A vector may look into a list behind its end.
    private const int RoomBehindRow = 32;

    private readonly Component component;
    private readonly HostStage stage;
    private readonly NativeMemoryBlock<float> before;
    private readonly NativeMemoryBlock<float> after;
    private readonly NativeMemoryBlock<byte> labels;
    private readonly NativeMemoryBlock<uint> words;
    private readonly NativeMemoryBlock<float> measured;
    private readonly NativeMemoryBlock<float> memory;
    private readonly int pieces;
    private readonly int rowPieces;

    public StageBenchmark(Component component, VolumeShape shape, int threads)
        : base(shape, threads)
    {
        this.component = component;
        Name = component.Name;
        var rows = new RowLayout([component], new SampleFacts(shape, 1));
        words = Allocate<uint>(rows.Length + RoomBehindRow);
        rows.Draw(42, SampleKey.Of(3), words.Span[..rows.Length]);
        rows.Prepare(words.Span[..rows.Length]);
        measured = Allocate<float>(2);
        measured.Span[1] = 1;
        stage = ((IStageComponent)component).CreateHostStage(new StepPlace(rows.Entries[0], 0, rows.Facts));
        before = Allocate<float>(shape.VoxelCount);
        after = Allocate<float>(shape.VoxelCount);
        FillUniform(before);
        labels = Allocate<byte>(shape.VoxelCount);
        FillLumps(labels.Span, shape);
        memory = Allocate<float>(Math.Max(1, stage.MemoryLength));
        AllocateScratch(stage.ScratchLength);
        pieces = HostStage.RunCount(shape, threads);
        rowPieces = HostStage.RowRunCount(shape, threads);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    // A float read for each look at the image; one read and written, and once more along z. What it keeps in hand is in cache.
    public override KernelCost Cost => new((8 * Phases) - (4 * stage.SurveyCount), stage.Cost.Flops, stage.Cost.Instructions);

    public static KernelCost CostOf(IStageComponent component, Component of, VolumeShape shape)
    {
        var rows = new RowLayout([of], new SampleFacts(shape, 1));
        LaneCost cost = component.CreateHostStage(new StepPlace(rows.Entries[0], 0, rows.Facts)).Cost;
        return new KernelCost(0, cost.Flops, cost.Instructions);
    }

    // Looks at the image, and what goes on along z, have walks of their own.
    public override int Phases => stage.SurveyCount + (stage.GoesOn(new Row(words.Pointer, measured.Pointer)) ? 2 : 1);

    public override int Pieces(int phase) => phase <= stage.SurveyCount ? pieces : rowPieces;

    public override void Run(int phase, int piece, int thread)
    {
        if (phase > stage.SurveyCount)
        {
            int firstRow = (int)((long)Shape.Height * piece / rowPieces);
            int endRow = (int)((long)Shape.Height * (piece + 1) / rowPieces);
            stage.RunAlongZ(new Row(words.Pointer, measured.Pointer), firstRow, endRow, before.Pointer, after.Pointer, Scratch(thread));
            return;
        }

        int first = (int)((long)Shape.Depth * piece / pieces);
        int end = (int)((long)Shape.Depth * (piece + 1) / pieces);
        var row = new Row(words.Pointer, measured.Pointer);
        if (phase < stage.SurveyCount)
        {
            stage.Survey(in row, phase, before.Pointer, first, end, memory.Pointer, Scratch(thread));
            return;
        }

        stage.Run(in row, new ImagePlanes(before.Pointer, Shape, labels.Pointer, memory.Pointer), first, end, after.Pointer, Scratch(thread));
    }

    public override void Check()
    {
        VolumeShape small = Shape.Dimensions == 3 ? VolumeShape.Volume(19, 8, 37) : VolumeShape.Image(35, 37);
        using var benchmark = new StageBenchmark(component, small, 2);
        for (int phase = 0; phase < benchmark.Phases; phase++)
        {
            for (int piece = 0; piece < benchmark.Pieces(phase); piece++)
            {
                benchmark.Run(phase, piece, 0);
            }
        }

        double[] exact = benchmark.stage.Exact(
            new Row(benchmark.words.Pointer, benchmark.measured.Pointer),
            [.. benchmark.before.Span.ToArray().Select(static value => (double)value)],
            benchmark.labels.Span.ToArray());
        CheckClose(benchmark.after.Span, exact, Cost.Flops);
    }

    // Two labels in lumps of some ten voxels.
    private static void FillLumps(Span<byte> labels, VolumeShape shape)
    {
        for (int voxel = 0; voxel < labels.Length; voxel++)
        {
            (int z, int y, int x) = (voxel / (shape.Height * shape.Width), voxel / shape.Width % shape.Height, voxel % shape.Width);
            labels[voxel] = Math.Sin(0.31 * x) + Math.Sin((0.27 * y) + 1) + Math.Sin(0.23 * z) > 0 ? (byte)1 : (byte)0;
        }
    }
}
