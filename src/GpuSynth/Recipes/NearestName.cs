namespace GpuSynth.Recipes;

/// <summary>The known name that a mistyped one most likely meant.</summary>
internal static class NearestName
{
    /// <summary>The nearest of the known names by edits (insert, delete, replace; case apart), or null where none is near.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        (string? nearest, int edits) = (null, int.MaxValue);
        foreach (string candidate in known)
        {
            int distance = Edits(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < edits)
            {
                (nearest, edits) = (candidate, distance);
            }
        }

        // More edits than half of the name: another word, not a slip.
        return nearest is not null && edits <= Math.Max(name.Length, nearest.Length) / 2 ? nearest : null;
    }

    /// <summary>Levenshtein's distance.</summary>
    internal static int Edits(string from, string to)
    {
        int[] previous = [.. Enumerable.Range(0, to.Length + 1)];
        int[] current = new int[to.Length + 1];
        for (int row = 1; row <= from.Length; row++)
        {
            current[0] = row;
            for (int column = 1; column <= to.Length; column++)
            {
                int replace = previous[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
                current[column] = Math.Min(replace, 1 + Math.Min(previous[column], current[column - 1]));
            }

            (previous, current) = (current, previous);
        }

        return previous[to.Length];
    }
}
