using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>
/// All that a NIfTI header says of where its volume lies, as it is stored: sizes, voxel sizes, units, and both forms with their
/// codes. A file that is written with it says the same, number by number. Immutable.
/// </summary>
/// <remarks>
/// The standard has three methods. 3, the sform (its code above 0): the affine itself. 2, the qform (its code above 0): a rotation,
/// voxel sizes, an offset, and a sign of the third axis (qfac). 1, where both codes are 0: voxel sizes alone, which say nothing of
/// directions or place. The first of sform and qform that is there is used. A form that would squash the volume flat (some tools
/// set a code and leave the numbers 0) counts as absent.
/// Source: nifti1.h, "3D image (volume) orientation and location in space".
/// </remarks>
public sealed class NiftiForms
{
    // Forms that differ by less are the same to every purpose; some tools round the one and not the other.
    private const double NoticedVoxels = 0.1;

    private readonly long[] dim;
    private readonly double[] pixdim;
    private readonly double[] quatern;
    private readonly double[] rows;

    /// <summary>The fields of a header.</summary>
    /// <param name="dim">Eight numbers: dimensions, and the size of each.</param>
    /// <param name="pixdim">Eight numbers: qfac, and the spacing along each dimension.</param>
    /// <param name="quatern">Six numbers: b, c, d of the quaternion, and the offset along x, y, z.</param>
    /// <param name="rows">Twelve numbers: the sform, row by row.</param>
    /// <param name="qformCode">qform_code.</param>
    /// <param name="sformCode">sform_code.</param>
    /// <param name="units">xyzt_units.</param>
    internal NiftiForms(
        long[] dim, double[] pixdim, double[] quatern, double[] rows, int qformCode, int sformCode, int units)
    {
        (this.dim, this.pixdim, this.quatern, this.rows) = (dim, pixdim, quatern, rows);
        (QformCode, SformCode, Units) = (qformCode, sformCode, units);
        double millimetres = (units & 7) switch { 1 => 1000, 3 => 0.001, _ => 1 };
        (double x, double y, double z) = (millimetres * Size(1), millimetres * Size(2), millimetres * Size(3));
        if (sformCode > 0)
        {
            double[] affine = [.. rows.Select(number => number * millimetres)];
            CompleteImage(affine, z);
            Sform = NiftiGeometry.IsInvertible(affine) ? new NiftiGeometry(affine) : null;
        }

        if (qformCode > 0)
        {
            double[] affine = new double[12];
            NiftiQuaternion.Rotate(affine, quatern[0], quatern[1], quatern[2], x, y, pixdim[0] < 0 ? -z : z);
            for (int row = 0; row < 3; row++)
            {
                affine[(4 * row) + 3] = millimetres * quatern[3 + row];
            }

            Qform = NiftiGeometry.IsInvertible(affine) ? new NiftiGeometry(affine) : null;
        }

        Affine = (Sform ?? Qform)?.ToArray() ?? [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0];
    }

    /// <summary>0: there is no qform; 1 the scanner's space, 2 aligned, 3 Talairach, 4 MNI 152, 5 a template.</summary>
    public int QformCode { get; }

    /// <summary>0: there is no sform; else as <see cref="QformCode"/>.</summary>
    public int SformCode { get; }

    /// <summary>xyzt_units: of length in the lowest three bits (1 m, 2 mm, 3 um), of time above.</summary>
    public int Units { get; }

    /// <summary>Where the qform puts the volume; null where there is none.</summary>
    public NiftiGeometry? Qform { get; }

    /// <summary>Where the sform puts the volume; null where there is none.</summary>
    public NiftiGeometry? Sform { get; }

    /// <summary>The affine of the form that is used, in millimetres.</summary>
    internal double[] Affine { get; }

    /// <summary>qfac, and the spacing along each dimension, eight numbers in the header's units.</summary>
    internal ReadOnlySpan<double> Pixdim => pixdim;

    /// <summary>b, c, d, and the offsets.</summary>
    internal ReadOnlySpan<double> Quatern => quatern;

    /// <summary>The sform, row by row, in the header's units.</summary>
    internal ReadOnlySpan<double> Rows => rows;

    /// <summary>
    /// Tells where both forms are there and put a voxel of the volume more than a tenth of a voxel apart: other programs may take
    /// the other one.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">Its voxels.</param>
    /// <param name="notices">Told.</param>
    public void Tell(string path, VolumeShape shape, Notices notices)
    {
        ArgumentNullException.ThrowIfNull(notices);
        if (Qform is null || Sform is null)
        {
            return;
        }

        (double voxels, double apart) = VoxelMap.Of(Sform, Qform).Shift(shape, Sform);
        if (voxels > NoticedVoxels)
        {
            notices.Add("forms", string.Create(
                CultureInfo.InvariantCulture,
                $"'{path}' lies up to {apart:0.##} mm elsewhere by its qform (code {QformCode}) than by its sform ")
                + string.Create(CultureInfo.InvariantCulture, $"(code {SformCode}); the sform is used"));
        }
    }

    /// <summary>
    /// dim as it is written: as stored, so that (x, y, 1) stays three-dimensional, without a fourth and further dimension of
    /// several volumes; from the shape where it is another's.
    /// </summary>
    internal long[] WrittenDim(VolumeShape shape)
    {
        long[] written = [shape.Dimensions, shape.Width, shape.Height, shape.Depth, 1, 1, 1, 1];
        bool isOwn = dim[1] == shape.Width && dim[2] == shape.Height && (dim[0] < 3 ? 1 : dim[3]) == shape.Depth;
        if (isOwn)
        {
            bool isSeries = dim[0] > 3 && dim.AsSpan(4, (int)dim[0] - 3).ContainsAnyExcept(1L);
            written[0] = isSeries ? 3 : dim[0];
        }

        return written;
    }

    // The sign of a voxel size means nothing; 0 and NaN are taken as 1.
    private double Size(int dimension)
    {
        double size = Math.Abs(pixdim[dimension]);
        return size > 0 && double.IsFinite(size) ? size : 1;
    }

    // Programs for images leave the column of the third axis 0, for there is one slice: across the plane, then.
    private void CompleteImage(double[] a, double thickness)
    {
        bool isImage = dim[0] < 3 || dim[3] == 1;
        if (!isImage || a[2] != 0 || a[6] != 0 || a[10] != 0)
        {
            return;
        }

        (double x, double y, double z) =
            ((a[4] * a[9]) - (a[8] * a[5]), (a[8] * a[1]) - (a[0] * a[9]), (a[0] * a[5]) - (a[4] * a[1]));
        double length = Math.Sqrt((x * x) + (y * y) + (z * z));
        if (length > 0)
        {
            (a[2], a[6], a[10]) = (x * thickness / length, y * thickness / length, z * thickness / length);
        }
    }
}
