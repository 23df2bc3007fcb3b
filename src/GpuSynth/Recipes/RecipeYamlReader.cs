using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary>
/// Reads the YAML nodes of a recipe along the components' declarations; goes on after a mistake, so that all are found at once.
/// </summary>
internal sealed class RecipeYamlReader
{
    private static readonly string[] ListKeys =
        [Recipe.NameKey.Name, Recipe.DimensionsKey.Name, RecipeRules.KeyOf(isAnatomy: true), RecipeRules.KeyOf(isAnatomy: false)];

    private readonly YamlValueReader yaml;
    private readonly ComponentCatalogue catalogue;
    private readonly List<(string Name, int Line, YamlNode Node)> root;

    private RecipeYamlReader(YamlValueReader yaml, ComponentCatalogue catalogue, YamlMapping mapping)
    {
        (this.yaml, this.catalogue) = (yaml, catalogue);
        root = yaml.Entries("", mapping);
        HasList = root.Exists(static entry => entry.Name == RecipeRules.KeyOf(isAnatomy: false));
        IsFlat = !HasList && root.Exists(static entry => FlatForm.Stages.Contains(entry.Name));
    }

    private bool HasList { get; }

    private bool IsFlat { get; }

    /// <summary>The recipe under a root node; null where there are mistakes.</summary>
    public static Recipe? Read(YamlNode root, ComponentCatalogue catalogue, List<RecipeMistake> mistakes)
    {
        YamlValueReader yaml = new(mistakes);
        if (yaml.Mapping(root, "", RecipeSection.AllowedOf(ListKeys)) is not { } mapping)
        {
            return null;
        }

        RecipeYamlReader reader = new(yaml, catalogue, mapping);
        string? name = (string?)reader.Scalar(Recipe.NameKey, root.Line);
        int? dimensions = (int?)reader.Scalar(Recipe.DimensionsKey, root.Line);
        IReadOnlyList<PlacedComponent> anatomy = reader.Part(isAnatomy: true, root.Line);
        IReadOnlyList<PlacedComponent> appearance = reader.Part(isAnatomy: false, root.Line);
        yaml.Add(RecipeRules.Between(anatomy, appearance));
        reader.AddUnknownKeys();
        return mistakes.Count > 0 ? null : new Recipe(name!, dimensions!.Value, ListOf(anatomy), ListOf(appearance));
    }

    private static ValueList<Component> ListOf(IReadOnlyList<PlacedComponent> placed) =>
        [.. placed.Select(static one => one.Component!)];

    private object? Scalar(RecipeKey key, int firstLine)
    {
        (string? name, int line, YamlNode node) = root.Find(entry => entry.Name == key.Name);
        if (name is null)
        {
            yaml.Add(key.Missing(key.Name, firstLine));
            return null;
        }

        object? value = key.Read(yaml, node, key.Name, line);
        if (value is not null)
        {
            yaml.Add(key.Mistakes(value, key.Name, line));
        }

        return value;
    }

    private IReadOnlyList<PlacedComponent> Part(bool isAnatomy, int firstLine)
    {
        string path = RecipeRules.KeyOf(isAnatomy);
        (string? name, int line, YamlNode node) = root.Find(entry => entry.Name == path);
        IReadOnlyList<PlacedComponent>? placed = name is not null
            ? isAnatomy && node is YamlMapping mapping ? [FlatAnatomy(mapping, line)] : List(node, isAnatomy)
            : !isAnatomy && IsFlat ? Stages(firstLine)
            : null;
        if (placed is not null)
        {
            yaml.Add(RecipeRules.Together(isAnatomy, placed, line));
        }
        else if (name is null)
        {
            yaml.Add(RecipeRules.Missing(isAnatomy, firstLine));
        }

        return placed ?? [];
    }

    private PlacedComponent[]? List(YamlNode node, bool isAnatomy)
    {
        string path = RecipeRules.KeyOf(isAnatomy);
        if (node is not YamlSequence sequence)
        {
            yaml.AddWrongType(node, path, "a list of components", RecipeRules.AllowedIn(isAnatomy));
            return null;
        }

        return [.. sequence.Items.Select((item, index) => Entry(item, Indexed(path, index), isAnatomy))];
    }

    // An entry is a component's name, with its keys below it where it has any.
    private PlacedComponent Entry(YamlNode item, string path, bool isAnatomy)
    {
        string allowed = $"name: {{ keys }}, with one of {string.Join(", ", catalogue.Names(isAnatomy))}";
        if (item is YamlScalar { IsNothing: false } alone)
        {
            return Component(alone.Value, item.Line, null, path, isAnatomy);
        }

        if (item is not YamlMapping mapping)
        {
            yaml.Add(item, path, allowed, $"{item.What} is no component (allowed: {allowed})");
            return default;
        }

        List<(string Name, int Line, YamlNode Node)> entries = yaml.Entries(path, mapping);
        if (entries is [var (name, line, node)] && mapping.Entries.Count == 1)
        {
            return Component(name, line, node, path, isAnatomy);
        }

        if (entries.Count == mapping.Entries.Count)
        {
            string found = entries.Count == 0 ? "none" : string.Join(", ", entries.Select(static entry => RecipeText.Shortened(entry.Name)));
            yaml.Add(item, path, allowed,
                $"an entry has one key, the component's name, and here are {found}; indent a component's own keys below its name");
        }

        return default;
    }

