using System.Runtime.InteropServices;

namespace GpuSynth.Kernels;

// LesionPlaces: the places that are tried for a lesion are voxels, so that nothing of it is rounded: voxel = (w d) >> 32 along an axis of d voxels, w
//   a random word. Random bits: the same on every device.

/// <summary>Where a lesion may lie: voxels that are tried one after another, and labels that are allowed.</summary>
internal static class LesionPlaces
{
    /// <summary>Voxels that are tried for a lesion.</summary>
    public const int Tries = 64;

    /// <summary>Of a label's state: a lesion may lie in it.</summary>
    public const int IsAllowed = 1;

    /// <summary>Of a label's state: it is a lesion's own.</summary>
    public const int IsOwn = 2;

    /// <summary>Bytes of <see cref="Table"/>: what sample each label stands for, then its state.</summary>
    public const int TableLength = 2 * LabelTables.Most;

    /// <summary>A voxel that is tried.</summary>
    /// <param name="place">Where places are drawn.</param>
    /// <param name="lesion">Which lesion.</param>
    /// <param name="attempt">Which try.</param>
    /// <param name="depth">Voxels along z.</param>
    /// <param name="height">Along y.</param>
    /// <param name="width">Along x.</param>
    /// <returns>Its index in the sample.</returns>
    public static int Voxel(in RandomPlace place, int lesion, int attempt, int depth, int height, int width)
    {
        UInt4 words = Philox.At(in place, (uint)((lesion * Tries) + attempt));
        return (((Along(words.X, depth) * height) + Along(words.Y, height)) * width) + Along(words.Z, width);
    }

    /// <summary>Of each of 256 labels the target, then whether a lesion may lie in it, or whether it is one's.</summary>
    /// <param name="within">The labels that are allowed; null: all but 0, or all that it is drawn inside.</param>
    /// <param name="entry">Where the component stands.</param>
    /// <param name="ownCount">Labels of its own.</param>
    /// <param name="facts">What is known of every sample.</param>
    public static byte[] Table(ValueList<int>? within, RowEntry entry, int ownCount, in SampleFacts facts)
    {
        byte[] table = new byte[TableLength];
        byte[]? inside = entry.Inner?.FirstInsideRegions();
        for (int label = 0; label < LabelTables.Most; label++)
        {
            int target = facts.Tables is { } tables && label < tables.Count ? tables.Targets[label] : label;
            bool isOwn = label >= entry.FirstLabel && label < entry.FirstLabel + ownCount;
            table[label] = (byte)target;
            table[LabelTables.Most + label] = (byte)(isOwn ? IsOwn : May(within, label, target, inside, facts.LabelMaps) ? IsAllowed : 0);
        }

        return table;
    }

    /// <summary>Puts the places of a sample's lesions into its row.</summary>
    /// <param name="list">Where they stand: z, y, x of each.</param>
    /// <param name="lesion">Which lesion.</param>
    /// <param name="voxel">Its voxel; -1 where there is none.</param>
    /// <param name="shape">Shape of a sample.</param>
    /// <param name="row">The sample's row; written.</param>
    public static void Record(WordList list, int lesion, int voxel, VolumeShape shape, Span<uint> row)
    {
        Span<float> to = MemoryMarshal.Cast<uint, float>(row).Slice(list.First + (3 * lesion), 3);
        int line = voxel / shape.Width;
        (to[0], to[1], to[2]) = voxel < 0 ? (-1, -1, -1) : (line / shape.Height, line % shape.Height, voxel % shape.Width);
    }

    private static bool May(ValueList<int>? within, int label, int target, byte[]? inside, ILabelMaps? maps)
    {
        if (inside?[label] == 0)
        {
            return false;
        }

        if (within is null)
        {
            return inside is not null || target != 0;
        }

        return maps is null
            ? within.Contains(target)
            : target < maps.SourceValues.Count && maps.SourceValues[target].Any(value => within.Contains(value));
    }

    private static int Along(uint word, int length) => (int)(((ulong)word * (uint)length) >> 32);
}
