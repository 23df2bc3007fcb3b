using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// The displacements of a batch on a GPU, drawn and merged: those of a noise anatomy, one per label, or a label map's
/// deformation.
/// </summary>
internal sealed class GpuShifts(ShiftGrid grid, SampleLayout layout, int batchSize, uint stream, string name)
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

    public void Declare(GpuArena arena)
    {
        nodesPiece = arena.Declare<float>($"{name} nodes", (long)batchSize * grid.Layout.Length, $"coarse grids of the {name}s");
        scalesPiece = arena.Declare<NoiseGridScale>($"{name} scales", grid.Layout.ScaleCount, "where the coarse grids lie");
        weightsPiece = arena.Declare<KnotWeight>($"{name} weights", grid.Weights.Length, "what a knot takes from the nodes");
        placesPiece = arena.Declare<ShiftPlace>($"{name} places", grid.Places.Length, "where a voxel lies between the knots");
        cellsPiece = arena.Declare<ShiftKnot>($"{name} knots", (long)batchSize * grid.Cells, $"the {name}s on merged grids");
    }

    public void Start(GpuBackend backend, GpuArena arena)
    {
        nodes = arena.View<float>(nodesPiece);
        scales = arena.View<NoiseGridScale>(scalesPiece);
        weights = arena.View<KnotWeight>(weightsPiece);
        Places = arena.View<ShiftPlace>(placesPiece);
        Cells = arena.View<ShiftKnot>(cellsPiece);
        draw = new CoarseDraw.Launcher(backend.Kernels);
        merge = new KnotMerge.Launcher(backend.Kernels);
        backend.Upload<NoiseGridScale>(NoiseField.Scales(grid.Layout), scales);
        backend.Upload<KnotWeight>(grid.Weights, weights);
        backend.Upload<ShiftPlace>(grid.Places, Places);
    }

    /// <summary>Draws and merges.</summary>
    public void Enqueue(in GpuBatch batch)
    {
        if (grid.Layout.Length > 0)
        {
            draw!.Run(
                batch.Words, layout, batch.Samples, false, stream, layout.DisplacementStd, scales, grid.Layout.Length, nodes);
        }

        merge!.Shifts(grid, batch.Samples, nodes, scales, weights, Cells);
    }
}
