using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// NoiseField: the coarse grids of all labels and displacements brought to merged grids (<see cref="KnotGrid"/>), from which the
/// anatomy is read. The work is per knot; figures are per voxel of the volume that the grids serve, as all others.
/// </summary>
[HostForm(BenchmarkKind.Stage, OnImages = true)]
internal sealed unsafe class NoiseFieldBenchmark : KernelBenchmark
{
    private readonly NoiseAnatomySetup setup;
    private readonly NoiseAnatomyHost kernel;
    private readonly NativeMemoryBlock<float> fieldKnots;
    private readonly NativeMemoryBlock<float> displacementKnots;

    public NoiseFieldBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        setup = new NoiseAnatomySetup(shape);
        Own(setup);
        kernel = new NoiseAnatomyHost(shape, setup.Fields, setup.Displacements);
        fieldKnots = Allocate<float>(kernel.Field.Length);
        displacementKnots = Allocate<float>(kernel.Displacement!.Length);
        AllocateScratch(Math.Max(kernel.Field.ScratchLength, kernel.Displacement.ScratchLength));
    }

    public override KernelCost Cost => 1.0 / Shape.VoxelCount * (OfGrid(kernel.Field) + OfGrid(kernel.Displacement!));

    public override int Pieces(int phase) => setup.Fields.Channels + setup.Displacements.Channels;

    public override void Run(int phase, int piece, int thread)
    {
        if (piece < setup.Fields.Channels)
        {
            kernel.Field.Merge(setup.FieldNodes.Pointer, piece, 1, fieldKnots.Pointer, Scratch(thread));
        }
        else
        {
            int channel = piece - setup.Fields.Channels;
            kernel.Displacement!.Merge(setup.DisplacementNodes.Pointer, channel, 1, displacementKnots.Pointer, Scratch(thread));
        }
    }

    // At the displacements' knots, where the merged value is that of the sum at that place: read at the voxels that knots fall
    // on.
    public override void Check()
    {
        VolumeShape small = Shape.Dimensions == 3 ? VolumeShape.Volume(33, 32, 37) : VolumeShape.Image(65, 37);
        using var benchmark = new NoiseFieldBenchmark(small, 1);
        for (int piece = 0; piece < benchmark.Pieces(0); piece++)
        {
            benchmark.Run(0, piece, 0);
        }

        CheckGrid(benchmark.kernel.Field, benchmark.setup.FieldNodes, benchmark.fieldKnots);
        CheckGrid(benchmark.kernel.Displacement!, benchmark.setup.DisplacementNodes, benchmark.displacementKnots);
    }

    // Per channel and scale: 2 products and a sum per row of nodes and knot along x; a product and a multiply-add per plane of
    // nodes and knot of a plane; 2 multiply-adds per knot; once per knot a product. Nodes are read, knots written; the rest is
    // scratch.
    private static KernelCost OfGrid(KnotGrid grid)
    {
        double knots = (double)grid.Z.Count * grid.PlaneLength;
        KernelCost channel = (knots * KernelCost.Simple(1)) + KernelCost.Traffic(4 * knots);
        for (int scale = 0; scale < grid.Layout.ScaleCount; scale++)
        {
            (int nz, int ny, _) = grid.Layout.Nodes(scale);
            channel += ((double)nz * ny * grid.X.Count * KernelCost.Simple(3))
                + ((double)nz * grid.PlaneLength * (KernelCost.Simple(1) + KernelCost.MultiplyAdd))
                + (knots * 2 * KernelCost.MultiplyAdd)
                + KernelCost.Traffic(4.0 * grid.Layout.NodesPerChannel(scale));
        }

        return grid.Layout.Channels * channel;
    }

    private void CheckGrid(KnotGrid grid, NativeMemoryBlock<float> nodes, NativeMemoryBlock<float> knots)
    {
        VolumeShape shape = grid.Layout.Shape;
        double[] reference = NoiseField.ReferenceUpsample(grid.Layout, nodes.Span, 1);
        var host = new List<float>();
        var expected = new List<double>();
        for (int knot = 0; knot < grid.Z.Count * grid.PlaneLength; knot++)
        {
            float z = grid.Z.Positions[knot / grid.PlaneLength];
            float y = grid.Y.Positions[knot % grid.PlaneLength / grid.X.Count];
            float x = grid.X.Positions[knot % grid.X.Count];
            if (IsVoxel(z, shape.Depth) && IsVoxel(y, shape.Height) && IsVoxel(x, shape.Width))
            {
                host.Add(knots.Pointer[grid.ChannelStride + knot]);
                expected.Add(reference[((((int)z * shape.Height) + (int)y) * shape.Width) + (int)x]);
            }
        }

        CheckClose([.. host], [.. expected], 16 * grid.Layout.ScaleCount);
    }

    private static bool IsVoxel(float position, int length) =>
        position == MathF.Floor(position) && position >= 0 && position < length;
}
