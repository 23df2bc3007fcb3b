using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>A component where it stands in a recipe; null where it could not be read.</summary>
/// <param name="Component">The component.</param>
/// <param name="Path">Its path: "appearance[2].gamma".</param>
/// <param name="Line">Line of its name; 0 in a recipe built in code.</param>
internal readonly record struct PlacedComponent(Component? Component, string Path, int Line)
{
    /// <summary>Line of its chance; 0 where it stands nowhere, or in a recipe built in code.</summary>
    public int ChanceLine { get; init; }
}

/// <summary>What holds of a whole list of components; each says itself what it needs before it.</summary>
internal static class RecipeRules
{
    /// <summary>Everything that is wrong with a recipe built in code.</summary>
    public static IEnumerable<RecipeMistake> Mistakes(
        string? name, int dimensions, ValueList<Component>? anatomy, ValueList<Component>? appearance) =>
    [
        .. Recipe.NameKey.Mistakes(name, Recipe.NameKey.Name, 0),
        .. Recipe.DimensionsKey.Mistakes(dimensions, Recipe.DimensionsKey.Name, 0),
        .. Built(anatomy, isAnatomy: true),
        .. Built(appearance, isAnatomy: false),
        .. Between(Placed(anatomy, isAnatomy: true), Placed(appearance, isAnatomy: false)),
    ];

    /// <summary>The key of a list.</summary>
    public static string KeyOf(bool isAnatomy) => isAnatomy ? "anatomy" : "appearance";

    /// <summary>What may stand at the key of a list.</summary>
    public static string AllowedIn(bool isAnatomy) =>
        "a list of components such as - " + (isAnatomy
            ? "noiseField: { labels: side/16, field: { scales: [side/8], std: 1 } }"
            : "contrast: { mean: { uniform: [0, 1] } }");

    /// <summary>That there is nothing where a list of components must be.</summary>
    public static RecipeMistake Missing(bool isAnatomy, int line) => RecipeMistake.At(
        line, KeyOf(isAnatomy), "", AllowedIn(isAnatomy), $"is missing (allowed: {AllowedIn(isAnatomy)})");

    /// <summary>What is wrong with a list whose components are right by themselves.</summary>
    /// <param name="isAnatomy">Which list.</param>
    /// <param name="placed">The components; while one could not be read, nothing is said.</param>
    /// <param name="line">Line of the list.</param>
    public static IEnumerable<RecipeMistake> Together(bool isAnatomy, IReadOnlyList<PlacedComponent> placed, int line)
    {
        string[] beginners = isAnatomy ? [.. FlatForm.Anatomies.Select(static one => one.Component)] : [FlatForm.Stages[0]];
        string begin = string.Join(" or ", beginners);
        if (placed.Count == 0)
        {
            return [RecipeMistake.At(line, KeyOf(isAnatomy), "", AllowedIn(isAnatomy), $"is empty; begin it with {begin}")];
        }

        if (placed.Any(static one => one.Component is null))
        {
            return [];
        }

        Component[] list = [.. placed.Select(static one => one.Component!)];
        return placed.SelectMany((one, at) =>
        {
            Component component = list[at];
            if (at == 0 && component is { IsAnatomy: true, Chance: >= 0 and < 1 } && isAnatomy)
            {
                return [NeverOut(one, component.Chance)];
            }

            IEnumerable<string> complaints = component.IsAnatomy != isAnatomy
                ? [isAnatomy ? "makes no labels; its place is the appearance" : "makes labels; its place is the anatomy"]
                : at == 0 && component is IAnatomyComponent { Inside: not null }
                    ? [$"lies inside labels, and there are none before it; put {begin} first"]
                : component is IAnatomyComponent { Inside: not null, MayBeInside: false }
                    ? ["changes others' labels, and only what paints labels of its own can be drawn inside them; take inside away"]
                : at == 0 && !component.Begins
                    ? [$"changes {(isAnatomy ? "labels" : "intensities")}, and there are none before it; put {begin} first"]
                    : [.. component.Complaints(list, at), .. Needing(list, at)];
            return complaints.Select(complaint => RecipeMistake.At(one.Line, one.Path, "", "what it goes together with", complaint));
        });
    }

    /// <summary>What components of the appearance miss in the anatomy; while a component could not be read, nothing is said.</summary>
    /// <param name="anatomy">The anatomy.</param>
    /// <param name="appearance">The appearance.</param>
    public static IEnumerable<RecipeMistake> Between(IReadOnlyList<PlacedComponent> anatomy, IReadOnlyList<PlacedComponent> appearance)
    {
        if (anatomy.Count == 0 || anatomy.Any(static one => one.Component is null))
        {
            return [];
        }

        Component[] list = [.. anatomy.Select(static one => one.Component!)];
        return appearance.Where(static one => one.Component is { IsAnatomy: false }).SelectMany(one => one.Component!.ComplaintsOf(list).Select(
            complaint => RecipeMistake.At(one.Line, one.Path, "", "what it goes together with", complaint)));
    }

    private static RecipeMistake NeverOut(PlacedComponent first, double chance) => RecipeMistake.At(
        Math.Max(first.Line, first.ChanceLine),
        $"{first.Path}.{RecipeSection.ChanceKey.Name}",
        RecipeSection.ChanceKey.Write(chance),
        "no chance, or 1",
        "the first anatomy is in every sample, for one without it could have no labels; take chance away, or put another anatomy first");

    // What a component misses only where a sample leaves others out: it cannot rely on what has a chance.
    private static IEnumerable<string> Needing(Component[] list, int at)
    {
        string[] others = [.. list.Where((one, other) => one.Chance < 1 && other != at).Select(static one => one.Name).Distinct()];
        if (others.Length == 0 || list[at].Complaints(list, at).Any())
        {
            return [];
        }

        Component[] before = [.. list.Take(at).Where(static one => one.Chance >= 1)];
        Component[] always = [.. before, list[at], .. list.Skip(at + 1).Where(static one => one.Chance >= 1)];
        return list[at].Complaints(always, before.Length).Select(
            complaint => $"{complaint}; some samples leave out what has a chance: {string.Join(", ", others)}");
    }

    private static IEnumerable<RecipeMistake> Built(ValueList<Component>? list, bool isAnatomy)
    {
        if (list is null)
        {
            return [Missing(isAnatomy, 0)];
        }

        PlacedComponent[] placed = Placed(list, isAnatomy);
        return placed
            .SelectMany(static one => one.Component is null
                ? [RecipeMistake.At(0, one.Path, "", "a component", "is missing (allowed: a component)")]
                : RecipeSection.Of(one.Component.GetType()).Mistakes(one.Component, one.Path))
            .Concat(Together(isAnatomy, placed, 0));
    }

    private static PlacedComponent[] Placed(ValueList<Component>? list, bool isAnatomy) => list is null ? [] :
    [
        .. list.Select((component, at) => new PlacedComponent(
            component, $"{YamlValueReader.Indexed(KeyOf(isAnatomy), at)}{(component is null ? "" : $".{component.Name}")}", 0)),
    ];
}
