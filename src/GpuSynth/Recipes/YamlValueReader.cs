using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>
/// Reads plain values from YAML nodes. What is no such value is null, and a mistake that says where, what and what is allowed.
/// </summary>
internal sealed class YamlValueReader(List<RecipeMistake> mistakes)
{
    /// <summary>A finite number.</summary>
    public double? Number(YamlNode node, string path, string allowed)
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

    /// <summary>A whole number of 32 bits.</summary>
    public int? Integer(YamlNode node, string path, string allowed)
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

    /// <summary>A list.</summary>
    public YamlSequence? Sequence(YamlNode node, string path, string allowed)
    {
        if (node is YamlSequence sequence)
        {
            return sequence;
        }

        AddWrongType(node, path, "a list", allowed);
        return null;
    }

    /// <summary>A mapping.</summary>
    public YamlMapping? Mapping(YamlNode node, string path, string allowed, string expected = "a mapping", string advice = "")
    {
        if (node is YamlMapping mapping)
        {
            return mapping;
        }

        AddWrongType(node, path, expected, allowed, advice);
        return null;
    }

    /// <summary>The fields of a small mapping; null where a field is missing, unknown or twice there.</summary>
    public Dictionary<string, YamlNode>? Fields(
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
                Add(line, Child(path, name), Content(value), string.Join(", ", known), complaint);
            }
        }

        foreach (string name in required.Where(name => !fields.ContainsKey(name)))
        {
            Add(node, $"{path}.{name}", allowed, $"is missing (allowed: {allowed})");
        }

        return mistakes.Count == before ? fields : null;
    }

    /// <summary>The entries of a mapping that have a text for a key, each key once; the others become mistakes.</summary>
    public List<(string Name, int Line, YamlNode Node)> Entries(string path, YamlMapping mapping)
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

    /// <summary>What builds; null where its constructor refuses, whose sentence is the complaint.</summary>
    public T? Built<T>(Func<T> build, int line, string path, string value, string allowed)
        where T : class
    {
        try
        {
            return build();
        }
        catch (ArgumentException error)
        {
            Add(line, path, value, allowed, error.Message);
            return null;
        }
    }

    /// <summary>Adds that a node is not what is expected there.</summary>
    public void AddWrongType(YamlNode node, string path, string expected, string allowed, string advice = "")
    {
        string found = node.What;
        bool isSaid = allowed == expected || allowed.StartsWith(expected + " ", StringComparison.Ordinal);
        string range = isSaid ? "" : $" (allowed: {allowed})";
        string wanted = range.Length == 0 ? allowed : expected;
        Add(node, path, allowed, $"{found} is not {wanted}{range}{advice}");
    }

    /// <summary>Adds mistakes.</summary>
    public void Add(params IEnumerable<RecipeMistake> found) => mistakes.AddRange(found);

    /// <summary>Adds a mistake at a line.</summary>
    public void Add(int line, string path, string value, string allowed, string complaint) =>
        mistakes.Add(RecipeMistake.At(line, path, value, allowed, complaint));

    /// <summary>Adds a mistake at a node.</summary>
    public void Add(YamlNode node, string path, string allowed, string complaint)
    {
        // An anchor, alias or tag has been complained about where it stands.
        if (node is not YamlRefused)
        {
            mistakes.Add(RecipeMistake.At(node.Line, path, Content(node), allowed, complaint));
        }
    }

    /// <summary>What stands at a node, as a complaint shows it.</summary>
    public static string Content(YamlNode node) => node is YamlScalar scalar ? scalar.Shown : node.What;

    /// <summary>The path of a key in a mapping.</summary>
    public static string Child(string path, string name) =>
        path.Length == 0 ? RecipeText.Shortened(name) : $"{path}.{RecipeText.Shortened(name)}";

    /// <summary>The path of an item in a list.</summary>
    public static string Indexed(string path, int index) => $"{path}[{NumberText.Of(index)}]";

    /// <summary>The nearest of the known names, or all of them.</summary>
    public static string Suggestion(string name, IReadOnlyList<string> known) => NearestName.Of(name, known) is { } nearest
        ? $"did you mean {nearest}?"
        : $"known here: {string.Join(", ", known)}";
}
