namespace GpuSynth.Kernels;

/// <summary>
/// How an anatomy is posed: what is drawn for the affine of a label map. It moves the anatomy, not the grid: a scaling of 1.1
/// makes the head larger, a translation of 0.05 along x moves it to higher x. In this order: flip, quarter turns, scaling,
/// shear, rotation (x first, z last both times), translation; all about the centre of the map, in millimetres. In 2D only the
/// angle about z and the y and x entries count.
/// </summary>
public readonly record struct LabelMapPose
{
    /// <summary>The pose that changes nothing.</summary>
    public LabelMapPose()
    {
    }

    /// <summary>Angles about the z, y and x axis in degrees; about z turns y towards x.</summary>
    public (float Z, float Y, float X) RotationDegrees { get; init; }

    /// <summary>Factor on the size along each axis, above 0.</summary>
    public (float Z, float Y, float X) Scaling { get; init; } = (1f, 1f, 1f);

    /// <summary>Off-diagonal entries of the shear: ZY is how far z moves per y, and so on.</summary>
    public (float ZY, float ZX, float YZ, float YX, float XZ, float XY) Shear { get; init; }

    /// <summary>Displacement along each axis as a fraction of the output's side.</summary>
    public (float Z, float Y, float X) TranslationOfSide { get; init; }

    /// <summary>Which axes are mirrored; of a map of a body x runs from left to right.</summary>
    public (bool Z, bool Y, bool X) Flip { get; init; }

    /// <summary>Turns by 90 degrees about each axis, exact; in the direction of <see cref="RotationDegrees"/>.</summary>
    public (int Z, int Y, int X) QuarterTurns { get; init; }
}

/// <summary>Builds the affine from output voxels to voxels of a label map. In double; the result is cast to float once.</summary>
public static class LabelMapGeometry
{
    /// <summary>
    /// Voxel spacing at which the map's whole field of view fits the output, the same along every axis, so that proportions are
    /// kept: the largest over the axes of (map voxels x map spacing) / output voxels.
    /// </summary>
    /// <param name="output">Shape of the output.</param>
    /// <param name="map">Shape of the map.</param>
    /// <param name="mapSpacingZYX">Spacing of the map in millimetres, array order; z is not used in 2D.</param>
    /// <returns>Spacing of the output in millimetres.</returns>
    /// <exception cref="ArgumentException">A spacing is not positive and finite, or the shapes differ in dimensions.</exception>
    public static double FittedSpacing(VolumeShape output, VolumeShape map, (double Z, double Y, double X) mapSpacingZYX)
    {
        Check(output, map, mapSpacingZYX);
        double fitted = Math.Max(
            map.Height * mapSpacingZYX.Y / output.Height,
            map.Width * mapSpacingZYX.X / output.Width);
        return output.Dimensions == 3 ? Math.Max(fitted, map.Depth * mapSpacingZYX.Z / output.Depth) : fitted;
    }

