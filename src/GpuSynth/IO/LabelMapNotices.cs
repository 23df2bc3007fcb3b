using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>What is told of the label maps of a folder.</summary>
internal static class LabelMapNotices
{
    /// <summary>A map without a label makes samples of one grey: told, for it may be the wrong file; refused where all are.</summary>
    public static void TellEmpty(string path, LabelMap[] maps, int[][] ownValues, Notices notices)
    {
        int[] empty =
        [
            .. Enumerable.Range(0, maps.Length).Where(n =>
                ownValues[n] is [] or [0] && !maps[n].Labels.AsSpan().ContainsAnyExcept((byte)0)),
        ];
        if (empty.Length == maps.Length)
        {
            throw VolumeFileException.Reading(
                path,
                maps.Length == 1
                    ? "it holds no label but the background; check that it is the label map"
                    : $"none of its {maps.Length} label maps holds a label but the background; check that they are the label maps");
        }

        if (empty.Length > 0)
        {
            notices.Add(
                "no labels",
                $"{empty.Length} of {maps.Length} label maps in '{path}' hold no label but the background, such as "
                + $"'{maps[empty[0]].FileName}'");
        }
    }

    /// <summary>Values and the partners that they become in a flip, sorted; tells those that no map holds, or no table knows.</summary>
    public static int[] WithPartners(int[] values, LateralPairs pairs, string path, Notices notices)
    {
        int[] missing = LateralExchange.MissingPartners(pairs, values);
        if (missing.Length > 0)
        {
            string names = string.Join(", ", missing.Take(8).Select(partner => string.Create(
                CultureInfo.InvariantCulture, $"{partner} (of {pairs.PartnerOf(partner)})")));
            notices.Add(
                "one side of a pair",
                $"No label map in '{path}' holds {names}{(missing.Length > 8 ? ", ..." : string.Empty)}: flipped samples do, so "
                + $"there {(missing.Length == 1 ? "is a label" : "are labels")} for it");
        }

        int[] unknown = [.. values.Where(value => pairs.IsFreeSurfer && !FreeSurferLabels.IsKnown(value))];
        if (unknown.Length > 0)
        {
            notices.Add(
                "unknown sides",
                $"The label maps in '{path}' hold values that are not FreeSurfer's, such as {string.Join(", ", unknown.Take(8))}: "
                + "they keep their label in flipped samples; name their pairs in a list of lateralPairs if they have a side");
        }

        return [.. values.Concat(missing).Order()];
    }
}
