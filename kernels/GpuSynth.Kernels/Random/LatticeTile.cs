using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// LatticeTile: n(q) = sum_c w_c xi[c] / sqrt(sum_c w_c^2),  c the 2^d lattice points around q,  w_c the product of t or 1 - t along each axis,
//   t = q - floor(q);  sum_c w_c^2 = prod (1 - 2 t (1 - t)).
// xi: float[32,32,32] or float[128,128] of a table, N(0, 1), periodic. A voxel reads 2^d of them.
// The division makes the law of every voxel exactly N(0, 1); without it the variance falls to (1/2)^d in the middle of a cell.

/// <summary>
/// Unit lattice noise: normal numbers at the points of a lattice, linear between them and divided by what that does to their standard deviation,
/// so that each value is N(0, 1) wherever it lies. Values two lattice steps apart know nothing of each other. The numbers are one tile that all
/// who look into it share, each from an offset of its own.
/// </summary>
/// <param name="numbers">The tile's numbers of one sample or of several, <see cref="Length"/> each.</param>
/// <param name="first">The first number of the sample.</param>
/// <param name="isFlat">1 of images, 0 of volumes.</param>
[method: MethodImpl(MethodImplOptions.AggressiveInlining)]
public readonly struct LatticeTile(NumberTable numbers, uint first, int isFlat)
{
    /// <summary>Lattice points along an axis of a volume before the tile begins again: 128 KB, which a core's second cache holds.</summary>
    public const int VolumeSide = 32;

    /// <summary>The same of an image: 64 KB.</summary>
    public const int ImageSide = 128;

    private readonly NumberTable numbers = numbers;
    private readonly uint first = first;
    private readonly int isFlat = isFlat;

    /// <summary>Numbers of a tile.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public static int Length(VolumeShape shape) =>
        shape.Dimensions == 3 ? VolumeSide * VolumeSide * VolumeSide : ImageSide * ImageSide;

    /// <summary>Lattice points along an axis before the tile begins again.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public static int Side(VolumeShape shape) => shape.Dimensions == 3 ? VolumeSide : ImageSide;

    /// <summary>The noise at a place.</summary>
    /// <param name="z">Place along z in lattice steps, below 2^20 in magnitude; not looked at in an image.</param>
    /// <param name="y">Along y.</param>
    /// <param name="x">Along x.</param>
    /// <remarks>A call on the host: taken into its loop, what it holds no longer fits the registers, and it takes twice the time.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public F At<F, U>(F z, F y, F x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        uint mask = isFlat != 0 ? ImageSide - 1u : VolumeSide - 1u;
        U side = U.Of(mask + 1);
        Locate(y, mask, out U nearY, out U farY, out F alongY);
        Locate(x, mask, out U nearX, out U farX, out F alongX);
        nearX += U.Of(first);
        farX += U.Of(first);
        nearY *= side;
        farY *= side;
        F squares = Squares<F, U>(alongY) * Squares<F, U>(alongX);
        if (isFlat != 0)
        {
            return Plane(nearY, farY, nearX, farX, alongY, alongX) / F.Sqrt(squares);
        }

        Locate(z, mask, out U nearZ, out U farZ, out F alongZ);
        nearZ *= side * side;
        farZ *= side * side;
        F value = F.Lerp(
            Plane(nearZ + nearY, nearZ + farY, nearX, farX, alongY, alongX),
            Plane(farZ + nearY, farZ + farY, nearX, farX, alongY, alongX),
            alongZ);
        return value / F.Sqrt(squares * Squares<F, U>(alongZ));
    }

    /// <summary>t^2 + (1 - t)^2, which is 1 at a lattice point and a half in the middle.</summary>
    /// <param name="along">t, 0 to 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static F Squares<F, U>(F along)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => F.Fma(along + along, along - F.Of(1f), F.Of(1f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private F Plane<F, U>(U nearY, U farY, U nearX, U farX, F alongY, F alongX)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => F.Lerp(
            F.Lerp(F.Look(in numbers, nearY + nearX), F.Look(in numbers, nearY + farX), alongX),
            F.Lerp(F.Look(in numbers, farY + nearX), F.Look(in numbers, farY + farX), alongX),
            alongY);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Locate<F, U>(F at, uint mask, out U near, out U far, out F along)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F whole = F.Floor(at);
        along = at - whole;
        U point = F.Whole(whole);
        near = point & U.Of(mask);
        far = (point + U.Of(1)) & U.Of(mask);
    }
}

/// <summary>Where looks into a tile begin: a class of its own, for kernels cannot know a law.</summary>
internal static class LatticeOffsets
{
    private static readonly UniformLaw OfVolumes = new(0, LatticeTile.VolumeSide);
    private static readonly UniformLaw OfImages = new(0, LatticeTile.ImageSide);

    /// <summary>The law along an axis, in lattice steps.</summary>
    /// <param name="shape">Shape of a sample.</param>
    public static Law Of(VolumeShape shape) => shape.Dimensions == 3 ? OfVolumes : OfImages;
}
