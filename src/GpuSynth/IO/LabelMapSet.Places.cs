using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <content>Where in its map a voxel of a sample came from.</content>
public sealed partial class LabelMapSet
{
    /// <summary>
    /// Steps that a map's side has in <see cref="PlacesAlong"/>: an odd number, so that a reflection leaves the middle where it is, and as many as a recipe
    /// takes that has an anatomy behind the label map.
    /// </summary>
    public const int PlaceSteps = MaximumLabels - 3;

    /// <summary>
    /// Maps of the same fields of view, in the same order, whose label is the place along an axis: 1 at the first voxels, <see cref="PlaceSteps"/> at
    /// the last. A recipe that moves these as it moves the labels says where every voxel of a sample came from; what lies outside the map has 0. Each
    /// map takes <see cref="PlaceSteps"/> bytes. Not for images that are slices of volumes: slices are chosen by the labels that they hold.
    /// </summary>
    /// <param name="axis">0 the depth, 1 the height, 2 the width; of images 1 or 2.</param>
    public LabelMapSet PlacesAlong(int axis)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(axis, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(axis, 3 - Dimensions);
        byte[] steps = [.. Enumerable.Range(1, PlaceSteps).Select(static step => (byte)step)];
        return new LabelMapSet(
            [.. Maps.Select(map => new LabelMap(map.FileName, ShapeAlong(axis), steps, GeometryAlong(axis, map)))],
            [.. Enumerable.Range(0, PlaceSteps + 1).Select(static value => new[] { value })],
            new Notices());
    }

    private VolumeShape ShapeAlong(int axis)
    {
        int Side(int of) => of == axis ? PlaceSteps : 1;
        return Dimensions == 3 ? VolumeShape.Volume(Side(0), Side(1), Side(2)) : VolumeShape.Image(Side(1), Side(2));
    }

    // Voxels are as many times as large as there are fewer of them: the edges of the map stay where they are.
    private static NiftiGeometry GeometryAlong(int axis, LabelMap map)
    {
        int[] sides = [map.Shape.Width, map.Shape.Height, map.Shape.Depth];
        double[] affine = map.Geometry.ToArray();
        for (int row = 0; row < 3; row++)
        {
            for (int column = 0; column < 3; column++)
            {
                double old = affine[(row * 4) + column], own = old * sides[column] / (column == 2 - axis ? PlaceSteps : 1);
                affine[(row * 4) + column] = own;
                affine[(row * 4) + 3] += (own - old) / 2;
            }
        }

        return new NiftiGeometry(affine);
    }
}
