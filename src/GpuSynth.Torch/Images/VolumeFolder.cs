namespace GpuSynth.Torch.Images;

/// <summary>The files of a folder that are images of a form that is read.</summary>
internal static class VolumeFolder
{
    /// <summary>Path within the folder ("site/case.nii.gz") and path, in the order of names; hidden ones are left out.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <param name="depth">Whether those of all folders in it are there too.</param>
    public static IEnumerable<(string Relative, string Path)> Files(string folder, SearchOption depth = SearchOption.AllDirectories) =>
        Directory.EnumerateFiles(folder, "*", depth)
            .Select(path => (Relative: Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), Path: path))
            .Where(static one => !one.Relative.Split('/').Any(static part => part.StartsWith('.'))
                && VolumeFile.StemOf(Path.GetFileName(one.Path)) is not null)
            .OrderBy(static one => one.Relative, StringComparer.Ordinal);
}