    /// <summary>The affine of one sample: the inverse of the pose, between the two grids, centre on centre.</summary>
    /// <param name="output">Shape of the output.</param>
    /// <param name="map">Shape of the map.</param>
    /// <param name="mapSpacingZYX">Spacing of the map in millimetres, array order; z is not used in 2D.</param>
    /// <param name="outputSpacing">Spacing of the output in millimetres, all axes; see <see cref="FittedSpacing"/>.</param>
    /// <param name="pose">What was drawn.</param>
    /// <returns>The transform, ready for a kernel.</returns>
    /// <exception cref="ArgumentException">
    /// A spacing or a scaling is not positive and finite, the shapes differ in dimensions, or the pose flattens the anatomy.
    /// </exception>
    public static LabelMapTransform Transform(
        VolumeShape output,
        VolumeShape map,
        (double Z, double Y, double X) mapSpacingZYX,
        double outputSpacing,
        in LabelMapPose pose)
    {
        Check(output, map, mapSpacingZYX);
        CheckPositive(outputSpacing, nameof(outputSpacing));
        CheckPositive(pose.Scaling.Y, nameof(pose));
        CheckPositive(pose.Scaling.X, nameof(pose));
        bool isVolume = output.Dimensions == 3;
        if (isVolume)
        {
            CheckPositive(pose.Scaling.Z, nameof(pose));
        }

        Matrix3 forward = Forward(isVolume, pose);
        Matrix3 backward = forward.Inverse();
        Matrix3 perMap = Matrix3.Diagonal(isVolume ? 1 / mapSpacingZYX.Z : 1, 1 / mapSpacingZYX.Y, 1 / mapSpacingZYX.X);
        Matrix3 toMap = perMap * backward * Matrix3.Diagonal(isVolume ? outputSpacing : 1, outputSpacing, outputSpacing);

        // What an output voxel is measured from: the centre of the grid, moved with the anatomy.
        double originZ = ((output.Depth - 1) / 2.0) + (isVolume ? (double)pose.TranslationOfSide.Z * output.Side : 0);
        double originY = ((output.Height - 1) / 2.0) + ((double)pose.TranslationOfSide.Y * output.Side);
        double originX = ((output.Width - 1) / 2.0) + ((double)pose.TranslationOfSide.X * output.Side);
        return new LabelMapTransform
        {
            ZZ = (float)toMap.ZZ,
            ZY = (float)toMap.ZY,
            ZX = (float)toMap.ZX,
            Z = (float)(((map.Depth - 1) / 2.0) - (toMap.ZZ * originZ) - (toMap.ZY * originY) - (toMap.ZX * originX)),
            YZ = (float)toMap.YZ,
            YY = (float)toMap.YY,
            YX = (float)toMap.YX,
            Y = (float)(((map.Height - 1) / 2.0) - (toMap.YZ * originZ) - (toMap.YY * originY) - (toMap.YX * originX)),
            XZ = (float)toMap.XZ,
            XY = (float)toMap.XY,
            XX = (float)toMap.XX,
            X = (float)(((map.Width - 1) / 2.0) - (toMap.XZ * originZ) - (toMap.XY * originY) - (toMap.XX * originX)),
            MapDepth = map.Depth,
            MapHeight = map.Height,
            MapWidth = map.Width,
            Dimensions = output.Dimensions,
            Height = output.Height,
            Width = output.Width,
        };
    }

    private static Matrix3 Forward(bool isVolume, in LabelMapPose pose)
    {
        Matrix3 flip = Matrix3.Diagonal(pose.Flip.Z ? -1 : 1, pose.Flip.Y ? -1 : 1, pose.Flip.X ? -1 : 1);
        Matrix3 scaling = Matrix3.Diagonal(isVolume ? pose.Scaling.Z : 1, pose.Scaling.Y, pose.Scaling.X);
        Matrix3 aboutZ = AboutZ(Math.SinCos(pose.RotationDegrees.Z * Math.PI / 180));
        Matrix3 quarters = AboutZ(Quarters(pose.QuarterTurns.Z));
        if (!isVolume)
        {
            var shearInPlane = new Matrix3(1, 0, 0, 0, 1, pose.Shear.YX, 0, pose.Shear.XY, 1);
            return aboutZ * shearInPlane * scaling * quarters * flip;
        }

        var shear = new Matrix3(
            1, pose.Shear.ZY, pose.Shear.ZX, pose.Shear.YZ, 1, pose.Shear.YX, pose.Shear.XZ, pose.Shear.XY, 1);
        quarters = quarters * AboutY(Quarters(pose.QuarterTurns.Y)) * AboutX(Quarters(pose.QuarterTurns.X));
        return aboutZ * AboutY(Math.SinCos(pose.RotationDegrees.Y * Math.PI / 180)) * AboutX(Math.SinCos(pose.RotationDegrees.X * Math.PI / 180))
            * shear * scaling * quarters * flip;
    }

