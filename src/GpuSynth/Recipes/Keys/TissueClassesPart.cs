using System.Text.Json.Nodes;
using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary><see cref="TissueClasses"/>.</summary>
internal sealed class TissueClassesPart : KeyPart
{
    private static readonly ListPart<int> Class = new("a list of whole numbers", new StoredValuePart());

    public override bool HasRange => false;

    public override string Words(string range) =>
        $"{TissueClasses.LateralPairsName}, {TissueClasses.NoneName}, or a list of lists of stored values such as [[2, 41], [3, 42]]";

    public override object? Read(YamlValueReader yaml, YamlNode node, string path, KeyBounds bounds)
    {
        if (node is YamlScalar { Value: TissueClasses.LateralPairsName or TissueClasses.NoneName } word)
        {
            return word.Value == TissueClasses.NoneName ? TissueClasses.None : TissueClasses.OfLateralPairs;
        }

        if (yaml.Sequence(node, path, bounds.Allowed) is not { } sequence)
        {
            return null;
        }

        object?[] lists = [.. sequence.Items.Select((item, index) => Class.Read(yaml, item, Indexed(path, index), bounds))];
        return lists.Contains(null) ? null : TissueClasses.Of([.. lists.Select(static list => ValueList.Create<int>((int[])list!))]);
    }

    public override string Write(object value) => value.ToString()!;

    public override JsonObject Schema(KeyBounds bounds) => new()
    {
        ["oneOf"] = new JsonArray(
            new JsonObject { ["const"] = TissueClasses.LateralPairsName },
            new JsonObject { ["const"] = TissueClasses.NoneName },
            JsonSchema.List(JsonSchema.List(new StoredValuePart().Schema(bounds), 2, null), 0, null)),
    };

    public override IEnumerable<(string Item, string Complaint)> Complaints(object value, KeyBounds bounds)
    {
        HashSet<int> known = [];
        ValueList<ValueList<int>> lists = ((TissueClasses)value).Lists;
        for (int index = 0; index < lists.Count; index++)
        {
            if (lists[index].Count < 2)
            {
                yield return (Indexed("", index), "has fewer than two values, and a value of no list is a class of its own; take it away");
            }

            foreach (int stored in lists[index])
            {
                if (!known.Add(stored))
                {
                    yield return (Indexed("", index), $"value {NumberText.Of(stored)} stands there twice; a value is of one class");
                }
            }
        }
    }
}
