using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>The nodes of the bias fields of a batch, as the table that <see cref="BiasLink"/> and the hand-fused painting look into.</summary>
internal sealed class BiasTable(StepPlace place, BiasGrid grid) : DeviceTable
{
    private CoarseDraw.Launcher? draw;
    private BiasNodes.Launcher? nodes;

    /// <inheritdoc/>
    public override TableMemory Numbers { get; } = new("bias-field nodes", grid.NodeCount, "coarse grids of the bias fields");

    /// <inheritdoc/>
    public override IReadOnlyList<TableMemory> Scratch
    {
        get
        {
            (int cells, int afterX, int matrices) = BiasNodes.ScratchLengths(grid);
            return
            [
                new("bias-field cells", cells, "white noise of the bias fields, then their passes"),
                new("bias-field rows", afterX, "the bias fields after their pass along x"),
                new("bias-field matrices", matrices, "what brings the cells' noise to the nodes"),
            ];
        }
    }

    /// <inheritdoc/>
    public override void Start(KernelLoader loader)
    {
        draw = new CoarseDraw.Launcher(loader);
        nodes = new BiasNodes.Launcher(loader);
    }

    /// <inheritdoc/>
    public override void Run(
        ArrayView<uint> words,
        SampleLayout layout,
        int samples,
        IReadOnlyList<ArrayView<float>> scratch,
        ArrayView<float> numbers,
        ArrayView<uint> measured)
    {
        uint stream = place.Stream(Streams.BiasCells);
        draw!.Run(words, layout, samples, true, stream, -1, ArrayView<NoiseGridScale>.Empty, grid.CellCount, scratch[0]);
        int sigma = SampleLayout.FieldOf<Bias.Drawn>(place.Entry, nameof(Bias.Drawn.SigmaVoxels));
        nodes!.Run(words, layout, samples, grid, sigma, scratch[0], scratch[1], scratch[2], numbers, measured);
    }
}
