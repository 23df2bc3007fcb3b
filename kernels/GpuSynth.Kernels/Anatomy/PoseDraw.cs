namespace GpuSynth.Kernels;

/// <summary>
/// Draws an affine (<see cref="LabelMapPose"/>), as far as a shape has the axes: an image turns about one axis only, and has neither depth nor shear
/// across it. All numbers are drawn all the same, an element each.
/// </summary>
internal static class PoseDraw
{
    /// <summary>Angles about z, y, x; 3 elements.</summary>
    public static AxisNumbers Rotation(in Drawing drawing, Law law, uint element)
    {
        AxisNumbers rotation = drawing.Axes(law, element);
        return IsVolume(in drawing) ? rotation : new AxisNumbers(rotation.Z, 0, 0);
    }

    /// <summary>Factors along z, y, x; 3 elements.</summary>
    public static AxisNumbers Scaling(in Drawing drawing, Law law, uint element)
    {
        AxisNumbers scaling = drawing.Axes(law, element);
        return IsVolume(in drawing) ? scaling : new AxisNumbers(1, scaling.Y, scaling.X);
    }

    /// <summary>Off-diagonal entries; 6 elements.</summary>
    /// <param name="drawing">Where numbers are drawn.</param>
    /// <param name="law">Their law.</param>
    /// <param name="element">Element of the first.</param>
    /// <param name="isUpper">Whether those below the diagonal are 0.</param>
    public static ShearNumbers Shear(in Drawing drawing, Law law, uint element, bool isUpper = false)
    {
        bool isVolume = IsVolume(in drawing);
        return new ShearNumbers(
            isVolume ? drawing.Number(law, element) : 0,
            isVolume ? drawing.Number(law, element + 1) : 0,
            isVolume && !isUpper ? drawing.Number(law, element + 2) : 0,
            drawing.Number(law, element + 3),
            isVolume && !isUpper ? drawing.Number(law, element + 4) : 0,
            isUpper ? 0 : drawing.Number(law, element + 5));
    }

    /// <summary>Shifts along z, y, x; 3 elements.</summary>
    public static AxisNumbers Translation(in Drawing drawing, Law law, uint element)
    {
        AxisNumbers translation = drawing.Axes(law, element);
        return IsVolume(in drawing) ? translation : new AxisNumbers(0, translation.Y, translation.X);
    }

    /// <summary>The pose of what was drawn.</summary>
    public static LabelMapPose Of(AxisNumbers rotationDegrees, AxisNumbers scaling, ShearNumbers shear, AxisNumbers translationOfSide) => new()
    {
        RotationDegrees = (rotationDegrees.Z, rotationDegrees.Y, rotationDegrees.X),
        Scaling = (scaling.Z, scaling.Y, scaling.X),
        Shear = (shear.ZY, shear.ZX, shear.YZ, shear.YX, shear.XZ, shear.XY),
        TranslationOfSide = (translationOfSide.Z, translationOfSide.Y, translationOfSide.X),
    };

    private static bool IsVolume(in Drawing drawing) => drawing.Facts.Shape.Dimensions == 3;
}
