namespace GpuSynth.Torch.FineTuning;

/// <summary>The files of one labelled case.</summary>
/// <param name="Name">The image's file name without .nii or .nii.gz.</param>
/// <param name="ImagePath">The image.</param>
/// <param name="LabelPath">Its labels.</param>
public sealed record CaseFiles(string Name, string ImagePath, string LabelPath);

/// <summary>
/// A folder of labelled cases: the folders <c>images</c> and <c>labels</c> with files of the same names, or a
/// <c>dataset.json</c> of the Medical Segmentation Decathlon. Nothing is read yet but the names.
/// </summary>
public sealed class SegmentationDataset
{
    private const string ImagesName = "images";
    private const string LabelsName = "labels";

    private SegmentationDataset(string folder, IEnumerable<CaseFiles> cases, IReadOnlyList<string>? labelNames)
    {
        Folder = folder;
        Cases = [.. cases.OrderBy(static files => files.Name, StringComparer.Ordinal)];
        LabelNames = labelNames;
        if (Cases.Count == 0)
        {
            throw new DatasetException(
                $"'{folder}' holds no pairs of an image and its labels; put them into images and labels under the same names.");
        }

        for (int n = 1; n < Cases.Count; n++)
        {
            if (Cases[n].Name == Cases[n - 1].Name)
            {
                throw new DatasetException(
                    $"'{Cases[n - 1].ImagePath}' and '{Cases[n].ImagePath}' are both case {Cases[n].Name}; remove one of them.");
            }
        }
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The cases, sorted by name in the order of the characters' numbers.</summary>
    public IReadOnlyList<CaseFiles> Cases { get; }

    /// <summary>The names of the labels 0, 1, 2 ..., or null where the folder does not tell.</summary>
    public IReadOnlyList<string>? LabelNames { get; }

    /// <summary>Finds the cases of a folder.</summary>
    /// <exception cref="DatasetException">There is no such folder, no pair in it, or a file of a pair is missing.</exception>
    public static SegmentationDataset Open(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder))
        {
            string what = File.Exists(folder) ? "is a file" : "is not there";
            throw new DatasetException($"The data folder '{folder}' {what}; name a folder with images and labels (--data).");
        }

        string description = Path.Combine(folder, DecathlonDescription.FileName);
        if (File.Exists(description))
        {
            DecathlonDescription decathlon = DecathlonDescription.Read(description);
            foreach (CaseFiles files in decathlon.Cases)
            {
                foreach (string path in new[] { files.ImagePath, files.LabelPath })
                {
                    if (!File.Exists(path))
                    {
                        throw new DatasetException(
                            $"'{description}' names '{path}', which is not there; correct the one or the other.");
                    }
                }
            }

            return new SegmentationDataset(folder, decathlon.Cases, decathlon.LabelNames);
        }

        string images = Path.Combine(folder, ImagesName);
        string labels = Path.Combine(folder, LabelsName);
        if (!Directory.Exists(images) || !Directory.Exists(labels))
        {
            throw new DatasetException(
                $"'{folder}' holds neither the folders images and labels nor a dataset.json; name a folder that does (--data).");
        }

        return new SegmentationDataset(folder, Pairs(images, labels), labelNames: null);
    }

    /// <summary>The name of a NIfTI file without its extension, or null of another file.</summary>
    internal static string? CaseName(string path)
    {
        string name = Path.GetFileName(path);
        foreach (string extension in new[] { ".nii.gz", ".nii" })
        {
            // Other systems leave files such as "._case.nii.gz" behind.
            if (name.Length > extension.Length && name[0] != '.' && name.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            {
                return name[..^extension.Length];
            }
        }

        return null;
    }

    private static IEnumerable<CaseFiles> Pairs(string images, string labels)
    {
        ILookup<string, string> labelPaths = NamedFiles(labels);
        foreach (IGrouping<string, string> image in NamedFiles(images))
        {
            string labelPath = labelPaths[image.Key].FirstOrDefault() ?? throw new DatasetException(
                $"'{image.First()}' has no labels: '{labels}' holds no file of that name; add it or remove the image.");
            foreach (string path in image)
            {
                yield return new CaseFiles(image.Key, path, labelPath);
            }
        }
    }

    private static ILookup<string, string> NamedFiles(string folder) => Directory.EnumerateFiles(folder)
        .Where(static path => CaseName(path) is not null)
        .Order(StringComparer.Ordinal)
        .ToLookup(static path => CaseName(path)!, StringComparer.Ordinal);
}
