namespace GpuSynth.IO;

/// <summary>A file that could not be read or written; the message is one sentence: what, which file, and the way out.</summary>
public sealed class VolumeFileException : GpuSynthException
{
    /// <summary>An error with no message; use the other constructors.</summary>
    public VolumeFileException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public VolumeFileException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and its cause.</summary>
    public VolumeFileException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>"Cannot read 'FILE': WHAT."</summary>
    internal static VolumeFileException Reading(string path, string what, Exception? cause = null) =>
        new($"Cannot read '{path}': {what}.", cause);

    /// <summary>"Cannot write 'FILE': WHAT."</summary>
    internal static VolumeFileException Writing(string path, string what, Exception? cause = null) =>
        new($"Cannot write '{path}': {what}.", cause);

    /// <summary>The sentence for a file that the system would not open or read.</summary>
    internal static VolumeFileException Reading(string path, Exception cause) => Reading(
        path,
        cause switch
        {
            _ when Directory.Exists(path) => "it is a folder; name a file",
            FileNotFoundException or DirectoryNotFoundException when MissingFile.LinkReason(path) is { } reason => reason,
            FileNotFoundException or DirectoryNotFoundException => "there is no such file; check the path",
            UnauthorizedAccessException => "this user may not read it; change its permissions",
            _ => $"{cause.Message.TrimEnd('.')}; check the disk and the path",
        },
        cause);
}
