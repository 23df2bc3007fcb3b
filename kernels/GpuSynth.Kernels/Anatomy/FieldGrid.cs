using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// FieldGrid: the label fields as a grid of knots (KnotAxis.OfVoxels) merged by KnotMerge. A cell holds the bilinear polynomial
// between its four knots in a plane, so that a position costs two reads of 16 B and eight multiply-adds:
//   P = lerp over z of (A + Y ty) + (X + YX ty) tx.
//   cells: FieldCell[label][zknot][ycell][xcell].
//   places: per axis an entry per voxel -1 to S: 1 / width of its cell, what is added to get t, and the cell's place in memory.
//   The last entry is what lies outside: knot 0, where every field is 0.

/// <summary>A bilinear polynomial over a cell of a plane.</summary>
/// <param name="A">Value at the lower knots.</param>
/// <param name="X">Rise along x.</param>
/// <param name="Y">Rise along y.</param>
/// <param name="YX">Rise of the rise.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FieldCell(float A, float X, float Y, float YX)
{
    /// <summary>The polynomial between four knots.</summary>
    public static FieldCell Of(float v00, float v01, float v10, float v11) =>
        new(v00, v01 - v00, v10 - v00, (v11 - v10) - (v01 - v00));

    /// <summary>The value within the cell.</summary>
    public float At(float ty, float tx) => (A + (Y * ty)) + ((X + (YX * ty)) * tx);
}

/// <summary>
/// The cell of a voxel along one axis: t = (position - 1/2) <paramref name="Inverse"/> + <paramref name="Shift"/>. All are floats,
/// so that a device reads them at once.
/// </summary>
/// <param name="Inverse">1 / width of the cell in voxels; 0 outside.</param>
/// <param name="Shift">What is added.</param>
/// <param name="Offset">Bits of an int: the cell, in cells of memory.</param>
/// <param name="Next">Bits of an int: along z the cell at the next knot; elsewhere not read.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FieldPlace(float Inverse, float Shift, float Offset, float Next);

/// <summary>A <see cref="FieldGrid"/> as a device sees it.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct FieldPlan
{
    /// <summary>Number of labels.</summary>
    public readonly int Labels;

    /// <summary>Cells of one label.</summary>
    public readonly int CellsPerLabel;

    /// <summary>Last entry of the table of places along z: outside.</summary>
    public readonly int LastZ;

    /// <summary>Last entry along y.</summary>
    public readonly int LastY;

    /// <summary>Last entry along x.</summary>
    public readonly int LastX;

    internal FieldPlan(int labels, int cellsPerLabel, int lastZ, int lastY, int lastX)
    {
        Labels = labels;
        CellsPerLabel = cellsPerLabel;
        LastZ = lastZ;
        LastY = lastY;
        LastX = lastX;
    }

    /// <summary>Cells of one sample.</summary>
    public int Cells => Labels * CellsPerLabel;
}

/// <summary>Merged label fields on knots, and the tables that go with them.</summary>
public sealed class FieldGrid
{
    // 1.5 * 2^23: added to a float of small magnitude, it leaves the nearest whole number in the low bits.
    private const float Magic = 12582912f;
    private const uint MagicBits = 0x4B400000u;

    /// <summary>Lays out a grid.</summary>
    /// <param name="layout">Coarse grids, one channel per label, at most 256.</param>
    /// <exception cref="ArgumentException">There are more labels than a byte holds.</exception>
    public FieldGrid(NoiseGridLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (layout.Channels > 256)
        {
            throw new ArgumentException($"There are {layout.Channels} label fields, a label is a byte: at most 256.",
                nameof(layout));
        }

        Layout = layout;
        (Z, Y, X) = KnotAxis.OfVoxels(layout);
        CellsY = Math.Max(1, Y.Count - 1);
        CellsX = Math.Max(1, X.Count - 1);
        int plane = checked(CellsY * CellsX);
        FieldPlace[] z = PlacesAlong(Z, plane);
        FieldPlace[] y = PlacesAlong(Y, CellsX);
        FieldPlace[] x = PlacesAlong(X, 1);
        Places = [.. z, .. y, .. x];
        Weights = KnotWeight.Table(layout, Z, Y, X);
        int perLabel = checked(Z.Count * plane);
        _ = checked(perLabel * layout.Channels);
        Plan = new FieldPlan(layout.Channels, perLabel, z.Length - 1, y.Length - 1, x.Length - 1);
    }

