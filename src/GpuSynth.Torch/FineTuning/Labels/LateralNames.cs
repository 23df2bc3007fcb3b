using System.Text.RegularExpressions;

namespace GpuSynth.Torch.FineTuning;

/// <summary>Labels that are each other's on the other side of the body, told by their names: "left kidney", "kidney_right".</summary>
internal static partial class LateralNames
{
    /// <summary>For every label the one that it becomes in a mirror along left and right; null where no label has a side.</summary>
    /// <param name="names">Names of the labels 0, 1, 2 ...</param>
    /// <param name="notices">Is told of a name of one side that has no partner.</param>
    public static byte[]? Exchange(IReadOnlyList<string> names, Notices notices)
    {
        string[] plain = [.. names.Select(static name => new string([.. name.Where(char.IsLetterOrDigit)]).ToLowerInvariant())];
        byte[] exchange = [.. Enumerable.Range(0, names.Count).Select(static label => (byte)label)];
        for (int left = 0; left < names.Count; left++)
        {
            int right = Array.FindIndex(plain, other => other != plain[left] && IsMirror(plain[left], other));
            if (right >= 0 && exchange[right] == right && exchange[left] == left)
            {
                (exchange[left], exchange[right]) = ((byte)right, (byte)left);
            }
        }

        string[] single = [.. names.Where((name, label) => exchange[label] == label && Side().IsMatch(name))];
        if (single.Length > 0)
        {
            notices.Add(
                "label of one side",
                $"The label '{single[0]}'{(single.Length > 1 ? $" (and {single.Length - 1} more)" : string.Empty)} is named after a "
                + "side and has no partner on the other: crops mirrored along left and right show it on the wrong side; "
                + "'--flips 0' mirrors none");
        }

        return exchange.Where((other, label) => other != label).Any() ? exchange : null;
    }

    // "kidneyleft" and "kidneyright"; "ctxlhcuneus" and "ctxrhcuneus".
    private static bool IsMirror(string left, string right) =>
        (left.Contains("left", StringComparison.Ordinal) && left.Replace("left", "right", StringComparison.Ordinal) == right)
        || (left.Contains("lh", StringComparison.Ordinal) && left.Replace("lh", "rh", StringComparison.Ordinal) == right);

    // As a word, also within "kidneyLeft" and "kidney_left"; not within "cleft" or "bright".
    [GeneratedRegex("(?<![a-z])(left|right)|(?<![A-Za-z])(Left|LEFT|Right|RIGHT)|(?<=[a-z])(Left|Right)")]
    private static partial Regex Side();
}
