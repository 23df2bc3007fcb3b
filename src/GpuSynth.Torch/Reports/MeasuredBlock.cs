using GpuSynth.IO;

namespace GpuSynth.Torch.Reports;

/// <summary>
/// What one command measured with a model: a block of the section "Evaluation" of its card. Commands add blocks to a card that is
/// there, each under a key of its own; whoever writes the card anew takes them over.
/// </summary>
/// <param name="Key">Tells it from others: a block of the same key is replaced. One line, without "--".</param>
/// <param name="Markdown">A paragraph or a table; headings from the third level on.</param>
public sealed record MeasuredBlock(string Key, string Markdown)
{
    private const string Heading = "## Evaluation";
    private const string Begin = "<!-- measured: ";
    private const string BeginEnd = " -->";
    private const string End = "<!-- end -->";

    /// <summary>The blocks of a card's text, in their order.</summary>
    public static IReadOnlyList<MeasuredBlock> In(string card)
    {
        ArgumentNullException.ThrowIfNull(card);
        List<MeasuredBlock> blocks = [];
        string? key = null;
        List<string> lines = [];
        foreach (string line in card.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.StartsWith(Begin, StringComparison.Ordinal) && line.EndsWith(BeginEnd, StringComparison.Ordinal))
            {
                (key, lines) = (line[Begin.Length..^BeginEnd.Length], []);
            }
            else if (line == End && key is not null)
            {
                blocks.Add(new MeasuredBlock(key, string.Join("\n", lines).Trim('\n')));
                key = null;
            }
            else
            {
                lines.Add(line);
            }
        }

        return blocks;
    }

    /// <summary>The blocks of a card's file; none where there is no such file.</summary>
    public static IReadOnlyList<MeasuredBlock> OfFile(string path) => File.Exists(path) ? In(File.ReadAllText(path)) : [];

    /// <summary>The section of a card.</summary>
    /// <param name="blocks">What it holds.</param>
    /// <param name="none">What it says where there are none.</param>
    public static string Section(IReadOnlyList<MeasuredBlock> blocks, string none)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        return string.Join("\n\n", [Heading, .. blocks.Count == 0 ? [none] : blocks.Select(static block => block.Text)]);
    }

    /// <summary>Adds the block to a card, or replaces the one of its key. Nothing where there is no card with that section.</summary>
    /// <param name="cardPath">The card's file.</param>
    /// <returns>Whether the card has it now.</returns>
    /// <exception cref="VolumeFileException">The card cannot be written.</exception>
    public bool AddTo(string cardPath)
    {
        if (!File.Exists(cardPath))
        {
            return false;
        }

        string card = File.ReadAllText(cardPath).ReplaceLineEndings("\n");
        int begin = card.IndexOf($"\n{Heading}\n", StringComparison.Ordinal) + 1;
        if (begin == 0)
        {
            return false;
        }

        MeasuredBlock[] blocks = [.. In(card)];
        int own = Array.FindIndex(blocks, block => block.Key == Key);
        blocks = own < 0 ? [.. blocks, this] : [.. blocks[..own], this, .. blocks[(own + 1)..]];
        // The section ends at the next heading of its level; headings inside blocks are of a lower one.
        int end = card.IndexOf("\n## ", begin, StringComparison.Ordinal);
        string rest = end < 0 ? "\n" : "\n" + card[end..];
        AtomicFile.WriteText(cardPath, card[..begin] + Section(blocks, string.Empty) + rest);
        return true;
    }

    /// <summary>The same, where the card is not the command's own: that it cannot be written is said, and no failure.</summary>
    /// <param name="cardPath">The card's file.</param>
    /// <param name="say">Told.</param>
    public void AddTo(string cardPath, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        try
        {
            AddTo(cardPath);
        }
        catch (VolumeFileException error)
        {
            say($"'{cardPath}' does not tell what was measured: {error.Message}");
        }
    }

    private string Text => $"{Begin}{Key}{BeginEnd}\n{Markdown.Trim('\n')}\n{End}";
}
