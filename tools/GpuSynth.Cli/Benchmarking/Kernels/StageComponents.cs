using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// Every component of the catalogue that reads neighbours, on the host, on a volume and on an image of four times the side: it is timed by being
/// there, with the laws that a recipe gives it (<see cref="DrawnComponent.AsUsed"/>), on a sample that it changes.
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
            yield return new Entry(name, DrawnComponent.AsUsed(type, options.Recipe, options.Shape.Dimensions), options.Shape);
            if (options.Shape.Dimensions == 3)
            {
                yield return new Entry($"{name} 2D", DrawnComponent.AsUsed(type, options.Recipe, 2), HostKernels.ImageBeside(options.Shape));
            }
        }
    }

    private sealed class Entry(string name, Component component, VolumeShape shape)
        : PieceworkEntry(BenchmarkKind.Component, name, shape)
    {
        private readonly Lazy<long> sample = new(() => StageBenchmark.Changing(component, shape));

        protected override KernelBenchmark Create(int threads) => new StageBenchmark(component, Shape, threads, sample.Value);
    }
}

/// <summary>One component that reads neighbours at work on a volume: from an image to another, in runs of planes.</summary>
internal sealed unsafe class StageBenchmark : KernelBenchmark
{
    private const int Labels = 2;

    private readonly Component component;
    private readonly long sample;
    private readonly DrawnComponent drawn;
    private readonly HostStage stage;
    private readonly NativeMemoryBlock<float> before;
    private readonly NativeMemoryBlock<float> after;
    private readonly NativeMemoryBlock<byte> labels;
    private readonly NativeMemoryBlock<float> memory;
    private readonly int pieces;
    private readonly int rowPieces;

    public StageBenchmark(Component component, VolumeShape shape, int threads, long sample)
        : base(shape, threads)
    {
        this.component = component;
        Name = component.Name;
        this.sample = sample;
        drawn = new DrawnComponent(component, shape, Labels, sample);
        Own(drawn);
        stage = ((IStageComponent)component).CreateHostStage(drawn.Place);
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
    public override KernelCost Cost => KernelCost.Of(stage.CostOf(Row), (8 * Phases) - (4 * stage.SurveyCount));

    private Row Row => drawn.Row;

    public static KernelCost CostOf(IStageComponent component, Component of, VolumeShape shape)
    {
        using var row = new DrawnComponent(of, shape, 1, DrawnComponent.FirstSample);
        return KernelCost.Of(component.CreateHostStage(row.Place).Cost);
    }

    /// <summary>A sample that a component changes.</summary>
    public static long Changing(Component component, VolumeShape shape) => DrawnComponent.FirstThat(sample =>
    {
        using StageBenchmark small = new(component, Small(shape), 1, sample);
        small.RunThrough();
        return !small.after.Span.SequenceEqual(small.before.Span);
    });

    // Looks at the image, and what goes on along z, have walks of their own.
    public override int Phases => stage.SurveyCount + (stage.GoesOn(Row) ? 2 : 1);

    public override int Pieces(int phase) => phase <= stage.SurveyCount ? pieces : rowPieces;

    public override void Run(int phase, int piece, int thread)
    {
        if (phase > stage.SurveyCount)
        {
            int firstRow = (int)((long)Shape.Height * piece / rowPieces);
            int endRow = (int)((long)Shape.Height * (piece + 1) / rowPieces);
            stage.RunAlongZ(Row, firstRow, endRow, before.Pointer, after.Pointer, Scratch(thread));
            return;
        }

        int first = (int)((long)Shape.Depth * piece / pieces);
        int end = (int)((long)Shape.Depth * (piece + 1) / pieces);
        Row row = Row;
        if (phase < stage.SurveyCount)
        {
            stage.Survey(in row, phase, before.Pointer, first, end, memory.Pointer, Scratch(thread));
            return;
        }

        stage.Run(in row, new ImagePlanes(before.Pointer, Shape, labels.Pointer, memory.Pointer), first, end, after.Pointer, Scratch(thread));
    }

    public override void Check()
    {
        using var benchmark = new StageBenchmark(component, Small(Shape), 2, sample);
        benchmark.RunThrough();
        double[] exact = benchmark.stage.Exact(
            benchmark.Row,
            [.. benchmark.before.Span.ToArray().Select(static value => (double)value)],
            benchmark.labels.Span.ToArray());
        CheckClose(benchmark.after.Span, exact, Cost.Flops);
    }

    private static VolumeShape Small(VolumeShape shape) => shape.Dimensions == 3 ? VolumeShape.Volume(19, 8, 37) : VolumeShape.Image(35, 37);

    private void RunThrough()
    {
        for (int phase = 0; phase < Phases; phase++)
        {
            for (int piece = 0; piece < Pieces(phase); piece++)
            {
                Run(phase, piece, 0);
            }
        }
    }

    // Two labels in lumps of some twenty voxels, as the presets have.
    private static void FillLumps(Span<byte> labels, VolumeShape shape)
    {
        for (int voxel = 0; voxel < labels.Length; voxel++)
        {
            (int z, int y, int x) = (voxel / (shape.Height * shape.Width), voxel / shape.Width % shape.Height, voxel % shape.Width);
            labels[voxel] = Math.Sin(0.15 * x) + Math.Sin((0.13 * y) + 1) + Math.Sin(0.11 * z) > 0 ? (byte)1 : (byte)0;
        }
    }
}
