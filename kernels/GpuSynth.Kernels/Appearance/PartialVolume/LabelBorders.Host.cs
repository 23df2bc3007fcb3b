using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary><see cref="LabelBorder"/> of 32 voxels of a row at once, none of them at an end of it: every sum fits a byte.</summary>
internal static unsafe class LabelBorders
{
    /// <summary>Voxels at once.</summary>
    public const int Lanes = 32;

    /// <summary>Bytes of the sums: ten of each voxel.</summary>
    public const int Length = 10 * Lanes;

    /// <summary>Writes the sums, and says which voxels have a neighbour of another label, a bit each; of others nothing is written.</summary>
    /// <param name="labels">Their labels, within the whole label map.</param>
    /// <param name="rows">How far the rows around them are.</param>
    /// <param name="isVolume">Whether the planes above and below count.</param>
    /// <param name="sums">Written: <see cref="Length"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Of(byte* labels, in Rows rows, bool isVolume, sbyte* sums)
    {
        Vector256<byte> own = Vector256.Load(labels);
        Plane here = new(own, labels, in rows);
        if (!isVolume)
        {
            return Store(sums, here.Sum, default, here.Y, here.X, default, here.YY, here.XX, default, default, here.YX, -16);
        }

        Plane below = new(own, labels + rows.Below, in rows);
        Plane above = new(own, labels + rows.Above, in rows);
        return Store(
            sums,
            Smooth(below.Sum, here.Sum, above.Sum),
            above.Sum - below.Sum,
            Smooth(below.Y, here.Y, above.Y),
            Smooth(below.X, here.X, above.X),
            Bend(below.Sum, here.Sum, above.Sum),
            Smooth(below.YY, here.YY, above.YY),
            Smooth(below.XX, here.XX, above.XX),
            above.Y - below.Y,
            above.X - below.X,
            Smooth(below.YX, here.YX, above.YX),
            -64);
    }

    /// <summary>The border at one of the voxels.</summary>
    /// <param name="sums">What was written.</param>
    /// <param name="lane">Which voxel.</param>
    /// <param name="isVolume">Whether the planes above and below counted.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LabelBorder At(sbyte* sums, int lane, bool isVolume)
    {
        // A comparison is -1 where labels agree, and 0 where not: +1 and -1 are -2 times that and -1, whose weights add up to nothing but in the first sum.
        sbyte* at = sums + lane;
        return new LabelSums(
            (-2 * at[0]) - (isVolume ? 64 : 16),
            -2 * at[Lanes],
            -2 * at[2 * Lanes],
            -2 * at[3 * Lanes],
            -2 * at[4 * Lanes],
            -2 * at[5 * Lanes],
            -2 * at[6 * Lanes],
            -2 * at[7 * Lanes],
            -2 * at[8 * Lanes],
            -2 * at[9 * Lanes]).Border;
    }

    private static uint Store(
        sbyte* sums,
        Vector256<sbyte> value,
        Vector256<sbyte> z,
        Vector256<sbyte> y,
        Vector256<sbyte> x,
        Vector256<sbyte> zz,
        Vector256<sbyte> yy,
        Vector256<sbyte> xx,
        Vector256<sbyte> zy,
        Vector256<sbyte> zx,
        Vector256<sbyte> yx,
        sbyte all)
    {
        uint open = ~Vector256.Equals(value, Vector256.Create(all)).ExtractMostSignificantBits();
        if (open != 0)
        {
            value.Store(sums);
            z.Store(sums + Lanes);
            y.Store(sums + (2 * Lanes));
            x.Store(sums + (3 * Lanes));
            zz.Store(sums + (4 * Lanes));
            yy.Store(sums + (5 * Lanes));
            xx.Store(sums + (6 * Lanes));
            zy.Store(sums + (7 * Lanes));
            zx.Store(sums + (8 * Lanes));
            yx.Store(sums + (9 * Lanes));
        }

        return open;
    }

    private static Vector256<sbyte> Smooth(Vector256<sbyte> before, Vector256<sbyte> at, Vector256<sbyte> after) => before + after + (at + at);

    private static Vector256<sbyte> Bend(Vector256<sbyte> before, Vector256<sbyte> at, Vector256<sbyte> after) => before + after - (at + at);

    /// <summary>How far the rows around one are.</summary>
    internal readonly struct Rows(int below, int above, int before, int after)
    {
        public readonly int Below = below;
        public readonly int Above = above;
        public readonly int Before = before;
        public readonly int After = after;
    }

    // The sums over three rows of a plane.
    private readonly struct Plane
    {
        public readonly Vector256<sbyte> Sum;
        public readonly Vector256<sbyte> Y;
        public readonly Vector256<sbyte> X;
        public readonly Vector256<sbyte> YY;
        public readonly Vector256<sbyte> XX;
        public readonly Vector256<sbyte> YX;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Plane(Vector256<byte> own, byte* middle, in Rows rows)
        {
            Row before = new(own, middle + rows.Before);
            Row at = new(own, middle);
            Row after = new(own, middle + rows.After);
            Sum = Smooth(before.Sum, at.Sum, after.Sum);
            Y = after.Sum - before.Sum;
            YY = Bend(before.Sum, at.Sum, after.Sum);
            X = Smooth(before.Slope, at.Slope, after.Slope);
            YX = after.Slope - before.Slope;
            XX = Smooth(before.Bent, at.Bent, after.Bent);
        }
    }

    private readonly struct Row
    {
        public readonly Vector256<sbyte> Sum;
        public readonly Vector256<sbyte> Slope;
        public readonly Vector256<sbyte> Bent;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Row(Vector256<byte> own, byte* labels)
        {
            Vector256<sbyte> before = Vector256.Equals(own, Vector256.Load(labels - 1)).AsSByte();
            Vector256<sbyte> at = Vector256.Equals(own, Vector256.Load(labels)).AsSByte();
            Vector256<sbyte> after = Vector256.Equals(own, Vector256.Load(labels + 1)).AsSByte();
            Sum = Smooth(before, at, after);
            Slope = after - before;
            Bent = Bend(before, at, after);
        }
    }
}
