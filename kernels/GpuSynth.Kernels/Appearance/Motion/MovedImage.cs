using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// Places between voxels are multiples of a fraction of a voxel, 2^-24 of a power of two that no sum on the way to one exceeds: each is exact in
// float, in whatever order it is summed and rounded, so that every device reads the same neighbours with the same weights.

/// <summary>
/// An image at places between its voxels: linear between them, and cyclic, as what leaves the field of view on one side comes in on the other.
/// </summary>
/// <param name="shape">Shape of a sample.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct MovedImage(VolumeShape shape)
{
    // A rotated place is below 5 times the longest side about a centre that is moved by one side at most.
    private const int MostSides = 8;
    private const int FloatBits = 24;

    private readonly CyclicAxis alongZ = new(shape.Depth);
    private readonly CyclicAxis alongY = new(shape.Height);
    private readonly CyclicAxis alongX = new(shape.Width);

    /// <summary>Where the voxels of an object that was moved lay before, in voxels.</summary>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="pose">How it was moved: rotation and translation.</param>
    public static LabelMapTransform Places(VolumeShape shape, in LabelMapPose pose)
    {
        LabelMapTransform places = LabelMapGeometry.Transform(shape, shape, (1, 1, 1), 1, in pose);
        float perVoxel = (1 << FloatBits) / (float)(MostSides * BitOperations.RoundUpToPowerOf2((uint)LineAxis.Longest(shape)));
        foreach (ref float number in MemoryMarshal.CreateSpan(ref places.ZZ, 12))
        {
            number = MathF.Round(number * perVoxel) / perVoxel;
        }

        return places;
    }

    /// <summary>The intensity that a voxel had before.</summary>
    /// <param name="image">float[D,H,W].</param>
    /// <param name="places">Where it lay.</param>
    /// <param name="z">The voxel's plane.</param>
    /// <param name="y">Its row.</param>
    /// <param name="x">Its place in the row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F At<F, U>(in NumberTable image, in LabelMapTransform places, F z, F y, F x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F placeY = F.Fma(F.Of(places.YX), x, F.Fma(F.Of(places.YY), y, F.Fma(F.Of(places.YZ), z, F.Of(places.Y))));
        F placeX = F.Fma(F.Of(places.XX), x, F.Fma(F.Of(places.XY), y, F.Fma(F.Of(places.XZ), z, F.Of(places.X))));
        F shareY = alongY.Cell<F, U>(placeY, out U row, out U nextRow);
        F shareX = alongX.Cell<F, U>(placeX, out U column, out U nextColumn);
        row *= U.Of((uint)alongX.Count);
        nextRow *= U.Of((uint)alongX.Count);
        if (alongZ.Count == 1)
        {
            return InPlane<F, U>(in image, row, nextRow, column, nextColumn, shareY, shareX);
        }

        F placeZ = F.Fma(F.Of(places.ZX), x, F.Fma(F.Of(places.ZY), y, F.Fma(F.Of(places.ZZ), z, F.Of(places.Z))));
        F shareZ = alongZ.Cell<F, U>(placeZ, out U plane, out U nextPlane);
        plane *= U.Of((uint)(alongX.Count * alongY.Count));
        nextPlane *= U.Of((uint)(alongX.Count * alongY.Count));
        return F.Lerp(
            InPlane<F, U>(in image, plane + row, plane + nextRow, column, nextColumn, shareY, shareX),
            InPlane<F, U>(in image, nextPlane + row, nextPlane + nextRow, column, nextColumn, shareY, shareX),
            shareZ);
    }

    /// <summary>The same in double.</summary>
    public double Exact(double[] image, in LabelMapTransform places, int z, int y, int x)
    {
        (int height, int width) = (alongY.Count, alongX.Count);
        double placeZ = ((double)places.ZZ * z) + ((double)places.ZY * y) + ((double)places.ZX * x) + places.Z;
        double placeY = ((double)places.YZ * z) + ((double)places.YY * y) + ((double)places.YX * x) + places.Y;
        double placeX = ((double)places.XZ * z) + ((double)places.XY * y) + ((double)places.XX * x) + places.X;
        double sum = 0;
        for (int corner = 0; corner < 8; corner++)
        {
            double weight = Weight(placeZ, corner & 1) * Weight(placeY, (corner >> 1) & 1) * Weight(placeX, corner >> 2);
            int voxel = (Cyclic(placeZ, corner & 1, alongZ.Count) * height * width)
                + (Cyclic(placeY, (corner >> 1) & 1, height) * width) + Cyclic(placeX, corner >> 2, width);
            sum += weight * image[voxel];
        }

        return sum;

        static double Weight(double place, int next) => next == 0 ? 1 - (place - Math.Floor(place)) : place - Math.Floor(place);

        static int Cyclic(double place, int next, int length) => ((((int)Math.Floor(place) + next) % length) + length) % length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F InPlane<F, U>(in NumberTable image, U row, U nextRow, U column, U nextColumn, F shareY, F shareX)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U> => F.Lerp(
            F.Lerp(F.Look(in image, row + column), F.Look(in image, row + nextColumn), shareX),
            F.Lerp(F.Look(in image, nextRow + column), F.Look(in image, nextRow + nextColumn), shareX),
            shareY);
}

/// <summary>An axis whose ends meet.</summary>
/// <param name="count">Voxels along it.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CyclicAxis(int count)
{
    /// <summary>Voxels along it.</summary>
    public readonly int Count = count;

    private readonly float perCount = 1f / count;

    /// <summary>The voxel before a place and the one behind it.</summary>
    /// <param name="place">The place, exact.</param>
    /// <param name="before">The voxel before it, or the one that it is.</param>
    /// <param name="next">The next one.</param>
    /// <returns>How far from one to the other, 0 to 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Cell<F, U>(F place, out U before, out U next)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        // Half a voxel further, no rounding of the quotient reaches a whole number: the floor is right.
        F cell = F.Floor(place);
        F inside = cell - (F.Of(Count) * F.Floor((cell + F.Of(0.5f)) * F.Of(perCount)));
        F after = inside + F.Of(1f);
        before = F.Whole(inside);
        next = F.Whole(F.WhereLess(after, F.Of(Count), after, F.Of(0f)));
        return place - cell;
    }
}
