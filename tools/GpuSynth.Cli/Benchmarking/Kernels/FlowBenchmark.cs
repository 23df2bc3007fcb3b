using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>
/// Flow: a velocity as synthseg-3d draws it, integrated by scaling and squaring. The work is per node, and one thread's; figures are per voxel of
/// the volume that it serves, as all others.
/// </summary>
[HostForm(BenchmarkKind.Stage, OnImages = true)]
internal sealed unsafe class FlowBenchmark : KernelBenchmark
{
    private const double StdOfSide = 0.02;
    private readonly FlowGrid grid;
    private readonly HostFlow flow;
    private readonly NativeMemoryBlock<float> velocity;
    private readonly NativeMemoryBlock<float> one;
    private readonly NativeMemoryBlock<float> other;
    private readonly NativeMemoryBlock<float> nodes;

    public FlowBenchmark(VolumeShape shape, int threads)
        : base(shape, threads)
    {
        grid = new FlowGrid(shape, new ShiftGrids([SideMeasure.SideOver(6)], StdOfSide));
        flow = new HostFlow(grid);
        velocity = Allocate<float>(flow.VelocityLength);
        one = Allocate<float>(flow.GridLength);
        other = Allocate<float>(flow.GridLength);
        nodes = Allocate<float>(grid.Layout.Length);
        AllocateScratch(flow.ScratchLength);
        var place = new RandomPlace(42, 3, Streams.VelocityNodes);
        Normal.HostFill(velocity.Pointer, grid.Velocity.Length, place, 0, (float)(StdOfSide * shape.Side));
    }

    // Per node and squaring: for each axis a multiply-add, minimum, maximum, floor, minimum, conversion and difference, and 2 for the index; for each
    // component 3 lerps of an image, 7 of a volume, and a sum. What is merged before is little beside it.
    public override KernelCost Cost
    {
        get
        {
            int axes = Shape.Dimensions;
            KernelCost node = (axes * (KernelCost.MultiplyAdd + KernelCost.Simple(6) + KernelCost.Integer(2)))
                + (axes * (((axes == 3 ? 7 : 3) * KernelCost.Lerp) + KernelCost.Simple(1)));
            return (double)grid.Layout.NodesPerChannel(0) / Shape.VoxelCount * ((grid.Squarings * node) + KernelCost.Traffic(4 * axes));
        }
    }

    public override int Pieces(int phase) => 1;

    public override void Run(int phase, int piece, int thread) =>
        flow.Integrate(velocity.Pointer, one.Pointer, other.Pointer, nodes.Pointer, Scratch(thread));

    public override void Check()
    {
        VolumeShape small = Shape.Dimensions == 3 ? VolumeShape.Volume(17, 18, 35) : VolumeShape.Image(65, 51);
        using var benchmark = new FlowBenchmark(small, 1);
        benchmark.Run(0, 0, 0);
        double[] reference = FlowGrid.ReferenceNodes(benchmark.grid, benchmark.velocity.Span[..benchmark.grid.Velocity.Length]);
        CheckClose(benchmark.nodes.Span, reference, 40 * benchmark.grid.Squarings);
    }
}
