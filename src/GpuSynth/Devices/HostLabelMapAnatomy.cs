using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Devices;

/// <summary>
/// Label-map anatomy on the host: one piece of preparation per component of the deformation; a slab is one plane.
/// </summary>
internal sealed unsafe class HostLabelMapAnatomy : IHostAnatomy
{
    private readonly VolumeShape shape;
    private readonly LabelMapSet maps;
    private readonly byte[]? exchange;
    private readonly NoiseGridLayout? layout;
    private readonly LabelMapAnatomyHost kernel;
    private readonly int rowsPerSlab;
    private int nodes;
    private int knots;

    public HostLabelMapAnatomy(LabelMapAnatomy recipe, VolumeShape shape, LabelMapSet maps)
    {
        this.shape = shape;
        this.maps = maps;
        exchange = recipe.CanFlip ? LateralExchange.Table(recipe.LateralPairs!, maps.SourceValues) : null;
        layout = recipe.Deformation is null
            ? null
            : new NoiseGridLayout(shape, recipe.Deformation.ScalesInVoxels(shape.Side), shape.Dimensions);
        kernel = new LabelMapAnatomyHost(shape, layout);
        rowsPerSlab = shape.Dimensions == 3 ? shape.Height : 16;
    }

    public int PreparationCount => layout?.Channels ?? 0;

    public int SlabCount => (kernel.RowCount + rowsPerSlab - 1) / rowsPerSlab;

    public long ScratchLength => Math.Max(kernel.ScratchLength, kernel.Deformation?.ScratchLength ?? 0);

    public void Declare(WorkArena arena)
    {
        nodes = arena.Floats("deformation nodes", (layout?.Length ?? 0) + 16, "coarse grids of the deformation");
        knots = arena.Floats("deformation knots", kernel.Deformation?.Length ?? 0, "the deformation on merged grids");
    }

    public void Prepare(WorkArena arena, DrawnSample drawn, int piece, float* scratch)
    {
        var place = new RandomPlace(drawn.Seed, drawn.Key.Anatomy, Streams.DeformationNodes);
        NodeDraw.Channel(layout!, in place, piece, drawn.List(drawn.Of<LabelMapAnatomy.Drawn>().DeformationStdVoxels), arena[nodes]);
        kernel.Deformation!.Merge(arena[nodes], piece, 1, arena[knots], scratch);
    }

    public void Slab(WorkArena arena, DrawnSample drawn, int slab, byte* labelsDHW, float* scratch)
    {
        LabelMapAnatomy.Drawn anatomy = drawn.Of<LabelMapAnatomy.Drawn>();
        LabelMapTransform transform = anatomy.Place.Transform(shape);
        LabelMap map = maps.Maps[anatomy.Map];
        (int first, int count) = RowsOf(slab);
        fixed (byte* labels = map.Labels)
        {
            kernel.Rows(first, count, arena[knots], in transform, labels, labelsDHW, scratch);
        }

        if (anatomy.Flipped != 0 && exchange is not null)
        {
            var own = new Span<byte>(labelsDHW + ((long)first * shape.Width), count * shape.Width);
            for (int n = 0; n < own.Length; n++)
            {
                own[n] = exchange[own[n]];
            }
        }
    }

    public (int First, int Count) RowsOf(int slab)
    {
        int first = slab * rowsPerSlab;
        return (first, Math.Min(rowsPerSlab, kernel.RowCount - first));
    }
}
