using System.Numerics;

namespace GpuSynth.Kernels;

// TreeGrowth: the branches of a sample's trees, on the host for every device, so that all of them paint the same tubes.
//   The thickest branch grows first: where the limit of segments cuts, it cuts what is thinnest. A branch ends its tree's growth there where it
//   leaves the volume, or where what it would divide into is thinner than the least radius.
//   Centre line: a uniform cubic B-spline over seven points on the straight way, the five between its ends moved by N(0, s^2) along each axis,
//   s = (T - 1) l / (2 d 6) for tortuosity T, length l and d dimensions; taken at its seven knots, which the segments join.
// Sources: Murray (TreeSplit); the law of s is that of the curves of Blochet et al., synthspline. The azimuth of a branching turns by the
// golden angle, as in plants: our choice, for peers turn it at random.

/// <summary>Grows the branches of a sample's trees of one kind.</summary>
/// <param name="trees">Laws of the branches.</param>
/// <param name="drawn">What was drawn for the sample.</param>
/// <param name="shape">Shape of the sample.</param>
/// <param name="place">Where the branches' numbers are drawn.</param>
internal readonly ref struct TreeGrowth(Trees trees, ref readonly Trees.Drawn drawn, VolumeShape shape, RandomPlace place)
{
    // Parts of the branches' stream: append only. 1 and 2 are a root's.
    private const uint AsymmetryPart = 3;
    private const uint LengthPart = 4;
    private const uint TurnPart = 5;
    private const uint PointPart = 8;

    private const float LeastVoxels = 0.5f;
    private const double GoldenAngle = 137.5 * Math.PI / 180;
    private const double AzimuthSpread = 30 * Math.PI / 180;

    private readonly ref readonly Trees.Drawn drawn = ref drawn;

    private float LeastRadius => MathF.Max(LeastVoxels, drawn.LeastRadiusVoxels);

    /// <summary>Grows the trees of a kind, each kind's being every so many of the sample's trees.</summary>
    /// <param name="kind">Which kind.</param>
    /// <param name="radii">Radii of the roots of all trees, in voxels.</param>
    /// <param name="grown">Written: the branches; no more than it holds.</param>
    /// <param name="nodes">Written: <see cref="TreeBranch.Words"/> numbers of each.</param>
    /// <returns>How many branches.</returns>
    public int Grow(int kind, ReadOnlySpan<float> radii, Span<TreeBranch> grown, Span<float> nodes)
    {
        Span<TreeBranch> waiting = stackalloc TreeBranch[TreeBranch.Most + Trees.MostTrees];
        int waits = 0;
        var roots = new TreeRoot(shape, place, radii.Length, drawn.IsFromInside != 0);
        for (int tree = kind; tree < radii.Length; tree += trees.Kinds)
        {
            waiting[waits++] = roots.Of(tree, MathF.Max(radii[tree], LeastRadius));
        }

        int count = 0;
        while (waits > 0 && count < grown.Length)
        {
            int next = 0;
            for (int other = 1; other < waits; other++)
            {
                next = waiting[other].IsBefore(in waiting[next]) ? other : next;
            }

            TreeBranch branch = waiting[next];
            waiting[next] = waiting[--waits];
            Span<float> own = nodes.Slice(count * TreeBranch.Words, TreeBranch.Words);
            grown[count++] = branch;
            if (IsInside(in branch, own) && branch.MayDivide)
            {
                waits += Divide(in branch, EndOf(own), waiting[waits..]);
            }
        }

        return count;
    }

    private int Divide(in TreeBranch branch, Vector3 end, Span<TreeBranch> waiting)
    {
        double asymmetry = trees.Asymmetry.Draw(place.Part(AsymmetryPart), branch.Element);
        TreeSplit split = TreeSplit.Of(branch.Radius, asymmetry, drawn.MurrayExponent);
        UInt4 words = Philox.At(place.Part(TurnPart), branch.Element);
        bool isFlat = shape.Dimensions == 2;
        int count = 0;
        if (split.Larger >= LeastRadius)
        {
            waiting[count++] = branch.Child(true, split.Larger, split.LargerTurn, end, AzimuthOf(words.X), isFlat, words.Y >> 31 != 0);
        }

        if (split.Smaller >= LeastRadius)
        {
            waiting[count++] = branch.Child(false, split.Smaller, split.SmallerTurn, end, AzimuthOf(words.Z), isFlat, words.W >> 31 != 0);
        }

        return count;
    }

    private static double AzimuthOf(uint word) => GoldenAngle + (AzimuthSpread * ((2 * Uniform.FromBits(word)) - 1));

    // Writes the nodes of a branch: whether it ends inside the volume. The first node that is outside is the last; those behind it repeat it, so
    // that a branch never comes in again and a tree is in one piece.
    private bool IsInside(in TreeBranch branch, Span<float> nodes)
    {
        float length = trees.LengthOfRadius.Draw(place.Part(LengthPart), branch.Element) * branch.Radius;
        float sigma = MathF.Max(0, drawn.Tortuosity - 1) * length / (2 * shape.Dimensions * TreeBranch.Segments);
        Span<Vector3> points = stackalloc Vector3[TreeBranch.Segments + 1];
        Span<float> swelling = stackalloc float[TreeBranch.Segments + 1];
        for (int point = 0; point <= TreeBranch.Segments; point++)
        {
            points[point] = branch.Start + (length * point / TreeBranch.Segments * branch.Direction);
            swelling[point] = 0;
            if (point is > 0 and < TreeBranch.Segments)
            {
                UInt4 words = Philox.At(place.Part(PointPart + (uint)point), branch.Element);
                Normal.FromBits(words.X, words.Y, out float x, out float y);
                Normal.FromBits(words.Z, words.W, out float z, out swelling[point]);
                points[point] += sigma * new Vector3(x, y, shape.Dimensions == 2 ? 0 : z);
            }
        }

        bool isInside = true;
        for (int node = 0; node <= TreeBranch.Segments; node++)
        {
            Span<float> to = nodes.Slice(4 * node, 4);
            if (!isInside)
            {
                nodes.Slice(4 * (node - 1), 4).CopyTo(to);
                continue;
            }

            // At an end the point beyond it is the mirror image of the one before it, which leaves the end itself.
            Vector3 at = node is 0 or TreeBranch.Segments
                ? points[node]
                : (points[node - 1] + (4 * points[node]) + points[node + 1]) / 6;
            to[0] = at.Z;
            to[1] = at.Y;
            to[2] = at.X;
            to[3] = MathF.Max(LeastVoxels, branch.Radius * MathF.Exp((float)trees.RadiusJitter * swelling[node]));
            isInside = node == 0 || Holds(at);
        }

        return isInside;
    }

    private bool Holds(Vector3 at) => at is { X: >= -0.5f, Y: >= -0.5f, Z: >= -0.5f }
        && at.X <= shape.Width - 0.5f && at.Y <= shape.Height - 0.5f && at.Z <= shape.Depth - 0.5f;

    private static Vector3 EndOf(ReadOnlySpan<float> nodes)
    {
        ReadOnlySpan<float> last = nodes[^4..];
        return new Vector3(last[2], last[1], last[0]);
    }
}
