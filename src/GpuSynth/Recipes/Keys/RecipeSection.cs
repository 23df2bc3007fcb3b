using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary>
/// A mapping of a recipe as a record declares it: its keys are the parameters of the record's constructor. Reader, checks, complaints, writer
/// and JSON schema all follow the declaration.
/// </summary>
internal sealed class RecipeSection
{
    private static readonly ConcurrentDictionary<Type, RecipeSection> Known = new();

    /// <summary>The key of a component's chance, which the engine gives it.</summary>
    public static readonly RecipeKey ChanceKey = new(typeof(Component).GetProperty(nameof(Component.Chance))!);

    /// <summary>The key of the labels that an anatomy is drawn inside.</summary>
    public static readonly RecipeKey InsideKey = new(typeof(IAnatomyComponent).GetProperty(nameof(IAnatomyComponent.Inside))!);

    private readonly ConstructorInfo constructor;
    private readonly RecipeKey[] engineKeys = [];
    private readonly string? chanceRefusal;

    private RecipeSection(Type type)
    {
        constructor = type.GetConstructors() is [var only]
            ? only
            : throw new GpuSynthException(
                $"{type.Name} has not one public constructor, and a part of a recipe is made by one; make it a record whose keys are "
                + "its constructor's parameters.");
        Keys =
        [
            .. constructor.GetParameters().Select(parameter => new RecipeKey(
                type.GetProperty(parameter.Name!) ?? throw new GpuSynthException(
                    $"The constructor of {type.Name} takes {parameter.Name} and there is no such property; make it a record whose keys "
                    + "are its constructor's parameters."))),
        ];
        if (type.IsAssignableTo(typeof(Component)))
        {
            TakesChance = ComponentCatalogue.MayBeLeftOut(type);
            chanceRefusal = TakesChance
                ? null
                : "what makes intensities of labels has no chance, for a sample without it would have none; take chance away";
            RecipeKey[] ofAnatomies = ComponentCatalogue.IsAnatomy(type) ? [InsideKey] : [];
            engineKeys = TakesChance ? [.. ofAnatomies, ChanceKey] : ofAnatomies;
        }
    }

    /// <summary>The record's own keys, in the order in which they are written.</summary>
    public IReadOnlyList<RecipeKey> Keys { get; }

    /// <summary>Whether the key chance may stand behind them: in every component that samples may leave out.</summary>
    public bool TakesChance { get; }

    /// <summary>The names of all.</summary>
    public IEnumerable<string> Names => Everything.Select(static key => key.Name);

    private IEnumerable<RecipeKey> Everything => Keys.Concat(engineKeys);

    /// <summary>What may stand there, in words.</summary>
    public string Allowed => AllowedOf(Names);

    /// <summary>Whether nothing must stand in it.</summary>
    public bool MayBeEmpty => !Keys.Any(static key => key.Required);

    /// <summary>The section that a record declares.</summary>
    /// <exception cref="GpuSynthException">No recipe can hold such a record.</exception>
    public static RecipeSection Of(Type record) => Known.GetOrAdd(record, static type => new RecipeSection(type));

    /// <summary>"a mapping with the keys std, fwhmVoxels, taps".</summary>
    public static string AllowedOf(IEnumerable<string> names) =>
        string.Join(", ", names) is { Length: > 0 } list ? $"a mapping with the keys {list}" : "a mapping without keys";

    /// <summary>The record at a node; null where it is none or wrong, which has been complained about.</summary>
    /// <param name="yaml">Takes the complaints.</param>
    /// <param name="node">What stands at the key; nothing is a section in which nothing must stand.</param>
    /// <param name="path">Path of the key.</param>
    /// <param name="line">Line of the key.</param>
    /// <param name="mayBeOff">Whether the key may be left out.</param>
    public object? Read(YamlValueReader yaml, YamlNode node, string path, int line, bool mayBeOff)
    {
        bool isNothing = node is YamlScalar { IsNothing: true };
        return isNothing && MayBeEmpty ? Read(yaml, [], path, line)
            : yaml.Mapping(
                node, path, Allowed, advice: isNothing && mayBeOff ? "; take the key away to turn the stage off" : "") is { } mapping
                ? Read(yaml, yaml.Entries(path, mapping), path, line)
                : null;
    }

