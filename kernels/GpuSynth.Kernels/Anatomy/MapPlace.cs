using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>The label maps that a sample's anatomy is drawn from, as far as drawing needs to know them.</summary>
public interface ILabelMaps
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Number of labels of all of them.</summary>
    int LabelCount { get; }

    /// <summary>For every label, the stored values that became it.</summary>
    IReadOnlyList<int[]> SourceValues { get; }

    /// <summary>File name of a map.</summary>
    string Name(int map);

    /// <summary>Voxels of a map.</summary>
    VolumeShape Shape(int map);

    /// <summary>Voxel spacing of a map in millimetres.</summary>
    (double Z, double Y, double X) Spacing(int map);

    /// <summary>Whether one of a map's axes runs from left to right.</summary>
    bool HasLateralAxis(int map);

    /// <summary>The slices of a map that hold a label other than 0, from the lowest; all where none does. Made once.</summary>
    /// <param name="map">Which map, a volume.</param>
    /// <param name="axis">The axis that they lie across, see <see cref="MapSlice"/>.</param>
    int[] Slices(int map, int axis);

    /// <summary>Where a map begins where all maps lie one after another, in bytes.</summary>
    long Offset(int map);

    /// <summary>The labels of a map, [D, H, W].</summary>
    byte[] Labels(int map);

    /// <summary>For each of 256 labels the one that it becomes in a flip.</summary>
    /// <param name="pairs">Partners of stored values.</param>
    byte[] Exchange(LateralPairs pairs);
}

/// <summary>Stored label values that become one output label.</summary>
/// <param name="Label">The output label, 0 to 255.</param>
/// <param name="Values">The stored values, at least one; a value belongs to one label only.</param>
public sealed record LabelGroup(int Label, ValueList<int> Values);

/// <summary>Off-diagonal entries of a shear matrix: ZY is how far z moves per y.</summary>
/// <param name="zy">z per y.</param>
/// <param name="zx">z per x.</param>
/// <param name="yz">y per z.</param>
/// <param name="yx">y per x.</param>
/// <param name="xz">x per z.</param>
/// <param name="xy">x per y.</param>
[StructLayout(LayoutKind.Sequential)]
public struct ShearNumbers(float zy, float zx, float yz, float yx, float xz, float xy)
{
    /// <summary>z per y.</summary>
    public float ZY = zy;

    /// <summary>z per x.</summary>
    public float ZX = zx;

    /// <summary>y per z.</summary>
    public float YZ = yz;

    /// <summary>y per x.</summary>
    public float YX = yx;

    /// <summary>x per z.</summary>
    public float XZ = xz;

    /// <summary>x per y.</summary>
    public float XY = xy;
}

/// <summary>How a device finds the voxels of a sample's map: q = M p + t, where the map begins, its sizes, and which table of labels.</summary>
/// <param name="transform">M, t and the sizes.</param>
/// <param name="offset">Where the map begins in the memory of all maps, in bytes.</param>
/// <param name="exchange">1 where the labels of both sides change places.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly struct MapPlace(in LabelMapTransform transform, long offset, int exchange)
{
    private readonly float zz = transform.ZZ;
    private readonly float zy = transform.ZY;
    private readonly float zx = transform.ZX;
    private readonly float z = transform.Z;
    private readonly float yz = transform.YZ;
    private readonly float yy = transform.YY;
    private readonly float yx = transform.YX;
    private readonly float y = transform.Y;
    private readonly float xz = transform.XZ;
    private readonly float xy = transform.XY;
    private readonly float xx = transform.XX;
    private readonly float x = transform.X;
    private readonly uint offsetLow = (uint)offset;
    private readonly uint offsetHigh = (uint)(offset >> 32);
    private readonly int mapDepth = transform.MapDepth;
    private readonly int mapHeight = transform.MapHeight;
    private readonly int mapWidth = transform.MapWidth;

    /// <summary>1 where the labels of both sides change places.</summary>
    public readonly int Exchange = exchange;

    /// <summary>Where the map begins in the memory of all maps, in bytes.</summary>
    public long Offset => (long)(((ulong)offsetHigh << 32) | offsetLow);

    /// <summary>The transform, for an output of a shape.</summary>
    public LabelMapTransform Transform(VolumeShape shape)
    {
        LabelMapTransform transform = Transform(shape.Height, shape.Width);
        transform.Dimensions = shape.Dimensions;
        return transform;
    }

    /// <summary>The transform, for an output of a height and a width.</summary>
    public LabelMapTransform Transform(int height, int width)
    {
        LabelMapTransform transform = default;
        transform.ZZ = zz;
        transform.ZY = zy;
        transform.ZX = zx;
        transform.Z = z;
        transform.YZ = yz;
        transform.YY = yy;
        transform.YX = yx;
        transform.Y = y;
        transform.XZ = xz;
        transform.XY = xy;
        transform.XX = xx;
        transform.X = x;
        transform.MapDepth = mapDepth;
        transform.MapHeight = mapHeight;
        transform.MapWidth = mapWidth;
        transform.Height = height;
        transform.Width = width;
        return transform;
    }
}
