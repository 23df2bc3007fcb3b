using GpuSynth.Torch.Images;
using GpuSynth.IO;

namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// Cases in two folders, paired by their files' names: <c>images</c> and <c>labels</c>, or nnU-Net's <c>imagesTr</c> and
/// <c>labelsTr</c>, where case_0000 and case_0001 are the channels of the labels called case. An image and its labels may be files
/// of different forms.
/// </summary>
internal static class DatasetFolders
{
    private static readonly (string Images, string Labels)[] Names = [("images", "labels"), ("imagesTr", "labelsTr")];

    /// <summary>The pairs of a folder; null where it has no two such folders.</summary>
    /// <exception cref="DatasetException">An image has no labels, or a case lacks a channel.</exception>
    public static IReadOnlyList<CaseFiles>? Find(string folder, Notices notices)
    {
        foreach ((string images, string labels) in Names)
        {
            (string imageFolder, string labelFolder) = (Path.Combine(folder, images), Path.Combine(folder, labels));
            if (Directory.Exists(imageFolder) && Directory.Exists(labelFolder))
            {
                return Pairs(imageFolder, labelFolder, notices);
            }
        }

        return null;
    }

    private static CaseFiles[] Pairs(string images, string labels, Notices notices)
    {
        Dictionary<string, string> imagePaths = NamedFiles(images);
        Dictionary<string, string> labelPaths = NamedFiles(labels);
        bool areChannels = imagePaths.Count > 0
            && imagePaths.Keys.All(name => CaseFiles.ChannelOf(name) is not null && !labelPaths.ContainsKey(name))
            && imagePaths.Keys.Any(name => labelPaths.ContainsKey(CaseFiles.ChannelOf(name)!.Value.Case));
        ILookup<string, string> cases = imagePaths.OrderBy(static one => one.Key, StringComparer.Ordinal).ToLookup(
            one => areChannels ? CaseFiles.ChannelOf(one.Key)!.Value.Case : one.Key,
            static one => one.Value,
            StringComparer.Ordinal);
        CaseFiles[] pairs =
        [
            .. cases.Select(one => new CaseFiles(
                one.Key.Split('/')[^1],
                [.. one],
                labelPaths.GetValueOrDefault(one.Key) ?? throw new DatasetException(
                    $"'{one.First()}' has no labels: '{labels}' holds no {one.Key}{VolumeFile.ExtensionOf(one.First())}; add it or remove the image."))),
        ];
        if (areChannels)
        {
            CheckChannels(pairs);
        }

        foreach (string unused in labelPaths.Keys.Where(name => !cases.Contains(name)).Order(StringComparer.Ordinal))
        {
            notices.Add("labels without an image", $"'{labelPaths[unused]}' has no image of its name and is left out");
        }

        return pairs;
    }

    // Every case has the channels that any has, from 0000 on.
    private static void CheckChannels(CaseFiles[] pairs)
    {
        static int[] Of(CaseFiles one) => [.. one.ImagePaths.Select(static path =>
            CaseFiles.ChannelOf(CaseFiles.NameOf(path)!)!.Value.Channel)];
        int[] all = [.. pairs.SelectMany(Of).Distinct().Order()];
        foreach (CaseFiles one in pairs)
        {
            if (all.Except(Of(one)).FirstOrDefault(-1) is >= 0 and int missing)
            {
                throw new DatasetException(FormattableString.Invariant(
                    $"Case {one.Name} has no channel {missing:0000}, which others have: there is '{one.ImagePath}' and no ")
                    + FormattableString.Invariant(
                        $"'{one.Name}_{missing:0000}{VolumeFile.ExtensionOf(one.ImagePath)}'; add it, or remove the case."));
            }
        }
    }

    // By the path in the folder without the extension. Files below are looked at only where the folder itself has none.
    private static Dictionary<string, string> NamedFiles(string folder)
    {
        string[] paths = List(folder, SearchOption.TopDirectoryOnly);
        paths = paths.Length > 0 ? paths : List(folder, SearchOption.AllDirectories);
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            string key = VolumeFile.StemOf(Path.GetRelativePath(folder, path))!.Replace(Path.DirectorySeparatorChar, '/');
            if (!named.TryAdd(key, path))
            {
                throw new DatasetException($"'{named[key]}' and '{path}' have the same name; remove one of them.");
            }
        }

        return named;
    }

    private static string[] List(string folder, SearchOption depth) => [.. VolumeFolder.Files(folder, depth).Select(static one => one.Path)];
}
