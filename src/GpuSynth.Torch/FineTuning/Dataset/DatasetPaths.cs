using GpuSynth.Torch.Images;
using GpuSynth.IO;

namespace GpuSynth.Torch.FineTuning;

// A path in a dataset.json was true on the machine that wrote it. It is looked for as it stands, from the file's own folder, with
// the separators of any system; then by its last parts (an absolute path of another machine still ends in imagesTr/case.nii.gz),
// and at last by its name in the usual folders. At each place: the name itself, with another extension that is read, where it has
// one of them or none, and for an image with nnU-Net's channels, _0000, _0001 and so on.

/// <summary>Finds the files that the paths of a <c>dataset.json</c> mean.</summary>
internal sealed class DatasetPaths(string description, string folder, Notices notices)
{
    private static readonly string[] ImageFolders = ["imagesTr", "images"];
    private static readonly string[] LabelFolders = ["labelsTr", "labels"];

    /// <summary>The path of an image's labels by the usual names of folders; null where it has no such folder.</summary>
    public static string? LabelFor(string image)
    {
        string[] parts = image.Replace('\\', '/').Split('/');
        int at = Array.FindLastIndex(parts, parts.Length - 1, static part =>
            ImageFolders.Contains(part, StringComparer.OrdinalIgnoreCase));
        if (at < 0)
        {
            return null;
        }

        parts[at] = "labels" + parts[at]["images".Length..];
        return string.Join('/', parts);
    }

    /// <summary>The files of a path: one, or those of an image's channels.</summary>
    /// <param name="written">As dataset.json has it.</param>
    /// <param name="isImage">An image, or labels.</param>
    /// <param name="where">The entry, for messages.</param>
    /// <exception cref="DatasetException">There is no such file.</exception>
    public IReadOnlyList<string> Find(string written, bool isImage, string where)
    {
        string tidy = written.Trim().Replace('\\', '/');
        string[] parts = [.. tidy.Split('/').Where(static part => part is not ("" or "."))];
        string[] meant = [Path.GetFullPath(written, folder), Path.GetFullPath(tidy, folder)];
        foreach (string place in meant)
        {
            if (At(place, isImage) is { Count: > 0 } found)
            {
                return found;
            }
        }

        IEnumerable<string> elsewhere = Enumerable.Range(1, Math.Max(0, parts.Length - 1))
            .Select(first => string.Join('/', parts[first..]))
            .Concat((isImage ? ImageFolders : LabelFolders).Select(one => $"{one}/{parts.LastOrDefault()}"));
        foreach (string place in elsewhere.Where(static place => !place.Contains("..", StringComparison.Ordinal)))
        {
            if (At(Path.GetFullPath(place, folder), isImage) is { Count: > 0 } found)
            {
                notices.Add(
                    "paths", $"'{description}', {where}, names '{written}', which is not there; '{found[0]}' was taken");
                return found;
            }
        }

        throw new DatasetException(Problem(meant[1], written, isImage, where));
    }

    private static List<string> At(string place, bool isImage)
    {
        if (File.Exists(place) && VolumeFile.StemOf(place) is not null)
        {
            return [place];
        }

        string stem = VolumeFile.StemOf(place) ?? place;
        foreach (string extension in VolumeFile.Extensions)
        {
            if (File.Exists(stem + extension))
            {
                return [stem + extension];
            }
        }

        foreach (string extension in isImage ? VolumeFile.Extensions : [])
        {
            string Channel(int number) => FormattableString.Invariant($"{stem}_{number:0000}{extension}");
            List<string> channels = [.. Enumerable.Range(0, 10_000).Select(Channel).TakeWhile(File.Exists)];
            if (channels.Count > 0)
            {
                return channels;
            }
        }

        return [];
    }

    private string Problem(string place, string written, bool isImage, string where)
    {
        string what = $"'{description}': {where} names the {(isImage ? "image" : "labels")} '{written}', which ";
        if (Directory.Exists(place))
        {
            return $"{what}is a folder; name a .nii or .nii.gz file.";
        }

        return File.Exists(place)
            ? $"{what}is not called {string.Join(", ", VolumeFile.Extensions)}; convert it to NIfTI."
            : $"{what}is not there (nor by its name anywhere in '{folder}'); correct the entry or add the file.";
    }
}
