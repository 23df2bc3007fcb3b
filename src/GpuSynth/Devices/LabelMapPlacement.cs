using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Devices;

/// <summary>Which label map a sample has, and how it was placed in the output; the same on every device.</summary>
internal sealed class LabelMapPlacement(LabelMapAnatomyRecipe recipe, VolumeShape shape, LabelMapSet maps)
{
    /// <summary>For each of 256 labels the one that it becomes in a flip; null where no sample is flipped.</summary>
    public byte[]? Exchange { get; } =
        recipe.CanFlip ? LateralExchange.Table(recipe.LateralPairs!, maps.SourceValues) : null;

    /// <summary>Index of the sample's map.</summary>
    /// <exception cref="GpuSynthException">There is no such map.</exception>
    public int Index(DrawnSample drawn) => (uint)drawn.LabelMapIndex < (uint)maps.Maps.Count
        ? drawn.LabelMapIndex
        : throw new GpuSynthException(
            $"The record names label map {drawn.LabelMapIndex}, but there are {maps.Maps.Count}; an index runs from 0.");

    /// <summary>From output voxels to voxels of the sample's map.</summary>
    /// <exception cref="GpuSynthException">There is no such map, or the pose flattens the anatomy.</exception>
    public LabelMapTransform Transform(DrawnSample drawn)
    {
        LabelMap map = maps.Maps[Index(drawn)];
        (double x, double y, double z) = map.Geometry.Spacing;
        var spacing = (z, y, x);
        double edge = drawn.VoxelSpacingMillimetres > 0
            ? drawn.VoxelSpacingMillimetres
            : LabelMapGeometry.FittedSpacing(shape, map.Shape, spacing);
        var pose = new LabelMapPose
        {
            RotationDegrees = (drawn.RotationDegrees[0], drawn.RotationDegrees[1], drawn.RotationDegrees[2]),
            Scaling = (drawn.Scaling[0], drawn.Scaling[1], drawn.Scaling[2]),
            Shear = (drawn.Shear[0], drawn.Shear[1], drawn.Shear[2], drawn.Shear[3], drawn.Shear[4], drawn.Shear[5]),
            TranslationOfSide = (drawn.TranslationOfSide[0], drawn.TranslationOfSide[1], drawn.TranslationOfSide[2]),
            Flip = drawn.Flipped,
        };
        try
        {
            return LabelMapGeometry.Transform(shape, map.Shape, spacing, edge, in pose);
        }
        catch (ArgumentException exception)
        {
            throw new GpuSynthException(
                $"The pose drawn for label map {map.FileName} flattens the anatomy: "
                + "scaling and shear leave it no volume; narrow their laws.",
                exception);
        }
    }
}
