using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>How another grid lies to one: the same voxels at the same places, or what differs, in words.</summary>
public sealed class GridComparison
{
    // Of a voxel: what a header's float32 and the rounding of a quaternion leave.
    private const double SameVoxels = 1e-3;

    private const double SameDegrees = 0.01;

    private GridComparison(bool isSame, string difference) => (IsSame, Difference) = (isSame, difference);

    /// <summary>Whether equal voxel numbers are equal places, within a thousandth of a voxel.</summary>
    public bool IsSame { get; }

    /// <summary>
    /// What the other has in place of the one: "orientation LPS for LAS, spacing 1 x 1 x 2 mm for 1 x 1 x 1 mm". Spacing, voxels
    /// and place are compared on the body's axes, x y z.
    /// </summary>
    public string Difference { get; }

    /// <summary>Compares another grid to one.</summary>
    /// <param name="shape">The one's voxels.</param>
    /// <param name="geometry">Where they lie.</param>
    /// <param name="otherShape">The other's voxels.</param>
    /// <param name="other">Where they lie.</param>
    public static GridComparison Of(
        VolumeShape shape, NiftiGeometry geometry, VolumeShape otherShape, NiftiGeometry other)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(other);
        (double voxels, double _) = VoxelMap.Of(geometry, other).Shift(shape, geometry);
        if (shape == otherShape && voxels < SameVoxels)
        {
            return new GridComparison(true, string.Empty);
        }

        List<string> parts = [];
        if (geometry.Orientation != other.Orientation)
        {
            parts.Add($"orientation {other.Orientation} for {geometry.Orientation}");
        }

        Reorientation one = Reorientation.ToCanonical(shape, geometry);
        Reorientation two = Reorientation.ToCanonical(otherShape, other);
        (double X, double Y, double Z) a = one.Geometry.Spacing;
        (double X, double Y, double Z) b = two.Geometry.Spacing;
        if (!IsNear(a.X, b.X) || !IsNear(a.Y, b.Y) || !IsNear(a.Z, b.Z))
        {
            parts.Add($"spacing {Text(b.X, b.Y, b.Z)} mm for {Text(a.X, a.Y, a.Z)} mm");
        }

        if (one.Shape != two.Shape)
        {
            parts.Add($"{Voxels(two.Shape)} voxels for {Voxels(one.Shape)}");
        }

        double degrees = Enumerable.Range(0, 3).Max(axis => Degrees(one.Geometry, two.Geometry, axis));
        if (degrees > SameDegrees)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"turned by {degrees:0.##} degrees"));
        }

        double apart = Distance(Middle(shape, geometry), Middle(otherShape, other));
        if (apart > SameVoxels * Math.Min(a.X, Math.Min(a.Y, a.Z)) || parts.Count == 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"its middle {apart:0.###} mm away"));
        }

        return new GridComparison(false, string.Join(", ", parts));
    }

    /// <summary>What a grid covers: "x -90.5 to -66.5, y -100.5 to -76.5, z -60.5 to -36.5 mm".</summary>
    /// <param name="shape">Its voxels.</param>
    /// <param name="geometry">Where they lie.</param>
    public static string Extent(VolumeShape shape, NiftiGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        double[] low = [double.MaxValue, double.MaxValue, double.MaxValue];
        double[] high = [double.MinValue, double.MinValue, double.MinValue];
        for (int corner = 0; corner < 8; corner++)
        {
            (double x, double y, double z) = geometry.ToMillimetres(
                ((corner & 1) * shape.Width) - 0.5, (((corner >> 1) & 1) * shape.Height) - 0.5, ((corner >> 2) * shape.Depth) - 0.5);
            double[] place = [x, y, z];
            for (int axis = 0; axis < 3; axis++)
            {
                (low[axis], high[axis]) = (Math.Min(low[axis], place[axis]), Math.Max(high[axis], place[axis]));
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"x {low[0]:0.#} to {high[0]:0.#}, y {low[1]:0.#} to {high[1]:0.#}, z {low[2]:0.#} to {high[2]:0.#} mm");
    }

    private static bool IsNear(double one, double other) => Math.Abs(one - other) <= 1e-4 * Math.Max(one, other);

    private static string Text(double x, double y, double z) =>
        string.Create(CultureInfo.InvariantCulture, $"{x:0.####} x {y:0.####} x {z:0.####}");

    private static string Voxels(VolumeShape shape) => shape.Dimensions == 2
        ? string.Create(CultureInfo.InvariantCulture, $"{shape.Width} x {shape.Height}")
        : string.Create(CultureInfo.InvariantCulture, $"{shape.Width} x {shape.Height} x {shape.Depth}");

    private static double Degrees(NiftiGeometry one, NiftiGeometry two, int axis)
    {
        (double product, double first, double second) = (0, 0, 0);
        for (int row = 0; row < 3; row++)
        {
            product += one[row, axis] * two[row, axis];
            first += one[row, axis] * one[row, axis];
            second += two[row, axis] * two[row, axis];
        }

        return Math.Acos(Math.Clamp(product / Math.Sqrt(first * second), -1, 1)) * 180 / Math.PI;
    }

    private static (double X, double Y, double Z) Middle(VolumeShape shape, NiftiGeometry geometry) =>
        geometry.ToMillimetres((shape.Width - 1) / 2.0, (shape.Height - 1) / 2.0, (shape.Depth - 1) / 2.0);

    private static double Distance((double X, double Y, double Z) one, (double X, double Y, double Z) two) => Math.Sqrt(
        ((one.X - two.X) * (one.X - two.X)) + ((one.Y - two.Y) * (one.Y - two.Y)) + ((one.Z - two.Z) * (one.Z - two.Z)));
}
