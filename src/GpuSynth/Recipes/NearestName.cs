namespace GpuSynth.Recipes;

/// <summary>The known name that a mistyped one most likely meant.</summary>
internal static class NearestName
{
    private const int LongestSlip = 64;

    /// <summary>
    /// The nearest of the known names by edits (insert, delete, replace, swap; case apart), or null where none is near.
    /// </summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        (string? nearest, int edits) = (null, int.MaxValue);
        if (name.Length > LongestSlip)
        {
            return null;
        }

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

    // Levenshtein's distance, and neighbours that changed places count once: the commonest slip of all.
    private static int Edits(string from, string to)
    {
        int[,] edits = new int[from.Length + 1, to.Length + 1];
        for (int row = 0; row <= from.Length; row++)
        {
            for (int column = 0; column <= to.Length; column++)
            {
                if (row == 0 || column == 0)
                {
                    edits[row, column] = row + column;
                    continue;
                }

                int replace = edits[row - 1, column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
                int best = Math.Min(replace, 1 + Math.Min(edits[row - 1, column], edits[row, column - 1]));
                bool swapped = row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1];
                edits[row, column] = swapped ? Math.Min(best, edits[row - 2, column - 2] + 1) : best;
            }
        }

        return edits[from.Length, to.Length];
    }
}
