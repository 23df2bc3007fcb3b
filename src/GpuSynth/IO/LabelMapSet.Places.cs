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
    /// the last. A recipe that moves these as it moves the labels says where every voxel of a sample came from; what lies outside the map has 0, and so
    /// has all along an axis that images do not have. Each map takes <see cref="PlaceSteps"/> bytes; for slices as many as the map itself, and a sample
    /// is of the slice that it is of without.
    /// </summary>
    /// <param name="axis">0 the depth, 1 the height, 2 the width.</param>
    /// <param name="ofSlices">Whether samples are images: of volumes they are slices, which are chosen by the labels that they hold.</param>
    public LabelMapSet PlacesAlong(int axis, bool ofSlices = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(axis, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        bool isWhole = ofSlices && Dimensions == 3;
        return new LabelMapSet(
            [.. Maps.Select(map => isWhole ? map with { Labels = WholePlaces(axis, map.Shape) } : PlacesOf(axis, map))],
            [.. Enumerable.Range(0, PlaceSteps + 1).Select(static value => new[] { value })],
            new Notices()) { slicesOf = isWhole ? this : null };
    }

    private LabelMap PlacesOf(int axis, LabelMap map) => Dimensions == 2 && axis == 0
        ? map with { Labels = new byte[map.Labels.Length] }
        : new LabelMap(map.FileName, ShapeAlong(axis), [.. Enumerable.Range(1, PlaceSteps).Select(static step => (byte)step)], GeometryAlong(axis, map));

    // The step that the middle of a voxel lies in.
    private static byte[] WholePlaces(int axis, VolumeShape shape)
    {
        byte[] StepsOf(int side) => [.. Enumerable.Range(0, side).Select(voxel => (byte)(1 + (((2 * voxel) + 1) * PlaceSteps / (2 * side))))];
        byte[] places = new byte[shape.VoxelCount], steps = StepsOf(axis == 0 ? shape.Depth : axis == 1 ? shape.Height : shape.Width);
        for (int row = 0; row < shape.Depth * shape.Height; row++)
        {
            Span<byte> line = places.AsSpan(row * shape.Width, shape.Width);
            if (axis == 2)
            {
                steps.CopyTo(line);
            }
            else
            {
                line.Fill(steps[axis == 0 ? row / shape.Height : row % shape.Height]);
            }
        }

        return places;
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
