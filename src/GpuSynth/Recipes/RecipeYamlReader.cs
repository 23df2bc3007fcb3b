using GpuSynth.Kernels;
using static GpuSynth.Recipes.YamlValueReader;

namespace GpuSynth.Recipes;

/// <summary>
/// Reads the YAML nodes of a recipe along the table of keys; goes on after a mistake, so that all are found at once.
/// </summary>
internal sealed class RecipeYamlReader
{
    private readonly YamlValueReader yaml;
    private readonly RecipeValues values;

    private RecipeYamlReader(YamlValueReader yaml, RecipeValues values) => (this.yaml, this.values) = (yaml, values);

    /// <summary>The values under a root node; complete and right where no mistake was added.</summary>
    public static RecipeValues Read(YamlNode root, List<RecipeMistake> mistakes)
    {
        RecipeValues values = new() { FirstLine = root.Line };
        YamlValueReader yaml = new(mistakes);
        if (yaml.Mapping(root, "", $"a mapping with the keys {RecipeKeys.Names("", null)}") is { } mapping)
        {
            new RecipeYamlReader(yaml, values).ReadSection("", mapping);
            values.CheckPresence(mistakes, defaultsStand: false);
            values.Check(mistakes);
        }

        return values;
    }

    private void ReadSection(string path, YamlMapping mapping)
    {
        List<(string Name, int Line, YamlNode Node)> entries = yaml.Entries(path, mapping);
        if (path == "anatomy" && !ReadAnatomyKind(entries))
        {
            return;
        }

        foreach ((string name, int line, YamlNode node) in entries)
        {
            string child = Child(path, name);
            if (RecipeKeys.Find(child, values.AnatomyKind) is not { } key)
            {
                AddUnknownKey(path, name, line, node);
            }
            else if (key.Kind == RecipeValueKind.Section)
            {
                if (Mapping(node, key) is { } section)
                {
                    values.Set(child, null, line);
                    ReadSection(child, section);
                }
                else
                {
                    values.SetMisread(child);
                }
            }
            else if (ReadValue(key, node) is { } value)
            {
                values.Set(child, value, line);
            }
            else
            {
                values.SetMisread(child);
            }
        }
    }

    // Which keys an anatomy has depends on its kind, so that one is read first. Without it the rest cannot be judged.
    private bool ReadAnatomyKind(List<(string Name, int Line, YamlNode Node)> entries)
    {
        YamlNode? node = entries.Find(entry => entry.Name == "kind").Node;
        if (node is YamlScalar { Value: RecipeKeys.Noise or RecipeKeys.LabelMap } kind)
        {
            values.AnatomyKind = kind.Value;
            return true;
        }

        RecipeKey key = RecipeKeys.Find("anatomy.kind", null)!;
        if (node is not null)
        {
            yaml.Add(node, key.Path, key.Allowed, $"{node.What} is no kind of anatomy (allowed: {key.Allowed})");
            values.SetMisread(key.Path);
        }

        return false;
    }

    private object? ReadValue(RecipeKey key, YamlNode node) => key.Kind switch
    {
        RecipeValueKind.AnatomyKind => values.AnatomyKind,
        RecipeValueKind.Text => Text(node, key),
        RecipeValueKind.Integer => yaml.Integer(node, key.Path, key.Allowed),
        RecipeValueKind.Number => yaml.Number(node, key.Path, key.Allowed),
        RecipeValueKind.Law => LawForms.Read(yaml, node, key.Path, key.Bounds),
        RecipeValueKind.Measure => Measure(node, key.Path, key.Allowed),
        RecipeValueKind.Measures => Measures(node, key),
        RecipeValueKind.LabelGroups => LabelGroups(node, key),
        RecipeValueKind.LateralPairs => Pairs(node, key),
        _ => throw new InvalidOperationException($"No reader for {key.Kind}."),
    };

    private string? Text(YamlNode node, RecipeKey key)
    {
        if (node is YamlScalar { IsNothing: false } scalar)
        {
            return scalar.Value;
        }

        yaml.AddWrongType(node, key.Path, "text", key.Allowed);
        return null;
    }

    private SideMeasure? Measure(YamlNode node, string path, string allowed)
    {
        if (node is YamlScalar { IsPlain: true } scalar && SideMeasure.TryParse(scalar.Value, out SideMeasure measure))
        {
            return measure;
        }

        yaml.AddWrongType(node, path, "a whole number of at least 1 or side/N", allowed);
        return null;
    }

