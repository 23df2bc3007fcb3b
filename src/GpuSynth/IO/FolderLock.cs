namespace GpuSynth.IO;

/// <summary>
/// A folder that one process writes to: it is created where it is not there, and held until the lock is disposed of. The system
/// frees the lock with the process, however it ends: a lock file that was left behind locks nobody out.
/// </summary>
public sealed class FolderLock : IDisposable
{
    private const string Name = ".gpusynth.lock";

    private readonly FileStream held;

    private FolderLock(FileStream held) => this.held = held;

    /// <summary>Creates the folder where it is not there, and holds it.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="GpuSynthException">The folder cannot be written, or another process holds it.</exception>
    public static FolderLock Take(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Create(path);
        return new FolderLock(Hold(path));
    }

    /// <inheritdoc/>
    public void Dispose() => held.Dispose();

    private static void Create(string path)
    {
        try
        {
            for (string? place = Path.GetFullPath(path); place is not null; place = Path.GetDirectoryName(place))
            {
                if (File.Exists(place))
                {
                    throw new GpuSynthException(
                        $"Cannot write to '{path}': '{place}' is a file, not a folder; choose another folder (--out).");
                }
            }

            Directory.CreateDirectory(path);
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unwritable(path, error);
        }
    }

    private static FileStream Hold(string path)
    {
        string lockPath = Path.Combine(path, Name);
        try
        {
            return new FileStream(
                lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (IsHeldByAnother(error))
        {
            throw new GpuSynthException(
                $"Another gpusynth is writing to '{path}'; wait for it or choose another folder (--out).", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, error);
        }
    }

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows: .NET has no exception type for it.
    private static bool IsHeldByAnother(IOException error) => OperatingSystem.IsWindows()
        ? error.HResult == unchecked((int)0x80070020)
        : error.HResult == (OperatingSystem.IsMacOS() ? 35 : 11);

    private static GpuSynthException Unwritable(string path, Exception error) => new(
        $"Cannot write to '{path}': {Reason(error)}; change its permissions or choose another folder (--out).", error);

    private static string Reason(Exception error) =>
        error is UnauthorizedAccessException ? "this user may not write there" : error.Message.TrimEnd('.');
}
