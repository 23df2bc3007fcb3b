using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>LabelMapAnatomy: a map of the volume's own shape, turned, scaled and deformed.</summary>
[HostForm(BenchmarkKind.Stage, OnImages = true)]
internal sealed unsafe class LabelMapAnatomyBenchmark : KernelBenchmark
{
    // The middle of the preset's law for deformations, uniform(0, 0.02) of the side.
    private const float DeformationStdOfSide = 0.01f;
    private readonly NoiseGridLayout layout;
    private readonly LabelMapAnatomyHost kernel;
    private readonly LabelMapTransform transform;
    private readonly NativeMemoryBlock<float> nodes;
    private readonly NativeMemoryBlock<float> knots;
    private readonly NativeMemoryBlock<byte> map;
    private readonly NativeMemoryBlock<byte> labels;

    public LabelMapAnatomyBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        int side = shape.Side;
        int[] scales = [Math.Max(1, side / 16), Math.Max(1, side / 8), Math.Max(1, side / 4)];
        layout = new NoiseGridLayout(shape, scales, shape.Dimensions);
        kernel = new LabelMapAnatomyHost(shape, layout);
        KnotGrid grid = kernel.Deformation!;
        nodes = Allocate<float>(layout.Length);
        knots = Allocate<float>(grid.Length);
        map = Allocate<byte>(shape.VoxelCount);
        labels = Allocate<byte>(shape.VoxelCount);
        AllocateScratch(Math.Max(kernel.ScratchLength, grid.ScratchLength));
        var place = new RandomPlace(42, 3, Streams.DeformationNodes);
        Normal.HostFill(nodes.Pointer, layout.Length, place, 0, DeformationStdOfSide * side);
        for (int channel = 0; channel < layout.Channels; channel++)
        {
            grid.Merge(nodes.Pointer, channel, 1, knots.Pointer, Scratch(0));
        }

        for (long voxel = 0; voxel < shape.VoxelCount; voxel++)
        {
            map.Pointer[voxel] = (byte)(voxel / 13 % 31);
        }

        var pose = new LabelMapPose
        {
            RotationDegrees = (8, -6, 5),
            Scaling = (1.1f, 0.95f, 1.05f),
            TranslationOfSide = (0.02f, 0, -0.02f),
        };
        transform = LabelMapGeometry.Transform(shape, shape, (1, 1, 1), 1, in pose);
    }

    public override KernelCost Cost => CostOf(Shape, kernel.Deformation!);

    public override int Pieces(int phase) => RowPieces;

    // Per axis: the displacement's lerp along x and its sum; 3 multiply-adds; sum, floor, 2 comparisons, minimum, maximum and
    // conversion to the nearest voxel inside; 2 for the mask and 2 for the index. Then 7 to cut the byte out of the gathered
    // word. Per knot of a row 3 lerps per axis. A byte written, and one read: every byte of the map about once, in whatever
    // order. (2D takes a few more than two thirds of 3D's; they are not counted.)
    public static KernelCost CostOf(VolumeShape shape, KnotGrid deformation)
    {
        KernelCost axis = KernelCost.Lerp + KernelCost.Simple(1) + (3 * KernelCost.MultiplyAdd) + KernelCost.Simple(7)
            + KernelCost.Integer(4) + ((double)deformation.X.Count / shape.Width * 3 * KernelCost.Lerp);
        return (shape.Dimensions * axis) + KernelCost.Integer(7) + KernelCost.Traffic(2);
    }

    public override void Run(int phase, int piece, int thread)
    {
        (int first, int count) = RowRange(piece);
        kernel.Rows(first, count, knots.Pointer, in transform, map.Pointer, labels.Pointer, Scratch(thread));
    }

    public override void Check()
    {
        VolumeShape small = Shape.Dimensions == 3 ? VolumeShape.Volume(17, 18, 35) : VolumeShape.Image(65, 51);
        using var benchmark = new LabelMapAnatomyBenchmark(small, 1);
        for (int piece = 0; piece < benchmark.Pieces(0); piece++)
        {
            benchmark.Run(0, piece, 0);
        }

        var reference = new byte[small.VoxelCount];
        var margins = new double[small.VoxelCount];
        LabelMapAnatomy.ReferenceLabels(
            small, in benchmark.transform, benchmark.map.Span, benchmark.layout, benchmark.nodes.Span, reference, margins);

        // A position is wrong by the rounding of its operations at the size of the axes, all of which go into it.
        double rounding = Cost.Flops * (small.Depth + small.Height + small.Width) / (1 << 24);
        CheckLabels(benchmark.labels.Span, reference, margins, rounding);
    }
}
