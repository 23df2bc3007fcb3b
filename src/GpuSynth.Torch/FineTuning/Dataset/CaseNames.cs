namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// Gives cases of equal file names the parts of their paths that differ: "sub-01_T1w" for sub-01/anat/T1w.nii.gz.
/// </summary>
internal static class CaseNames
{
    /// <summary>The cases, each with a name of its own.</summary>
    /// <exception cref="DatasetException">Two cases are the same image, or cannot be told apart.</exception>
    public static IReadOnlyList<CaseFiles> Unique(IReadOnlyList<CaseFiles> cases)
    {
        foreach (IGrouping<string, CaseFiles> image in cases.GroupBy(static one => one.ImagePath, StringComparer.Ordinal))
        {
            if (image.Skip(1).FirstOrDefault() is { } again)
            {
                throw new DatasetException(
                    $"'{image.Key}' is there twice, with the labels '{image.First().LabelPath}' and '{again.LabelPath}'; "
                    + "remove one of the two.");
            }
        }

        CaseFiles[] named = [.. cases.GroupBy(static one => one.Name, StringComparer.Ordinal).SelectMany(Named)];
        var names = named.GroupBy(static one => one.Name, StringComparer.Ordinal);
        if (names.FirstOrDefault(static one => one.Skip(1).Any()) is { } same)
        {
            string[] paths = [.. same.Take(2).Select(static one => one.ImagePath)];
            throw new DatasetException($"'{paths[0]}' and '{paths[1]}' are both case {same.Key}; rename or remove one of them.");
        }

        return named;
    }

    private static IEnumerable<CaseFiles> Named(IGrouping<string, CaseFiles> cases)
    {
        CaseFiles[] all = [.. cases];
        if (all.Length == 1)
        {
            return all;
        }

        string[][] folders =
            [.. all.Select(static one => Path.GetDirectoryName(one.ImagePath)!.Split(Path.DirectorySeparatorChar))];
        int shortest = folders.Min(static parts => parts.Length);
        bool IsShared(int part) => folders.All(parts => parts[part] == folders[0][part]);
        // Folders of one depth differ in a few places; of others only the beginning can be compared.
        int begin = Enumerable.Range(0, shortest).TakeWhile(IsShared).Count();
        bool isOneDepth = folders.All(parts => parts.Length == shortest);
        return all.Select((one, n) => one with
        {
            Name = string.Join('_', folders[n].Skip(begin)
                .Where((_, part) => !isOneDepth || !IsShared(begin + part))
                .Append(one.Name)),
        });
    }
}
