namespace GpuSynth.IO;

/// <summary>Why a path that should lead to a file leads nowhere.</summary>
public static class MissingFile
{
    /// <summary>
    /// Of a path through a symbolic link whose target is not there (as in a DataLad or git-annex folder whose files have not been
    /// fetched): what it is and the way out, for a message. Null of any other path.
    /// </summary>
    /// <param name="path">A path at which no file was found.</param>
    public static string? LinkReason(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            for (string? at = Path.GetFullPath(path); at is not null; at = Path.GetDirectoryName(at))
            {
                // A link to nowhere counts as a file that exists.
                if (new FileInfo(at).LinkTarget is not { } target)
                {
                    if (File.Exists(at) || Directory.Exists(at))
                    {
                        return null;
                    }
                }
                else if (File.ResolveLinkTarget(at, returnFinalTarget: true) is { } end
                    && !File.Exists(end.FullName) && !Directory.Exists(end.FullName))
                {
                    string which = at == Path.GetFullPath(path) ? "it is a link" : $"'{at}' is a link";
                    return $"{which} whose target '{target}' is missing; fetch it ('datalad get' or 'git annex get' in such a "
                        + "folder) or correct the link";
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A path that cannot even be looked at is told by whoever tried to open it.
        }

        return null;
    }
}
