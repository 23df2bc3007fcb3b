using System.Numerics;

namespace GpuSynth.Kernels;

/// <summary>One branch of a tree, in voxels; a voxel's centre has its index as coordinates, and an image has no z.</summary>
/// <param name="Tree">Which tree, from 0.</param>
/// <param name="Id">
/// Its number in the tree: the root is 1, and branch n divides into 2n, the larger, and 2n + 1. What is drawn for it is drawn at this number, so
/// that a branch is a function of its ancestors, whatever else grows.
/// </param>
/// <param name="Radius">Its radius, the same from end to end but for the jitter between.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Direction">Where it goes, of length 1.</param>
/// <param name="Side">At a right angle to it, of length 1: to where the larger of what it divides into turns.</param>
internal readonly record struct TreeBranch(int Tree, uint Id, float Radius, Vector3 Start, Vector3 Direction, Vector3 Side)
{
    /// <summary>Pieces of a branch's centre line.</summary>
    public const int Segments = 6;

    /// <summary>Numbers of a node in the row: z, y, x and radius.</summary>
    public const int NodeWords = 4;

    /// <summary>Which of them is the radius.</summary>
    public const int RadiusWord = 3;

    /// <summary>Numbers of a branch in the row: its seven nodes'.</summary>
    public const int Words = NodeWords * (Segments + 1);

    /// <summary>Branches of a sample at most: 1,024 segments.</summary>
    public const int Most = 1024 / Segments;

    private const int IdBits = 24;

    /// <summary>The element that its numbers are drawn at.</summary>
    public uint Element => ElementOf(Tree, Id);

    /// <summary>Whether what it divides into has numbers.</summary>
    public bool MayDivide => Id < 1u << (IdBits - 1);

    /// <summary>The element of a branch of a tree; of branch 0 that of the tree itself.</summary>
    public static uint ElementOf(int tree, uint id) => ((uint)tree << IdBits) | id;

    /// <summary>Whether it is to grow before another: the thicker one, and of two alike the one nearer to its root.</summary>
    public bool IsBefore(in TreeBranch other) => Radius != other.Radius ? Radius > other.Radius
        : Id != other.Id ? Id < other.Id : Tree < other.Tree;

    /// <summary>A branch that begins where this one ends.</summary>
    /// <param name="isLarger">Whether it is the larger of the two.</param>
    /// <param name="radius">Its radius.</param>
    /// <param name="turn">The angle between the two, in radians.</param>
    /// <param name="start">Where this one ends.</param>
    /// <param name="azimuth">How far its own side is turned about it from the plane that both lie in, in radians; not read in an image.</param>
    /// <param name="isFlat">Whether all lies in an image; the side is then the same or the other.</param>
    /// <param name="isOtherSide">Whether its larger branch goes to the other side than this one's; of an image.</param>
    public TreeBranch Child(bool isLarger, double radius, double turn, Vector3 start, double azimuth, bool isFlat, bool isOtherSide)
    {
        (double sine, double cosine) = Math.SinCos(isLarger ? turn : -turn);
        Vector3 direction = Vector3.Normalize(((float)cosine * Direction) + ((float)sine * Side));
        Vector3 side = ((float)cosine * Side) - ((float)sine * Direction);
        if (isFlat)
        {
            side = isOtherSide ? -side : side;
        }
        else
        {
            (double across, double along) = Math.SinCos(azimuth);
            side = ((float)along * side) + ((float)across * Vector3.Cross(direction, side));
        }

        // Rounding must not add up over generations.
        side -= Vector3.Dot(side, direction) * direction;
        return new TreeBranch(Tree, (2 * Id) + (isLarger ? 0u : 1u), (float)radius, start, direction, Vector3.Normalize(side));
    }
}
