using System.Globalization;

namespace GpuSynth.Kernels;

/// <summary>
/// Which labels of label maps are one tissue and draw its intensities together, as SynthSeg's generation classes: the sides of lateral pairs, or
/// lists of stored values; a value of no list is a class of its own.
/// </summary>
public sealed record TissueClasses
{
    /// <summary>What the sides of lateral pairs are called in a recipe.</summary>
    public const string LateralPairsName = "lateralPairs";

    /// <summary>What no classes are called in a recipe.</summary>
    public const string NoneName = "none";

    private TissueClasses(ValueList<ValueList<int>> lists, bool areLateralPairs) => (Lists, AreLateralPairs) = (lists, areLateralPairs);

    /// <summary>Both sides of every lateral pair are one tissue.</summary>
    public static TissueClasses OfLateralPairs { get; } = new([], areLateralPairs: true);

    /// <summary>Every label is a tissue of its own.</summary>
    public static TissueClasses None { get; } = new([], areLateralPairs: false);

    /// <summary>The stored values of each class; empty of <see cref="OfLateralPairs"/> and <see cref="None"/>.</summary>
    public ValueList<ValueList<int>> Lists { get; }

    /// <summary>Whether the classes are the lateral pairs.</summary>
    public bool AreLateralPairs { get; }

    /// <summary>Classes by lists of stored values.</summary>
    /// <param name="lists">At least two values each; each value at most once.</param>
    public static TissueClasses Of(params ReadOnlySpan<ValueList<int>> lists) => new(ValueList.Create(lists), areLateralPairs: false);

    /// <summary>The class of every label: the lowest label of those that are one tissue with it; null where each is its own.</summary>
    /// <param name="pairs">The lateral pairs; null where they are not known.</param>
    /// <param name="sourceValues">For every label, the stored values that became it.</param>
    /// <exception cref="ArgumentException">A class names a value that no label map holds.</exception>
    public byte[]? Table(LateralPairs? pairs, IReadOnlyList<int[]> sourceValues)
    {
        ArgumentNullException.ThrowIfNull(sourceValues);
        Dictionary<int, int> labelOf = [];
        for (int label = 0; label < sourceValues.Count; label++)
        {
            foreach (int value in sourceValues[label])
            {
                labelOf[value] = label;
            }
        }

        byte[] table = [.. Enumerable.Range(0, sourceValues.Count).Select(static label => (byte)label)];
        foreach (ValueList<int> list in Lists)
        {
            foreach (int value in list)
            {
                Join(table, LabelOf(list[0]), LabelOf(value));
            }
        }

        foreach ((int value, int label) in AreLateralPairs && pairs is not null ? labelOf : [])
        {
            // A side that no map holds draws nothing.
            if (pairs!.PartnerOf(value) is { } partner && labelOf.TryGetValue(partner, out int other))
            {
                Join(table, label, other);
            }
        }

        return table.Distinct().Count() < table.Length ? table : null;

        int LabelOf(int value) => labelOf.TryGetValue(value, out int label) ? label : throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"classes: no label map holds the value {value}; take it away"), nameof(sourceValues));
    }

    /// <summary>As in a recipe: "lateralPairs", "none", "[[2, 41], [3, 42, 8]]".</summary>
    public override string ToString() => AreLateralPairs ? LateralPairsName : Lists.Count == 0 ? NoneName : Lists.ToString();

    // All of two classes become the class of the lower label.
    private static void Join(byte[] table, int one, int other)
    {
        (byte low, byte high) = (Math.Min(table[one], table[other]), Math.Max(table[one], table[other]));
        for (int label = 0; label < table.Length; label++)
        {
            table[label] = table[label] == high ? low : table[label];
        }
    }
}
