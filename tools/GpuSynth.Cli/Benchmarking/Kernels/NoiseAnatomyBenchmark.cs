using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>NoiseAnatomy: labels from merged grids, with the preset's number of labels at the side.</summary>
[HostForm(BenchmarkKind.Stage, OnImages = true)]
internal sealed unsafe class NoiseAnatomyBenchmark : KernelBenchmark
{
    private readonly NoiseAnatomySetup setup;
    private readonly NoiseAnatomyHost kernel;
    private readonly NativeMemoryBlock<float> fieldKnots;
    private readonly NativeMemoryBlock<float> displacementKnots;
    private readonly NativeMemoryBlock<byte> labels;

    public NoiseAnatomyBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        setup = new NoiseAnatomySetup(shape);
        Own(setup);
        kernel = new NoiseAnatomyHost(shape, setup.Fields, setup.Displacements);
        KnotGrid displacement = kernel.Displacement!;
        fieldKnots = Allocate<float>(kernel.Field.Length);
        displacementKnots = Allocate<float>(displacement.Length);
        labels = Allocate<byte>(shape.VoxelCount);
        AllocateScratch(Math.Max(kernel.ScratchLength, Math.Max(kernel.Field.ScratchLength, displacement.ScratchLength)));
        for (int channel = 0; channel < setup.Labels; channel++)
        {
            kernel.Field.Merge(setup.FieldNodes.Pointer, channel, 1, fieldKnots.Pointer, Scratch(0));
        }

        for (int channel = 0; channel < setup.Displacements.Channels; channel++)
        {
            float stretch = kernel.Stretch(channel % shape.Dimensions);
            displacement.Merge(setup.DisplacementNodes.Pointer, channel, stretch, displacementKnots.Pointer, Scratch(0));
        }
    }

    public override KernelCost Cost => CostOf(Shape, setup.Labels, kernel.Displacement!);

    public override int Pieces(int phase) => kernel.SlabCount;

    // What cannot be saved: how many labels a block can leave out depends on the sample, so only this is counted, and the share
    // of the ceiling is what the kernel would reach if it did nothing else.
    //   Per label, the sampling position: per axis one multiply-add for each displacement node around a tile (mean of the tiles),
    //   and 2 to stay in the volume.
    //   Once: the winner's score from the fewest knots, 2 per axis (5 per axis for their weights; 3D 4 + 4 products or
    //   multiply-adds along x, 4 along y, 2 along z; 2D 2 + 2 and 2), and 8 to compare and keep it, 4 of them floating-point.
    //   A byte is written; the grids are in cache.
    public static KernelCost CostOf(VolumeShape shape, int labels, KnotGrid displacement)
    {
        int axes = shape.Dimensions;
        bool isVolume = axes == 3;
        double nodes = isVolume
            ? MeanNodes(displacement.Y, 4) * MeanNodes(displacement.X, 4)
            : MeanNodes(displacement.X, 16);
        KernelCost position = axes * ((nodes * KernelCost.MultiplyAdd) + KernelCost.Simple(2));
        KernelCost score = KernelCost.Simple(5 * axes)
            + KernelCost.Simple(isVolume ? 4 : 2) + ((isVolume ? 10 : 4) * KernelCost.MultiplyAdd);
        return (labels * position) + score + KernelCost.Simple(4) + KernelCost.Integer(4) + KernelCost.Traffic(1);
    }

    public override void Run(int phase, int piece, int thread) =>
        kernel.Slab(piece, fieldKnots.Pointer, displacementKnots.Pointer, labels.Pointer, Scratch(thread));

    public override void Check()
    {
        VolumeShape small = Shape.Dimensions == 3 ? VolumeShape.Volume(33, 18, 35) : VolumeShape.Image(65, 51);
        using var benchmark = new NoiseAnatomyBenchmark(small, 1);
        for (int piece = 0; piece < benchmark.Pieces(0); piece++)
        {
            benchmark.Run(0, piece, 0);
        }

        var reference = new byte[small.VoxelCount];
        var margins = new double[small.VoxelCount];
        NoiseAnatomySetup drawn = benchmark.setup;
        NoiseAnatomy.ReferenceLabels(
            small, drawn.Fields, drawn.FieldNodes.Span, drawn.Displacements, drawn.DisplacementNodes.Span, reference, margins);

        // A position is wrong by the rounding of its operations at the size of the axis; a field changes by at most twice its
        // largest node per scale and voxel.
        float steepest = 0;
        foreach (float node in drawn.FieldNodes.Span)
        {
            steepest = Math.Max(steepest, 2 * drawn.Fields.ScaleCount * Math.Abs(node));
        }

        double position = 2 * benchmark.Cost.Flops / drawn.Labels * Math.Max(small.Side, small.Width) / (1 << 24);
        CheckLabels(benchmark.labels.Span, reference, margins, position * steepest);
    }

    private static double MeanNodes(KnotAxis axis, int edge)
    {
        int tiles = 0;
        int nodes = 0;
        for (int first = 0; first < axis.Length; first += edge, tiles++)
        {
            int last = Math.Min(first + edge, axis.Length) - 1;
            nodes += Math.Min(axis.CellOfVoxel[last] + 1, axis.Count - 1) - axis.CellOfVoxel[first] + 1;
        }

        return (double)nodes / tiles;
    }
}
