namespace GpuSynth.IO;

/// <summary>The rotation of a qform, there and back. Source: nifti1.h, method 2.</summary>
internal static class NiftiQuaternion
{
    /// <summary>
    /// The rotation of a unit quaternion (a, b, c, d) with a at least 0 left out, columns scaled by the voxel sizes.
    /// </summary>
    /// <param name="affine">Twelve numbers; the offsets are not written.</param>
    /// <param name="b">Of the quaternion.</param>
    /// <param name="c">Of the quaternion.</param>
    /// <param name="d">Of the quaternion.</param>
    /// <param name="x">Voxel size along i.</param>
    /// <param name="y">Voxel size along j.</param>
    /// <param name="z">Voxel size along k, with the sign of qfac.</param>
    public static void Rotate(Span<double> affine, double b, double c, double d, double x, double y, double z)
    {
        double rest = 1 - ((b * b) + (c * c) + (d * d));
        double a = 0;
        if (rest < 1e-7)
        {
            // A half turn whose rounded numbers are a little too long: normalised.
            double length = Math.Sqrt((b * b) + (c * c) + (d * d));
            (b, c, d) = (b / length, c / length, d / length);
        }
        else
        {
            a = Math.Sqrt(rest);
        }

        affine[0] = ((a * a) + (b * b) - (c * c) - (d * d)) * x;
        affine[1] = 2 * ((b * c) - (a * d)) * y;
        affine[2] = 2 * ((b * d) + (a * c)) * z;
        affine[4] = 2 * ((b * c) + (a * d)) * x;
        affine[5] = ((a * a) + (c * c) - (b * b) - (d * d)) * y;
        affine[6] = 2 * ((c * d) - (a * b)) * z;
        affine[8] = 2 * ((b * d) - (a * c)) * x;
        affine[9] = 2 * ((c * d) + (a * b)) * y;
        affine[10] = ((a * a) + (d * d) - (b * b) - (c * c)) * z;
    }

    /// <summary>
    /// The inverse of <see cref="Rotate"/>. A sheared affine has no quaternion: then only the sform describes the volume.
    /// </summary>
    public static (double B, double C, double D, double Qfac, bool HasQuaternion) Of(NiftiGeometry geometry)
    {
        Span<double> r = stackalloc double[9];
        (double x, double y, double z) = geometry.Spacing;
        for (int row = 0; row < 3; row++)
        {
            r[3 * row] = geometry[row, 0] / x;
            r[(3 * row) + 1] = geometry[row, 1] / y;
            r[(3 * row) + 2] = geometry[row, 2] / z;
        }

        double determinant = (r[0] * ((r[4] * r[8]) - (r[5] * r[7])))
            - (r[1] * ((r[3] * r[8]) - (r[5] * r[6])))
            + (r[2] * ((r[3] * r[7]) - (r[4] * r[6])));
        double qfac = determinant < 0 ? -1 : 1;
        for (int row = 0; row < 3; row++)
        {
            r[(3 * row) + 2] *= qfac;
        }

        // Of unit columns, only orthogonal ones span a volume of 1; 1e-6 is float32's own rounding of an affine.
        if (Math.Abs(determinant) < 1 - 1e-6)
        {
            return (0, 0, 0, qfac, false);
        }

        // The largest of the four squares is divided by, so that no small number is.
        double aa = 1 + r[0] + r[4] + r[8];
        double bb = 1 + r[0] - r[4] - r[8];
        double cc = 1 - r[0] + r[4] - r[8];
        double dd = 1 - r[0] - r[4] + r[8];
        double largest = Math.Max(Math.Max(aa, bb), Math.Max(cc, dd));
        double twice = Math.Sqrt(largest);
        double half = 0.5 / twice;
        (double a, double b, double c, double d) = largest == aa
            ? (0.5 * twice, (r[7] - r[5]) * half, (r[2] - r[6]) * half, (r[3] - r[1]) * half)
            : largest == bb
            ? ((r[7] - r[5]) * half, 0.5 * twice, (r[1] + r[3]) * half, (r[2] + r[6]) * half)
            : largest == cc
            ? ((r[2] - r[6]) * half, (r[1] + r[3]) * half, 0.5 * twice, (r[5] + r[7]) * half)
            : ((r[3] - r[1]) * half, (r[2] + r[6]) * half, (r[5] + r[7]) * half, 0.5 * twice);
        double sign = a < 0 ? -1 : 1; // Readers take a >= 0.
        return (sign * b, sign * c, sign * d, qfac, true);
    }
}
