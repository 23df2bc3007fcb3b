using System.Text.Json.Nodes;
using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary>A list of sections: mappings that a record declares, one after another (<see cref="ValueList{T}"/> of the record).</summary>
internal abstract class SectionsPart(RecipeSection item) : KeyPart
{
    /// <summary>The keys of an item.</summary>
    public RecipeSection Item { get; } = item;

    public override bool HasRange => false;

    /// <summary>The part of a type of key; null where it is no list of records.</summary>
    /// <exception cref="GpuSynthException">No recipe can hold such records.</exception>
    public static SectionsPart? OfList(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>)
            ? (SectionsPart)Activator.CreateInstance(
                typeof(Part<>).MakeGenericType(type.GetGenericArguments()), RecipeSection.Of(type.GetGenericArguments()[0]))!
            : null;

    public override string Words(string range) => $"a list, each {Item.Allowed}";

    /// <summary>Everything that is wrong with a list built in code.</summary>
    public abstract IEnumerable<RecipeMistake> Mistakes(object value, string path, int line);

    public override JsonObject Schema(KeyBounds bounds) => JsonSchema.List(Item.Schema(), 1, null);

    // An item complains where it stands: see Mistakes, and Read of its section.
    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds) => [];

    private static RecipeMistake Empty(string path, int line, string allowed) =>
        RecipeMistake.At(line, path, "[]", allowed, $"is empty; give at least one, or take the key away (allowed: {allowed})");

    private sealed class Part<T>(RecipeSection item) : SectionsPart(item)
        where T : class
    {
        public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
        {
            if (yaml.Sequence(node, path, bounds.Allowed) is not { } sequence)
            {
                return null;
            }

            if (sequence.Items.Count == 0)
            {
                yaml.Add(Empty(path, node.Line, bounds.Allowed));
                return null;
            }

            object?[] items =
            [
                .. sequence.Items.Select((one, index) => Item.Read(yaml, one, Indexed(path, index), one.Line, mayBeOff: false)),
            ];
            return items.Contains(null) ? null : ValueList.Create<T>([.. items.Cast<T>()]);
        }

        public override string Write(object value) =>
            $"[{string.Join(", ", ((ValueList<T>)value).Select(one => Item.Write(one)))}]";

        public override IEnumerable<RecipeMistake> Mistakes(object value, string path, int line)
        {
            var items = (ValueList<T>)value;
            return items.Count == 0
                ? [Empty(path, line, Words(""))]
                : items.SelectMany((one, index) => one is null
                    ? [RecipeMistake.At(line, Indexed(path, index), "", Item.Allowed, $"is missing (allowed: {Item.Allowed})")]
                    : Item.Mistakes(one, Indexed(path, index)));
        }
    }
}
