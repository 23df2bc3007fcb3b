using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Kernels;

/// <summary>The flow of the velocities of a batch on a device: drawn, started, and squared T times.</summary>
/// <param name="grid">Where velocity and displacement are.</param>
/// <param name="numbers">Where the velocity's nodes are drawn.</param>
/// <param name="suffix">What follows the names of the memory.</param>
internal sealed class DeviceFlow(FlowGrid grid, NodeNumbers numbers, string suffix)
{
    private int nodesPiece;
    private int scalesPiece;
    private int weightsPiece;
    private int besidePiece;
    private ArrayView<float> nodes;
    private ArrayView<NoiseGridScale> scales;
    private ArrayView<KnotWeight> weights;
    private ArrayView<float> beside;
    private CoarseDraw.Launcher? draw;
    private Action<KernelConfig, FlowStart>? start;
    private Action<KernelConfig, FlowSquare>? square;

    public void Declare(IDeviceMemory memory, int batchSize)
    {
        nodesPiece = memory.Declare<float>($"velocity nodes{suffix}", (long)batchSize * grid.Velocity.Length, "coarse grids of the velocities");
        scalesPiece = memory.Declare<NoiseGridScale>($"velocity scales{suffix}", grid.Velocity.ScaleCount, "where the coarse grids lie");
        weightsPiece = memory.Declare<KnotWeight>($"velocity weights{suffix}", grid.Weights.Length, "what a node of a flow takes from a velocity");
        besidePiece = memory.Declare<float>($"flow{suffix}", (long)batchSize * grid.Layout.Length, "the flow of every other squaring");
    }

    public void Start(KernelLoader loader, IDeviceMemory memory)
    {
        nodes = memory.View<float>(nodesPiece);
        scales = memory.View<NoiseGridScale>(scalesPiece);
        weights = memory.View<KnotWeight>(weightsPiece);
        beside = memory.View<float>(besidePiece);
        memory.Upload<NoiseGridScale>(NoiseField.Scales(grid.Velocity), scales);
        memory.Upload<KnotWeight>(grid.Weights, weights);
        draw = new CoarseDraw.Launcher(loader);
        start = loader.Load<FlowStart>();
        square = loader.Load<FlowSquare>();
    }

    /// <summary>Draws and integrates.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="displacement">Written: nodes of each sample's displacement, laid out by <see cref="FlowGrid.Layout"/>.</param>
    /// <param name="stride">From one sample's to the next.</param>
    public void Run(in AnatomyBatch batch, ArrayView<float> displacement, int stride)
    {
        int own = grid.Layout.Length;
        int samples = batch.Samples;
        draw!.Run(batch.Words, batch.Layout, samples, false, numbers.Stream, numbers.StdWord, scales, grid.Velocity.Length, nodes);

        // The last squaring writes where the displacement goes.
        bool isBeside = grid.Squarings % 2 == 1;
        start!(
            BatchGrid.Of(own, samples),
            new(nodes, scales, weights, new FlowPlan(grid, isBeside ? own : stride), isBeside ? beside : displacement));
        var plan = new FlowPlan(grid, stride);
        for (int squaring = 0; squaring < grid.Squarings; squaring++, isBeside = !isBeside)
        {
            square!(
                BatchGrid.Of(plan.Nodes, samples),
                isBeside ? new(beside, own, plan, displacement, stride) : new(displacement, stride, plan, beside, own));
        }
    }
}
