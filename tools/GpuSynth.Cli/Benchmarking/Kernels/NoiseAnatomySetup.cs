using GpuSynth.Benchmarking.Measuring;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Benchmarking.Kernels;

/// <summary>The coarse grids of a RaSD anatomy of a shape, drawn with the middle of the preset's laws.</summary>
internal sealed unsafe class NoiseAnatomySetup : IDisposable
{
    // Middles of uniform(0, 1) and of uniform(0, 1/16) of the side.
    private const float FieldStd = 0.5f;
    private const float DisplacementStdOfSide = 0.03125f;

    public NoiseAnatomySetup(VolumeShape shape)
    {
        Recipe recipe = Presets.Get(shape.Dimensions == 3 ? "rasd-3d" : "rasd-2d");
        var anatomy = recipe.Find<NoiseAnatomy>()!;
        Labels = anatomy.LabelCount(shape.Side);
        Fields = anatomy.Field.Layout(shape, Labels);
        Displacements = anatomy.Displacement!.Layout(shape, Labels * shape.Dimensions);
        FieldNodes = Draw(Fields, Streams.FieldNodes, FieldStd);
        DisplacementNodes = Draw(Displacements, Streams.DisplacementNodes, DisplacementStdOfSide * shape.Side);
    }

    public int Labels { get; }

    public NoiseGridLayout Fields { get; }

    public NoiseGridLayout Displacements { get; }

    public NativeMemoryBlock<float> FieldNodes { get; }

    public NativeMemoryBlock<float> DisplacementNodes { get; }

    public void Dispose()
    {
        FieldNodes.Dispose();
        DisplacementNodes.Dispose();
    }

    private static NativeMemoryBlock<float> Draw(NoiseGridLayout layout, uint stream, float std)
    {
        var nodes = new NativeMemoryBlock<float>(layout.Length);
        Normal.HostFill(nodes.Pointer, layout.Length, new RandomPlace(42, 3, stream), 0, std);
        return nodes;
    }
}
