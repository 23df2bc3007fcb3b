using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;

namespace GpuSynth.Cli.Cataloguing;

/// <summary>A component's example as recipes: with the component and, where a sample can be without it, without.</summary>
/// <param name="Name">The component.</param>
/// <param name="Type">Its record.</param>
/// <param name="On">With it.</param>
/// <param name="Off">Without it; null: what makes the labels or the intensities cannot be left out.</param>
internal sealed record ComponentExample(string Name, Type Type, Recipe On, Recipe? Off)
{
    /// <summary>Voxels along each side of the samples.</summary>
    public const int Side = 128;

    private const string Labels =
        "noiseField: { labels: 5, field: { scales: [side/8, side/4, side/2], std: 0.5 }, displacement: { scales: [side/16, side/8], stdOfSide: 0.03 } }";

    // Greys that tell five labels apart; what an anatomy adds to them is drawn.
    private const string Intensities =
        "texture: { mean: { perLabel: [0.1, 0.8, 0.35, 0.6, 0.95, { uniform: [0, 1] }] }, std: 0.04, share: 0.8, octaves: 2, spacingVoxels: 8 }";

    private const string Range = "normalise: { epsilon: 1e-6 }";

    /// <summary>What it is made of: label maps, if any.</summary>
    public bool NeedsLabelMaps => On.NeedsLabelMaps;

    /// <summary>The example of a component: an image, or a volume where it has no images.</summary>
    /// <param name="components">What recipes may name.</param>
    /// <param name="name">The component.</param>
    /// <returns>Null where its declaration has none.</returns>
    /// <exception cref="RecipeException">Its example is no part of a recipe.</exception>
    public static ComponentExample? Of(ComponentCatalogue components, string name)
    {
        Type type = components.Types[name];
        string[] lines = ComponentCatalogue.DeclarationOf(type).Example.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
        {
            return null;
        }

        try
        {
            return Of(components, name, lines, dimensions: 2);
        }
        catch (GpuSynthException)
        {
            // What is wrong in volumes too is said.
            return Of(components, name, lines, dimensions: 3);
        }
    }

    /// <summary>The recipe's plan for one sample.</summary>
    public static EngineOptions Options(Recipe recipe, ComponentCatalogue components, IO.LabelMapSet? maps) => new()
    {
        Recipe = recipe,
        Components = components,
        Shape = VolumeShape.Cubic(recipe.Dimensions, Side),
        Seed = 1,
        LabelMaps = maps,
    };

    private static ComponentExample Of(ComponentCatalogue components, string name, string[] lines, int dimensions)
    {
        Type type = components.Types[name];
        bool isAnatomy = ComponentCatalogue.IsAnatomy(type);
        bool IsOf(string line, Func<Type, bool> what) =>
            components.Types.TryGetValue(line.Split(':')[0].Trim(), out Type? other) && what(other);

        // What paints over others cannot be the first.
        bool paintsOver = isAnatomy && IsOf(lines[0], static one => RecipeSection.Of(one).Middle() is IAnatomyComponent { Covers: false });
        string[] own = [.. lines.Where(line => IsOf(line, ComponentCatalogue.IsAnatomy))];
        string[] others = [.. lines.Except(own)];
        string[] anatomy = !isAnatomy && own.Length == 0 ? [Labels] : paintsOver ? [Labels, .. own] : own;
        string[] appearance = isAnatomy ? [Range] : others.Length > 1 ? others : [.. others, .. name == "normalise" ? [] : (string[])[Range]];
        if (isAnatomy || !others.Any(line => IsOf(line, static one => !ComponentCatalogue.IsAnatomy(one) && !ComponentCatalogue.MayBeLeftOut(one))))
        {
            appearance = [Intensities, .. appearance];
        }

        Recipe on = Parse(anatomy, appearance);
        bool isFirst = isAnatomy && on.Anatomy[0].GetType() == type;
        bool makesIntensities = !isAnatomy && !ComponentCatalogue.MayBeLeftOut(type);
        Recipe? off = isFirst || makesIntensities ? null : Without(on, type);
        if (!on.NeedsLabelMaps)
        {
            SynthesisPlan.Create(Options(on, components, null)).Device.Dispose();
        }

        return new ComponentExample(name, type, on, off);

        Recipe Parse(string[] labels, string[] intensities) => RecipeYaml.Parse(
            $"name: {name}\ndimensions: {dimensions}\nanatomy:\n{Entries(labels)}\nappearance:\n{Entries(intensities)}\n", $"the example of {name}", components);
    }

    private static string Entries(string[] lines) => string.Join('\n', lines.Select(static line => $"  - {line.Trim()}"));

    private static Recipe Without(Recipe recipe, Type type) => ComponentCatalogue.IsAnatomy(type)
        ? recipe with { Anatomy = [.. recipe.Anatomy.Where(one => one.GetType() != type)] }
        : recipe with { Appearance = [.. recipe.Appearance.Where(one => one.GetType() != type)] };
}
