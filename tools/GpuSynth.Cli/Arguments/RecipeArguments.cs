using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;

namespace GpuSynth.Cli;

/// <summary>Finds the recipe that the command line names.</summary>
internal static class RecipeArguments
{
    /// <summary>The preset that is timed where none is named.</summary>
    public const string BenchmarkPreset = "rasd-3d";

    /// <summary>The recipe of --preset or of --recipe; where neither is given, <see cref="BenchmarkPreset"/>.</summary>
    /// <exception cref="WrongUseException">Both, or an unknown preset.</exception>
    /// <exception cref="RecipeException">The recipe file is wrong.</exception>
    public static Recipe ReadBenchmarked(string? preset, string? file, ComponentCatalogue components) =>
        Read(preset ?? (file is null ? BenchmarkPreset : null), file, components);

    /// <summary>The recipe of --preset or of --recipe.</summary>
    /// <exception cref="WrongUseException">Both, neither, or an unknown preset.</exception>
    /// <exception cref="RecipeException">The recipe file is wrong.</exception>
    public static Recipe Read(string? preset, string? file, ComponentCatalogue components) => (preset, file) switch
    {
        (null, null) => throw new WrongUseException(
            $"No recipe was chosen; give --preset NAME ({string.Join(", ", Presets.Names)}) or --recipe FILE."),
        (null, _) => RecipeYaml.Read(file!, components),
        (_, null) => Preset(preset!),
        _ => throw new WrongUseException("Both --preset and --recipe were given; keep one of them."),
    };

    /// <summary>A built-in recipe.</summary>
    /// <exception cref="WrongUseException">There is none of that name.</exception>
    public static Recipe Preset(string name)
    {
        Known(name);
        return Presets.Get(name);
    }

    /// <summary>The text of a built-in recipe.</summary>
    /// <exception cref="WrongUseException">There is none of that name.</exception>
    public static string PresetText(string name)
    {
        Known(name);
        return Presets.Text(name);
    }

    /// <summary>Loads label maps as the recipe remaps them.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="path">Folder or file; null for none.</param>
    /// <exception cref="VolumeFileException">There is no map, or one cannot be used.</exception>
    public static LabelMapSet? LoadLabelMaps(Recipe recipe, string? path) =>
        path is null ? null : RecipeLabelMaps.Load(recipe, path);

    private static void Known(string name)
    {
        if (!Presets.Names.Contains(name))
        {
            throw new WrongUseException(UnknownPreset(name));
        }
    }

    // The library's sentence has the nearest name in it.
    private static string UnknownPreset(string name)
    {
        try
        {
            Presets.Text(name);
            return string.Empty;
        }
        catch (GpuSynthException error)
        {
            return error.Message;
        }
    }
}
