using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>A piece of a tube between two balls, in voxels. What it holds is decided in floats, on devices as on the host.</summary>
internal readonly struct TreeSegment
{
    /// <summary>Within the radius: s is below 0.</summary>
    public const int InLumen = 0;

    /// <summary>In the wall around it.</summary>
    public const int InWall = 1;

    /// <summary>In neither.</summary>
    public const int Outside = 2;

    /// <summary>One end, along z.</summary>
    public readonly float Z;

    /// <summary>Along y.</summary>
    public readonly float Y;

    /// <summary>Along x.</summary>
    public readonly float X;

    /// <summary>Radius there.</summary>
    public readonly float Radius;

    /// <summary>From this end to the other, along z.</summary>
    public readonly float AlongZ;

    /// <summary>Along y.</summary>
    public readonly float AlongY;

    /// <summary>Along x.</summary>
    public readonly float AlongX;

    /// <summary>How much larger the radius is there.</summary>
    public readonly float Growth;

    /// <summary>1 / length^2; 0 of a ball.</summary>
    public readonly float PerSquare;

    /// <summary>A segment of a sample.</summary>
    /// <param name="words">The sample's nodes, z, y, x and radius each.</param>
    /// <param name="segment">Which.</param>
    public TreeSegment(ArrayView<uint> words, int segment)
        : this(
            Number(words, segment, 0), Number(words, segment, 1), Number(words, segment, 2), Number(words, segment, 3),
            Number(words, segment, 4), Number(words, segment, 5), Number(words, segment, 6), Number(words, segment, 7))
    {
    }

    /// <summary>A segment of a sample.</summary>
    /// <param name="nodes">The sample's nodes, z, y, x and radius each.</param>
    /// <param name="segment">Which.</param>
    public TreeSegment(ReadOnlySpan<float> nodes, int segment)
        : this(nodes.Slice(WordOf(segment), 8))
    {
    }

    private TreeSegment(ReadOnlySpan<float> ends)
        : this(ends[0], ends[1], ends[2], ends[3], ends[4], ends[5], ends[6], ends[7])
    {
    }

    private TreeSegment(float z, float y, float x, float radius, float endZ, float endY, float endX, float endRadius)
    {
        (Z, Y, X, Radius) = (z, y, x, radius);
        AlongZ = endZ - z;
        AlongY = endY - y;
        AlongX = endX - x;
        Growth = endRadius - radius;
        float square = (AlongZ * AlongZ) + (AlongY * AlongY) + (AlongX * AlongX);
        PerSquare = square > 0 ? 1 / square : 0;
    }

    /// <summary>The larger of its radii.</summary>
    public float LargestRadius => KernelMath.Max(Radius, Radius + Growth);

    /// <summary>The first word of a segment's two nodes among a sample's: seven nodes make six segments.</summary>
    public static int WordOf(int segment) => 4 * (segment + (segment / TreeBranch.Segments));

    /// <summary>Where a point is.</summary>
    /// <param name="z">The point.</param>
    /// <param name="y">The point, along y.</param>
    /// <param name="x">The point, along x.</param>
    /// <param name="outer">Radius of the wall's outside over that of the lumen, 1 at least; 1: no wall.</param>
    /// <returns><see cref="InLumen"/>, <see cref="InWall"/> or <see cref="Outside"/>.</returns>
    public int LayerOf(float z, float y, float x, float outer)
    {
        float square = Squares(z, y, x, out float t);
        float allowed = Radius + (t * Growth);
        float allowedOutside = allowed * outer;
        return square < allowed * allowed ? InLumen : square < allowedOutside * allowedOutside ? InWall : Outside;
    }

    /// <summary>Whether a ball around a point may hold something of it or of its wall.</summary>
    /// <param name="z">The point.</param>
    /// <param name="y">The point, along y.</param>
    /// <param name="x">The point, along x.</param>
    /// <param name="reach">Radius of the ball in voxels; what rounding may take is added.</param>
    /// <param name="outer">Radius of the wall's outside over that of the lumen.</param>
    public bool MayTouch(float z, float y, float x, float reach, float outer)
    {
        float allowed = (LargestRadius * outer) + reach + 0.01f;
        return Squares(z, y, x, out _) < allowed * allowed;
    }

    // The square of the distance from the segment's axis, at the nearest place t of it.
    private float Squares(float z, float y, float x, out float t)
    {
        float fromZ = z - Z;
        float fromY = y - Y;
        float fromX = x - X;
        t = ((fromZ * AlongZ) + (fromY * AlongY) + (fromX * AlongX)) * PerSquare;
        t = KernelMath.Min(1f, KernelMath.Max(0f, t));
        float offZ = fromZ - (t * AlongZ);
        float offY = fromY - (t * AlongY);
        float offX = fromX - (t * AlongX);
        return (offZ * offZ) + (offY * offY) + (offX * offX);
    }

    private static float Number(ArrayView<uint> words, int segment, int number) => SampleLayout.Number(words, WordOf(segment) + number);
}
