using System.Reflection;
using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// Every pointwise component of the catalogue on the host, each alone: it is timed by being there, with the laws that a recipe gives it
/// (<see cref="DrawnComponent.AsUsed"/>), on a sample that it changes.
/// </summary>
internal sealed class PointwiseComponents : IBenchmarkSource
{
    /// <inheritdoc/>
    public IEnumerable<BenchmarkEntry> Entries(EngineOptions options) => options.Device != DeviceCatalogue.Host
        ? []
        : options.Components.Types
            .Where(static found => found.Value.IsAssignableTo(typeof(IVoxelComponent)))
            .OrderBy(static found => found.Key, StringComparer.Ordinal)
            .Select(found => new Entry(found.Key, DrawnComponent.AsUsed(found.Value, options.Recipe, options.Shape.Dimensions), options.Shape));

    private sealed class Entry(string name, Component component, VolumeShape shape)
        : PieceworkEntry(BenchmarkKind.Component, name, shape)
    {
        private readonly Lazy<long> sample = new(() => PointwiseBenchmark.Changing(component, shape));

        protected override KernelBenchmark Create(int threads) => new PointwiseBenchmark(component, Shape, threads, sample.Value);
    }
}

/// <summary>One pointwise component at work on a volume, in place.</summary>
internal sealed unsafe class PointwiseBenchmark : KernelBenchmark
{
    /// <summary>Labels of the sample.</summary>
    public const int Labels = 8;

    // Voxels in a row of one label: presets have 12 to 84 in the mean at 128^3.
    private const int RunLength = 23;

    // One voxel in so many may lie elsewhere, where a component jumps: at a threshold, a rounding.
    private const int JumpsOneIn = 500;

    private readonly IVoxelComponent component;
    private readonly DrawnComponent row;
    private readonly HostStep step;
    private readonly NativeMemoryBlock<float> original;
    private readonly NativeMemoryBlock<float> image;
    private readonly NativeMemoryBlock<byte> labels;
    private readonly NativeMemoryBlock<float> memory;

    public PointwiseBenchmark(Component component, VolumeShape shape, int threads, long sample)
        : base(shape, threads)
    {
        this.component = (IVoxelComponent)component;
        Name = component.Name;
        original = Allocate<float>(shape.VoxelCount);
        image = Allocate<float>(shape.VoxelCount);
        labels = Allocate<byte>(shape.VoxelCount);
        FillUniform(original);
        image.CopyFrom(original);
        for (long voxel = 0; voxel < shape.VoxelCount; voxel++)
        {
            labels.Pointer[voxel] = (byte)(voxel / RunLength % Labels);
        }

        row = new DrawnComponent(component, shape, Labels, sample);
        Own(row);
        step = this.component.CreateStep(row.Place);
        memory = Allocate<float>(Math.Max(1, step.MemoryLength));
        AllocateScratch(Math.Max(1, step.ScratchLength));
        var host = new HostSample(row.Row);
        step.Prepare(host, memory.Pointer, Scratch(0));
        if (this.component.Needs == MeasureNeed.Image)
        {
            step.Survey(host, original.Pointer, 0, shape.Depth, memory.Pointer, Scratch(0));
        }
    }

    /// <inheritdoc/>
    public override string Name { get; }

    // Operations as the component's mathematics counts them; a float read and written, and a label read where it is looked at.
    public override KernelCost Cost =>
        KernelCost.Of(Counted, (2 * sizeof(float)) + (component.ReadsLabels ? 1 : 0));

    public override MemoryWalk Walk => MemoryWalk.Update;

    private LaneCost Counted => component.CostOf(row.Place, row.Row);

    /// <summary>A sample that a component changes.</summary>
    public static long Changing(Component component, VolumeShape shape) => DrawnComponent.FirstThat(sample =>
    {
        using var small = new PointwiseBenchmark(component, shape.Dimensions == 3 ? VolumeShape.Cubic(3, 24) : VolumeShape.Cubic(2, 64), 1, sample);
        small.Run(0, 0, 0);
        return !small.image.Span.SequenceEqual(small.original.Span);
    });

    public override int Pieces(int phase) => FlatPieces;

    public override void Prepare() => image.CopyFrom(original);

    public override void Run(int phase, int piece, int thread)
    {
        (long first, int count) = FlatRange(piece);
        step.Run(new HostBlock
        {
            Words = (uint*)row.Row.WordsAddress,
            Measured = (float*)row.Row.MeasuredAddress,
            Memory = memory.Pointer,
            Scratch = Scratch(thread),
            Values = image.Pointer + first,
            Labels = component.ReadsLabels ? labels.Pointer + first : null,
            First = first,
            Count = count,
        });
    }

    // Against the same mathematics in double, which the component's own tests compare with values worked out by hand.
    public override void Check()
    {
        Prepare();
        for (int piece = 0; piece < FlatPieces; piece++)
        {
            Run(0, piece, 0);
        }

        ValueType chain = component.CreateLink(row.Place with { Table = new NumberTable(memory.Pointer) });
        var reference = (double[])typeof(PointwiseBenchmark).GetMethod(nameof(Exact), BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(chain.GetType()).Invoke(this, [chain])!;

        // A place is as large a number as the side, and rounded as such: what changes by its own size from voxel to voxel is off by as much.
        double bound = (Counted.Flops + Math.Max(Shape.Side, Shape.Width)) * reference.Max(Math.Abs) / (1 << 24);
        int elsewhere = 0;
        for (int voxel = 0; voxel < reference.Length; voxel++)
        {
            if (!(Math.Abs(image.Pointer[voxel] - reference[voxel]) <= bound) && ++elsewhere > reference.Length / JumpsOneIn)
            {
                throw new GpuSynthException(FormattableString.Invariant(
                    $"{Name} is wrong at voxel {voxel}: {image.Pointer[voxel]}, not {reference[voxel]} as the reference; run ./test first."));
            }
        }
    }

    private double[] Exact<TChain>(TChain chain)
        where TChain : struct, IChain<TChain>
    {
        Row drawn = row.Row;
        TChain loaded = TChain.Load<RealExact, WordExact>(chain, in drawn);
        var values = new double[Math.Min(10_048, Shape.VoxelCount)];
        for (int block = 0; block < Uniform.BlocksOf(values.Length); block++)
        {
            int first = Uniform.FirstElementOf(block);
            var four = new Four<WordExact>(Label(first), Label(first + 16), Label(first + 32), Label(first + 48));
            var voxels = new Voxels<RealExact, WordExact>(WordExact.Of((uint)block), four, in drawn);
            var before = new Four<RealExact>(Value(first), Value(first + 16), Value(first + 32), Value(first + 48));
            Four<RealExact> after = TChain.At(before, in voxels, in loaded);
            Put(first, after.A);
            Put(first + 16, after.B);
            Put(first + 32, after.C);
            Put(first + 48, after.D);
        }

        return values;

        WordExact Label(int voxel) => voxel < values.Length ? WordExact.Of(labels.Pointer[voxel]) : default;

        RealExact Value(int voxel) => voxel < values.Length ? new RealExact(original.Pointer[voxel]) : default;

        void Put(int voxel, RealExact value)
        {
            if (voxel < values.Length)
            {
                values[voxel] = value.V;
            }
        }
    }
}
