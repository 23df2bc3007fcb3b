using System.Globalization;
using GpuSynth.Kernels;

namespace GpuSynth.IO;

/// <summary>One label map, remapped to bytes.</summary>
/// <param name="FileName">Name of its file, without the folder.</param>
/// <param name="Shape">Voxels in array order.</param>
/// <param name="Labels">
/// Labels 0 to n-1, [D, H, W] or [H, W], on the body's axes (<see cref="Reorientation"/>): the width runs to the right, the height
/// to the front, the depth up, however the file is stored.
/// </param>
/// <param name="Geometry">Where these voxels lie.</param>
public sealed record LabelMap(string FileName, VolumeShape Shape, byte[] Labels, NiftiGeometry Geometry)
{
    /// <summary>Whether the width runs between left and right: of every volume, not of an image of a sagittal plane.</summary>
    public bool HasLateralAxis => Geometry.Orientation[0] == 'R';
}

/// <summary>
/// The label maps of a folder, loaded once: each checked, each label value replaced by its output label, a byte. Immutable as
/// long as nobody writes to the arrays.
/// </summary>
public sealed partial class LabelMapSet
{
    /// <summary>The most output labels: a label is a byte.</summary>
    public const int MaximumLabels = 256;

    private LabelMapSet(LabelMap[] maps, int[][] sourceValues, Notices notices) =>
        (Maps, SourceValues, Notices) = (maps, sourceValues, notices);

    /// <summary>The maps, in the ordinal order of their file names. All are 2D or all are 3D; their shapes may differ.</summary>
    public IReadOnlyList<LabelMap> Maps { get; }

    /// <summary>Output labels: every byte of every map is below this.</summary>
    public int LabelCount => SourceValues.Count;

    /// <summary>For every output label, the stored values that became it.</summary>
    public IReadOnlyList<int[]> SourceValues { get; }

    /// <summary>What a user has to know of the files.</summary>
    public Notices Notices { get; }

    /// <summary>2 or 3: of all maps.</summary>
    public int Dimensions => Maps[0].Shape.Dimensions;

    /// <summary>Bytes of all maps in memory.</summary>
    public long TotalBytes => Maps.Sum(map => map.Shape.VoxelCount);

    /// <summary>Loads every .nii, .nii.gz and .png file of a folder, or one such file.</summary>
    /// <param name="path">The folder or the file.</param>
    /// <param name="remap">
    /// The stored values of every output label; a value that is not named is an error. Null: the sorted distinct values of all
    /// maps become 0, 1, 2, ...
    /// </param>
    /// <param name="lateralPairs">
    /// Pairs of stored values that a flip exchanges: without a remap, a value whose partner is in no map gives it an output label
    /// of its own. Null: nothing is flipped.
    /// </param>
    /// <exception cref="VolumeFileException">
    /// There is no map, one cannot be read, none has a label, maps of 2 and 3 dimensions are mixed, or a value has no output label
    /// of 0 to 255.
    /// </exception>
    public static LabelMapSet Load(
        string path, ValueList<LabelGroup>? remap = null, LateralPairs? lateralPairs = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var notices = new Notices();
        IReadOnlyList<string> files = FindFiles(path);
        Dictionary<int, byte>? named = remap is null ? null : ReadRemap(path, remap);

        // A map is remapped as soon as it is read, so that only one is ever held as int: with a remap to its output labels,
        // without one to its own sorted values, whose places among the values of all maps are known only at the end.
        LabelMap[] maps = new LabelMap[files.Count];
        int[][] ownValues = new int[files.Count][];
        for (int n = 0; n < files.Count; n++)
        {
            NiftiLabels stored = IsPicture(files[n]) ? PngFile.Read(files[n]).ToLabels(files[n]) : Nifti.ReadLabels(files[n]);
            stored.TellRounding(files[n], notices);
            stored.Geometry.Forms?.Tell(files[n], stored.Shape, notices);
            CheckDimensions(files[0], maps[0]?.Shape ?? stored.Shape, files[n], stored.Shape);
            ownValues[n] = named is null ? FindValues(files[n], stored.Data) : [];
            byte[] labels = Remap(files[n], stored.Data, named ?? PlaceOf(ownValues[n]));
            if (lateralPairs is not null && !stored.Geometry.IsPlaced)
            {
                string why = IsPicture(files[n]) ? "says nothing of sides" : "has neither a qform nor an sform";
                notices.Add("no form", $"'{files[n]}' {why}; its width is taken to run from left to right");
            }

            var axes = Reorientation.ToCanonical(stored.Shape, stored.Geometry);
            maps[n] = new LabelMap(Path.GetFileName(files[n]), axes.Shape, axes.Apply(labels), axes.Geometry);
        }

        LabelMapNotices.TellEmpty(path, maps, ownValues, notices);
        if (remap is not null)
        {
            return new LabelMapSet(maps, GroupValues(named!), notices);
        }

        int[] all = [.. ownValues.SelectMany(values => values).Distinct().Order()];
        if (lateralPairs is not null)
        {
            all = LabelMapNotices.WithPartners(all, lateralPairs, path, notices);
        }

        CheckCount(path, all.Length);
        for (int n = 0; n < maps.Length; n++)
        {
            Relabel(maps[n].Labels, ownValues[n], all);
        }

        return new LabelMapSet(maps, [.. all.Select(value => new[] { value })], notices);
    }