    private ValueList<SideMeasure>? Measures(YamlNode node, RecipeKey key)
    {
        if (yaml.Sequence(node, key.Path, key.Allowed) is not { } sequence)
        {
            return null;
        }

        SideMeasure?[] measures = [.. sequence.Items.Select((item, index) =>
            Measure(item, Indexed(key.Path, index), key.Allowed))];
        return measures.Contains(null) ? null : ValueList.Create<SideMeasure>([.. measures.Select(measure => measure!.Value)]);
    }

    private ValueList<LabelGroup>? LabelGroups(YamlNode node, RecipeKey key)
    {
        if (yaml.Sequence(node, key.Path, key.Allowed) is not { } sequence)
        {
            return null;
        }

        LabelGroup?[] groups = [.. sequence.Items.Select((item, index) => ReadGroup(item, Indexed(key.Path, index)))];
        return groups.Contains(null) ? null : ValueList.Create<LabelGroup>([.. groups!]);
    }

    private LateralPairs? Pairs(YamlNode node, RecipeKey key)
    {
        if (node is YamlScalar { Value: LateralPairs.FreeSurferName })
        {
            return LateralPairs.FreeSurfer;
        }

        if (yaml.Sequence(node, key.Path, key.Allowed) is not { } sequence)
        {
            return null;
        }

        LabelPair?[] pairs = [.. sequence.Items.Select((item, index) => ReadPair(item, Indexed(key.Path, index)))];
        return pairs.Contains(null) ? null : LateralPairs.Of([.. pairs.Select(pair => pair!.Value)]);
    }

    private LabelPair? ReadPair(YamlNode node, string path)
    {
        const string Allowed = "[left, right], two whole numbers";
        if (yaml.Sequence(node, path, Allowed) is not { } sequence)
        {
            return null;
        }

        if (sequence.Items.Count != 2)
        {
            yaml.Add(node, path, Allowed, $"{sequence.Items.Count} values (allowed: {Allowed})");
            return null;
        }

        int? left = yaml.Integer(sequence.Items[0], Indexed(path, 0), "a whole number of 32 bits");
        int? right = yaml.Integer(sequence.Items[1], Indexed(path, 1), "a whole number of 32 bits");
        return left is null || right is null ? null : new LabelPair(left.Value, right.Value);
    }

    private LabelGroup? ReadGroup(YamlNode node, string path)
    {
        const string Allowed = "{ label: 0 to 255, values: [whole numbers] }";
        if (yaml.Fields(node, path, Allowed, ["label", "values"], []) is not { } fields)
        {
            return null;
        }

        int? label = yaml.Integer(fields["label"], $"{path}.label", "0 to 255");
        YamlSequence? list = yaml.Sequence(fields["values"], $"{path}.values", "a list of whole numbers");
        int?[] stored = [.. (list?.Items ?? []).Select((item, index) =>
            yaml.Integer(item, Indexed($"{path}.values", index), "a whole number of 32 bits"))];
        return label is null || list is null || stored.Contains(null)
            ? null
            : new LabelGroup(label.Value, ValueList.Create<int>([.. stored.Select(value => value!.Value)]));
    }

    private YamlMapping? Mapping(YamlNode node, RecipeKey section)
    {
        bool isOff = node is YamlScalar { IsNothing: true } && !section.Required;
        return yaml.Mapping(
            node, section.Path, section.Allowed, advice: isOff ? "; take the key away to turn the stage off" : "");
    }

    private void AddUnknownKey(string section, string name, int line, YamlNode node)
    {
        string path = Child(section, name);
        string[] known = [.. RecipeKeys.In(section, values.AnatomyKind).Select(key => key.Name)];
        string otherKind = values.AnatomyKind == RecipeKeys.Noise ? RecipeKeys.LabelMap : RecipeKeys.Noise;
        string complaint = values.AnatomyKind is not null && RecipeKeys.Find(path, otherKind) is not null
            ? $"belongs to an anatomy of the kind {otherKind}, and this one's is {values.AnatomyKind}"
            : $"unknown key; {Suggestion(name, known)}";
        yaml.Add(line, path, Content(node), string.Join(", ", known), complaint);
    }
}
