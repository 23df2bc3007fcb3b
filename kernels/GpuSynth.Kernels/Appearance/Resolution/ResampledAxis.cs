using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// Where slices lie along one axis. Places are whole numbers, 2^16 to a voxel, so that every device finds the same neighbours: slice j at
/// o + j r voxels, as many as fill the axis, in its middle.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ResampledAxis
{
    /// <summary>The widest spacing in voxels: shares of it are whole numbers that a float holds.</summary>
    public const int Widest = 128;

    private const int Shift = 16;
    private const int One = 1 << Shift;

    /// <summary>How many slices; 0 where the axis stays as it is.</summary>
    public int Slices;

    /// <summary>Voxels on either side that a slice is a weighted mean of, before it is taken between two of them.</summary>
    public int Radius;

    private int origin;
    private int step;
    private int isNearest;

    /// <summary>The slices of an axis.</summary>
    /// <param name="length">Voxels of the axis, 1 to 32,767.</param>
    /// <param name="spacingVoxels">r, 1 to <see cref="Widest"/>.</param>
    /// <param name="radius">Voxels on either side that a slice is a mean of.</param>
    /// <param name="isNearest">Whether a slice is the mean about the nearest voxel; else it lies between two.</param>
    public static ResampledAxis Of(int length, float spacingVoxels, int radius, bool isNearest)
    {
        var axis = new ResampledAxis
        {
            step = (int)Math.Round(spacingVoxels * (double)One),
            Radius = radius,
            isNearest = isNearest ? 1 : 0,
        };
        bool isSame = length == 1 || (axis.step == One && radius == 0);
        axis.Slices = isSame ? 0 : (int)((((long)length << Shift) + axis.step - 1) / axis.step);
        axis.origin = isSame ? 0 : (((length - 1) << Shift) - ((axis.Slices - 1) * axis.step)) >> 1;
        return axis;
    }

    /// <summary>Where a slice lies.</summary>
    /// <param name="slice">Which.</param>
    /// <param name="length">Voxels of the axis.</param>
    /// <param name="along">How far from the voxel to the next, 0 to 1; 0 of the last voxel.</param>
    /// <returns>The voxel before it.</returns>
    public readonly int Before(int slice, int length, out float along)
    {
        int at = KernelMath.Min(KernelMath.Max(origin + (slice * step), 0), (length - 1) << Shift);
        at = isNearest != 0 ? (at + (One / 2)) & ~(One - 1) : at;
        along = (at & (One - 1)) * (1f / One);
        return at >> Shift;
    }

    /// <summary>The slice before a voxel.</summary>
    /// <param name="voxel">Which.</param>
    /// <param name="along">How far from that slice to the next, 0 to 1; 0 of the last slice and beyond both ends.</param>
    public readonly int SliceBefore(int voxel, out float along)
    {
        int at = KernelMath.Min(KernelMath.Max((voxel << Shift) - origin, 0), (Slices - 1) * step);
        int slice = at / step;
        along = (float)(at - (slice * step)) / step;
        return slice;
    }
}
