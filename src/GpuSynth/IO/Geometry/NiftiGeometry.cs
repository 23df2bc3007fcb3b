using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>
/// Where a volume lies in space: a 3x4 affine from voxel (i, j, k) to millimetres (x, y, z), with x to the right, y to the front
/// and z up (RAS+). i counts along the width (the fastest axis in memory), j along the height, k along the depth. Immutable.
/// </summary>
/// <remarks>Source: the NIfTI-1 standard, nifti1.h, "3D image (volume) orientation and location in space".</remarks>
public sealed class NiftiGeometry : IEquatable<NiftiGeometry>
{
    private readonly double[] affine;

    /// <summary>A geometry from its affine.</summary>
    /// <param name="affine">Twelve numbers, row by row, for x, y and z: the factors of i, j and k, and the offset.</param>
    /// <exception cref="ArgumentException">There are not twelve finite numbers, or they squash the volume flat.</exception>
    public NiftiGeometry(ReadOnlySpan<double> affine)
    {
        if (!IsInvertible(affine))
        {
            throw new ArgumentException(
                "An affine has 3x4 finite numbers, row by row, and a determinant other than 0.", nameof(affine));
        }

        this.affine = affine.ToArray();
        Spacing = (ColumnLength(0), ColumnLength(1), ColumnLength(2));
        Orientation = FindOrientation();
    }

    /// <summary>The geometry that a file's header tells.</summary>
    internal NiftiGeometry(NiftiForms forms)
        : this(forms.Affine) => Forms = forms;

    /// <summary>What the header of the file says, number by number; null of a geometry that comes from no file.</summary>
    public NiftiForms? Forms { get; }

    /// <summary>Whether directions and place are known: a file without a form tells voxel sizes only.</summary>
    public bool IsPlaced => Forms is null || Forms.Sform is not null || Forms.Qform is not null;

    /// <summary>Millimetres between neighbouring voxels along the width (X), the height (Y) and the depth (Z).</summary>
    public (double X, double Y, double Z) Spacing { get; }

    /// <summary>
    /// Three letters: the anatomical direction in which i, j and k run, as nearly as the axes of the body go: "RAS" is to the
    /// right, to the front (anterior), up (superior); the opposites are L, P and I.
    /// </summary>
    public string Orientation { get; }

    /// <summary>An entry of the affine: row 0 to 2 for x, y, z; column 0 to 2 for i, j, k, and 3 for the offset.</summary>
    public double this[int row, int column]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)row, 2u, nameof(row));
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)column, 3u, nameof(column));
            return affine[(row * 4) + column];
        }
    }

    /// <summary>Cubic voxels, axes along the body's (RAS), the middle of the volume at the origin.</summary>
    /// <param name="shape">The volume; an image has one slice.</param>
    /// <param name="spacing">Millimetres between voxels; above 0.</param>
    public static NiftiGeometry Isotropic(VolumeShape shape, double spacing = 1)
    {
        if (!(spacing > 0 && double.IsFinite(spacing)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(spacing), spacing, "A voxel spacing is a number of millimetres above 0.");
        }

        double Offset(int voxels) => -0.5 * spacing * (voxels - 1);
        return new NiftiGeometry(
        [
            spacing, 0, 0, Offset(shape.Width),
            0, spacing, 0, Offset(shape.Height),
            0, 0, spacing, Offset(shape.Depth),
        ]);
    }

    /// <summary>The millimetres of a voxel; fractions of a voxel are allowed.</summary>
    public (double X, double Y, double Z) ToMillimetres(double i, double j, double k) =>
        (Row(0, i, j, k), Row(1, i, j, k), Row(2, i, j, k));

    /// <summary>The voxel of a place in millimetres: the inverse of <see cref="ToMillimetres"/>.</summary>
    public (double I, double J, double K) ToVoxel(double x, double y, double z)
    {
        // Cramer's rule: the columns of the affine, each in its turn replaced by what they shall add up to.
        double[] a = affine;
        (x, y, z) = (x - a[3], y - a[7], z - a[11]);
        double determinant = Determinant(a);
        double i = Determinant([x, a[1], a[2], 0, y, a[5], a[6], 0, z, a[9], a[10], 0]);
        double j = Determinant([a[0], x, a[2], 0, a[4], y, a[6], 0, a[8], z, a[10], 0]);
        double k = Determinant([a[0], a[1], x, 0, a[4], a[5], y, 0, a[8], a[9], z, 0]);
        return (i / determinant, j / determinant, k / determinant);
    }

    /// <summary>The twelve numbers of the affine, row by row.</summary>
    public double[] ToArray() => [.. affine];

    /// <summary>Whether the other has the same affine, whatever forms it was told by.</summary>
    public bool Equals(NiftiGeometry? other) => other is not null && affine.AsSpan().SequenceEqual(other.affine);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NiftiGeometry);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (double value in affine)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>"RAS, 1 x 1 x 1.5 mm".</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Orientation}, {Spacing.X:0.###} x {Spacing.Y:0.###} x {Spacing.Z:0.###} mm");

    /// <summary>Whether twelve numbers are an affine that a volume can have.</summary>
    internal static bool IsInvertible(ReadOnlySpan<double> affine)
    {
        if (affine.Length != 12)
        {
            return false;
        }

        foreach (double value in affine)
        {
            if (!double.IsFinite(value))
            {
                return false;
            }
        }

        double determinant = Determinant(affine);
        return determinant != 0 && double.IsFinite(determinant);
    }

    private static double Determinant(ReadOnlySpan<double> a) =>
        (a[0] * ((a[5] * a[10]) - (a[6] * a[9])))
        - (a[1] * ((a[4] * a[10]) - (a[6] * a[8])))
        + (a[2] * ((a[4] * a[9]) - (a[5] * a[8])));

    private double Row(int row, double i, double j, double k) =>
        (affine[row * 4] * i) + (affine[(row * 4) + 1] * j) + (affine[(row * 4) + 2] * k) + affine[(row * 4) + 3];

    private double ColumnLength(int column)
    {
        (double x, double y, double z) = (affine[column], affine[column + 4], affine[column + 8]);
        return Math.Sqrt((x * x) + (y * y) + (z * z));
    }

    // Of the six ways to pair voxel axes with body axes, the one whose direction cosines have the largest product: two voxel axes
    // never get the same letter, as they could if each chose alone.
    private string FindOrientation()
    {
        ReadOnlySpan<string> pairings = ["012", "021", "102", "120", "201", "210"];
        string best = pairings[0];
        double bestProduct = -1;
        foreach (string pairing in pairings)
        {
            double product = 1;
            for (int column = 0; column < 3; column++)
            {
                product *= Math.Abs(affine[((pairing[column] - '0') * 4) + column]) / ColumnLength(column);
            }

            if (product > bestProduct)
            {
                (best, bestProduct) = (pairing, product);
            }
        }

        return string.Create(3, (best, affine), static (letters, state) =>
        {
            for (int column = 0; column < 3; column++)
            {
                int row = state.best[column] - '0';
                letters[column] = (state.affine[(row * 4) + column] > 0 ? "RAS" : "LPI")[row];
            }
        });
    }
}
