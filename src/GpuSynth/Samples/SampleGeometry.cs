using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth;

/// <summary>Where a sample lies in space: its file's affine.</summary>
public static class SampleGeometry
{
    /// <summary>
    /// Noise has no millimetres: cubic voxels of 1 mm. A sample of a label map has the voxel spacing that was drawn, or at which
    /// the map was fitted, and the map's axes, which are the body's: a left hemisphere stays a left one in a viewer. A slice lies in its map's plane,
    /// and its rows run to the back or down (<see cref="MapSlice"/>).
    /// </summary>
    /// <param name="options">Of the run.</param>
    /// <param name="drawn">What was drawn for the sample in that run.</param>
    public static NiftiGeometry Of(EngineOptions options, DrawnSample drawn)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(drawn);
        VolumeShape shape = options.Shape;
        RowEntry? entry = drawn.Layout.Entries.LastOrDefault(entry => entry.Component is LabelMapAnatomy && entry.IsIn(drawn.Words));
        if (entry is null || options.LabelMaps is null)
        {
            return NiftiGeometry.Isotropic(shape);
        }

        LabelMapAnatomy.Drawn anatomy = entry.Drawn<LabelMapAnatomy.Drawn>(drawn.Words);
        LabelMap map = options.LabelMaps.Maps[anatomy.Map];
        MapSlice? slice = anatomy.CutOf(map.Shape);
        (double x, double y, double z) = map.Geometry.Spacing;
        double spacing = anatomy.VoxelSpacingMillimetres > 0
            ? anatomy.VoxelSpacingMillimetres
            : LabelMapGeometry.FittedSpacing(shape, slice?.Shape(map.Shape) ?? map.Shape, slice?.Spacing((z, y, x)) ?? (z, y, x));
        return Turned(map.Geometry, slice, shape, spacing);
    }

    // The map's directions, cubic voxels, and the middle of the volume at the origin.
    private static NiftiGeometry Turned(NiftiGeometry map, MapSlice? slice, VolumeShape shape, double spacing)
    {
        double[] edges = [map.Spacing.X, map.Spacing.Y, map.Spacing.Z];

        // The map's axes along the image's width, height and depth.
        int[] own = slice?.Axis switch { 1 => [0, 2, 1], 2 => [1, 2, 0], _ => [0, 1, 2] };
        double[] middle = [(shape.Width - 1) / 2.0, (shape.Height - 1) / 2.0, (shape.Depth - 1) / 2.0];
        double[] affine = new double[12];
        for (int row = 0; row < 3; row++)
        {
            for (int column = 0; column < 3; column++)
            {
                double factor = map[row, own[column]] / edges[own[column]] * (slice is not null && column == 1 ? -spacing : spacing);
                affine[(4 * row) + column] = factor;
                affine[(4 * row) + 3] -= factor * middle[column];
            }
        }

        return new NiftiGeometry(affine);
    }
}
