using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>
/// The displacements of a batch on a device, drawn and merged: those of a noise anatomy, one per label, or a label map's deformation.
/// </summary>
/// <param name="grid">The merged grid.</param>
/// <param name="numbers">Where the nodes are drawn.</param>
/// <param name="name">What they are.</param>
/// <param name="suffix">What follows the names of the memory.</param>
/// <param name="flow">What makes the first of the grids; null: all are drawn.</param>
/// <param name="drawn">Those that are drawn beside it; null: all.</param>
internal sealed class DeviceShifts(
    ShiftGrid grid, NodeNumbers numbers, string name, string suffix, DeviceFlow? flow = null, NoiseGridLayout? drawn = null)
{
    private readonly DeviceKnots<ShiftPlace, ShiftKnot> knots = new(
        grid.Layout,
        grid.Weights,
        grid.Places,
        grid.Cells,
        numbers,
        new KnotTexts(name, $"{name}s", "where a voxel lies between the knots", suffix),
        drawn);

    private KnotMerge.Launcher? merge;

    /// <summary>The merged grid.</summary>
    public ShiftGrid Grid => grid;

    /// <summary>Its table of places.</summary>
    public ArrayView<ShiftPlace> Places => knots.Places;

    /// <summary>Its cells, [sample][cell].</summary>
    public ArrayView<ShiftKnot> Cells => knots.Knots;

    public void Declare(IDeviceMemory memory, int batchSize)
    {
        knots.Declare(memory, batchSize);
        flow?.Declare(memory, batchSize);
    }

    public void Start(KernelLoader loader, IDeviceMemory memory)
    {
        knots.Start(loader, memory);
        flow?.Start(loader, memory);
        merge = new KnotMerge.Launcher(loader);
    }

    /// <summary>Draws and merges.</summary>
    public void Run(in AnatomyBatch batch)
    {
        knots.Draw(in batch);
        flow?.Run(in batch, knots.Nodes, grid.Layout.Length);
        merge!.Shifts(grid, batch.Samples, knots.Nodes, knots.Scales, knots.Weights, knots.Knots);
    }
}
