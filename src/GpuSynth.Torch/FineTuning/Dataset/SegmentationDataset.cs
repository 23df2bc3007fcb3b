namespace GpuSynth.Torch.FineTuning;

/// <summary>
/// A folder of labelled cases: a <c>dataset.json</c> of the Medical Segmentation Decathlon or of nnU-Net, or two folders of images
/// and labels with files of the same names (<c>images</c> and <c>labels</c>, <c>imagesTr</c> and <c>labelsTr</c>). Nothing is read
/// yet but the names.
/// </summary>
public sealed class SegmentationDataset
{
    private SegmentationDataset(
        string folder, IReadOnlyList<CaseFiles> cases, LabelClasses? labels, IReadOnlyList<string> channelNames)
    {
        Folder = folder;
        Cases = [.. CaseNames.Unique(cases).OrderBy(static files => files.Name, StringComparer.Ordinal)];
        (Labels, ChannelNames) = (labels, channelNames);
        if (Cases.Count == 0)
        {
            throw new DatasetException(
                $"'{folder}' holds no pairs of an image and its labels; put them into images and labels under the same names.");
        }

        foreach (string path in Cases.SelectMany(static files => files.All))
        {
            CaseFiles.CheckIsThere(path, $"'{folder}' held");
        }
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The cases, sorted by name in the order of the characters' numbers.</summary>
    public IReadOnlyList<CaseFiles> Cases { get; }

    /// <summary>The labels that the folder names; null where it does not tell.</summary>
    public LabelClasses? Labels { get; }

    /// <summary>The names of the images' channels; empty where the folder does not tell.</summary>
    public IReadOnlyList<string> ChannelNames { get; }

    /// <summary>Finds the cases of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="notices">Is told what a user has to know of the folder; null: nobody.</param>
    /// <exception cref="DatasetException">There is no such folder, no pair in it, or a file of a pair is missing.</exception>
    public static SegmentationDataset Open(string folder, Notices? notices = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        notices ??= new Notices();
        if (!Directory.Exists(folder))
        {
            string what = File.Exists(folder) ? "is a file" : "is not there";
            throw new DatasetException($"The data folder '{folder}' {what}; name a folder with images and labels (--data).");
        }

        string path = Path.Combine(folder, DatasetDescription.FileName);
        if (File.Exists(path))
        {
            var description = DatasetDescription.Read(path, notices);
            return new SegmentationDataset(folder, description.Cases, description.Labels, description.ChannelNames);
        }

        return DatasetFolders.Find(folder, notices) is { } cases
            ? new SegmentationDataset(folder, cases, null, [])
            : throw new DatasetException(
                $"'{folder}' holds neither the folders images and labels nor a dataset.json; name a folder that does (--data).");
    }
}