    /// <summary>Coarse grids.</summary>
    public NoiseGridLayout Layout { get; }

    /// <summary>Knots along z.</summary>
    public KnotAxis Z { get; }

    /// <summary>Knots along y.</summary>
    public KnotAxis Y { get; }

    /// <summary>Knots along x.</summary>
    public KnotAxis X { get; }

    /// <summary>Cells along y.</summary>
    public int CellsY { get; }

    /// <summary>Cells along x.</summary>
    public int CellsX { get; }

    /// <summary>Table of the voxels' cells along z, then y, then x.</summary>
    public FieldPlace[] Places { get; }

    /// <summary>Table of the knots' weights, one block per scale.</summary>
    public KnotWeight[] Weights { get; }

    /// <summary>Sizes, given to the kernels by value.</summary>
    public FieldPlan Plan { get; }

    /// <summary>The entry of a table of places for a position: of the voxel below it, or the last one outside.</summary>
    /// <param name="lowered">The position less one half.</param>
    /// <param name="last">The last entry.</param>
    /// <remarks>
    /// Rounding to the nearest whole number by an addition: it is the voxel below, and at a whole number perhaps the one below
    /// that, whose cell ends there. Below -1 the difference wraps and is large, above S it is too large, far outside and for a
    /// NaN it is anything large: always the last entry, without a comparison.
    /// </remarks>
    public static int Place(float lowered, int last) =>
        (int)KernelMath.Min(Interop.FloatAsInt(lowered + Magic) - (MagicBits - 1), (uint)last);

    /// <summary>The field of a label at a position.</summary>
    /// <param name="cells">Cells of the sample.</param>
    /// <param name="plan">Sizes.</param>
    /// <param name="first">First cell of the label.</param>
    /// <param name="placesZ">Table of places along z.</param>
    /// <param name="placesY">Table of places along y.</param>
    /// <param name="placesX">Table of places along x.</param>
    /// <param name="z">Position along z less one half.</param>
    /// <param name="y">Position along y less one half.</param>
    /// <param name="x">Position along x less one half.</param>
    public static float At(
        ArrayView<FieldCell> cells,
        FieldPlan plan,
        int first,
        ArrayView<FieldPlace> placesZ,
        ArrayView<FieldPlace> placesY,
        ArrayView<FieldPlace> placesX,
        float z,
        float y,
        float x)
    {
        FieldPlace alongZ = placesZ[Place(z, plan.LastZ)];
        FieldPlace alongY = placesY[Place(y, plan.LastY)];
        FieldPlace alongX = placesX[Place(x, plan.LastX)];
        float tz = (z * alongZ.Inverse) + alongZ.Shift;
        float ty = (y * alongY.Inverse) + alongY.Shift;
        float tx = (x * alongX.Inverse) + alongX.Shift;
        int inPlane = first + (int)(Interop.FloatAsInt(alongY.Offset) + Interop.FloatAsInt(alongX.Offset));
        FieldCell below = cells[inPlane + (int)Interop.FloatAsInt(alongZ.Offset)];
        FieldCell above = cells[inPlane + (int)Interop.FloatAsInt(alongZ.Next)];
        return NoiseField.Linear(below.At(ty, tx), above.At(ty, tx), tz);
    }

    private static FieldPlace[] PlacesAlong(KnotAxis axis, int stride)
    {
        // Without a border (the z axis of an image) there is one knot, and nothing but what "outside" means elsewhere.
        var outside = new FieldPlace(0f, 0f, 0f, 0f);
        if (axis.FirstVoxel == 0)
        {
            return [outside];
        }

        return
        [
            .. axis.CellOfVoxel.SkipLast(1).Select(cell =>
            {
                double inverse = axis.InverseWidths[cell];
                return new FieldPlace(
                    (float)inverse,
                    (float)((0.5 - axis.Positions[cell]) * inverse),
                    BitConverter.Int32BitsToSingle(cell * stride),
                    BitConverter.Int32BitsToSingle((cell + 1) * stride));
            }),
            outside,
        ];
    }
}
