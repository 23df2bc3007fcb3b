using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>The lines of a sample along one axis: voxel v lies at place v / Step modulo Length of its line.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct LineAxis
{
    /// <summary>Voxels of a sample.</summary>
    public readonly int Voxels;

    /// <summary>Voxels from one of a line to the next.</summary>
    public readonly int Step;

    /// <summary>Voxels of a line.</summary>
    public readonly int Length;

    /// <summary>The lines along an axis.</summary>
    /// <param name="shape">Shape of a sample, at most 2^31 - 1 voxels.</param>
    /// <param name="axis">0 is z, 1 is y, 2 is x.</param>
    public LineAxis(VolumeShape shape, int axis)
    {
        Voxels = LaunchCheck.Extent(shape.VoxelCount, nameof(shape));
        Step = axis == 0 ? shape.Height * shape.Width : axis == 1 ? shape.Width : 1;
        Length = LengthOf(shape, axis);
    }

    /// <summary>Voxels of a line along an axis.</summary>
    public static int LengthOf(VolumeShape shape, int axis) => axis == 0 ? shape.Depth : axis == 1 ? shape.Height : shape.Width;

    /// <summary>Voxels of the longest line.</summary>
    public static int Longest(VolumeShape shape) => Math.Max(shape.Depth, Math.Max(shape.Height, shape.Width));
}
