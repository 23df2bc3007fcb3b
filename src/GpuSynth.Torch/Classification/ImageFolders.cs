using GpuSynth.Torch.Images;
using GpuSynth.IO;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Classification;

/// <summary>Images of a folder per class, DIR/class/image, or DIR/train|val|test/class/image.</summary>
internal static class ImageFolders
{
    /// <summary>The parts' names.</summary>
    public static readonly string[] Parts = ["train", "val", "test"];

    /// <summary>All images, by part, class and name.</summary>
    /// <exception cref="DatasetException">There are none, or a header cannot be read.</exception>
    public static FoundImage[] Find(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DatasetException(
                $"'{folder}' is neither a folder nor an .npz file; name a folder with a folder for each class (--data).");
        }

        string[] parts = [.. Parts.Where(part => Directory.Exists(Path.Combine(folder, part)))];
        FoundImage[] found = parts.Length > 0
            ? [.. parts.SelectMany(part => OfClasses(Path.Combine(folder, part), part))]
            : [.. OfClasses(folder, string.Empty)];
        return found.Length > 0 ? found : throw new DatasetException(
            $"'{folder}' holds no images: put them into a folder for each class, such as {Path.Combine(folder, "normal", "one.nii.gz")}.");
    }

    private static IEnumerable<FoundImage> OfClasses(string folder, string part) =>
        from one in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
        from path in Directory.EnumerateFiles(one).Order(StringComparer.Ordinal)
        where VolumeFile.StemOf(path) is not null
        select OfFile(path, Path.GetFileName(one), part);

    private static FoundImage OfFile(string path, string className, string part)
    {
        NiftiInfo info = VolumeFile.ReadInfo(path);
        return new FoundImage(
            Path.GetFileName(VolumeFile.StemOf(path)!), className, part, info.Shape, info.Channels,
            () => VolumeFile.ReadImage(path).Data);
    }
}