    private static Matrix3 AboutZ((double Sine, double Cosine) angle) => new(1, 0, 0, 0, angle.Cosine, -angle.Sine, 0, angle.Sine, angle.Cosine);

    private static Matrix3 AboutY((double Sine, double Cosine) angle) => new(angle.Cosine, 0, angle.Sine, 0, 1, 0, -angle.Sine, 0, angle.Cosine);

    private static Matrix3 AboutX((double Sine, double Cosine) angle) => new(angle.Cosine, -angle.Sine, 0, angle.Sine, angle.Cosine, 0, 0, 0, 1);

    private static (double Sine, double Cosine) Quarters(int turns) => (turns & 3) switch { 0 => (0, 1), 1 => (1, 0), 2 => (0, -1), _ => (-1, 0) };

    private static void Check(VolumeShape output, VolumeShape map, (double Z, double Y, double X) mapSpacingZYX)
    {
        if (output.Dimensions != map.Dimensions)
        {
            throw new ArgumentException($"The output {output} and the label map {map} differ in dimensions.", nameof(map));
        }

        CheckPositive(mapSpacingZYX.Y, nameof(mapSpacingZYX));
        CheckPositive(mapSpacingZYX.X, nameof(mapSpacingZYX));
        if (output.Dimensions == 3)
        {
            CheckPositive(mapSpacingZYX.Z, nameof(mapSpacingZYX));
        }
    }

    private static void CheckPositive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
        {
            throw new ArgumentOutOfRangeException(name, value, "Spacings and scalings are positive finite numbers.");
        }
    }

    private readonly record struct Matrix3(
        double ZZ, double ZY, double ZX, double YZ, double YY, double YX, double XZ, double XY, double XX)
    {
        public static Matrix3 Diagonal(double z, double y, double x) => new(z, 0, 0, 0, y, 0, 0, 0, x);

        public static Matrix3 operator *(Matrix3 a, Matrix3 b) => new(
            (a.ZZ * b.ZZ) + (a.ZY * b.YZ) + (a.ZX * b.XZ),
            (a.ZZ * b.ZY) + (a.ZY * b.YY) + (a.ZX * b.XY),
            (a.ZZ * b.ZX) + (a.ZY * b.YX) + (a.ZX * b.XX),
            (a.YZ * b.ZZ) + (a.YY * b.YZ) + (a.YX * b.XZ),
            (a.YZ * b.ZY) + (a.YY * b.YY) + (a.YX * b.XY),
            (a.YZ * b.ZX) + (a.YY * b.YX) + (a.YX * b.XX),
            (a.XZ * b.ZZ) + (a.XY * b.YZ) + (a.XX * b.XZ),
            (a.XZ * b.ZY) + (a.XY * b.YY) + (a.XX * b.XY),
            (a.XZ * b.ZX) + (a.XY * b.YX) + (a.XX * b.XX));

        public Matrix3 Inverse()
        {
            double zz = (YY * XX) - (YX * XY);
            double yz = (YX * XZ) - (YZ * XX);
            double xz = (YZ * XY) - (YY * XZ);
            double determinant = (ZZ * zz) + (ZY * yz) + (ZX * xz);
            if (!(Math.Abs(determinant) > 1e-9))
            {
                throw new ArgumentException("The pose flattens the anatomy: its shears leave it no volume; use smaller ones.",
                    "pose");
            }

            double scale = 1 / determinant;
            return new Matrix3(
                zz * scale,
                ((ZX * XY) - (ZY * XX)) * scale,
                ((ZY * YX) - (ZX * YY)) * scale,
                yz * scale,
                ((ZZ * XX) - (ZX * XZ)) * scale,
                ((ZX * YZ) - (ZZ * YX)) * scale,
                xz * scale,
                ((ZY * XZ) - (ZZ * XY)) * scale,
                ((ZZ * YY) - (ZY * YZ)) * scale);
        }
    }
}
