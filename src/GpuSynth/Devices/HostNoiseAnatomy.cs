using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Devices;

/// <summary>Noise-field anatomy on the host: one piece of preparation per label field, one per displacement component.</summary>
internal sealed unsafe class HostNoiseAnatomy : IHostAnatomy
{
    private readonly VolumeShape shape;
    private readonly NoiseGridLayout fieldLayout;
    private readonly NoiseGridLayout? displacementLayout;
    private readonly NoiseAnatomyHost kernel;
    private int fieldNodes;
    private int fieldKnots;
    private int displacementNodes;
    private int displacementKnots;

    public HostNoiseAnatomy(NoiseAnatomy recipe, VolumeShape shape)
    {
        this.shape = shape;
        int labels = recipe.LabelCount(shape.Side);
        fieldLayout = new NoiseGridLayout(shape, recipe.Field.ScalesInVoxels(shape.Side), labels);
        displacementLayout = recipe.Displacement is null
            ? null
            : new NoiseGridLayout(shape, recipe.Displacement.ScalesInVoxels(shape.Side), checked(labels * shape.Dimensions));
        kernel = new NoiseAnatomyHost(shape, fieldLayout, displacementLayout);
    }

    public int PreparationCount => fieldLayout.Channels + (displacementLayout?.Channels ?? 0);

    public int SlabCount => kernel.SlabCount;

    public long ScratchLength =>
        Math.Max(kernel.ScratchLength, Math.Max(kernel.Field.ScratchLength, kernel.Displacement?.ScratchLength ?? 0));

    public void Declare(WorkArena arena)
    {
        fieldNodes = arena.Floats("label-field nodes", fieldLayout.Length + 16, "coarse grids of the label fields");
        fieldKnots = arena.Floats("label-field knots", kernel.Field.Length, "the label fields on merged grids");
        displacementNodes = arena.Floats(
            "displacement nodes", (displacementLayout?.Length ?? 0) + 16, "coarse grids of the displacements");
        displacementKnots = arena.Floats(
            "displacement knots", kernel.Displacement?.Length ?? 0, "the displacements on merged grids");
    }

    public void Prepare(WorkArena arena, DrawnSample drawn, int piece, float* scratch)
    {
        if (piece < fieldLayout.Channels)
        {
            var place = new RandomPlace(drawn.Seed, drawn.Key.Anatomy, Streams.FieldNodes);
            NodeDraw.Channel(fieldLayout, in place, piece, drawn.List(drawn.Of<NoiseAnatomy.Drawn>().FieldStd), arena[fieldNodes]);
            kernel.Field.Merge(arena[fieldNodes], piece, 1, arena[fieldKnots], scratch);
        }
        else
        {
            int channel = piece - fieldLayout.Channels;
            var place = new RandomPlace(drawn.Seed, drawn.Key.Anatomy, Streams.DisplacementNodes);
            NodeDraw.Channel(displacementLayout!, in place, channel, drawn.List(drawn.Of<NoiseAnatomy.Drawn>().DisplacementStdVoxels), arena[displacementNodes]);
            float stretch = kernel.Stretch(channel % shape.Dimensions);
            kernel.Displacement!.Merge(arena[displacementNodes], channel, stretch, arena[displacementKnots], scratch);
        }
    }

    public void Slab(WorkArena arena, DrawnSample drawn, int slab, byte* labelsDHW, float* scratch) =>
        kernel.Slab(slab, arena[fieldKnots], arena[displacementKnots], labelsDHW, scratch);

    public (int First, int Count) RowsOf(int slab)
    {
        // A slice is a plane of H rows in a volume, one row in an image.
        int rowsPerSlice = shape.Dimensions == 3 ? shape.Height : 1;
        int slices = shape.Dimensions == 3 ? shape.Depth : shape.Height;
        int first = slab * NoiseAnatomyHost.SlabSlices;
        return (first * rowsPerSlice, Math.Min(NoiseAnatomyHost.SlabSlices, slices - first) * rowsPerSlice);
    }
}
