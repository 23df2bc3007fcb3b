using System.Text.Json.Nodes;
using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary>A number (double).</summary>
/// <param name="schema">Its schema under a key's bounds.</param>
/// <param name="allowed">What it may be, in words.</param>
internal sealed class NumberPart(Func<KeyBounds, JsonObject> schema, string allowed = "a number") : ValuePart
{
    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds) =>
        yaml.Number(node, path, allowed);

    public override string Write(object value) => NumberText.Of((double)value);

    public override JsonObject Schema(KeyBounds bounds) => schema(bounds);
}

/// <summary>A whole number (int) within the key's bounds and two more.</summary>
internal sealed class WholePart(int least, int most) : ValuePart
{
    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds) =>
        yaml.Integer(node, path, $"{NumberText.Of(least)} to {NumberText.Of(most)}");

    public override string Write(object value) => NumberText.Of((int)value);

    public override JsonObject Schema(KeyBounds bounds) =>
        JsonSchema.Number(Math.Max(least, bounds.Minimum), Math.Min(most, bounds.Maximum), "integer");
}

/// <summary>A law inside another.</summary>
/// <param name="place">What kind of law may stand there.</param>
/// <param name="holder">Builds a law around it, which refuses what may not stand there; null: the whole will.</param>
internal sealed class InnerPart(LawPlace place, Func<Law, Law>? holder = null) : ValuePart
{
    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        // Any law is read, so that what may not stand there is refused with the law's own sentence and not as unknown.
        KeyBounds inside = bounds with { Place = LawPlace.Single };
        Law? law = LawForms.Read(yaml, node, path, inside);
        if (law is null || holder is null)
        {
            return law;
        }

        string name = LawForms.NameOf(law);
        return yaml.Built(() => holder(law), node.Line, path, name, inside.AllowedForms) is null ? null : law;
    }

    public override string Write(object value) => LawForms.Write((Law)value);

    public override JsonObject Schema(KeyBounds bounds) => LawForms.Reference(bounds with { Place = place });
}

/// <summary>A list (T[]), of a given count where there is one.</summary>
internal sealed class ListPart<T>(string allowed, ValuePart item, int? count = null) : ValuePart
{
    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        if (yaml.Sequence(node, path, allowed) is not { } sequence)
        {
            return null;
        }

        if (count is not null && sequence.Items.Count != count)
        {
            yaml.Add(node, path, allowed, $"{NumberText.Of(sequence.Items.Count)} numbers, not {NumberText.Of(count.Value)} "
                + $"(allowed: {allowed})");
            return null;
        }

        object?[] items = [.. sequence.Items.Select((one, index) =>
            item.Read(yaml, one, Indexed(path, index), bounds))];
        return items.Contains(null) ? null : items.Cast<T>().ToArray();
    }

    public override string Write(object value) => $"[{string.Join(", ", ((T[])value).Select(one => item.Write(one!)))}]";

    public override JsonObject Schema(KeyBounds bounds) => JsonSchema.List(item.Schema(bounds), count ?? 1, count);
}

/// <summary>
/// A small mapping (object?[], null where an optional field is not there); a field whose name ends in "?" is optional.
/// </summary>
internal sealed class FieldsPart(params (string Name, ValuePart Part)[] fields) : ValuePart
{
    private readonly (string Name, bool Required, ValuePart Part)[] fields =
        [.. fields.Select(field => (field.Name.TrimEnd('?'), !field.Name.EndsWith('?'), field.Part))];

    /// <summary>What it may be, in words.</summary>
    public string Allowed { get; init; } = $"{{ {string.Join(", ", fields.Select(field => field.Name))} }}";

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        string[] required = [.. fields.Where(field => field.Required).Select(field => field.Name)];
        string[] optional = [.. fields.Where(field => !field.Required).Select(field => field.Name)];
        if (yaml.Fields(node, path, Allowed, required, optional) is not { } nodes)
        {
            return null;
        }

        object?[] values = [.. fields.Select(field => nodes.TryGetValue(field.Name, out YamlNode? value)
            ? field.Part.Read(yaml, value, $"{path}.{field.Name}", bounds)
            : null)];
        bool complete = fields.Zip(values).All(pair => pair.Second is not null || !nodes.ContainsKey(pair.First.Name));
        return complete ? values : null;
    }

    public override string Write(object value) =>
        $"{{ {string.Join(", ", fields.Zip((object?[])value).Where(pair => pair.Second is not null).Select(
            pair => $"{pair.First.Name}: {pair.First.Part.Write(pair.Second!)}"))} }}";

    public override JsonObject Schema(KeyBounds bounds) =>
        JsonSchema.Mapping([.. fields.Select(field => (field.Name, field.Part.Schema(bounds), field.Required))]);
}

/// <summary>What its parts build, where that is no law by itself.</summary>
internal sealed class BuiltPart<T>(ValuePart parts, Func<T, object> apart, Func<object, T> build) : ValuePart
    where T : class
{
    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds) =>
        parts.Read(yaml, node, path, bounds) is { } values
            ? yaml.Built(() => build(values), node.Line, path, Content(node), bounds.AllowedForms)
            : null;

    public override string Write(object value) => parts.Write(apart((T)value));

    public override JsonObject Schema(KeyBounds bounds) => parts.Schema(bounds);
}
