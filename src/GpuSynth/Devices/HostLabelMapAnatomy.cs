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
    private readonly NoiseGridLayout? layout;
    private readonly LabelMapAnatomyHost kernel;
    private readonly int rowsPerSlab;
    private int nodes;
    private int knots;

    public HostLabelMapAnatomy(LabelMapAnatomyRecipe recipe, VolumeShape shape, LabelMapSet maps)
    {
        this.shape = shape;
        this.maps = maps;
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
        NodeDraw.Channel(layout!, in place, piece, drawn.DeformationStdVoxels, arena[nodes]);
        kernel.Deformation!.Merge(arena[nodes], piece, 1, arena[knots], scratch);
    }

    public void Slab(WorkArena arena, DrawnSample drawn, int slab, byte* labelsDHW, float* scratch)
    {
        if ((uint)drawn.LabelMapIndex >= (uint)maps.Maps.Count)
        {
            throw new GpuSynthException(
                $"The record names label map {drawn.LabelMapIndex}, but there are {maps.Maps.Count}; an index runs from 0.");
        }

        LabelMap map = maps.Maps[drawn.LabelMapIndex];
        (double x, double y, double z) = map.Geometry.Spacing;
        var spacing = (z, y, x);
        double edge = drawn.VoxelSpacingMillimetres > 0
            ? drawn.VoxelSpacingMillimetres
            : LabelMapGeometry.FittedSpacing(shape, map.Shape, spacing);
        var pose = new LabelMapPose
        {
            RotationDegrees = (drawn.RotationDegrees[0], drawn.RotationDegrees[1], drawn.RotationDegrees[2]),
            Scaling = (drawn.Scaling[0], drawn.Scaling[1], drawn.Scaling[2]),
            Shear = (drawn.Shear[0], drawn.Shear[1], drawn.Shear[2], drawn.Shear[3], drawn.Shear[4], drawn.Shear[5]),
            TranslationOfSide = (drawn.TranslationOfSide[0], drawn.TranslationOfSide[1], drawn.TranslationOfSide[2]),
            Flip = drawn.Flipped,
            FlipAxis = LeftRightAxis(map),
        };
        LabelMapTransform transform = Transform(map, spacing, edge, in pose);
        (int first, int count) = RowsOf(slab);
        fixed (byte* labels = map.Labels)
        {
            kernel.Rows(first, count, arena[knots], in transform, labels, labelsDHW, scratch);
        }
    }

    /// <summary>
    /// The array axis that runs between left and right, as the file says; x where it says nothing that an image has.
    /// </summary>
    private static int LeftRightAxis(LabelMap map)
    {
        // Orientation names the axes in the order of the file: x, y, z.
        int axis = 2 - map.Geometry.Orientation.AsSpan().IndexOfAny('L', 'R');
        return axis > 2 || (axis == 0 && map.Shape.Dimensions == 2) ? 2 : axis;
    }

    private LabelMapTransform Transform(LabelMap map, (double Z, double Y, double X) spacing, double edge, in LabelMapPose pose)
    {
        try
        {
            return LabelMapGeometry.Transform(shape, map.Shape, spacing, edge, in pose);
        }
        catch (ArgumentException exception)
        {
            throw new GpuSynthException(
                $"The pose drawn for label map {map.FileName} flattens the anatomy: "
                + "scaling and shear leave it no volume; narrow their laws.",
                exception);
        }
    }

    public (int First, int Count) RowsOf(int slab)
    {
        int first = slab * rowsPerSlab;
        return (first, Math.Min(rowsPerSlab, kernel.RowCount - first));
    }
}
