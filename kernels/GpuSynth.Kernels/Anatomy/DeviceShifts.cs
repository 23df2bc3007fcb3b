using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// The displacements of a batch on a device, drawn and merged: those of a noise anatomy, one per label, or a label map's deformation.
/// </summary>
/// <param name="grid">The merged grid.</param>
/// <param name="stream">Stream of the nodes.</param>
/// <param name="stdWord">The word of the first scale's standard deviation.</param>
/// <param name="name">What they are.</param>
/// <param name="suffix">What follows the names of the memory.</param>
internal sealed class DeviceShifts(ShiftGrid grid, uint stream, int stdWord, string name, string suffix)
{
    private int nodesPiece;
    private int scalesPiece;
    private int weightsPiece;
    private int placesPiece;
    private int cellsPiece;
    private ArrayView<float> nodes;
    private ArrayView<NoiseGridScale> scales;
    private ArrayView<KnotWeight> weights;
    private CoarseDraw.Launcher? draw;
    private KnotMerge.Launcher? merge;

    /// <summary>The merged grid.</summary>
    public ShiftGrid Grid => grid;

    /// <summary>Its table of places.</summary>
    public ArrayView<ShiftPlace> Places { get; private set; }

    /// <summary>Its cells, [sample][cell].</summary>
    public ArrayView<ShiftKnot> Cells { get; private set; }

    public void Declare(IDeviceMemory memory, int batchSize)
    {
        nodesPiece = memory.Declare<float>($"{name} nodes{suffix}", (long)batchSize * grid.Layout.Length, $"coarse grids of the {name}s");
        scalesPiece = memory.Declare<NoiseGridScale>($"{name} scales{suffix}", grid.Layout.ScaleCount, "where the coarse grids lie");
        weightsPiece = memory.Declare<KnotWeight>($"{name} weights{suffix}", grid.Weights.Length, "what a knot takes from the nodes");
        placesPiece = memory.Declare<ShiftPlace>($"{name} places{suffix}", grid.Places.Length, "where a voxel lies between the knots");
        cellsPiece = memory.Declare<ShiftKnot>($"{name} knots{suffix}", (long)batchSize * grid.Cells, $"the {name}s on merged grids");
    }

    public void Start(KernelLoader loader, IDeviceMemory memory)
    {
        nodes = memory.View<float>(nodesPiece);
        scales = memory.View<NoiseGridScale>(scalesPiece);
        weights = memory.View<KnotWeight>(weightsPiece);
        Places = memory.View<ShiftPlace>(placesPiece);
        Cells = memory.View<ShiftKnot>(cellsPiece);
        draw = new CoarseDraw.Launcher(loader);
        merge = new KnotMerge.Launcher(loader);
        memory.Upload<NoiseGridScale>(NoiseField.Scales(grid.Layout), scales);
        memory.Upload<KnotWeight>(grid.Weights, weights);
        memory.Upload<ShiftPlace>(grid.Places, Places);
    }

    /// <summary>Draws and merges.</summary>
    public void Run(in AnatomyBatch batch)
    {
        if (grid.Layout.Length > 0)
        {
            draw!.Run(batch.Words, batch.Layout, batch.Samples, false, stream, stdWord, scales, grid.Layout.Length, nodes);
        }

        merge!.Shifts(grid, batch.Samples, nodes, scales, weights, Cells);
    }
}
