using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuSynth.Recipes;

/// <summary>One node of a YAML text with the line it begins on, from 1.</summary>
internal abstract record YamlNode(int Line)
{
    // Deeper than any recipe, and far from the end of the stack.
    private const int MaximumDepth = 32;

    /// <summary>What the node is called in a complaint.</summary>
    public abstract string What { get; }

    /// <summary>
    /// Reads one YAML document. Anchors, aliases and tags become mistakes: a recipe is short enough to be written out, and every
    /// number then stands where the complaint says it stands.
    /// </summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="mistakes">Takes the mistakes.</param>
    /// <returns>The root, or null where the text holds nothing.</returns>
    /// <exception cref="YamlException">The text is not YAML.</exception>
    public static YamlNode? Read(string text, List<RecipeMistake> mistakes)
    {
        Parser parser = new(new StringReader(text));
        try
        {
            return ReadDocument(parser, mistakes);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // Some broken texts end YamlDotNet's scanner with these, and without a place: the last that it read is the nearest.
            Mark last = parser.Current?.End ?? Mark.Empty;
            throw new YamlException(last, last, "the text breaks off in the middle, or a bracket or quote is not closed", error);
        }
    }

    private static YamlNode? ReadDocument(Parser parser, List<RecipeMistake> mistakes)
    {
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        YamlNode root = ReadNode(parser, mistakes, 0);
        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second))
        {
            mistakes.Add(RecipeMistake.At(
                (int)second.Start.Line, "", "---", "one document", "a second document begins here; a file holds one recipe"));
        }

        return root;
    }

    private static YamlNode ReadNode(Parser parser, List<RecipeMistake> mistakes, int depth)
    {
        int line = (int)parser.Current!.Start.Line;
        bool refused = Refuse(parser.Current, line, mistakes);
        if (depth > MaximumDepth)
        {
            throw new YamlException(parser.Current.Start, parser.Current.End, "nested too deeply for a recipe");
        }

        YamlNode node;
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            node = new YamlScalar(line, scalar.Value, scalar.Style == ScalarStyle.Plain);
        }
        else if (parser.TryConsume<SequenceStart>(out _))
        {
            List<YamlNode> items = [];
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(ReadNode(parser, mistakes, depth + 1));
            }

            node = new YamlSequence(line, items);
        }
        else if (parser.TryConsume<MappingStart>(out _))
        {
            List<(YamlNode, YamlNode)> entries = [];
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                YamlNode key = ReadNode(parser, mistakes, depth + 1);
                entries.Add((key, ReadNode(parser, mistakes, depth + 1)));
            }

            node = new YamlMapping(line, entries);
        }
        else
        {
            parser.Consume<AnchorAlias>();
            node = new YamlRefused(line);
        }

        return refused ? new YamlRefused(line) : node;
    }

    private static bool Refuse(ParsingEvent current, int line, List<RecipeMistake> mistakes)
    {
        (string what, string advice) = current switch
        {
            AnchorAlias alias => ($"*{alias.Value}", "write the value out here"),
            NodeEvent { Anchor.IsEmpty: false } anchored => ($"&{anchored.Anchor}", "write the value out where it is meant"),
            NodeEvent { Tag.IsEmpty: false } tagged => ($"{tagged.Tag}", "take it away"),
            _ => ("", ""),
        };
        if (what.Length == 0)
        {
            return false;
        }

        mistakes.Add(RecipeMistake.At(
            line, "", what, "plain values", $"'{what}': anchors, aliases and tags are not read in a recipe; {advice}"));
        return true;
    }
}

/// <summary>A scalar; plain where it stands without quotes, so that "3" in quotes is text and not a number.</summary>
internal sealed record YamlScalar(int Line, string Value, bool IsPlain) : YamlNode(Line)
{
    /// <summary>Whether the scalar is YAML's nothing.</summary>
    public bool IsNothing => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>The value as a complaint shows it: a long one is cut.</summary>
    public string Shown => RecipeText.Shortened(Value);

    /// <inheritdoc/>
    public override string What => IsNothing ? "nothing" : IsPlain ? $"'{Shown}'" : $"the text \"{Shown}\"";
}

/// <summary>A list.</summary>
internal sealed record YamlSequence(int Line, IReadOnlyList<YamlNode> Items) : YamlNode(Line)
{
    /// <inheritdoc/>
    public override string What => "a list";
}

/// <summary>A mapping, its entries as they stand: twice the same key is still there.</summary>
internal sealed record YamlMapping(int Line, IReadOnlyList<(YamlNode Key, YamlNode Value)> Entries) : YamlNode(Line)
{
    /// <inheritdoc/>
    public override string What => "a mapping";
}

/// <summary>An anchor, alias or tag, which has been complained about already.</summary>
internal sealed record YamlRefused(int Line) : YamlNode(Line)
{
    /// <inheritdoc/>
    public override string What => "an anchor, alias or tag";
}
