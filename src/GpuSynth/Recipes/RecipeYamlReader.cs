using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>
/// Reads the YAML nodes of a recipe along the table of keys; goes on after a mistake, so that all are found at once.
/// </summary>
internal sealed class RecipeYamlReader
{
    private static readonly string[] LawNames = ["fixed", "uniform", "logUniform", "normal", "choice", "chance"];
    private const string LawForms = "a number or { fixed }, { uniform }, { logUniform }, { normal }, { choice }, { chance }";

    private readonly List<RecipeMistake> mistakes;
    private readonly RecipeValues values;

    private RecipeYamlReader(List<RecipeMistake> mistakes, RecipeValues values) =>
        (this.mistakes, this.values) = (mistakes, values);

    /// <summary>The values under a root node; complete and right where no mistake was added.</summary>
    public static RecipeValues Read(YamlNode root, List<RecipeMistake> mistakes)
    {
        RecipeValues values = new() { FirstLine = root.Line };
        RecipeYamlReader reader = new(mistakes, values);
        if (reader.Mapping(root, "", $"a mapping with the keys {RecipeKeys.Names("", null)}") is { } mapping)
        {
            reader.ReadSection("", mapping);
            values.CheckPresence(mistakes, defaultsStand: false);
            values.Check(mistakes);
        }

        return values;
    }

    private void ReadSection(string path, YamlMapping mapping)
    {
        List<(string Name, int Line, YamlNode Node)> entries = Entries(path, mapping);
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
                if (Mapping(node, child, key.Allowed) is { } section)
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
            Add(node, key.Path, key.Allowed, $"{node.What} is no kind of anatomy (allowed: {key.Allowed})");
            values.SetMisread(key.Path);
        }

