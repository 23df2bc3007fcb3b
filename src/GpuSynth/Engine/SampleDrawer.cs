using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth;

/// <summary>
/// Draws the parameters of a sample from its recipe: the only place that picks a number. Every number has an element of its own
/// in its stream; the elements are part of what a seed means, and so append only.
/// </summary>
internal sealed class SampleDrawer(Recipe recipe, VolumeShape shape, LabelMapSet? labelMaps)
{
    // Streams AnatomyLaws and LabelMapLaws.
    private const uint FieldStdElement = 0;
    private const uint DisplacementStdElement = 64;
    private const uint MapElement = 0;
    private const uint RotationElement = 1;
    private const uint ScalingElement = 4;
    private const uint ShearElement = 7;
    private const uint TranslationElement = 13;
    private const uint FlipElement = 16;
    private const uint SpacingElement = 17;
    private const uint DeformationStdElement = 64;

    // Stream BiasLaws.
    private const uint BiasStdElement = 0;
    private const uint BiasFwhmElement = 1;
    private const uint BiasMaximumElement = 4;

    private static readonly UniformLaw Unit = new(0, 1);

    /// <summary>
    /// Draws a sample. Only the appearance depends on the attempt: labels are always finite, and one anatomy index is one
    /// anatomy, whatever appearance it meets.
    /// </summary>
    public void Draw(ulong seed, SampleKey key, uint attempt, DrawnSample drawn)
    {
        (drawn.Seed, drawn.Key, drawn.Attempt) = (seed, key, attempt);
        switch (recipe.Anatomy)
        {
            case NoiseAnatomyRecipe noise:
                DrawNoiseAnatomy(noise, new RandomPlace(seed, key.Anatomy, Streams.AnatomyLaws), drawn);
                break;
            case LabelMapAnatomyRecipe map:
                DrawLabelMapAnatomy(map, new RandomPlace(seed, key.Anatomy, Streams.LabelMapLaws), drawn);
                break;
        }

        DrawAppearance(seed, key.Appearance, attempt, drawn);
    }

    private static void DrawEach(Law law, in RandomPlace place, uint element, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = law.Draw(in place, element + (uint)i);
        }
    }

    private void DrawNoiseAnatomy(NoiseAnatomyRecipe noise, RandomPlace place, DrawnSample drawn)
    {
        DrawEach(noise.Field.Std, in place, FieldStdElement, drawn.FieldStd);
        if (noise.Displacement is not null)
        {
            DrawEach(noise.Displacement.Std, in place, DisplacementStdElement, drawn.DisplacementStdVoxels);
            InSides(drawn.DisplacementStdVoxels);
        }
    }

    private void DrawLabelMapAnatomy(LabelMapAnatomyRecipe map, RandomPlace place, DrawnSample drawn)
    {
        int count = labelMaps!.Maps.Count;
        drawn.LabelMapIndex = Math.Min((int)(Unit.Draw(in place, MapElement) * count), count - 1);
        drawn.LabelMapName = labelMaps.Maps[drawn.LabelMapIndex].FileName;

        // An image turns about one axis only, and has neither depth nor shear across it.
        bool isVolume = shape.Dimensions == 3;
        DrawEach(map.RotationDegrees, in place, RotationElement, drawn.RotationDegrees.AsSpan(0, isVolume ? 3 : 1));
        DrawEach(map.Scaling, in place, ScalingElement, drawn.Scaling);
        DrawEach(map.Shear, in place, ShearElement, drawn.Shear);
        DrawEach(map.TranslationOfSide, in place, TranslationElement, drawn.TranslationOfSide);
        if (!isVolume)
        {
            drawn.Scaling[0] = 1;
            drawn.TranslationOfSide[0] = 0;
            drawn.Shear[0] = drawn.Shear[1] = drawn.Shear[2] = drawn.Shear[4] = 0;
        }

        // A mirror makes a left label of a right one: none where it is not known which, or where no axis runs from left to right.
        bool canFlip = map.CanFlip && labelMaps.Maps[drawn.LabelMapIndex].HasLateralAxis;
        drawn.Flipped = map.Flip.Draw(in place, FlipElement) >= 0.5f && canFlip;
        drawn.VoxelSpacingMillimetres = map.VoxelSpacingMillimetres?.Draw(in place, SpacingElement) ?? 0;
        if (map.Deformation is not null)
        {
            DrawEach(map.Deformation.Std, in place, DeformationStdElement, drawn.DeformationStdVoxels);
            InSides(drawn.DeformationStdVoxels);
        }
    }

    private void DrawAppearance(ulong seed, ulong sample, uint attempt, DrawnSample drawn)
    {
        DrawEach(recipe.Contrast.Mean, new RandomPlace(seed, sample, Streams.ContrastLaws, attempt), 0, drawn.Means);
        if (recipe.Bias is not null)
        {
            var place = new RandomPlace(seed, sample, Streams.BiasLaws, attempt);
            drawn.BiasStd = recipe.Bias.Std.Draw(in place, BiasStdElement);
            DrawEach(recipe.Bias.FwhmVoxels, in place, BiasFwhmElement, drawn.BiasFwhmVoxels);
            drawn.BiasMaximumUniform = Unit.Draw(in place, BiasMaximumElement);
        }

        drawn.NoiseStdOfMaximum =
            recipe.Noise?.StdOfMaximum.Draw(new RandomPlace(seed, sample, Streams.NoiseLaws, attempt), 0) ?? 0;
        if (recipe.Blur is not null)
        {
            DrawEach(recipe.Blur.SigmaVoxels, new RandomPlace(seed, sample, Streams.BlurLaws, attempt), 0, drawn.BlurSigmaVoxels);
        }

        drawn.Gamma = recipe.Gamma?.Exponent.Draw(new RandomPlace(seed, sample, Streams.GammaLaws, attempt), 0) ?? 1;
    }

    private void InSides(float[] fractions)
    {
        for (int i = 0; i < fractions.Length; i++)
        {
            fractions[i] *= shape.Side;
        }
    }
}
