using System.Collections.Concurrent;

namespace GpuSynth.Recipes;

/// <summary>The recipes that come with the library, each a commented YAML text.</summary>
public static class Presets
{
    private static readonly ConcurrentDictionary<string, Recipe> Read = new(StringComparer.Ordinal);

    /// <summary>The names: rasd-3d, rasd-2d, labelmap-3d, synthseg-3d, tubes-2d, vessels-3d, ct-2d, ct-3d, gaussians-3d, mri-2d,
    /// mri-3d, anatomix-3d, cornucopia-3d, gaussians-soft-3d.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["rasd-3d", "rasd-2d", "labelmap-3d", "synthseg-3d", "tubes-2d", "vessels-3d", "ct-2d", "ct-3d", "gaussians-3d", "mri-2d", "mri-3d",
            "anatomix-3d", "cornucopia-3d", "gaussians-soft-3d"];

    /// <summary>The recipe of a name.</summary>
    /// <exception cref="GpuSynthException">There is no preset of that name; the message says which there are.</exception>
    public static Recipe Get(string name) => Read.GetOrAdd(name, static name => RecipeYaml.Parse(Text(name), $"preset {name}"));

    /// <summary>The YAML text of a preset with its comments, which say what each number does and where it comes from.</summary>
    /// <exception cref="GpuSynthException">There is no preset of that name; the message says which there are.</exception>
    public static string Text(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Names.Contains(name))
        {
            string guess = NearestName.Of(name, Names) is { } nearest ? $"; did you mean {nearest}?" : "";
            throw new GpuSynthException($"there is no preset '{name}'; the presets are {string.Join(", ", Names)}{guess}");
        }

        using Stream stream = typeof(Presets).Assembly.GetManifestResourceStream($"GpuSynth.Recipes.Presets.{name}.yaml")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
