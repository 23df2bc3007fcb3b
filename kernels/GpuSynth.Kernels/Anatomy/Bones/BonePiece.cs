using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// BonePiece: a rounded cylinder around an axis a through c. With p = x - c, t = p . a, u = |t| - h, v = |p - t a| - R:
//   s = min(max(u, v), 0) + |(max(u, 0), max(v, 0))| - r.  R = 0 is a capsule of radius r. Cortex where -w < s < 0, marrow deeper.
// Source: the exact signed distance of a cylinder, from the rectangle that turns about its side.

/// <summary>One piece of bone, in voxels, as it stands in the sample's row: what is straight is one, what is bent several.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BonePiece
{
    /// <summary>Words of a piece.</summary>
    public const int Words = 11;

    private readonly AxisNumbers centre;
    private readonly AxisNumbers axis;
    private readonly float half;
    private readonly float radius;
    private readonly float rounding;

    /// <summary>Thickness of its cortex.</summary>
    public readonly float Cortex;

    /// <summary>Radius of the ball around it.</summary>
    public readonly float Reach;

    private BonePiece(Vector3 centre, Vector3 axis, float half, float radius, float rounding, float cortex)
    {
        this.centre = new AxisNumbers(centre.Z, centre.Y, centre.X);
        this.axis = new AxisNumbers(axis.Z, axis.Y, axis.X);
        (this.half, this.radius, this.rounding, Cortex) = (half, radius, rounding, cortex);
        Reach = MathF.Sqrt((half * half) + (radius * radius)) + rounding;
    }

    /// <summary>A capsule.</summary>
    /// <param name="from">The middle of one end's ball.</param>
    /// <param name="to">That of the other's.</param>
    /// <param name="radius">Its radius.</param>
    /// <param name="cortex">Thickness of its cortex.</param>
    public static BonePiece Capsule(Vector3 from, Vector3 to, float radius, float cortex)
    {
        Vector3 along = to - from;
        float length = along.Length();
        return new((from + to) / 2, length > 0 ? along / length : Vector3.UnitZ, length / 2, 0, radius, cortex);
    }

    /// <summary>A cylinder along z with round edges.</summary>
    /// <param name="centre">Its middle.</param>
    /// <param name="half">Half of its height.</param>
    /// <param name="radius">Its radius.</param>
    /// <param name="cortex">Thickness of its cortex.</param>
    public static BonePiece Drum(Vector3 centre, float half, float radius, float cortex)
    {
        float rounding = MathF.Min(half, radius) / 3;
        return new(centre, Vector3.UnitZ, half - rounding, radius - rounding, rounding, cortex);
    }

    /// <summary>s at a place: below 0 inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Distance<F, U>(F z, F y, F x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F fromZ = z - F.Of(centre.Z);
        F fromY = y - F.Of(centre.Y);
        F fromX = x - F.Of(centre.X);
        F along = F.Fma(fromX, F.Of(axis.X), F.Fma(fromY, F.Of(axis.Y), fromZ * F.Of(axis.Z)));
        F acrossZ = fromZ - (along * F.Of(axis.Z));
        F acrossY = fromY - (along * F.Of(axis.Y));
        F acrossX = fromX - (along * F.Of(axis.X));
        F beyond = F.Abs(along) - F.Of(half);
        F beside = F.Sqrt(F.Fma(acrossX, acrossX, F.Fma(acrossY, acrossY, acrossZ * acrossZ))) - F.Of(radius);
        F none = F.Of(0f);
        F outAlong = F.Max(beyond, none);
        F outAcross = F.Max(beside, none);
        return F.Min(F.Max(beyond, beside), none) + F.Sqrt(F.Fma(outAlong, outAlong, outAcross * outAcross)) - F.Of(rounding);
    }

    /// <summary>Whether a place may be inside.</summary>
    public bool MayHold(float z, float y, float x)
    {
        float fromZ = z - centre.Z;
        float fromY = y - centre.Y;
        float fromX = x - centre.X;
        return (fromZ * fromZ) + (fromY * fromY) + (fromX * fromX) <= Reach * Reach;
    }

    /// <summary>Where it may lie along z, half-open, within a length.</summary>
    public (int First, int End) RangeZ(int length) => Range(centre.Z, axis.Z, length);

    /// <summary>Along y.</summary>
    public (int First, int End) RangeY(int length) => Range(centre.Y, axis.Y, length);

    /// <summary>Along x.</summary>
    public (int First, int End) RangeX(int length) => Range(centre.X, axis.X, length);

    private (int First, int End) Range(float at, float along, int length)
    {
        // A voxel more for what rounding takes.
        float extent = (MathF.Abs(along) * half) + (MathF.Sqrt(MathF.Max(0, 1 - (along * along))) * radius) + rounding + 1;
        int first = (int)Math.Clamp(MathF.Floor(at - extent), 0, length);
        return (first, (int)Math.Clamp(MathF.Ceiling(at + extent) + 1, first, length));
    }
}
