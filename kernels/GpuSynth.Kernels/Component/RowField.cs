using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// A smooth field that a component draws: numbers at a few nodes, as many along each axis, the first at the first voxel and the last at the last;
/// linear between them. The nodes are a list of the row, [z][y][x]; the field is part of the component's drawn struct.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly partial struct RowField
{
    private readonly WordList nodes;
    private readonly Divisor plane;
    private readonly Divisor width;
    private readonly uint last;
    private readonly uint lastNode;
    private readonly uint lastPlane;
    private readonly float perVoxelZ;
    private readonly float perVoxelY;
    private readonly float perVoxelX;

    /// <summary>A field over a volume.</summary>
    /// <param name="nodes">Its nodes in the row, <see cref="Length"/> of them.</param>
    /// <param name="count">Nodes along each axis, at least 1; along an axis of one voxel the first counts; an image has none along z.</param>
    /// <param name="shape">Shape of a sample, at most 2^31 - 1 voxels.</param>
    /// <exception cref="ArgumentException">There are no nodes, or more voxels.</exception>
    public RowField(WordList nodes, int count, VolumeShape shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        this.nodes = nodes;
        plane = new Divisor(checked(shape.Height * shape.Width));
        width = new Divisor(shape.Width);
        last = (uint)LaunchCheck.Extent(shape.VoxelCount, nameof(shape)) - 1;
        lastNode = (uint)count - 1;
        lastPlane = shape.Dimensions == 3 ? lastNode : 0;
        perVoxelZ = (count - 1f) / Math.Max(1, shape.Depth - 1);
        perVoxelY = (count - 1f) / Math.Max(1, shape.Height - 1);
        perVoxelX = (count - 1f) / Math.Max(1, shape.Width - 1);
    }

    /// <summary>Nodes in all.</summary>
    /// <param name="count">Nodes along each axis.</param>
    /// <param name="shape">Shape of a sample.</param>
    public static int Length(int count, VolumeShape shape) => shape.Dimensions == 3 ? count * count * count : count * count;

    /// <summary>The field at a voxel.</summary>
    /// <param name="row">The sample's row.</param>
    /// <param name="voxel">Linear index in the sample; behind its end the last voxel's place is taken.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public F At<F, U>(in Row row, U voxel)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        if (lastNode == 0)
        {
            return F.Look(in row, nodes, U.Of(0));
        }

        U z = plane.Divide<F, U>(U.Min(voxel, U.Of(last)), out U inPlane);
        U y = width.Divide<F, U>(inPlane, out U x);
        Locate<F, U>(z, perVoxelZ, lastPlane, out U nearZ, out U farZ, out F alongZ);
        Locate<F, U>(y, perVoxelY, lastNode, out U nearY, out U farY, out F alongY);
        Locate<F, U>(x, perVoxelX, lastNode, out U nearX, out U farX, out F alongX);
        F low = F.Lerp(NodeRow(in row, nearZ, nearY, nearX, farX, alongX), NodeRow(in row, nearZ, farY, nearX, farX, alongX), alongY);
        F high = F.Lerp(NodeRow(in row, farZ, nearY, nearX, farX, alongX), NodeRow(in row, farZ, farY, nearX, farX, alongX), alongY);
        return F.Lerp(low, high, alongZ);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private F NodeRow<F, U>(in Row row, U z, U y, U nearX, U farX, F alongX)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        U count = U.Of(lastNode + 1);
        U first = ((z * count) + y) * count;
        return F.Lerp(F.Look(in row, nodes, first + nearX), F.Look(in row, nodes, first + farX), alongX);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Locate<F, U>(U voxel, float perVoxel, uint lastNode, out U near, out U far, out F along)
        where F : struct, IReal<F, U>
        where U : struct, IWord<F, U>
    {
        F at = U.ToReal(voxel) * F.Of(perVoxel);
        near = U.Min(F.Whole(at), U.Of(lastNode));
        far = U.Min(near + U.Of(1), U.Of(lastNode));
        along = at - U.ToReal(near);
    }
}
