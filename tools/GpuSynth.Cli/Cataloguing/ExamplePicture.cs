using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Cli.Cataloguing;

/// <summary>The pictures of the catalogue, as PNG files.</summary>
internal static class ExamplePicture
{
    /// <summary>A component's example: without it and with it, and of an anatomy its labels. Of a volume the middle axial slice.</summary>
    /// <param name="example">The example.</param>
    /// <param name="components">What recipes may name.</param>
    public static byte[] Draw(ComponentExample example, ComponentCatalogue components)
    {
        var picture = new SlicePicture(VolumeShape.Image(ComponentExample.Side, ComponentExample.Side));
        if (example.Off is { } off)
        {
            picture.Grey(MiddleOf(ExampleSample.Of(off, components, 1)[0].Image));
        }

        ExampleSample sample = ExampleSample.Of(example.On, components, 1)[0];
        picture.Grey(MiddleOf(sample.Image));
        return (ComponentCatalogue.IsAnatomy(example.Type) ? picture.Labels(MiddleOf(sample.Labels)) : picture).ToPng();
    }

    /// <summary>Samples of a preset beside their labels: two volumes, a row each, or three images.</summary>
    /// <param name="name">The preset.</param>
    public static byte[] DrawPreset(string name)
    {
        Recipe recipe = Presets.Get(name);
        bool isVolume = recipe.Dimensions == 3;
        ExampleSample[] samples = ExampleSample.Of(recipe, ComponentCatalogue.Own, isVolume ? 2 : 3);
        var picture = new SlicePicture(VolumeShape.Cubic(recipe.Dimensions, ComponentExample.Side), samples[0].IsLabelZeroDark);
        foreach ((int index, ExampleSample sample) in samples.Index())
        {
            (index > 0 && isVolume ? picture.NextRow() : picture).Grey(sample.Image).Labels(sample.Labels);
        }

        return picture.ToPng();
    }

    private static T[] MiddleOf<T>(T[] voxels)
    {
        int plane = ComponentExample.Side * ComponentExample.Side;
        return voxels.AsSpan(voxels.Length / plane / 2 * plane, plane).ToArray();
    }
}
