using System.Globalization;
using GpuSynth.IO;
using GpuSynth.Kernels;

namespace GpuSynth.Cli.Generating;

/// <summary>How samples become files.</summary>
internal sealed class SampleFormat
{
    /// <summary>image_000000.nii.gz and label_000000.nii.gz.</summary>
    public static readonly SampleFormat Nifti = new(
        "nifti",
        ["image_{0}.nii.gz", "label_{0}.nii.gz"],
        static (paths, shape, image, label, geometry) =>
        {
            IO.Nifti.WriteImage(paths[0], shape, image, geometry);
            IO.Nifti.WriteLabels(paths[1], shape, label, geometry);
        });

    /// <summary>sample_000000.npz with the arrays image and label.</summary>
    public static readonly SampleFormat Npz = new(
        "npz", ["sample_{0}.npz"], static (paths, shape, image, label, _) => IO.Npz.Write(paths[0], shape, image, label));

    // The largest axis of NIfTI-1, whose sizes are 16-bit numbers.
    private const int LargestNiftiAxis = short.MaxValue;

    private readonly string[] patterns;
    private readonly Writer write;

    private SampleFormat(string name, string[] patterns, Writer write) =>
        (Name, this.patterns, this.write) = (name, patterns, write);

    private delegate void Writer(
        string[] paths, VolumeShape shape, ReadOnlySpan<float> image, ReadOnlySpan<byte> label, NiftiGeometry geometry);

    /// <summary>The names of all formats.</summary>
    public static string[] Names { get; } = [Nifti.Name, Npz.Name];

    /// <summary>"nifti" or "npz".</summary>
    public string Name { get; }

    /// <summary>Files per sample.</summary>
    public int FileCount => patterns.Length;

    /// <summary>The format of a name; the name is one of <see cref="Names"/>.</summary>
    public static SampleFormat Of(string name) => name == Npz.Name ? Npz : Nifti;

    /// <summary>Whether a file's name is one that a run gives to samples, in any format.</summary>
    public static bool IsSampleFile(string name) =>
        (name.StartsWith("image_", StringComparison.Ordinal) && name.EndsWith(".nii.gz", StringComparison.Ordinal))
        || (name.StartsWith("label_", StringComparison.Ordinal) && name.EndsWith(".nii.gz", StringComparison.Ordinal))
        || (name.StartsWith("sample_", StringComparison.Ordinal) && name.EndsWith(".npz", StringComparison.Ordinal));

    /// <summary>Names of a sample's files.</summary>
    public string[] FileNames(long index)
    {
        string number = index.ToString("D6", CultureInfo.InvariantCulture);
        return [.. patterns.Select(pattern => pattern.Replace("{0}", number, StringComparison.Ordinal))];
    }

    /// <summary>Refuses shapes that the format cannot hold.</summary>
    /// <exception cref="WrongUseException">An axis is too long.</exception>
    public void Check(VolumeShape shape)
    {
        if (this == Nifti && Math.Max(shape.Depth, Math.Max(shape.Height, shape.Width)) > LargestNiftiAxis)
        {
            throw new WrongUseException(
                $"--size {shape}: a NIfTI file's axes have at most {LargestNiftiAxis} voxels; "
                + "use a smaller size or --format npz.");
        }
    }

    /// <summary>Writes a sample's files, each complete or not there.</summary>
    /// <exception cref="VolumeFileException">A file cannot be written.</exception>
    public void Write(
        string folder,
        long index,
        VolumeShape shape,
        ReadOnlySpan<float> image,
        ReadOnlySpan<byte> label,
        NiftiGeometry geometry) =>
        write([.. FileNames(index).Select(name => Path.Combine(folder, name))], shape, image, label, geometry);
}