        return false;
    }

    private object? ReadValue(RecipeKey key, YamlNode node) => key.Kind switch
    {
        RecipeValueKind.AnatomyKind => values.AnatomyKind,
        RecipeValueKind.Text => Text(node, key),
        RecipeValueKind.Integer => Integer(node, key.Path, key.Allowed),
        RecipeValueKind.Number => Number(node, key.Path, key.Allowed),
        RecipeValueKind.Law => ReadLaw(node, key.Path, $"{key.Allowed}, as {LawForms}", mayBeChance: true),
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

        AddWrongType(node, key.Path, "text", key.Allowed);
        return null;
    }

    private double? Number(YamlNode node, string path, string allowed)
    {
        if (node is YamlScalar { IsPlain: true, IsNothing: false } scalar)
        {
            if (double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
            {
                if (double.IsFinite(number))
                {
                    return number;
                }

                Add(node, path, allowed, $"{scalar.Shown} is not a finite number (allowed: {allowed})");
                return null;
            }

            if (scalar.Value.TrimStart('-', '+').ToUpperInvariant() is ".INF" or ".NAN")
            {
                Add(node, path, allowed, $"{scalar.Shown} is not a finite number (allowed: {allowed})");
                return null;
            }
        }

        AddWrongType(node, path, "a number", allowed);
        return null;
    }

    private int? Integer(YamlNode node, string path, string allowed)
    {
        if (Number(node, path, allowed) is not { } number)
        {
            return null;
        }

        string text = ((YamlScalar)node).Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int whole))
        {
            return whole;
        }

        bool tooLarge = Math.Abs(number) > int.MaxValue && double.IsInteger(number);
        string complaint = tooLarge ? "too large" : "not a whole number";
        Add(node, path, allowed, $"{RecipeText.Shortened(text)} is {complaint} (allowed: {allowed})");
        return null;
    }

    private SideMeasure? Measure(YamlNode node, string path, string allowed)
    {
        if (node is YamlScalar { IsPlain: true } scalar && SideMeasure.TryParse(scalar.Value, out SideMeasure measure))
        {
            return measure;
        }

        AddWrongType(node, path, "a whole number of at least 1 or side/N", allowed);
        return null;
    }

    private ValueList<SideMeasure>? Measures(YamlNode node, RecipeKey key)
    {
        if (Sequence(node, key.Path, key.Allowed) is not { } sequence)
        {
            return null;
        }

        SideMeasure?[] measures = [.. sequence.Items.Select((item, index) =>
            Measure(item, Indexed(key.Path, index), key.Allowed))];
        return measures.Contains(null) ? null : ValueList.Create<SideMeasure>([.. measures.Select(measure => measure!.Value)]);
    }

    private ValueList<LabelGroup>? LabelGroups(YamlNode node, RecipeKey key)
    {
        if (Sequence(node, key.Path, key.Allowed) is not { } sequence)
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

        if (Sequence(node, key.Path, key.Allowed) is not { } sequence)
        {
            return null;
        }

        LabelPair?[] pairs = [.. sequence.Items.Select((item, index) => ReadPair(item, Indexed(key.Path, index)))];
        return pairs.Contains(null) ? null : LateralPairs.Of([.. pairs.Select(pair => pair!.Value)]);
    }

    private LabelPair? ReadPair(YamlNode node, string path)
    {
        const string Allowed = "[left, right], two whole numbers";
        if (Sequence(node, path, Allowed) is not { } sequence)
        {
            return null;
        }

        if (sequence.Items.Count != 2)
        {
            Add(node, path, Allowed, $"{sequence.Items.Count} values (allowed: {Allowed})");
            return null;
        }

        int? left = Integer(sequence.Items[0], Indexed(path, 0), "a whole number of 32 bits");
        int? right = Integer(sequence.Items[1], Indexed(path, 1), "a whole number of 32 bits");
        return left is null || right is null ? null : new LabelPair(left.Value, right.Value);
    }

    private LabelGroup? ReadGroup(YamlNode node, string path)
    {
        const string Allowed = "{ label: 0 to 255, values: [whole numbers] }";
        if (Fields(node, path, Allowed, ["label", "values"], []) is not { } fields)
        {
            return null;
        }

        int? label = Integer(fields["label"], $"{path}.label", "0 to 255");
        YamlSequence? list = Sequence(fields["values"], $"{path}.values", "a list of whole numbers");
        int?[] stored = [.. (list?.Items ?? []).Select((item, index) =>
            Integer(item, Indexed($"{path}.values", index), "a whole number of 32 bits"))];
        return label is null || list is null || stored.Contains(null)
            ? null
            : new LabelGroup(label.Value, ValueList.Create<int>([.. stored.Select(value => value!.Value)]));
    }

    private Law? ReadLaw(YamlNode node, string path, string allowed, bool mayBeChance)
    {
        if (node is YamlScalar { IsPlain: true, IsNothing: false })
        {
            return Number(node, path, allowed) is { } value ? new FixedLaw(value) : null;
        }

        if (node is YamlSequence { Items.Count: 2 })
        {
            Add(node, path, allowed, "a list is no law; for two ends write { uniform: [low, high] }");
            return null;
        }

        if (Mapping(node, path, allowed, "a law") is not { } mapping)
        {
            return null;
        }

        List<(string Name, int Line, YamlNode Node)> entries = Entries(path, mapping);
        if (entries.Count != 1)
        {
            // Where keys were dropped they have been complained about.
            if (entries.Count == mapping.Entries.Count)
            {
                string count = NumberText.Of(entries.Count);
                Add(node, path, allowed, $"a law is a mapping with one key, and here are {count} (allowed: {allowed})");
            }

            return null;
        }

        (string name, int line, YamlNode body) = entries[0];
        if (!LawNames.Contains(name))
        {
            string complaint = $"unknown law; {Suggestion(name, LawNames)}";
            mistakes.Add(RecipeMistake.At(line, Child(path, name), RecipeText.Shortened(name), allowed, complaint));
            return null;
        }

        if (name == "chance" && !mayBeChance)
        {
            mistakes.Add(RecipeMistake.At(
                line, path, name, allowed, "chance: its law is itself a chance; multiply the probabilities into one"));
            return null;
        }

        try
        {
            return ReadLawBody(name, body, $"{path}.{name}", allowed);
        }
        catch (ArgumentException error)
        {
            // The law's own sentence: what is wrong with these numbers together.
            mistakes.Add(RecipeMistake.At(line, path, name, allowed, error.Message));
            return null;
        }
    }

    private Law? ReadLawBody(string name, YamlNode node, string path, string allowed)
    {
        switch (name)
        {
            case "fixed":
                return Number(node, path, "a number") is { } value ? new FixedLaw(value) : null;
            case "uniform":
                return Numbers(node, path, "[low, high]", 2) is [var low, var high] ? new UniformLaw(low, high) : null;
            case "logUniform":
                return Numbers(node, path, "[low, high], both above 0", 2) is [var logLow, var logHigh]
                    ? new LogUniformLaw(logLow, logHigh) : null;
            case "choice":
                return Numbers(node, path, "a list of numbers", null) is { } choices
                    ? new ChoiceLaw(ValueList.Create<double>(choices)) : null;
            case "normal":
                return Fields(node, path, "{ mean, std, min?, max? }", ["mean", "std"], ["min", "max"]) is { } normal
                    ? ReadNormal(normal, path) : null;
            default:
                return Fields(node, path, "{ p, law, otherwise }", ["p", "law", "otherwise"], []) is { } chance
                    ? ReadChance(chance, path, allowed) : null;
        }
    }

    private NormalLaw? ReadNormal(Dictionary<string, YamlNode> fields, string path)
    {
        double? mean = Field("mean");
        double? std = Field("std");
        double? min = Field("min");
        double? max = Field("max");
        bool complete = mean is not null && std is not null
            && (min is not null || !fields.ContainsKey("min"))
            && (max is not null || !fields.ContainsKey("max"));
        return complete ? new NormalLaw(mean!.Value, std!.Value, min, max) : null;

        double? Field(string name) =>
            fields.TryGetValue(name, out YamlNode? node) ? Number(node, $"{path}.{name}", "a number") : null;
    }

    private ChanceLaw? ReadChance(Dictionary<string, YamlNode> fields, string path, string allowed)
    {
        double? probability = Number(fields["p"], $"{path}.p", "0 to 1");
        Law? inner = ReadLaw(fields["law"], $"{path}.law", allowed, mayBeChance: false);
        double? otherwise = Number(fields["otherwise"], $"{path}.otherwise", "a number");
        return probability is not null && inner is not null && otherwise is not null
            ? new ChanceLaw(probability.Value, inner, otherwise.Value)
            : null;
    }

    private double[]? Numbers(YamlNode node, string path, string allowed, int? count)
    {
        if (Sequence(node, path, allowed) is not { } sequence)
        {
            return null;
        }

        if (count is not null && sequence.Items.Count != count)
        {
            Add(node, path, allowed, $"{NumberText.Of(sequence.Items.Count)} numbers, not {NumberText.Of(count.Value)} "
                + $"(allowed: {allowed})");
            return null;
        }

        double?[] numbers = [.. sequence.Items.Select((item, index) => Number(item, Indexed(path, index), "a number"))];
        return numbers.Contains(null) ? null : [.. numbers.Select(number => number!.Value)];
    }

    /// <summary>The fields of a small mapping; null where a field is missing, unknown or twice there.</summary>
    private Dictionary<string, YamlNode>? Fields(
        YamlNode node, string path, string allowed, string[] required, string[] optional)
    {
        if (Mapping(node, path, allowed) is not { } mapping)
        {
            return null;
        }

        int before = mistakes.Count;
        Dictionary<string, YamlNode> fields = new(StringComparer.Ordinal);
        string[] known = [.. required, .. optional];
        foreach ((string name, int line, YamlNode value) in Entries(path, mapping))
        {
            if (known.Contains(name))
            {
                fields[name] = value;
            }
            else
            {
                string complaint = $"unknown key; {Suggestion(name, known)}";
                mistakes.Add(RecipeMistake.At(line, Child(path, name), Content(value), string.Join(", ", known), complaint));
            }
        }

        foreach (string name in required.Where(name => !fields.ContainsKey(name)))
        {
            Add(node, $"{path}.{name}", allowed, $"is missing (allowed: {allowed})");
        }

        return mistakes.Count == before ? fields : null;
    }

    /// <summary>The entries of a mapping that have a text for a key, each key once; the others become mistakes.</summary>
    private List<(string Name, int Line, YamlNode Node)> Entries(string path, YamlMapping mapping)
    {
        List<(string Name, int Line, YamlNode Node)> entries = [];
        Dictionary<string, int> lineOfName = new(StringComparer.Ordinal);
        foreach ((YamlNode key, YamlNode value) in mapping.Entries)
        {
            if (key is not YamlScalar scalar)
            {
                if (key is not YamlRefused)
                {
                    Add(key, path, "text", $"{key.What} stands where a key should");
                }

                continue;
            }

            if (!lineOfName.TryAdd(scalar.Value, key.Line))
            {
                string full = Child(path, scalar.Value);
                string firstLine = NumberText.Of(lineOfName[scalar.Value]);
                Add(key, full, "each key once", $"stands there twice, first on line {firstLine}; take one away");
                continue;
            }

            entries.Add((scalar.Value, key.Line, value));
        }

        return entries;
    }

    private YamlMapping? Mapping(YamlNode node, string path, string allowed, string expected = "a mapping")
    {
        if (node is YamlMapping mapping)
        {
            return mapping;
        }

        bool isStage = RecipeKeys.Find(path, values.AnatomyKind) is { Kind: RecipeValueKind.Section, Required: false };
        string advice = node is YamlScalar { IsNothing: true } && isStage ? "; take the key away to turn the stage off" : "";
        AddWrongType(node, path, expected, allowed, advice);
        return null;
    }

    private YamlSequence? Sequence(YamlNode node, string path, string allowed)
    {
        if (node is YamlSequence sequence)
        {
            return sequence;
        }

        AddWrongType(node, path, "a list", allowed);
        return null;
    }

    private void AddUnknownKey(string section, string name, int line, YamlNode node)
    {
        string path = Child(section, name);
        string[] known = [.. RecipeKeys.In(section, values.AnatomyKind).Select(key => key.Name)];
        string otherKind = values.AnatomyKind == RecipeKeys.Noise ? RecipeKeys.LabelMap : RecipeKeys.Noise;
        string complaint = values.AnatomyKind is not null && RecipeKeys.Find(path, otherKind) is not null
            ? $"belongs to an anatomy of the kind {otherKind}, and this one's is {values.AnatomyKind}"
            : $"unknown key; {Suggestion(name, known)}";
        mistakes.Add(RecipeMistake.At(line, path, Content(node), string.Join(", ", known), complaint));
    }

    private void AddWrongType(YamlNode node, string path, string expected, string allowed, string advice = "")
    {
        string found = node.What;
        bool isSaid = allowed == expected || allowed.StartsWith(expected + " ", StringComparison.Ordinal);
        string range = isSaid ? "" : $" (allowed: {allowed})";
        string wanted = range.Length == 0 ? allowed : expected;
        Add(node, path, allowed, $"{found} is not {wanted}{range}{advice}");
    }

    private void Add(YamlNode node, string path, string allowed, string complaint)
    {
        // An anchor, alias or tag has been complained about where it stands.
        if (node is not YamlRefused)
        {
            mistakes.Add(RecipeMistake.At(node.Line, path, Content(node), allowed, complaint));
        }
    }

    private static string Content(YamlNode node) => node is YamlScalar scalar ? scalar.Shown : node.What;

    private static string Child(string path, string name) =>
        path.Length == 0 ? RecipeText.Shortened(name) : $"{path}.{RecipeText.Shortened(name)}";

    private static string Indexed(string path, int index) => $"{path}[{NumberText.Of(index)}]";

    private static string Suggestion(string name, IReadOnlyList<string> known) => NearestName.Of(name, known) is { } nearest
        ? $"did you mean {nearest}?"
        : $"known here: {string.Join(", ", known)}";
}
