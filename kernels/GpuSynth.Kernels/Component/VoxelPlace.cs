using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>Where voxels lie in their sample: a linear index as places along the axes. Part of a component's drawn struct.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct VoxelPlace
{
    /// <summary>1 of images, 0 of volumes.</summary>
    public readonly int IsFlat;

    private readonly uint last;

    // Divisors as numbers: a struct within this one would not always be found (Divisor.Numbers).
    private readonly uint plane;
    private readonly uint planeMultiplier;
    private readonly int planeShift;
    private readonly uint width;
    private readonly uint widthMultiplier;
    private readonly int widthShift;

    /// <summary>Places in a volume.</summary>
    /// <param name="shape">Shape of a sample, at most 2^31 - 1 voxels.</param>
    /// <exception cref="ArgumentException">There are more voxels.</exception>
    public VoxelPlace(VolumeShape shape)
    {
        IsFlat = shape.Dimensions == 3 ? 0 : 1;
        last = (uint)LaunchCheck.Extent(shape.VoxelCount, nameof(shape)) - 1;
        (plane, planeMultiplier, planeShift) = new Divisor(checked(shape.Height * shape.Width)).Numbers;
        (width, widthMultiplier, widthShift) = new Divisor(shape.Width).Numbers;
    }

    /// <summary>Where a voxel lies; behind the volume's end the last voxel's place is taken.</summary>
    /// <param name="voxel">Linear index in the sample.</param>
    /// <param name="z">Plane, from 0.</param>
    /// <param name="y">Row, from 0.</param>
    /// <param name="x">Column, from 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of<F, U>(U voxel, out F z, out F y, out F x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        Whole<F, U>(voxel, out U plane, out U row, out U column);
        z = U.ToReal(plane);
        y = U.ToReal(row);
        x = U.ToReal(column);
    }

    /// <summary>The same in whole numbers, for what is looked up by place.</summary>
    /// <param name="voxel">Linear index in the sample.</param>
    /// <param name="z">Plane, from 0.</param>
    /// <param name="y">Row, from 0.</param>
    /// <param name="x">Column, from 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Whole<F, U>(U voxel, out U z, out U y, out U x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        z = Divisor.Of(plane, planeMultiplier, planeShift).Divide<F, U>(U.Min(voxel, U.Of(last)), out U inPlane);
        y = Divisor.Of(width, widthMultiplier, widthShift).Divide<F, U>(inPlane, out x);
    }
}
