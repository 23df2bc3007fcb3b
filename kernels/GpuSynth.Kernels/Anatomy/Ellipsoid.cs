using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// Ellipsoid: s(p) = (q - 1) q / |grad|,  q^2 = sum ((p - c) / r)^2,  |grad|^2 = sum ((p - c) / r^2)^2.
// Of a sphere that is |p - c| - r. Else q / |grad| lies between the smallest and the largest radius, so that |s| >= |q - 1| min r, and near the
// surface s is the distance but for terms of second order. Source: the first term of Taylor's series of q at the surface.

/// <summary>An ellipsoid along the axes: how far a place is from its surface in voxels, below 0 inside. Part of a component's drawn struct.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Ellipsoid
{
    // What rounding takes of a distance, and more.
    private const float Slack = 0.5f;

    private readonly AxisNumbers centre;
    private readonly AxisNumbers perRadius;

    /// <summary>The smallest radius.</summary>
    public readonly float LeastRadius;

    /// <summary>An ellipsoid.</summary>
    /// <param name="centre">Its middle in voxels; a voxel's centre has its index as coordinates, and an image has no z.</param>
    /// <param name="radii">Its radii in voxels, above 0.</param>
    /// <param name="dimensions">2 or 3.</param>
    public Ellipsoid(AxisNumbers centre, AxisNumbers radii, int dimensions)
    {
        this.centre = centre;
        perRadius = new AxisNumbers(dimensions == 3 ? 1 / radii.Z : 0, 1 / radii.Y, 1 / radii.X);
        LeastRadius = MathF.Min(radii.Y, radii.X);
        LeastRadius = dimensions == 3 ? MathF.Min(LeastRadius, radii.Z) : LeastRadius;
    }

    /// <summary>s at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F Distance<F, U>(F z, F y, F x)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F atZ = (z - F.Of(centre.Z)) * F.Of(perRadius.Z);
        F atY = (y - F.Of(centre.Y)) * F.Of(perRadius.Y);
        F atX = (x - F.Of(centre.X)) * F.Of(perRadius.X);
        F square = F.Fma(atX, atX, F.Fma(atY, atY, atZ * atZ));
        F gradZ = atZ * F.Of(perRadius.Z);
        F gradY = atY * F.Of(perRadius.Y);
        F gradX = atX * F.Of(perRadius.X);
        F slope = F.Fma(gradX, gradX, F.Fma(gradY, gradY, gradZ * gradZ));

        // In the very middle, where the slope is none, s is minus the smallest radius.
        F middle = F.Of(-LeastRadius);
        return F.WhereAtMost(slope, F.Of(0f), middle, (square - F.Sqrt(square)) / F.Sqrt(slope));
    }

    /// <summary>The voxels of a row outside which s is above a reach: from 0 to the row's length at most, half-open.</summary>
    /// <param name="z">Plane of the row.</param>
    /// <param name="y">Its y.</param>
    /// <param name="length">Voxels of the row.</param>
    /// <param name="reach">The reach in voxels, at least 0.</param>
    public (int First, int End) Near(int z, int y, int length, float reach) => Span(z, y, length, 1 + ((reach + Slack) / LeastRadius));

    /// <summary>The voxels of a row in which s is below minus a depth, as far as that is sure, likewise.</summary>
    /// <param name="z">Plane of the row.</param>
    /// <param name="y">Its y.</param>
    /// <param name="length">Voxels of the row.</param>
    /// <param name="depth">The depth in voxels, at least 0.</param>
    public (int First, int End) Deep(int z, int y, int length, float depth) => Span(z, y, length, 1 - ((depth + Slack) / LeastRadius));

    // Where q is below a limit.
    private (int First, int End) Span(int z, int y, int length, float limit)
    {
        float atZ = (z - centre.Z) * perRadius.Z;
        float atY = (y - centre.Y) * perRadius.Y;
        float left = (limit * limit) - (atZ * atZ) - (atY * atY);
        if (limit <= 0 || left <= 0)
        {
            return (0, 0);
        }

        float half = MathF.Sqrt(left) / perRadius.X;
        int first = (int)Math.Clamp(MathF.Ceiling(centre.X - half), 0, length);
        return (first, (int)Math.Clamp(MathF.Floor(centre.X + half) + 1, first, length));
    }
}
