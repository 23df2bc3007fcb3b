using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// Every anatomy that paints over a part, on the host, on a volume and on an image of four times the side: it is timed by being there. Its laws
/// are those of the recipe, where it has it, or of the first preset that does.
/// </summary>
internal sealed class AnatomyComponents : IBenchmarkSource
{
    /// <inheritdoc/>
    public IEnumerable<BenchmarkEntry> Entries(EngineOptions options)
    {
        if (options.Device != DeviceCatalogue.Host)
        {
            yield break;
        }

        foreach (Type type in options.Components.Types.Values.Where(ComponentCatalogue.IsAnatomy).OrderBy(static type => type.Name, StringComparer.Ordinal))
        {
            if (OfRecipes(type, options.Recipe, options.Shape) is { } anatomy)
            {
                yield return new Entry(((Component)anatomy).Name, anatomy, options.Shape);
            }

            VolumeShape image = HostKernels.ImageBeside(options.Shape);
            if (options.Shape.Dimensions == 3 && OfRecipes(type, options.Recipe, image) is { } flat)
            {
                yield return new Entry($"{((Component)flat).Name} 2D", flat, image);
            }
        }
    }

    // As the given recipe has it, or the first preset. What makes no labels of its own paints nothing by itself: it is timed in the passes of recipes.
    private static IAnatomyComponent? OfRecipes(Type type, Recipe given, VolumeShape shape) => DrawnComponent.OfRecipes(type, given)
        .Where(found => found.Dimensions == shape.Dimensions)
        .Select(static found => found.Component)
        .OfType<IAnatomyComponent>()
        .FirstOrDefault(component => !component.Covers && component.LabelCount(shape, null) > 0);

    private sealed class Entry(string name, IAnatomyComponent anatomy, VolumeShape shape)
        : PieceworkEntry(BenchmarkKind.Component, name, shape)
    {
        protected override KernelBenchmark Create(int threads) => new AnatomyBenchmark(anatomy, Shape, threads, AnatomyBenchmark.Painting(anatomy, Shape));
    }
}

/// <summary>One anatomy at work over the labels of another: what follows from its numbers, its preparation, its slabs.</summary>
internal sealed unsafe class AnatomyBenchmark : KernelBenchmark
{
    private readonly IAnatomyComponent component;
    private readonly RowLayout rows;
    private readonly HostAnatomy anatomy;
    private readonly WorkArena arena = new();
    private readonly NativeMemoryBlock<uint> words;
    private readonly NativeMemoryBlock<byte> labels;

    private readonly long sample;

    public AnatomyBenchmark(IAnatomyComponent component, VolumeShape shape, int threads, long sample)
        : base(shape, threads)
    {
        this.component = component;
        this.sample = sample;
        rows = new RowLayout([(Component)component], new SampleFacts(shape, 255));
        words = Allocate<uint>(rows.Length);
        labels = Allocate<byte>(shape.VoxelCount);
        rows.Draw(42, SampleKey.Of(sample), words.Span);
        anatomy = component.CreateHostAnatomy(new StepPlace(rows.Entries[0], 0, rows.Facts));
        anatomy.Declare(arena);
        arena.Allocate();
        Own(arena);
        AllocateScratch(Math.Max(1, anatomy.ScratchLength));
    }

    /// <summary>A sample in which the anatomy paints anything: by its own chance it may not.</summary>
    public static long Painting(IAnatomyComponent component, VolumeShape shape) => DrawnComponent.FirstThat(sample =>
    {
        using var small = new AnatomyBenchmark(component, Small(shape), 1, sample);
        return Array.Exists(Painted(small), static label => label != 0xff);
    });

    /// <inheritdoc/>
    public override string Name => ((Component)component).Name;

    /// <inheritdoc/>
    public override int Phases => 3;

    // Where nothing is painted nothing is read; how much is, depends on the sample: the labels, once, are what it can be held against.
    public override KernelCost Cost => KernelCost.Traffic(component.BytesPerVoxel);

    public override int Pieces(int phase) => phase switch { 0 => 1, 1 => anatomy.PreparationCount, _ => anatomy.SlabCount };

    public override void Run(int phase, int piece, int thread)
    {
        switch (phase)
        {
            case 0:
                rows.Prepare(words.Span);
                break;
            case 1:
                anatomy.Prepare(arena, words.Span, piece, Scratch(thread));
                break;
            default:
                anatomy.Slab(arena, words.Span, piece, labels.Pointer, Scratch(thread));
                break;
        }
    }

    // Its lanes are held against each other and a reference by its own tests: here, that it paints a part and no more, twice the same.
    public override void Check()
    {
        using var benchmark = new AnatomyBenchmark(component, Small(Shape), 1, sample);
        byte[] once = Painted(benchmark);
        int painted = once.Count(static label => label != 0xff);
        if (painted == 0 || painted == once.Length || !once.AsSpan().SequenceEqual(Painted(benchmark)))
        {
            throw new GpuSynthException($"{Name} painted {painted} of {once.Length} voxels, or not the same twice; run ./test first.");
        }
    }

    private static VolumeShape Small(VolumeShape shape) =>
        shape.Dimensions == 3 ? VolumeShape.Volume(33, 18, 35) : VolumeShape.Image(65, 51);

    private static byte[] Painted(AnatomyBenchmark benchmark)
    {
        benchmark.labels.Span.Fill(0xff);
        for (int phase = 0; phase < benchmark.Phases; phase++)
        {
            for (int piece = 0; piece < benchmark.Pieces(phase); piece++)
            {
                benchmark.Run(phase, piece, 0);
            }
        }

        return benchmark.labels.Span.ToArray();
    }
}
