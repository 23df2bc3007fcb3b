using GpuSynth.IO;

namespace GpuSynth.Torch.Images;

/// <summary>
/// Images and label maps of every form that is read, by the extension of the file's name: NIfTI, PNG, TIFF and JPEG. A picture is an
/// image [C, H, W] of 1 mm pixels that lies nowhere, for it says neither; the file itself has no spacing.
/// </summary>
public static class VolumeFile
{
    private static readonly (string Extension, Form Form)[] Known =
    [
        (".nii.gz", Form.Nifti), (".nii", Form.Nifti), (".png", Form.Png), (".tiff", Form.Tiff), (".tif", Form.Tiff),
        (".jpeg", Form.Jpeg), (".jpg", Form.Jpeg),
    ];

    private enum Form
    {
        Nifti,
        Png,
        Tiff,
        Jpeg,
    }

    /// <summary>The extensions that are read, each with its dot.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. Known.Select(static one => one.Extension)];

    /// <summary>The path without the extension of a form that is read; null where it has none.</summary>
    public static string? StemOf(string path) => ExtensionOf(path) is { } extension ? path[..^extension.Length] : null;

    /// <summary>The extension of a form that is read, as the path has it; null where it has none.</summary>
    public static string? ExtensionOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string? extension = Extensions.FirstOrDefault(
            one => path.Length > one.Length && path.EndsWith(one, StringComparison.OrdinalIgnoreCase));
        return extension is null ? null : path[^extension.Length..];
    }

    /// <summary>Whether a file is a picture, PNG, TIFF or JPEG: without a spacing and a place.</summary>
    public static bool IsPicture(string path) => FormOf(path) != Form.Nifti;

    /// <summary>What a file's header says.</summary>
    /// <exception cref="VolumeFileException">It cannot be read.</exception>
    public static NiftiInfo ReadInfo(string path) => FormOf(path) switch
    {
        Form.Png => InfoOf(PngFile.ReadInfo(path)),
        Form.Tiff => InfoOf(TiffFile.ReadInfo(path)),
        Form.Jpeg => InfoOf(JpegFile.ReadInfo(path)),
        _ => Nifti.ReadInfo(path),
    };

    /// <summary>An image's values, after the header's scaling; of a picture as they are stored, 0 to 255 or 0 to 65,535 as a rule.</summary>
    /// <exception cref="VolumeFileException">It cannot be read.</exception>
    public static NiftiImage ReadImage(string path) => FormOf(path) switch
    {
        Form.Png => PngFile.Read(path).ToImage(),
        Form.Tiff => TiffFile.Read(path).ToImage(),
        Form.Jpeg => JpegFile.Read(path).ToImage(),
        _ => Nifti.ReadImage(path),
    };

    /// <summary>A label map's numbers: of a picture its grey values, or the numbers of its palette's colours.</summary>
    /// <exception cref="VolumeFileException">It cannot be read, or holds values that are no whole numbers.</exception>
    public static NiftiLabels ReadLabels(string path) => FormOf(path) switch
    {
        Form.Png => PngFile.Read(path).ToLabels(path),
        Form.Tiff => TiffFile.Read(path).ToLabels(path),
        Form.Jpeg => JpegFile.RefuseLabels(path),
        _ => Nifti.ReadLabels(path),
    };

    // What has another name may be a NIfTI file all the same: its bytes decide.
    private static Form FormOf(string path) => ExtensionOf(path) is { } extension
        ? Array.Find(Known, one => one.Extension.Equals(extension, StringComparison.OrdinalIgnoreCase)).Form
        : Form.Nifti;

    private static NiftiInfo InfoOf(PictureInfo info) => new(info.Shape, info.Channels, info.Geometry);
}
