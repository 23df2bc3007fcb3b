using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>Labels of a sample.</summary>
internal interface ILabels
{
    /// <summary>The label of a voxel.</summary>
    int this[int voxel] { get; }
}

/// <summary>What the labels around a voxel say of its border. Whole numbers, the same everywhere; a neighbour outside the volume is the nearest voxel inside.</summary>
/// <param name="Value">Sum of +1 for the voxel's label and -1 for others, weighted by [1 2 1] along each axis.</param>
/// <param name="GradientZ">The same with [-1 0 1] along z; it points into the label.</param>
/// <param name="GradientY">Along y.</param>
/// <param name="GradientX">Along x.</param>
/// <param name="Bend">G tr H - g' H g of the gradient g, G = g' g, and the second derivatives H.</param>
internal readonly record struct LabelBorder(int Value, int GradientZ, int GradientY, int GradientX, int Bend)
{
    private const float Drawn = 0.15f;
    private const float MostCurvature = 2;

    private int Square
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (GradientZ * GradientZ) + (GradientY * GradientY) + (GradientX * GradientX);
    }

    /// <summary>The border at a voxel.</summary>
    /// <param name="labels">Labels of the sample.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="z">Plane of the voxel.</param>
    /// <param name="y">Its row.</param>
    /// <param name="x">Its column.</param>
    public static LabelBorder Of<TLabels>(TLabels labels, BorderShape shape, int z, int y, int x)
        where TLabels : struct, ILabels
    {
        int own = labels[shape.At(z, y, x)];
        (int left, int right) = (KernelMath.Max(x - 1, 0), KernelMath.Min(x + 1, shape.Width - 1));
        var sums = default(LabelSums);
        for (int dz = -shape.Reach; dz <= shape.Reach; dz++)
        {
            for (int dy = -1; dy <= 1; dy++)
            {
                int row = shape.RowAt(z + dz, y + dy);
                int before = labels[row + left] == own ? 1 : -1;
                int at = labels[row + x] == own ? 1 : -1;
                int after = labels[row + right] == own ? 1 : -1;
                sums = sums.With(shape.Reach, dz, dy, before + (2 * at) + after, after - before, before - (2 * at) + after);
            }
        }

        return sums.Border;
    }

    /// <summary>1 - w: how much of the voxel is another's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Share()
    {
        if (Square == 0)
        {
            return 0;
        }

        float root = KernelMath.Sqrt(Square);
        float curvature = KernelMath.Min(KernelMath.Max(2f * Bend / (root * root * root), -MostCurvature), MostCurvature);
        float distance = (Value / (2f * root)) - (Drawn * curvature);
        return 0.5f - KernelMath.Min(KernelMath.Max(distance, 0f), 0.5f);
    }

    /// <summary>The same in double.</summary>
    public double ExactShare()
    {
        if (Square == 0)
        {
            return 0;
        }

        double root = Math.Sqrt(Square);
        double curvature = Math.Clamp(2.0 * Bend / (root * root * root), -MostCurvature, MostCurvature);
        return 0.5 - Math.Clamp((Value / (2 * root)) - (Drawn * curvature), 0, 0.5);
    }

    /// <summary>
    /// The neighbour across the border, as a linear index: that in the direction against the gradient, its largest component being a voxel and the others
    /// rounded; where that has the voxel's label too, the one of another label most nearly there; the voxel itself where there is none.
    /// </summary>
    /// <param name="labels">Labels of the sample.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="z">Plane of the voxel.</param>
    /// <param name="y">Its row.</param>
    /// <param name="x">Its column.</param>
    public int Across<TLabels>(TLabels labels, BorderShape shape, int z, int y, int x)
        where TLabels : struct, ILabels
    {
        int found = shape.At(z, y, x);
        int own = labels[found];
        int most = KernelMath.Max(Size(GradientZ), KernelMath.Max(Size(GradientY), Size(GradientX)));
        int direct = shape.RowAt(z - Step(GradientZ, most), y - Step(GradientY, most))
            + KernelMath.Min(KernelMath.Max(x - Step(GradientX, most), 0), shape.Width - 1);
        return labels[direct] != own ? direct : Nearest(labels, shape, z, y, x);
    }

    private static int Size(int value) => KernelMath.Max(value, -value);

    // value / most, rounded.
    private static int Step(int value, int most) => 2 * Size(value) < most ? 0 : value < 0 ? -1 : value > 0 ? 1 : 0;

    private int Nearest<TLabels>(TLabels labels, BorderShape shape, int z, int y, int x)
        where TLabels : struct, ILabels
    {
        int found = shape.At(z, y, x);
        int own = labels[found];
        (int best, int bestLength) = (0, 1);
        for (int dz = -shape.Reach; dz <= shape.Reach; dz++)
        {
            for (int dy = -1; dy <= 1; dy++)
            {
                int row = shape.RowAt(z + dz, y + dy);
                for (int dx = -1; dx <= 1; dx++)
                {
                    int voxel = row + KernelMath.Min(KernelMath.Max(x + dx, 0), shape.Width - 1);
                    int along = -((dz * GradientZ) + (dy * GradientY) + (dx * GradientX));
                    int length = (dz * dz) + (dy * dy) + (dx * dx);
                    bool isBetter = along > 0 && along * along * bestLength > best * best * length && labels[voxel] != own;
                    found = isBetter ? voxel : found;
                    best = isBetter ? along : best;
                    bestLength = isBetter ? length : bestLength;
                }
            }
        }

        return found;
    }
}

