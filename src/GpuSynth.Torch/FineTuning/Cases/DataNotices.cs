namespace GpuSynth.Torch.FineTuning;

/// <summary>What a user has to know of a data set as a whole.</summary>
internal static class DataNotices
{
    /// <summary>Tells of cases and classes without labels, of numbers that are left out, and of numbers with gaps.</summary>
    public static void Tell(
        CaseFiles[] files, SegmentationCase[] cases, int training, LabelClasses labels, Notices notices)
    {
        // A case without a label is trained on as background alone, and tells a test nothing.
        int[] empty = [.. Enumerable.Range(0, cases.Length).Where(n => !cases[n].Numbers.Any(static number => number != 0))];
        if (empty.Length > 0)
        {
            notices.Add(
                "no labels",
                $"{empty.Length} of {cases.Length} cases have no labelled voxel on their image's grid, such as "
                + $"'{files[empty[0]].LabelPath}'; they are background alone");
        }

        // Where no image says how it lies, all are taken as they are stored; among others that do, one may lie backwards.
        int[] unplaced = [.. Enumerable.Range(0, cases.Length).Where(n => !cases[n].Geometry.IsPlaced)];
        if (unplaced.Length > 0 && unplaced.Length < cases.Length)
        {
            notices.Add(
                "images without form",
                $"{unplaced.Length} of {cases.Length} images have neither a qform nor an sform, such as "
                + $"'{files[unplaced[0]].ImagePath}'; their axes are taken to run right, front and up");
        }

        HashSet<int> trained = [.. cases.Take(training).SelectMany(static one => one.Numbers)];
        int[] missing = [.. Enumerable.Range(1, labels.Count - 1).Where(label => !trained.Contains(labels.Numbers[label]))];
        if (missing.Length > 0)
        {
            notices.Add(
                "untrained labels",
                $"No training case has {Named(missing.Select(label => labels.Names[label]))}, which cannot be learned from them");
        }

        if (labels.IgnoredNumbers.Count > 0)
        {
            notices.Add(
                "ignored labels",
                $"Voxels of label {LabelClasses.Listed(labels.IgnoredNumbers)} are left out of the loss and of all measures, and "
                + "predictions have none of them");
        }

        if (!labels.IsConsecutive)
        {
            notices.Add(
                "labels with gaps",
                $"The labels {LabelClasses.Listed(labels.Numbers)} are trained as classes 0 to {labels.Count - 1}; predictions are "
                + "written with the labels' own numbers");
        }
    }

    /// <summary>A name for every channel; tells of several, and of names that do not fit.</summary>
    /// <param name="header">Of any case.</param>
    /// <param name="named">As the data set has them.</param>
    /// <param name="notices">Told.</param>
    public static IReadOnlyList<string> ChannelNames(CaseHeader header, IReadOnlyList<string> named, Notices notices)
    {
        int channels = header.Channels;
        bool fits = named.Count == channels;
        if (named.Count > 0 && !fits)
        {
            notices.Add(
                "channel names",
                $"{DatasetDescription.FileName} names {named.Count} channels ({string.Join(", ", named)}), and "
                + $"'{header.Files.ImagePath}' has {channels}, all of which are read");
        }

        IReadOnlyList<string> names = fits ? named : [.. Enumerable.Range(0, channels).Select(static n => $"channel {n}")];
        if (channels > 1)
        {
            string where = header.Files.ImagePaths.Count > 1 ? "files of a case" : "volumes of a file";
            notices.Add("channels", $"The {channels} {where} are the network's input channels: {Named(names)}");
        }

        return names;
    }

    private static string Named(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length > 8 ? $"{string.Join(", ", all.Take(8))} ..." : string.Join(", ", all);
    }
}