    /// <summary>The record that entries say; null where one does not stand or could not be read, which has been complained about.</summary>
    /// <param name="yaml">Takes the complaints.</param>
    /// <param name="entries">What stands in the mapping.</param>
    /// <param name="path">Path of the mapping.</param>
    /// <param name="line">Line of its key.</param>
    /// <param name="others">Names that are known there too, and read elsewhere.</param>
    /// <param name="elsewhere">The complaint about a name that belongs somewhere else; null of one that is not known.</param>
    public object? Read(
        YamlValueReader yaml,
        List<(string Name, int Line, YamlNode Node)> entries,
        string path,
        int line,
        string[]? others = null,
        Func<string, string?>? elsewhere = null)
    {
        string[] known = [.. others ?? [], .. Names];
        Dictionary<string, (object? Value, int Line)> values = new(StringComparer.Ordinal);
        foreach ((string name, int at, YamlNode node) in entries)
        {
            string child = Child(path, name);
            if (Everything.FirstOrDefault(key => key.Name == name) is { } key)
            {
                values[name] = (key.Read(yaml, node, child, at), at);
            }
            else if (!known.Contains(name))
            {
                string complaint = elsewhere?.Invoke(name) ?? (name == ChanceKey.Name ? chanceRefusal : null) ?? $"unknown key; {Suggestion(name, known)}";
                yaml.Add(at, child, Content(node), string.Join(", ", known), complaint);
            }
        }

        bool isComplete = true;
        foreach (RecipeKey key in Everything.Where(key => key.Required || values.ContainsKey(key.Name)))
        {
            if (!values.TryGetValue(key.Name, out (object? Value, int Line) there))
            {
                yaml.Add(key.Missing($"{path}.{key.Name}", line));
            }

            isComplete &= there.Value is not null;
        }

        foreach (RecipeKey key in Everything.Where(static key => !key.HasKeys))
        {
            if (values.TryGetValue(key.Name, out (object? Value, int Line) there) && there.Value is not null)
            {
                yaml.Add(key.Mistakes(there.Value, $"{path}.{key.Name}", there.Line));
            }
        }

        return isComplete ? yaml.Built(() => Build(ValueOf), line, path, "", Allowed) : null;

        object? ValueOf(RecipeKey key) => values.TryGetValue(key.Name, out (object? Value, int Line) there) ? there.Value : key.Absent;
    }

    /// <summary>A record with every value in the middle of what is allowed.</summary>
    public object Middle() => Build(static key => key.Middle);

    /// <summary>Everything that is wrong with a record built in code.</summary>
    public IEnumerable<RecipeMistake> Mistakes(object record, string path) =>
        chanceRefusal is not null && ((Component)record).Chance != 1
            ? [RecipeMistake.At(
                0, $"{path}.{ChanceKey.Name}", ChanceKey.Write(((Component)record).Chance), "what may be left out", chanceRefusal)]
            : Everything.SelectMany(key => key.Mistakes(key.Of(record), $"{path}.{key.Name}", 0));

    /// <summary>Writes a record as YAML lines, a key each.</summary>
    /// <returns>Whether there was any.</returns>
    public bool Write(StringBuilder text, object record, int indentation)
    {
        bool any = false;
        foreach (RecipeKey key in Everything)
        {
            if (key.Of(record) is not { } value || !key.IsWritten(value))
            {
                continue;
            }

            any = true;
            text.Append(' ', indentation).Append(key.Name).Append(':');
            if (key.Section is null)
            {
                text.Append(' ').Append(key.Write(value)).Append('\n');
                continue;
            }

            int end = text.Append('\n').Length - 1;
            if (!key.Section.Write(text, value, indentation + 2))
            {
                text.Insert(end, " {}");
            }
        }

        return any;
    }

    /// <summary>A record as YAML on one line.</summary>
    public string Write(object record)
    {
        IEnumerable<string> written = Everything
            .Select(key => (Key: key, Value: key.Of(record)))
            .Where(static one => one.Key.IsWritten(one.Value))
            .Select(static one => $"{one.Key.Name}: {one.Key.Section?.Write(one.Value!) ?? one.Key.Write(one.Value!)}");
        return string.Join(", ", written) is { Length: > 0 } text ? $"{{ {text} }}" : "{}";
    }

    /// <summary>Its JSON schema.</summary>
    public JsonObject Schema() => JsonSchema.Mapping(Fields());

    /// <summary>The JSON schema of the only anatomy of a recipe, which says its kind, has no chance but 1, and lies inside no other.</summary>
    /// <param name="kind">The kind.</param>
    public JsonObject SchemaOfKind(string kind)
    {
        JsonObject schema = JsonSchema.Mapping(Fields().Prepend((FlatForm.Kind, new JsonObject { ["const"] = kind }, true)));
        schema["properties"]![ChanceKey.Name] = AlwaysIn();
        schema["properties"]![InsideKey.Name] = Never();
        return schema;
    }

    /// <summary>The schema of a chance that leaves nothing out.</summary>
    public static JsonObject AlwaysIn() => JsonSchema.Number(1, 1);

    /// <summary>The schema of a key that must not stand there.</summary>
    public static JsonObject Never() => new() { ["not"] = new JsonObject() };

    /// <summary>Its own keys and those of the sections in it: their paths, and whether all records of the kind have them.</summary>
    public IEnumerable<(string Path, RecipeKey Key, bool Required)> All() => Keys.SelectMany(static key =>
        key.Section is not null
            ? key.Section.All().Select(inner => ($"{key.Name}.{inner.Path}", inner.Key, inner.Required && key.Required))
        : key.Items is not null
            ? key.Items.All().Select(inner => ($"{key.Name}[].{inner.Path}", inner.Key, inner.Required && key.Required))
        : [(key.Name, key, key.Required)]);

    private IEnumerable<(string, JsonObject, bool)> Fields() => Everything.Select(static key => (key.Name, key.Schema(), key.Required));

    private object Build(Func<RecipeKey, object?> value)
    {
        object record = constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. Keys.Select(value)], null);
        foreach (RecipeKey key in engineKeys)
        {
            key.Put(record, value(key));
        }

        return record;
    }
}
