using ILGPU;

namespace GpuSynth.Kernels;

// FlowKernels: the squarings of FlowGrid for a batch, a launch each, between two grids per sample.
//   velocity: float[sample][node] (NoiseGridLayout). displacement: float[sample * stride + channel * nodes + node], in voxels.
// A thread per node. Values: the same run to run on one device. Reference: FlowGrid.Reference.cs. On the host: HostFlow.

/// <summary>u_0 = v / 2^T: a node of one component per thread, of the sample Grid.IdxY.</summary>
internal readonly struct FlowStart(
    ArrayView<float> velocity, ArrayView<NoiseGridScale> scales, ArrayView<KnotWeight> weights, FlowPlan plan, ArrayView<float> displacement) : IKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int element = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        if (element >= plan.Channels * plan.Nodes)
        {
            return;
        }

        int row = element / plan.CountX;
        int plane = row / plan.CountY;
        int channel = plane / plan.CountZ;
        int x = KernelMath.Min(element - (row * plan.CountX), plan.WeightsX - 1);
        int y = KernelMath.Min(row - (plane * plan.CountY), plan.WeightsY - 1);
        int z = KernelMath.Min(plane - (channel * plan.CountZ), plan.WeightsZ - 1);
        ArrayView<float> own = velocity.SubView((long)Grid.IdxY * plan.VelocityNodes, plan.VelocityNodes);
        float sum = 0f;
        int table = 0;
        for (int scale = 0; scale < plan.Scales; scale++)
        {
            KnotWeight alongZ = weights[table + z];
            KnotWeight alongY = weights[table + plan.WeightsZ + y];
            int below = scales[scale].Offset + (channel * scales[scale].NodesPerChannel) + KnotMerge.Whole(alongZ.Node) + KnotMerge.Whole(alongY.Node);
            int above = below + KnotMerge.Whole(alongZ.Step);
            NodeRows rows;
            rows.LowLower = own.SubView(below);
            rows.LowUpper = own.SubView(below + KnotMerge.Whole(alongY.Step));
            rows.HighLower = own.SubView(above);
            rows.HighUpper = own.SubView(above + KnotMerge.Whole(alongY.Step));
            rows.OfLowLower = alongZ.First * alongY.First;
            rows.OfLowUpper = alongZ.First * alongY.Second;
            rows.OfHighLower = alongZ.Second * alongY.First;
            rows.OfHighUpper = alongZ.Second * alongY.Second;
            sum += rows.At(weights[table + plan.WeightsZ + plan.WeightsY + x]);
            table += plan.WeightsZ + plan.WeightsY + plan.WeightsX;
        }

        displacement[((long)Grid.IdxY * plan.Stride) + element] = sum * plan.FirstStep;
    }
}

/// <summary>u(x) + u(x + u(x)): a node per thread, of the sample Grid.IdxY.</summary>
internal readonly struct FlowSquare(ArrayView<float> from, int fromStride, FlowPlan plan, ArrayView<float> to, int toStride) : IKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        int node = (Grid.IdxX * KernelLoader.GroupSize) + Group.IdxX;
        int nodes = plan.Nodes;
        if (node >= nodes)
        {
            return;
        }

        int row = node / plan.CountX;
        int plane = row / plan.CountY;
        ArrayView<float> own = from.SubView((long)Grid.IdxY * fromStride, plan.Channels * nodes);
        ArrayView<float> result = to.SubView((long)Grid.IdxY * toStride, plan.Channels * nodes);
        int alongX = (plan.Channels - 1) * nodes;
        int alongY = alongX - nodes;

        // An image has no component z, and one plane.
        float shiftZ = plan.Channels == 3 ? own[node] * plan.PerVoxelZ : 0f;
        var z = new FlowCell(plane + shiftZ, plan.CountZ, plan.CountY * plan.CountX);
        var y = new FlowCell(row - (plane * plan.CountY) + (own[alongY + node] * plan.PerVoxelY), plan.CountY, plan.CountX);
        var x = new FlowCell(node - (row * plan.CountX) + (own[alongX + node] * plan.PerVoxelX), plan.CountX, 1);
        for (int channel = 0; channel < plan.Channels; channel++)
        {
            int first = channel * nodes;
            int corner = first + z.Offset + y.Offset + x.Offset;
            float below = NoiseField.Linear(Along(own, corner, x), Along(own, corner + y.Step, x), y.T);
            float above = NoiseField.Linear(Along(own, corner + z.Step, x), Along(own, corner + z.Step + y.Step, x), y.T);
            result[first + node] = own[first + node] + NoiseField.Linear(below, above, z.T);
        }
    }

    private static float Along(ArrayView<float> own, int corner, FlowCell x) => NoiseField.Linear(own[corner], own[corner + x.Step], x.T);
}

/// <summary>A cell of a grid along one axis, and a place in it.</summary>
internal readonly struct FlowCell
{
    /// <summary>Where its lower node lies.</summary>
    public readonly int Offset;

    /// <summary>From it to the upper; 0 where there is none.</summary>
    public readonly int Step;

    /// <summary>0 at the lower node, 1 at the upper.</summary>
    public readonly float T;

    /// <summary>The cell of a position, which is clamped to the grid.</summary>
    /// <param name="position">In cells from the first node.</param>
    /// <param name="count">Nodes.</param>
    /// <param name="stride">From node to node in memory.</param>
    public FlowCell(float position, int count, int stride)
    {
        float inside = KernelMath.Min(KernelMath.Max(position, 0f), count - 1f);
        int cell = KernelMath.Min((int)inside, KernelMath.Max(count - 2, 0));
        Offset = cell * stride;
        Step = count > 1 ? stride : 0;
        T = inside - cell;
    }
}
