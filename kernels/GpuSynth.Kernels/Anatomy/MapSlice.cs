namespace GpuSynth.Kernels;

/// <summary>
/// A slice of a volume of labels, as an image that stands as a reader expects, its first row on top: of an axial one (across the depth) the front is at
/// the top, of a coronal (across the height) and a sagittal one (across the width) the top of the head. Columns run to the body's right (the neurological
/// convention: its left is on the left), of a sagittal one to the front. Previews of volumes show their slices the same way.
/// </summary>
/// <param name="Axis">The axis that it lies across: 0 the depth, 1 the height, 2 the width.</param>
/// <param name="Index">Its voxel along that axis.</param>
public readonly record struct MapSlice(int Axis, int Index)
{
    /// <summary>Whether its columns run from left to right.</summary>
    public bool HasLateralAxis => Axis != 2;

    /// <summary>Pixels of the slice.</summary>
    /// <param name="map">The volume.</param>
    public VolumeShape Shape(VolumeShape map) => Axis switch
    {
        0 => VolumeShape.Image(map.Height, map.Width),
        1 => VolumeShape.Image(map.Depth, map.Width),
        _ => VolumeShape.Image(map.Depth, map.Height),
    };

    /// <summary>Voxels along its axis.</summary>
    /// <param name="map">The volume.</param>
    public int Count(VolumeShape map) => Axis switch
    {
        0 => map.Depth,
        1 => map.Height,
        _ => map.Width,
    };

    /// <summary>Millimetres between its pixels; the first number is what lies between slices.</summary>
    /// <param name="map">Millimetres between the volume's voxels.</param>
    public (double Z, double Y, double X) Spacing((double Z, double Y, double X) map) => Axis switch
    {
        0 => map,
        1 => (map.Y, map.Z, map.X),
        _ => (map.X, map.Z, map.Y),
    };

    /// <summary>From an image's pixels to the volume's voxels, of a transform to the slice's pixels.</summary>
    /// <param name="toSlice">To the slice's pixels.</param>
    /// <param name="map">The volume.</param>
    public LabelMapTransform InVolume(in LabelMapTransform toSlice, VolumeShape map)
    {
        LabelMapTransform to = toSlice;
        (to.MapDepth, to.MapHeight, to.MapWidth) = (map.Depth, map.Height, map.Width);

        // Rows run against the volume's axis.
        (to.YZ, to.YY, to.YX, to.Y) = (-toSlice.YZ, -toSlice.YY, -toSlice.YX, Shape(map).Height - 1 - toSlice.Y);
        if (Axis == 0)
        {
            (to.ZZ, to.ZY, to.ZX, to.Z) = (0, 0, 0, Index);
            return to;
        }

        (to.ZZ, to.ZY, to.ZX, to.Z) = (to.YZ, to.YY, to.YX, to.Y);
        if (Axis == 1)
        {
            (to.YZ, to.YY, to.YX, to.Y) = (0, 0, 0, Index);
            return to;
        }

        (to.YZ, to.YY, to.YX, to.Y) = (toSlice.XZ, toSlice.XY, toSlice.XX, toSlice.X);
        (to.XZ, to.XY, to.XX, to.X) = (0, 0, 0, Index);
        return to;
    }
}
