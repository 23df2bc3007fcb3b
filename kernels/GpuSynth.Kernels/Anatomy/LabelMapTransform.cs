using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

/// <summary>
/// From an output voxel to a position in a label map: q = M p + t, both in array order (z, y, x) and in voxels. Built by
/// <see cref="LabelMapGeometry"/>; given to kernels by value.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct LabelMapTransform
{
    /// <summary>M, from z to z.</summary>
    public float ZZ;

    /// <summary>M, from y to z.</summary>
    public float ZY;

    /// <summary>M, from x to z.</summary>
    public float ZX;

    /// <summary>t, along z.</summary>
    public float Z;

    /// <summary>M, from z to y.</summary>
    public float YZ;

    /// <summary>M, from y to y.</summary>
    public float YY;

    /// <summary>M, from x to y.</summary>
    public float YX;

    /// <summary>t, along y.</summary>
    public float Y;

    /// <summary>M, from z to x.</summary>
    public float XZ;

    /// <summary>M, from y to x.</summary>
    public float XY;

    /// <summary>M, from x to x.</summary>
    public float XX;

    /// <summary>t, along x.</summary>
    public float X;

    /// <summary>Voxels of the map along z.</summary>
    public int MapDepth;

    /// <summary>Voxels of the map along y.</summary>
    public int MapHeight;

    /// <summary>Voxels of the map along x.</summary>
    public int MapWidth;

    /// <summary>Dimensions of the output, 2 or 3.</summary>
    public int Dimensions;

    /// <summary>Voxels of the output along y.</summary>
    public int Height;

    /// <summary>Voxels of the output along x.</summary>
    public int Width;

    /// <summary>q along z, of p.</summary>
    public readonly float AlongZ(float z, float y, float x) => (ZZ * z) + (ZY * y) + (ZX * x) + Z;

    /// <summary>q along y, of p.</summary>
    public readonly float AlongY(float z, float y, float x) => (YZ * z) + (YY * y) + (YX * x) + Y;

    /// <summary>q along x, of p.</summary>
    public readonly float AlongX(float z, float y, float x) => (XZ * z) + (XY * y) + (XX * x) + X;
}
