using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>Where the labels come from: <see cref="NoiseAnatomyRecipe"/> or <see cref="LabelMapAnatomyRecipe"/>.</summary>
public abstract record AnatomyRecipe
{
    private protected AnatomyRecipe()
    {
    }
}

/// <summary>
/// Labels as the argmax over displaced noise fields, one field per label; the lowest label wins a tie and there is no background.
/// Source: RaSD (arXiv 2602.12317), synthesis, anatomy steps 1 to 4.
/// </summary>
/// <param name="Labels">Number of labels K, 2 to 255 where it is a whole number; RaSD: side/16 in 3D, side/32 in 2D.</param>
/// <param name="Field">Label fields P[k] (step 1); its Std is in arbitrary units, the argmax sees only ratios.</param>
/// <param name="Displacement">
/// Displacements F[k] (step 2), an independent field per label and axis; its Std is a fraction of the side. Null: not displaced.
/// </param>
public sealed record NoiseAnatomyRecipe(SideMeasure Labels, NoiseFieldRecipe Field, NoiseFieldRecipe? Displacement)
    : AnatomyRecipe
{
    /// <summary>Number of labels at a side: max(2, side / N) or the whole number.</summary>
    /// <param name="side">S in voxels, at least 1.</param>
    public int LabelCount(int side) => Labels.Resolve(side, least: 2);
}

/// <summary>
/// noise(scales, std): for each scale a coarse grid of normal values with one standard deviation drawn per scale and shared by
/// every channel, upsampled linearly with corners aligned, and summed. Source: RaSD (arXiv 2602.12317), synthesis.
/// </summary>
/// <param name="Scales">Node spacing per grid in voxels, 1 to 8 grids.</param>
/// <param name="Std">
/// Standard deviation of a grid's nodes, drawn once per scale: as it is for a field, a fraction of the side S for a displacement
/// or a deformation.
/// </param>
public sealed record NoiseFieldRecipe(ValueList<SideMeasure> Scales, Law Std)
{
    /// <summary>
    /// Node spacing per grid at a side, in voxels, in the recipe's order: max(1, side / N) or the whole number.
    /// </summary>
    /// <param name="side">S in voxels, at least 1.</param>
    public int[] ScalesInVoxels(int side) => [.. Scales.Select(scale => scale.Resolve(side, least: 1))];
}

/// <summary>
/// Labels from real label maps under a random affine and a smooth deformation, applied on the fly: the way SynthSeg (Billot et
/// al., Medical Image Analysis 2023) is used.
/// </summary>
/// <param name="RotationDegrees">Angle about each axis, drawn independently; one angle in 2D. -360 to 360 degrees.</param>
/// <param name="Scaling">Factor along each axis, drawn independently; 0.1 to 10.</param>
/// <param name="Shear">Each off-diagonal entry of the shear matrix, drawn independently; -1 to 1.</param>
/// <param name="TranslationOfSide">Shift along each axis as a fraction of the side, drawn independently; -1 to 1.</param>
/// <param name="Flip">
/// Left and right change places, and so do the labels of <paramref name="LateralPairs"/>, where the drawn number is at least 0.5;
/// 0 to 1.
/// </param>
/// <param name="Deformation">Smooth displacement shared by all labels; its Std is a fraction of the side. Null: none.</param>
/// <param name="VoxelSpacingMillimetres">
/// Edge of an output voxel in millimetres of the map. Null: the map's field of view is fitted to the shape.
/// </param>
/// <param name="Remap">
/// Which stored values become which output label; a stored value that stands nowhere is refused by the loader of the maps. Null:
/// the sorted distinct values of all maps become 0, 1, 2, ...
/// </param>
/// <param name="LateralPairs">
/// Which stored values are each other's on the other side of the body: a flip exchanges them. Empty: no value has a side. Null: not
/// known, and then nothing is flipped.
/// </param>
public sealed record LabelMapAnatomyRecipe(
    Law RotationDegrees,
    Law Scaling,
    Law Shear,
    Law TranslationOfSide,
    Law Flip,
    NoiseFieldRecipe? Deformation,
    Law? VoxelSpacingMillimetres,
    ValueList<LabelGroup>? Remap,
    LateralPairs? LateralPairs = null) : AnatomyRecipe
{
    /// <summary>Whether a sample can be flipped: the law allows it, and what has a side is known.</summary>
    public bool CanFlip => LateralPairs is not null && Flip.Maximum >= 0.5;
}

/// <summary>Stored label values that become one output label.</summary>
/// <param name="Label">The output label, 0 to 255.</param>
/// <param name="Values">The stored values, at least one; a value belongs to one label only.</param>
public sealed record LabelGroup(int Label, ValueList<int> Values);
