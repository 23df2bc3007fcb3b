using System.Text.Json.Nodes;
using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary>A stored value of label maps (int), whatever the key's range.</summary>
internal sealed class StoredValuePart : ValuePart
{
    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds) =>
        yaml.Integer(node, path, "a whole number of 32 bits");

    public override string Write(object value) => NumberText.Of((int)value);

    public override JsonObject Schema(KeyBounds bounds) => new() { ["type"] = "integer" };
}

/// <summary>A list of stored values, each once.</summary>
internal sealed class StoredValuesPart : KeyPart
{
    private static readonly ListPart<int> List = new("a list of whole numbers", new StoredValuePart());

    public override bool HasRange => false;

    public override string Words(string range) => "a list of label values such as [0]";

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds) =>
        List.Read(yaml, node, path, bounds) is int[] values ? ValueList.Create<int>(values) : null;

    public override string Write(object value) => List.Write(((ValueList<int>)value).ToArray());

    public override JsonObject Schema(KeyBounds bounds) => JsonSchema.List(new StoredValuePart().Schema(bounds), 1, null);

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds)
    {
        var values = (ValueList<int>)value;
        return Whole(
            values.Count == 0 ? "is empty; name at least one label, or take the key away"
            : values.Distinct().Count() < values.Count ? "names a value twice"
            : null);
    }
}

/// <summary>A list of <see cref="LabelGroup"/>.</summary>
internal sealed class LabelGroupsPart : KeyPart
{
    private const string Group = "{ label: 0 to 255, values: [whole numbers] }";

    private static readonly ListPart<LabelGroup> Groups = new($"a list of {Group}", new BuiltPart<LabelGroup>(
        new FieldsPart(
            ("label", new WholePart(0, 255)), ("values", new ListPart<int>("a list of whole numbers", new StoredValuePart())))
        {
            Allowed = Group,
        },
        group => new object?[] { group.Label, group.Values.AsSpan().ToArray() },
        parts => new((int)((object?[])parts)[0]!, ValueList.Create<int>((int[])((object?[])parts)[1]!))));

    public override string Words(string range) => $"a list of {Group}";

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds) =>
        Groups.Read(yaml, node, path, bounds) is LabelGroup[] groups ? ValueList.Create<LabelGroup>(groups) : null;

    public override string Write(object value) => Groups.Write(((ValueList<LabelGroup>)value).ToArray());

    public override JsonObject Schema(KeyBounds bounds) => Groups.Schema(bounds);

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds)
    {
        var groups = (ValueList<LabelGroup>)value;
        if (groups.Count == 0)
        {
            yield return ("", "is empty; take it away to keep the values of the maps in their order");
        }

        HashSet<int> labels = [];
        Dictionary<int, int> labelOfValue = [];
        for (int index = 0; index < groups.Count; index++)
        {
            LabelGroup? group = groups[index];
            string item = Indexed("", index);
            if (group?.Values is null)
            {
                yield return (item, "is missing");
                continue;
            }

            if (bounds.Complaint(group.Label) is { } complaint)
            {
                yield return (item + ".label", complaint);
            }
            else if (!labels.Add(group.Label))
            {
                yield return (
                    item + ".label", $"label {NumberText.Of(group.Label)} stands there twice; put its values into one list");
            }

            if (group.Values.Count == 0)
            {
                yield return (item + ".values", "is empty; give at least one stored value");
            }

            foreach (int stored in group.Values)
            {
                if (!labelOfValue.TryAdd(stored, group.Label))
                {
                    string owner = NumberText.Of(labelOfValue[stored]);
                    yield return (item + ".values", $"value {NumberText.Of(stored)} belongs to label {owner} already");
                }
            }
        }
    }
}

/// <summary><see cref="LateralPairs"/>.</summary>
internal sealed class LateralPairsPart : KeyPart
{
    private static readonly StoredValuePart Stored = new();

    public override bool HasRange => false;

    public override string Words(string range) =>
        $"{LateralPairs.FreeSurferName}, or a list of [left, right] of stored values; [] where no value has a side";

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        if (node is YamlScalar { Value: LateralPairs.FreeSurferName })
        {
            return LateralPairs.FreeSurfer;
        }

        if (yaml.Sequence(node, path, bounds.Allowed) is not { } sequence)
        {
            return null;
        }

        LabelPair?[] pairs = [.. sequence.Items.Select((item, index) => Pair(yaml, item, Indexed(path, index), bounds))];
        return pairs.Contains(null) ? null : LateralPairs.Of([.. pairs.Select(pair => pair!.Value)]);
    }

    public override string Write(object value) => value.ToString()!;

    public override JsonObject Schema(KeyBounds bounds) => new()
    {
        ["oneOf"] = new JsonArray(
            new JsonObject { ["const"] = LateralPairs.FreeSurferName },
            new JsonObject { ["type"] = "array", ["items"] = JsonSchema.List(Stored.Schema(bounds), 2, 2) }),
    };

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds)
    {
        HashSet<int> values = [];
        ValueList<LabelPair> pairs = ((LateralPairs)value).Pairs;
        for (int index = 0; index < pairs.Count; index++)
        {
            foreach (int side in new[] { pairs[index].Left, pairs[index].Right })
            {
                if (!values.Add(side))
                {
                    yield return (
                        Indexed("", index), $"value {NumberText.Of(side)} stands there twice; a value has one partner");
                }
            }
        }
    }

    private static LabelPair? Pair(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        const string Allowed = "[left, right], two whole numbers";
        if (yaml.Sequence(node, path, Allowed) is not { } sequence)
        {
            return null;
        }

        if (sequence.Items.Count != 2)
        {
            yaml.Add(node, path, Allowed, $"{NumberText.Of(sequence.Items.Count)} values (allowed: {Allowed})");
            return null;
        }

        object? left = Stored.Read(yaml, sequence.Items[0], Indexed(path, 0), bounds);
        object? right = Stored.Read(yaml, sequence.Items[1], Indexed(path, 1), bounds);
        return left is null || right is null ? null : new LabelPair((int)left, (int)right);
    }
}
