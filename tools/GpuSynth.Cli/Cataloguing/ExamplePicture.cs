using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Cli.Cataloguing;

/// <summary>The picture of a component's example: without it and with it, and of an anatomy its labels. Of a volume the middle axial slice.</summary>
internal static class ExamplePicture
{
    private static readonly SampleKey Sample = SampleKey.Of(0);

    // Shades of grey that are kept: noise of 256 would make files four times as large, and nobody sees them.
    private const int Greys = 32;

    /// <summary>The picture as a PNG file.</summary>
    /// <param name="example">The example.</param>
    /// <param name="components">What recipes may name.</param>
    public static byte[] Draw(ComponentExample example, ComponentCatalogue components)
    {
        var shape = VolumeShape.Image(ComponentExample.Side, ComponentExample.Side);
        var picture = new SlicePicture(shape);
        if (example.Off is { } off)
        {
            picture.Grey(Slice(off, components).Image);
        }

        (float[] image, byte[] labels) = Slice(example.On, components);
        picture.Grey(image);
        return (ComponentCatalogue.IsAnatomy(example.Type) ? picture.Labels(labels) : picture).ToPng();
    }

    private static (float[] Image, byte[] Labels) Slice(Recipe recipe, ComponentCatalogue components)
    {
        using var engine = new SynthesisEngine(SynthesisPlan.Create(ComponentExample.Options(recipe, components, MapsFor(recipe, components))));
        long voxels = VolumeShape.Cubic(recipe.Dimensions, ComponentExample.Side).VoxelCount;
        float[] image = new float[voxels];
        byte[] labels = new byte[voxels];
        engine.Generate(Sample, image, labels, engine.CreateDrawn());
        int plane = ComponentExample.Side * ComponentExample.Side;
        int first = recipe.Dimensions == 3 ? plane * (ComponentExample.Side / 2) : 0;
        return ([.. image.Skip(first).Take(plane).Select(static value => MathF.Round(Math.Clamp(value, 0, 1) * (Greys - 1)) / (Greys - 1))],
            [.. labels.Skip(first).Take(plane)]);
    }

    // A label map is drawn by the component that needs none.
    private static LabelMapSet? MapsFor(Recipe recipe, ComponentCatalogue components)
    {
        if (!recipe.Anatomy.Any(static one => one is IAnatomyComponent { NeedsLabelMaps: true }))
        {
            return null;
        }

        string folder = Directory.CreateTempSubdirectory("gpusynth-map-").FullName;
        try
        {
            byte[] labels = Slice(ComponentExample.Of(components, "noiseField")!.On, components).Labels;
            string path = Path.Combine(folder, "map.png");
            Png.WriteNumbers(path, ComponentExample.Side, ComponentExample.Side, [.. labels.Select(static label => (int)label)]);
            return RecipeArguments.LoadLabelMaps(recipe, path);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
