using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>From a recipe's pairs of stored values to the output labels that a flip exchanges.</summary>
internal static class LateralExchange
{
    /// <summary>For each of 256 output labels the one that it becomes in a flip.</summary>
    /// <param name="pairs">Partners of stored values.</param>
    /// <param name="sourceValues">For every output label, the stored values that became it.</param>
    /// <exception cref="GpuSynthException">
    /// A value's partner has no output label, a label's values have partners in several labels, or label 0 has a side.
    /// </exception>
    public static byte[] Table(LateralPairs pairs, IReadOnlyList<int[]> sourceValues)
    {
        Dictionary<int, byte> labelOf = [];
        for (int label = 0; label < sourceValues.Count; label++)
        {
            foreach (int value in sourceValues[label])
            {
                labelOf[value] = (byte)label;
            }
        }

        byte[] table = [.. Enumerable.Range(0, LabelMapSet.MaximumLabels).Select(static label => (byte)label)];
        for (int label = 0; label < sourceValues.Count; label++)
        {
            int[] values = sourceValues[label];
            for (int n = 0; n < values.Length; n++)
            {
                byte partner = PartnerLabel(pairs, values[n], (byte)label, labelOf);
                if (n > 0 && partner != table[label])
                {
                    throw new GpuSynthException(
                        $"A flip would take label {Text(label)} apart: by the recipe's lateralPairs its value {Text(values[0])} "
                        + $"becomes label {Text(table[label])} and its value {Text(values[n])} label {Text(partner)}; group sides alike in "
                        + "'remap', or take 'flip' away.");
                }

                table[label] = partner;
            }
        }

        for (int label = 0; label < sourceValues.Count; label++)
        {
            if (table[table[label]] != label)
            {
                throw new GpuSynthException(
                    $"A flip would make label {Text(table[label])} of label {Text(label)}, but not the other way; group both sides "
                    + "alike in the recipe's 'remap', or take 'flip' away.");
            }
        }

        return table[0] == 0
            ? table
            : throw new GpuSynthException(
                $"Label 0 is also what lies outside a map, but its value {Text(sourceValues[0][0])} has a side in the recipe's "
                + "lateralPairs; give the background label 0 by 'remap', or take 'flip' away.");
    }

    /// <summary>The partners of values that are there, which are not there themselves.</summary>
    public static int[] MissingPartners(LateralPairs pairs, IEnumerable<int> values)
    {
        HashSet<int> known = [.. values];
        return [.. known.Select(pairs.PartnerOf).OfType<int>().Where(partner => !known.Contains(partner)).Order()];
    }

    private static byte PartnerLabel(LateralPairs pairs, int value, byte own, Dictionary<int, byte> labelOf) =>
        pairs.PartnerOf(value) is not { } partner ? own
        : labelOf.TryGetValue(partner, out byte label) ? label
        : throw new GpuSynthException(
            $"A flip makes value {Text(partner)} of value {Text(value)} (the recipe's lateralPairs), and no output label stands for "
            + "it; name it in 'remap', or load the label maps by RecipeLabelMaps.Load.");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
