namespace GpuSynth.Kernels;

/// <summary>What labels become: tables of what each label is, changed in place. Label 0 is the background and stays.</summary>
internal static class LabelChanges
{
    /// <summary>Nothing is changed.</summary>
    /// <param name="table">Written.</param>
    public static void Identity(Span<byte> table)
    {
        for (int label = 0; label < table.Length; label++)
        {
            table[label] = (byte)label;
        }
    }

    /// <summary>The labels of one side become background; what has no side stays.</summary>
    /// <param name="table">Changed.</param>
    /// <param name="sides">The side of every label, 0 of one that has none.</param>
    /// <param name="kept">The side that stays.</param>
    public static void KeepSide(Span<byte> table, ReadOnlySpan<byte> sides, int kept)
    {
        for (int label = 0; label < table.Length; label++)
        {
            table[label] = sides[label] == 0 || sides[label] == kept ? table[label] : (byte)0;
        }
    }

    /// <summary>Each label by itself may become background.</summary>
    /// <param name="table">Changed.</param>
    /// <param name="chance">Probability of each.</param>
    /// <param name="numbers">A uniform number for each label.</param>
    public static void Drop(Span<byte> table, float chance, ReadOnlySpan<float> numbers)
    {
        for (int label = 1; label < table.Length; label++)
        {
            table[label] = numbers[label] < chance ? (byte)0 : table[label];
        }
    }

    /// <summary>Labels that are there become random pairs, and each pair may become one label, the lower.</summary>
    /// <param name="table">Changed.</param>
    /// <param name="chance">Probability of each pair.</param>
    /// <param name="numbers">A uniform number for each label: of a pair that of the lower decides.</param>
    /// <param name="order">A uniform number for each label, by which they stand in a row.</param>
    public static void Merge(Span<byte> table, float chance, ReadOnlySpan<float> numbers, ReadOnlySpan<float> order)
    {
        Span<int> row = stackalloc int[LabelTables.Most];
        int count = InOrder(table, order, row);
        for (int pair = 0; pair + 1 < count; pair += 2)
        {
            (int one, int other) = (row[pair], row[pair + 1]);
            int lower = Math.Min(one, other);
            if (numbers[lower] < chance)
            {
                Replace(table, (byte)Math.Max(one, other), (byte)lower);
            }
        }
    }

    /// <summary>Of the labels that are there some stay; the others become background.</summary>
    /// <param name="table">Changed.</param>
    /// <param name="kept">How many stay.</param>
    /// <param name="order">A uniform number for each label: those with the least stay.</param>
    public static void Keep(Span<byte> table, int kept, ReadOnlySpan<float> order)
    {
        Span<int> row = stackalloc int[LabelTables.Most];
        int count = InOrder(table, order, row);
        for (int at = kept; at < count; at++)
        {
            Replace(table, (byte)row[at], 0);
        }
    }

    /// <summary>All labels but the background change names at random.</summary>
    /// <param name="names">Changed: what each label is called.</param>
    /// <param name="order">A uniform number for each label.</param>
    public static void Shuffle(Span<byte> names, ReadOnlySpan<float> order)
    {
        Span<byte> all = stackalloc byte[names.Length];
        Identity(all);
        Span<int> row = stackalloc int[LabelTables.Most];
        int count = InOrder(all, order, row);
        for (int label = 0; label < names.Length; label++)
        {
            names[label] = names[label] == 0 || names[label] > count ? names[label] : (byte)row[names[label] - 1];
        }
    }

    /// <summary>Names that are there become 1, 2, 3, ... in their order.</summary>
    /// <param name="names">Changed: what each label is called.</param>
    /// <param name="table">What each label is.</param>
    public static void Compact(Span<byte> names, ReadOnlySpan<byte> table)
    {
        Span<bool> isThere = stackalloc bool[LabelTables.Most];
        isThere.Clear();
        foreach (byte label in table)
        {
            isThere[names[label]] = true;
        }

        Span<byte> places = stackalloc byte[LabelTables.Most];
        places.Clear();
        int next = 1;
        for (int name = 1; name < LabelTables.Most; name++)
        {
            places[name] = isThere[name] ? (byte)next++ : (byte)0;
        }

        for (int label = 0; label < names.Length; label++)
        {
            names[label] = places[names[label]];
        }
    }

    // The labels that are there, but for the background, in the order of their numbers; of equal numbers the lower label first.
    private static int InOrder(ReadOnlySpan<byte> table, ReadOnlySpan<float> order, Span<int> row)
    {
        Span<bool> isThere = stackalloc bool[LabelTables.Most];
        isThere.Clear();
        foreach (byte label in table)
        {
            isThere[label] = true;
        }

        int count = 0;
        for (int label = 1; label < table.Length; label++)
        {
            if (isThere[label])
            {
                // A uniform number has 23 bits and a half.
                row[count++] = ((int)(order[label] * (1 << 23)) << 8) | label;
            }
        }

        row[..count].Sort();
        for (int at = 0; at < count; at++)
        {
            row[at] &= 0xff;
        }

        return count;
    }

    private static void Replace(Span<byte> table, byte old, byte with)
    {
        foreach (ref byte label in table)
        {
            label = label == old ? with : label;
        }
    }
}