    private PlacedComponent Component(string name, int line, YamlNode? node, string path, bool isAnatomy)
    {
        path = Child(path, name);
        string[] known = [.. catalogue.Names(isAnatomy)];
        if (!catalogue.Types.TryGetValue(name, out Type? type) || ComponentCatalogue.IsAnatomy(type) != isAnatomy)
        {
            string complaint = type is null ? $"unknown component; {Suggestion(name, known)}"
                : isAnatomy ? $"makes no labels; its place is the appearance{KindNote(name)}"
                : "makes labels; its place is the anatomy";
            yaml.Add(line, path, node is null ? "" : Content(node), string.Join(", ", known), complaint);
            return default;
        }

        RecipeSection section = RecipeSection.Of(type);
        object? component = node is null ? section.Read(yaml, [], path, line) : section.Read(yaml, node, path, line, mayBeOff: false);
        return new PlacedComponent((Component?)component, path, line) { ChanceLine = node is YamlMapping keys ? ChanceLine(keys) : 0 };
    }

    private static int ChanceLine(YamlMapping mapping) => mapping.Entries
        .Where(static entry => entry.Key is YamlScalar key && key.Value == RecipeSection.ChanceKey.Name)
        .Select(static entry => entry.Key.Line)
        .FirstOrDefault();

    private static string KindNote(string name) =>
        Array.Find(FlatForm.Anatomies, one => one.Kind == name).Component is { } component
            ? $", and the anatomy of that kind is called {component}"
            : "";

    // Which keys an anatomy has depends on its kind, so that one is read first. Without it the rest cannot be judged.
    private PlacedComponent FlatAnatomy(YamlMapping mapping, int line)
    {
        const string Path = "anatomy";
        const string KindPath = $"{Path}.{FlatForm.Kind}";
        List<(string Name, int Line, YamlNode Node)> entries = yaml.Entries(Path, mapping);
        (string? name, int _, YamlNode kind) = entries.Find(static entry => entry.Name == FlatForm.Kind);
        (string Kind, string Component) own =
            Array.Find(FlatForm.Anatomies, one => kind is YamlScalar { Value: string word } && word == one.Kind);
        if (own.Kind is null)
        {
            string allowed = FlatForm.Kinds;
            if (name is null)
            {
                yaml.Add(RecipeMistake.At(line, KindPath, "", allowed, $"is missing (allowed: {allowed})"));
            }
            else
            {
                yaml.Add(kind, KindPath, allowed, $"{kind.What} is no kind of anatomy (allowed: {allowed})");
            }

            return default;
        }

        object? component = SectionOf(own.Component).Read(yaml, entries, Path, line, [FlatForm.Kind], key =>
            Array.Find(FlatForm.Anatomies, one => SectionOf(one.Component).Names.Contains(key)).Kind is { } other
                ? $"belongs to an anatomy of the kind {other}, and this one's is {own.Kind}"
                : null);
        return new PlacedComponent((Component?)component, Path, line) { ChanceLine = ChanceLine(mapping) };
    }

    private PlacedComponent[] Stages(int firstLine)
    {
        List<PlacedComponent> placed = [];
        foreach (string stage in FlatForm.Stages)
        {
            (string? name, int line, YamlNode node) = root.Find(entry => entry.Name == stage);
            RecipeSection section = SectionOf(stage);
            bool isFirst = placed.Count == 0;
            if (name is null && isFirst)
            {
                yaml.Add(RecipeMistake.At(firstLine, stage, "", section.Allowed, $"is missing (allowed: {section.Allowed})"));
                placed.Add(default);
            }
            else if (name is not null)
            {
                placed.Add(new PlacedComponent((Component?)section.Read(yaml, node, stage, line, mayBeOff: !isFirst), stage, line));
            }
        }

        return [.. placed];
    }

    private void AddUnknownKeys()
    {
        string[] known = IsFlat ? [.. ListKeys[..^1], .. FlatForm.Stages] : ListKeys;
        foreach ((string name, int line, YamlNode node) in root.Where(entry => !known.Contains(entry.Name)))
        {
            string complaint = catalogue.Types.TryGetValue(name, out Type? type)
                ? $"is a component; write it as - {name} in the list {RecipeRules.KeyOf(ComponentCatalogue.IsAnatomy(type))}"
                : $"unknown key; {Suggestion(name, known)}";
            yaml.Add(line, Child("", name), Content(node), string.Join(", ", known), complaint);
        }
    }

    private RecipeSection SectionOf(string component) => RecipeSection.Of(catalogue.Types[component]);
}
