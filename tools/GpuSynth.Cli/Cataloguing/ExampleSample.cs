using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Cli.Cataloguing;

/// <summary>A sample for a picture of the catalogue.</summary>
/// <param name="Image">[D, H, W] or [H, W], 0 to 1 in few shades.</param>
/// <param name="Labels">The same shape.</param>
/// <param name="IsLabelZeroDark">Whether its label 0 is a background.</param>
internal readonly record struct ExampleSample(float[] Image, byte[] Labels, bool IsLabelZeroDark)
{
    // Shades of grey that are kept: noise of 256 would make files four times as large, and nobody sees them.
    private const int Greys = 32;

    /// <summary>The first samples of a recipe, of <see cref="ComponentExample.Side"/> voxels along each side.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="components">What recipes may name.</param>
    /// <param name="count">How many.</param>
    public static ExampleSample[] Of(Recipe recipe, ComponentCatalogue components, int count)
    {
        using var engine = new SynthesisEngine(SynthesisPlan.Create(ComponentExample.Options(recipe, components, MapsFor(recipe, components))));
        VolumeShape shape = VolumeShape.Cubic(recipe.Dimensions, ComponentExample.Side);
        var samples = new ExampleSample[count];
        for (int index = 0; index < count; index++)
        {
            float[] image = new float[shape.VoxelCount];
            byte[] labels = new byte[shape.VoxelCount];
            DrawnSample drawn = engine.CreateDrawn();
            engine.Generate(SampleKey.Of(index), image, labels, drawn);
            samples[index] = new(Array.ConvertAll(image, static value => MathF.Round(Math.Clamp(value, 0, 1) * (Greys - 1)) / (Greys - 1)), labels, drawn.IsOfLabelMap);
        }

        return samples;
    }

    // A label map of an image is drawn by the component that needs none; one of a volume is the organs of a preset.
    private static LabelMapSet? MapsFor(Recipe recipe, ComponentCatalogue components)
    {
        if (!recipe.NeedsLabelMaps)
        {
            return null;
        }

        string folder = Directory.CreateTempSubdirectory("gpusynth-map-").FullName;
        try
        {
            byte[] labels = Of(recipe.Dimensions == 3 ? Presets.Get("anatomix-3d") : ComponentExample.Of(components, "noiseField")!.On, components, 1)[0].Labels;
            string path = Path.Combine(folder, recipe.Dimensions == 3 ? "map.nii" : "map.png");
            if (recipe.Dimensions == 3)
            {
                Nifti.WriteLabels(path, VolumeShape.Cubic(3, ComponentExample.Side), labels);
            }
            else
            {
                Png.WriteNumbers(path, ComponentExample.Side, ComponentExample.Side, [.. labels.Select(static label => (int)label)]);
            }

            return RecipeArguments.LoadLabelMaps(recipe, path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
