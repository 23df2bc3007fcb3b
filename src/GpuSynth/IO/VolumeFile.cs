namespace GpuSynth.IO;

/// <summary>Images and label maps of every form that is read, by the extension of the file's name.</summary>
public static class VolumeFile
{
    private static readonly string[] Extensions = [".nii.gz", ".nii"];

    /// <summary>The path without the extension of a form that is read; null where it has none.</summary>
    public static string? StemOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string? extension = Array.Find(
            Extensions, one => path.Length > one.Length && path.EndsWith(one, StringComparison.OrdinalIgnoreCase));
        return extension is null ? null : path[..^extension.Length];
    }

    /// <summary>What a file's header says.</summary>
    /// <exception cref="VolumeFileException">It cannot be read.</exception>
    public static NiftiInfo ReadInfo(string path) => Nifti.ReadInfo(path);

    /// <summary>An image's values, after the header's scaling.</summary>
    /// <exception cref="VolumeFileException">It cannot be read.</exception>
    public static NiftiImage ReadImage(string path) => Nifti.ReadImage(path);

    /// <summary>A label map's numbers.</summary>
    /// <exception cref="VolumeFileException">It cannot be read, or holds values that are no whole numbers.</exception>
    public static NiftiLabels ReadLabels(string path) => Nifti.ReadLabels(path);
}
