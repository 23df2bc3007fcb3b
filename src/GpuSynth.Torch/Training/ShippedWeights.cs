namespace GpuSynth.Torch.Training;

/// <summary>
/// Weights that come with the library and have seen no real image, by name: what docs/evidence.md found to be best. A file or folder of the same name goes
/// before them.
/// </summary>
public static class ShippedWeights
{
    private const string Extension = ".safetensors";
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "weights");

    /// <summary>The names: "best-2d" of images, "best-3d" of volumes.</summary>
    public static IReadOnlyList<string> Names { get; } = Directory.Exists(Folder)
        ? [.. Directory.EnumerateFiles(Folder, "*" + Extension).Select(static path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The file behind a name; what is no name, or names something that is there, as it is.</summary>
    public static string PathOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Names.Contains(path) && !Path.Exists(path) ? Path.Combine(Folder, path + Extension) : path;
    }
}
