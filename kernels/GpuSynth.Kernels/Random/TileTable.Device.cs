using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>The tiles of a batch (<see cref="LatticeTile"/>) on a device: normal numbers of one stream.</summary>
/// <param name="name">What it is called in the plan.</param>
/// <param name="shape">Shape of a sample.</param>
/// <param name="stream">Their stream, its occurrence in the recipe in bits 16 to 23.</param>
/// <param name="ofAppearance">Whether the numbers belong to the appearance, not to the anatomy.</param>
/// <param name="isUsed">Whether anything looks into them; else they are none.</param>
internal sealed class TileTable(string name, VolumeShape shape, uint stream, bool ofAppearance = true, bool isUsed = true) : DeviceTable
{
    private readonly int length = isUsed ? LatticeTile.Length(shape) : 0;
    private CoarseDraw.Launcher? draw;

    /// <inheritdoc/>
    public override TableMemory Numbers { get; } = new(name, isUsed ? LatticeTile.Length(shape) : 0, "normal numbers of the lattices");

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
        ArrayView<uint> measured)
    {
        if (length > 0)
        {
            draw!.Run(words, layout, samples, ofAppearance, stream, -1, ArrayView<NoiseGridScale>.Empty, length, numbers);
        }
    }
}
