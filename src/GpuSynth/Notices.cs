namespace GpuSynth;

/// <summary>
/// What a user has to know about the data although it is no error: a sentence for each kind, however many files it is true of.
/// Safe from several threads at once.
/// </summary>
public sealed class Notices
{
    private readonly Lock guard = new();
    private readonly List<(string Kind, string Sentence, int Count)> kinds = [];

    /// <summary>One sentence for each kind, the first that was added, with how many more there are; kinds in their order.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (guard)
            {
                return [.. kinds.Select(static one => one.Count == 1
                    ? $"{one.Sentence}."
                    : FormattableString.Invariant($"{one.Sentence} (and {one.Count - 1} more like this)."))];
            }
        }
    }

    /// <summary>Adds a notice: the first of a kind is kept as it is, the others are counted.</summary>
    /// <param name="kind">Tells notices that are to be merged, such as "labels resampled".</param>
    /// <param name="sentence">What is so, of which file, and what was done about it; without a full stop.</param>
    public void Add(string kind, string sentence)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentException.ThrowIfNullOrEmpty(sentence);
        lock (guard)
        {
            int at = kinds.FindIndex(one => one.Kind == kind);
            if (at < 0)
            {
                kinds.Add((kind, sentence.TrimEnd('.'), 1));
            }
            else
            {
                kinds[at] = kinds[at] with { Count = kinds[at].Count + 1 };
            }
        }
    }
}