    /// <summary>The files that <see cref="Load"/> reads, in its order.</summary>
    /// <param name="path">The folder or the file.</param>
    /// <exception cref="VolumeFileException">There is no map.</exception>
    public static IReadOnlyList<string> FindFiles(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw VolumeFileException.Reading(
                path, MissingFile.LinkReason(path) ?? "there is no such folder of label maps; check the path");
        }

        try
        {
            // Names that start with a dot are what macOS leaves beside a file on foreign disks: they are not maps.
            string[] files =
            [
                .. Directory.EnumerateFiles(path)
                    .Where(file => (IsNifti(file) || IsPicture(file)) && !Path.GetFileName(file).StartsWith('.'))
                    .Order(StringComparer.Ordinal),
            ];
            return files.Length > 0
                ? files
                : throw VolumeFileException.Reading(path, "the folder holds no label map; put .nii, .nii.gz or .png files into it");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw VolumeFileException.Reading(path, $"{error.Message.TrimEnd('.')}; check the folder's permissions", error);
        }
    }

    private static bool IsNifti(string file) =>
        file.EndsWith(".nii", StringComparison.OrdinalIgnoreCase) || file.EndsWith(".nii.gz", StringComparison.OrdinalIgnoreCase);

    private static bool IsPicture(string file) => file.EndsWith(".png", StringComparison.OrdinalIgnoreCase);

    private static void CheckDimensions(string firstFile, VolumeShape first, string file, VolumeShape shape)
    {
        if (first.Dimensions != shape.Dimensions)
        {
            throw VolumeFileException.Reading(
                file,
                $"it is {shape.Dimensions}D and '{firstFile}' is {first.Dimensions}D; keep 2D and 3D maps in separate folders");
        }
    }

    private static Dictionary<int, byte> ReadRemap(string path, ValueList<LabelGroup> remap)
    {
        Dictionary<int, byte> labelOf = [];
        foreach (LabelGroup group in remap)
        {
            if (group.Label is < 0 or >= MaximumLabels)
            {
                throw VolumeFileException.Reading(
                    path, $"the recipe's remap names label {group.Label}; labels are 0 to {MaximumLabels - 1}");
            }

            foreach (int value in group.Values)
            {
                if (!labelOf.TryAdd(value, (byte)group.Label) && labelOf[value] != group.Label)
                {
                    throw VolumeFileException.Reading(
                        path,
                        $"the recipe's remap sends value {value} to labels {labelOf[value]} and {group.Label}; keep one of them");
                }
            }
        }

        return labelOf;
    }

    private static int[] FindValues(string file, ReadOnlySpan<int> stored)
    {
        HashSet<int> values = [];
        int last = stored[0];
        values.Add(last);
        foreach (int value in stored)
        {
            // Neighbours mostly share their label: the set is asked at borders only.
            if (value != last)
            {
                values.Add(value);
                last = value;
                if (values.Count > MaximumLabels)
                {
                    // An image by mistake may have as many values as voxels: counted no further.
                    CheckCount(file, values.Count);
                }
            }
        }

        return [.. values.Order()];
    }

    private static Dictionary<int, byte> PlaceOf(int[] sortedValues) =>
        Enumerable.Range(0, sortedValues.Length).ToDictionary(place => sortedValues[place], place => (byte)place);

    private static void CheckCount(string path, int count)
    {
        if (count > MaximumLabels)
        {
            throw VolumeFileException.Reading(
                path,
                $"there are more than {MaximumLabels} label values, and labels are 0 to 255; group them by the recipe's 'remap'");
        }
    }

    private static byte[] Remap(string file, ReadOnlySpan<int> stored, Dictionary<int, byte> labelOf)
    {
        byte[] labels = new byte[stored.Length];
        SortedSet<int> unknown = [];
        int last = 0;
        byte label = 0;
        bool isKnown = labelOf.TryGetValue(last, out label);
        for (int n = 0; n < stored.Length; n++)
        {
            if (stored[n] != last || !isKnown)
            {
                last = stored[n];
                isKnown = labelOf.TryGetValue(last, out label);
                if (!isKnown && unknown.Count < MaximumLabels)
                {
                    unknown.Add(last);
                }
            }

            labels[n] = label;
        }

        if (unknown.Count > 0)
        {
            const int shown = 20;
            string values = string.Join(", ", unknown.Take(shown).Select(value => value.ToString(CultureInfo.InvariantCulture)));
            values += unknown.Count > shown ? ", ..." : "";
            (string noun, string them) = unknown.Count == 1 ? ("value", "it") : ("values", "them");
            throw VolumeFileException.Reading(
                file,
                $"the recipe's remap does not name its label {noun} {values}; " +
                $"add {them} to a group, such as {{ label: 0, values: [{values}] }}");
        }

        return labels;
    }

    private static int[][] GroupValues(Dictionary<int, byte> labelOf)
    {
        int count = labelOf.Count == 0 ? 0 : labelOf.Values.Max() + 1;
        return
        [
            .. Enumerable.Range(0, count)
                .Select(label => labelOf.Where(pair => pair.Value == label).Select(pair => pair.Key).Order().ToArray()),
        ];
    }

    private static void Relabel(Span<byte> labels, ReadOnlySpan<int> ownValues, ReadOnlySpan<int> allValues)
    {
        if (ownValues.SequenceEqual(allValues))
        {
            return;
        }

        Span<byte> labelOf = stackalloc byte[MaximumLabels];
        for (int own = 0; own < ownValues.Length; own++)
        {
            labelOf[own] = (byte)allValues.BinarySearch(ownValues[own]);
        }

        for (int n = 0; n < labels.Length; n++)
        {
            labels[n] = labelOf[labels[n]];
        }
    }
}
