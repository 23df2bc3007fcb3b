using System.Numerics;

namespace GpuSynth.Kernels;

/// <summary>Where the trees of a sample begin: each at a face of the volume, or all at one point inside.</summary>
/// <param name="shape">Shape of the sample.</param>
/// <param name="place">Where the branches' numbers are drawn.</param>
/// <param name="count">Trees of the sample.</param>
/// <param name="isFromInside">Whether they begin at one point inside.</param>
internal readonly struct TreeRoot(VolumeShape shape, RandomPlace place, int count, bool isFromInside)
{
    // What is drawn for a tree, and not for one of its branches.
    private const uint NoBranch = 0;
    private const uint PositionPart = 1;
    private const uint DirectionPart = 2;

    // Of the direction into the volume, along each other axis: at most 27 degrees off in an image, 35 in a volume.
    private const float MostSlant = 0.5f;

    // In an image trees go out in all directions, each from the middle of its share of the circle so far at most, in shares.
    private const double MostShare = 0.35;

    private Vector3 Extent => new(shape.Width, shape.Height, shape.Depth);

    private bool IsFlat => shape.Dimensions == 2;

    /// <summary>The first branch of a tree.</summary>
    /// <param name="tree">Which.</param>
    /// <param name="radius">Its radius in voxels.</param>
    public TreeBranch Of(int tree, float radius)
    {
        Vector3 direction;
        Vector3 start;
        uint element = TreeBranch.ElementOf(tree, NoBranch);
        UInt4 turns = Philox.At(place.Part(DirectionPart), element);
        if (isFromInside)
        {
            UInt4 shared = Philox.At(place.Part(PositionPart), TreeBranch.ElementOf(Trees.MostTrees, NoBranch));
            start = Within(Extent, shared, 0.2f);
            direction = Outwards(tree, turns, shared.W);
        }
        else
        {
            (start, direction) = FromFace(Philox.At(place.Part(PositionPart), element), turns);
        }

        return new TreeBranch(tree, 1, radius, start, direction, SideOf(direction, turns.W));
    }

    private Vector3 Outwards(int tree, UInt4 turns, uint offset)
    {
        if (IsFlat)
        {
            double share = tree + Uniform.FromBits(offset) + (MostShare * Signed(turns.X));
            (double sine, double cosine) = Math.SinCos(share / count * Math.Tau);
            return new Vector3((float)cosine, (float)sine, 0);
        }

        // Uniform over the sphere: the height of a point on it is.
        float height = Signed(turns.X);
        (double y, double x) = Math.SinCos(Uniform.FromBits(turns.Y) * Math.Tau);
        float round = MathF.Sqrt(1 - (height * height));
        return new Vector3(round * (float)x, round * (float)y, height);
    }

    private (Vector3 Start, Vector3 Direction) FromFace(UInt4 position, UInt4 turns)
    {
        // An axis of one voxel has no faces that a branch could go in from, unless there is no other.
        Span<int> axes = stackalloc int[3];
        int found = 0;
        for (int axis = 0; axis < shape.Dimensions; axis++)
        {
            if (Extent[axis] > 1)
            {
                axes[found++] = axis;
            }
        }

        int face = (int)(Uniform.FromBits(position.W) * 2 * Math.Max(1, found));
        int across = found == 0 ? 0 : axes[face / 2];
        bool isFar = face % 2 != 0;
        Vector3 start = Within(Extent, position, 0.1f);
        start[across] = isFar ? Extent[across] - 0.5f : -0.5f;
        Vector3 direction = MostSlant * new Vector3(Signed(turns.X), Signed(turns.Y), IsFlat ? 0 : Signed(turns.Z));
        direction[across] = isFar ? -1 : 1;
        return (start, Vector3.Normalize(direction));
    }

    // Uniform but for a margin at each end, a fraction of the axis.
    private Vector3 Within(Vector3 extent, UInt4 words, float margin)
    {
        Vector3 uniform = new(Uniform.FromBits(words.X), Uniform.FromBits(words.Y), Uniform.FromBits(words.Z));
        Vector3 at = (extent * (new Vector3(margin) + ((1 - (2 * margin)) * uniform))) - new Vector3(0.5f);
        return IsFlat ? at with { Z = 0 } : at;
    }

    private Vector3 SideOf(Vector3 direction, uint word)
    {
        if (IsFlat)
        {
            Vector3 left = new(-direction.Y, direction.X, 0);
            return Signed(word) < 0 ? -left : left;
        }

        // Beginning with the axis that the direction is farthest from.
        Vector3 size = Vector3.Abs(direction);
        Vector3 axis = size.X <= size.Y && size.X <= size.Z ? Vector3.UnitX : size.Y <= size.Z ? Vector3.UnitY : Vector3.UnitZ;
        Vector3 first = Vector3.Normalize(Vector3.Cross(direction, axis));
        (double sine, double cosine) = Math.SinCos(Uniform.FromBits(word) * Math.Tau);
        return ((float)cosine * first) + ((float)sine * Vector3.Cross(direction, first));
    }

    private static float Signed(uint word) => (2 * Uniform.FromBits(word)) - 1;
}
