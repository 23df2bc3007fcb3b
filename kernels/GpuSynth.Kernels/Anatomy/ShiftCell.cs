using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

/// <summary>One component of a displacement along a cell.</summary>
/// <param name="Value">At the lower knot along x.</param>
/// <param name="Rise">To the upper knot.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ShiftRamp(float Value, float Rise)
{
    /// <summary>The component within the cell.</summary>
    /// <param name="t">0 at the lower knot, 1 at the upper.</param>
    public float At(float t) => Value + (Rise * t);

    /// <summary>Between two ramps.</summary>
    public static ShiftRamp Linear(ShiftRamp a, ShiftRamp b, float t) =>
        new(NoiseField.Linear(a.Value, b.Value, t), NoiseField.Linear(a.Rise, b.Rise, t));
}

/// <summary>The displacement along a cell.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ShiftCell
{
    /// <summary>Along z.</summary>
    public ShiftRamp Z;

    /// <summary>Along y.</summary>
    public ShiftRamp Y;

    /// <summary>Along x.</summary>
    public ShiftRamp X;

    /// <summary>What lies between two cells: b - a.</summary>
    public static ShiftCell Difference(ShiftCell b, ShiftCell a)
    {
        ShiftCell cell;
        cell.Z = new ShiftRamp(b.Z.Value - a.Z.Value, b.Z.Rise - a.Z.Rise);
        cell.Y = new ShiftRamp(b.Y.Value - a.Y.Value, b.Y.Rise - a.Y.Rise);
        cell.X = new ShiftRamp(b.X.Value - a.X.Value, b.X.Rise - a.X.Rise);
        return cell;
    }

    /// <summary>a + d t.</summary>
    public static ShiftCell Sum(ShiftCell a, ShiftCell d, float t)
    {
        ShiftCell cell;
        cell.Z = new ShiftRamp(a.Z.Value + (d.Z.Value * t), a.Z.Rise + (d.Z.Rise * t));
        cell.Y = new ShiftRamp(a.Y.Value + (d.Y.Value * t), a.Y.Rise + (d.Y.Rise * t));
        cell.X = new ShiftRamp(a.X.Value + (d.X.Value * t), a.X.Rise + (d.X.Rise * t));
        return cell;
    }

    /// <summary>Between two cells.</summary>
    public static ShiftCell Linear(ShiftCell a, ShiftCell b, float t)
    {
        ShiftCell cell;
        cell.Z = ShiftRamp.Linear(a.Z, b.Z, t);
        cell.Y = ShiftRamp.Linear(a.Y, b.Y, t);
        cell.X = ShiftRamp.Linear(a.X, b.X, t);
        return cell;
    }
}

/// <summary>A cell as it lies in memory: 32 bytes, which a device reads in two steps where 24 would take six.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct ShiftKnot
{
    /// <summary>The cell.</summary>
    public ShiftCell Cell;

    /// <summary>Fills 32 bytes; neither written nor read.</summary>
    public ShiftRamp Unused;
}

/// <summary>The two components of a cell that <see cref="StagedRows"/> keeps together: 16 bytes, which a device reads at once.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ShiftPair
{
    public ShiftRamp Z;
    public ShiftRamp Y;
}

/// <summary>The rows of a group in its shared memory.</summary>
internal struct StagedRows
{
    /// <summary>Positions along z and y: the voxel's own and its displacement.</summary>
    public ArrayView<ShiftPair> Across;

    /// <summary>Displacements along x.</summary>
    public ArrayView<ShiftRamp> Along;
}

/// <summary>A voxel's place along one axis of a <see cref="ShiftGrid"/>.</summary>
/// <param name="OffsetBits">Bits of <see cref="Offset"/>: a float like the other, so that a device reads both at once.</param>
/// <param name="T">How far it is within the cell: 0 at the lower knot, 1 at the upper.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ShiftPlace(float OffsetBits, float T)
{
    /// <summary>Its cell, in cells of memory.</summary>
    public int Offset => (int)Interop.FloatAsInt(OffsetBits);
}