/// <summary>Where voxels and their neighbours lie.</summary>
/// <param name="shape">Shape of a sample.</param>
internal readonly struct BorderShape(VolumeShape shape)
{
    /// <summary>Planes.</summary>
    public readonly int Depth = shape.Depth;

    /// <summary>Rows of a plane.</summary>
    public readonly int Height = shape.Height;

    /// <summary>Voxels of a row.</summary>
    public readonly int Width = shape.Width;

    /// <summary>Planes on either side that count: 1 of volumes, 0 of images.</summary>
    public readonly int Reach = shape.Dimensions == 3 ? 1 : 0;

    /// <summary>Where a row begins, the nearest one for a row outside.</summary>
    public int RowAt(int z, int y) => ((KernelMath.Min(KernelMath.Max(z, 0), Depth - 1) * Height) + KernelMath.Min(KernelMath.Max(y, 0), Height - 1)) * Width;

    /// <summary>A voxel inside.</summary>
    public int At(int z, int y, int x) => (((z * Height) + y) * Width) + x;
}

/// <summary>Sums over a voxel's neighbours, those of rows of three one after another.</summary>
internal readonly record struct LabelSums(
    int Value, int Z, int Y, int X, int ZZ, int YY, int XX, int ZY, int ZX, int YX)
{
    /// <summary>What they say of the border.</summary>
    public LabelBorder Border
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int trace = ZZ + YY + XX;
            int bend = (((Z * Z) + (Y * Y) + (X * X)) * trace)
                - ((Z * Z * ZZ) + (Y * Y * YY) + (X * X * XX) + (2 * ((Z * Y * ZY) + (Z * X * ZX) + (Y * X * YX))));
            return new LabelBorder(Value, Z, Y, X, bend);
        }
    }

    /// <summary>One row more.</summary>
    /// <param name="reach">0 of an image, which has no z.</param>
    /// <param name="dz">Planes from the voxel to the row.</param>
    /// <param name="dy">Rows from it.</param>
    /// <param name="sum">Its voxels by [1 2 1].</param>
    /// <param name="slope">By [-1 0 1].</param>
    /// <param name="bend">By [1 -2 1].</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LabelSums With(int reach, int dz, int dy, int sum, int slope, int bend)
    {
        int squareZ = dz * dz;
        int squareY = dy * dy;
        int weightZ = reach == 0 ? 1 : 2 - squareZ;
        int weightY = 2 - squareY;
        int bendZ = reach == 0 ? 0 : (3 * squareZ) - 2;
        int bendY = (3 * squareY) - 2;
        return new LabelSums(
            Value + (weightZ * weightY * sum),
            Z + (dz * weightY * sum),
            Y + (weightZ * dy * sum),
            X + (weightZ * weightY * slope),
            ZZ + (bendZ * weightY * sum),
            YY + (weightZ * bendY * sum),
            XX + (weightZ * weightY * bend),
            ZY + (dz * dy * sum),
            ZX + (dz * weightY * slope),
            YX + (weightZ * dy * slope));
    }
}
