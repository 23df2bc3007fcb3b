using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>From the voxels of one grid to those of another, by both affines: q = M p + t. Axes i, j, k.</summary>
public sealed class VoxelMap
{
    // What two affines in float32, or in a file's rounded numbers, leave between equal places.
    private const double Noise = 1e-6;

    private readonly double[] m;

    private VoxelMap(double[] m) => this.m = m;

    /// <summary>The map from a grid to another.</summary>
    /// <param name="from">Where its voxels lie.</param>
    /// <param name="to">Where the other's lie.</param>
    public static VoxelMap Of(NiftiGeometry from, NiftiGeometry to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        double[] m = new double[12];
        Span<double> zero = stackalloc double[3];
        Span<double> one = stackalloc double[3];
        Put(0, 0, 0, zero);
        for (int column = 0; column < 3; column++)
        {
            Put(column == 0 ? 1 : 0, column == 1 ? 1 : 0, column == 2 ? 1 : 0, one);
            for (int row = 0; row < 3; row++)
            {
                m[(4 * row) + column] = one[row] - zero[row];
                m[(4 * row) + 3] = zero[row];
            }
        }

        return new VoxelMap(m);

        void Put(double i, double j, double k, Span<double> voxel)
        {
            (double x, double y, double z) = from.ToMillimetres(i, j, k);
            (voxel[0], voxel[1], voxel[2]) = to.ToVoxel(x, y, z);
        }
    }

    /// <summary>Where a voxel lies in the other grid.</summary>
    public (double I, double J, double K) At(double i, double j, double k) =>
        (Row(0, i, j, k), Row(4, i, j, k), Row(8, i, j, k));

    /// <summary>
    /// How far the voxels of a grid lie from those with the same numbers of the other, at most: in voxels along an axis, and in
    /// millimetres. The largest is at a corner, for the map is affine.
    /// </summary>
    /// <param name="shape">Voxels of this grid.</param>
    /// <param name="from">Where they lie.</param>
    public (double Voxels, double Millimetres) Shift(VolumeShape shape, NiftiGeometry from)
    {
        ArgumentNullException.ThrowIfNull(from);
        (double voxels, double millimetres) = (0, 0);
        for (int corner = 0; corner < 8; corner++)
        {
            double i = (corner & 1) * (shape.Width - 1);
            double j = ((corner >> 1) & 1) * (shape.Height - 1);
            double k = (corner >> 2) * (shape.Depth - 1);
            (double di, double dj, double dk) = At(i, j, k);
            (di, dj, dk) = (di - i, dj - j, dk - k);
            voxels = Math.Max(voxels, Math.Max(Math.Abs(di), Math.Max(Math.Abs(dj), Math.Abs(dk))));
            (double x0, double y0, double z0) = from.ToMillimetres(0, 0, 0);
            (double x, double y, double z) = from.ToMillimetres(di, dj, dk);
            (x, y, z) = (x - x0, y - y0, z - z0);
            millimetres = Math.Max(millimetres, Math.Sqrt((x * x) + (y * y) + (z * z)));
        }

        return (voxels, millimetres);
    }

    /// <summary>The nearest values of the other grid at the voxels of this one; 0 outside it.</summary>
    /// <param name="shape">This grid.</param>
    /// <param name="values">Of the other grid.</param>
    /// <param name="valuesShape">Its voxels.</param>
    /// <param name="inside">How many voxels of this grid lie in the other.</param>
    public T[] Nearest<T>(VolumeShape shape, ReadOnlySpan<T> values, VolumeShape valuesShape, out long inside)
        where T : struct
    {
        var result = new T[shape.VoxelCount];
        (inside, int n) = (0, 0);
        for (int k = 0; k < shape.Depth; k++)
        {
            for (int j = 0; j < shape.Height; j++)
            {
                (double a, double b, double c) = At(0, j, k);
                for (int i = 0; i < shape.Width; i++, n++)
                {
                    // Halves go up, also those that are a little too small by rounding.
                    double x = Math.Floor(a + (i * m[0]) + 0.5 + Noise);
                    double y = Math.Floor(b + (i * m[4]) + 0.5 + Noise);
                    double z = Math.Floor(c + (i * m[8]) + 0.5 + Noise);
                    if (x >= 0 && x < valuesShape.Width && y >= 0 && y < valuesShape.Height && z >= 0 && z < valuesShape.Depth)
                    {
                        result[n] = values[(((((int)z * valuesShape.Height) + (int)y) * valuesShape.Width) + (int)x)];
                        inside++;
                    }
                }
            }
        }

        return result;
    }

    private double Row(int at, double i, double j, double k) => (m[at] * i) + (m[at + 1] * j) + (m[at + 2] * k) + m[at + 3];
}
