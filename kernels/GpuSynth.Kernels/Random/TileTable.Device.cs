using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>The tiles of a batch (<see cref="LatticeTile"/>) on a device: normal numbers of one stream.</summary>
/// <param name="name">What it is called in the plan.</param>
/// <param name="shape">Shape of a sample.</param>
/// <param name="stream">Their stream, its occurrence in the recipe in bits 16 to 23.</param>
internal sealed class TileTable(string name, VolumeShape shape, uint stream) : DeviceTable
{
    private readonly int length = LatticeTile.Length(shape);
    private CoarseDraw.Launcher? draw;

    /// <inheritdoc/>
    public override TableMemory Numbers { get; } = new(name, LatticeTile.Length(shape), "normal numbers of the lattices");

    /// <inheritdoc/>
    public override IReadOnlyList<TableMemory> Scratch => [];

    /// <inheritdoc/>
    public override void Start(KernelLoader loader) => draw = new CoarseDraw.Launcher(loader);

    /// <inheritdoc/>
    public override void Run(
        ArrayView<uint> words,
        SampleLayout layout,
        int samples,
        IReadOnlyList<ArrayView<float>> scratch,
        ArrayView<float> numbers,
        ArrayView<uint> measured) =>
        draw!.Run(words, layout, samples, true, stream, -1, ArrayView<NoiseGridScale>.Empty, length, numbers);
}
