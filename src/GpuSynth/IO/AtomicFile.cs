using System.Globalization;
using System.Text;

namespace GpuSynth.IO;

/// <summary>
/// Writes files that are either complete or not there: the content goes to <c>NAME.partial</c> in the same folder, is flushed to
/// the disk, and takes its name by a rename. When anything fails, a file that had the name before is untouched and the partial
/// file is gone; one that a killed process left behind is overwritten by the next attempt. Safe from several threads at once, for
/// different names.
/// </summary>
public static class AtomicFile
{
    /// <summary>What is appended to the name while a file is being written.</summary>
    public const string PartialSuffix = ".partial";

    // Large enough that a volume's megabytes do not go to the disk in small pieces.
    private const int BufferBytes = 1 << 17;

    /// <summary>Writes a file by a method that is given the stream and the content.</summary>
    /// <typeparam name="TContent">What the method writes; may be a ref struct, so that spans need no copy.</typeparam>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="bytesNeeded">The most bytes that the file may need: told to the user when the disk is full.</param>
    /// <param name="content">Handed to <paramref name="write"/>.</param>
    /// <param name="write">Writes the content to the stream, which is seekable; the stream is closed for it.</param>
    /// <exception cref="VolumeFileException">The folder is missing or not writable, or the disk is full.</exception>
    public static void Write<TContent>(string path, long bytesNeeded, TContent content, Action<Stream, TContent> write)
        where TContent : allows ref struct
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string partial = path + PartialSuffix;
        bool opened = false;
        bool renamed = false;
        try
        {
            using (FileStream stream = new(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None, BufferBytes))
            {
                opened = true;
                write(stream, content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
            renamed = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Removed before the free space is counted: the partial file's own bytes are free again then.
            RemovePartial(partial, opened);
            opened = false;
            throw VolumeFileException.Writing(path, Explain(path, bytesNeeded, error), error);
        }
        finally
        {
            RemovePartial(partial, opened && !renamed);
        }
    }

    /// <summary>Writes a text file in UTF-8 without a byte order mark.</summary>
    /// <exception cref="VolumeFileException">The folder is missing or not writable, or the disk is full.</exception>
    public static void WriteText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Write(path, bytes.Length, bytes, static (stream, content) => stream.Write(content));
    }

    // Only a partial file that this call opened is its own to remove: another process may be writing the same name.
    private static void RemovePartial(string partial, bool isOurs)
    {
        if (!isOurs)
        {
            return;
        }

        try
        {
            File.Delete(partial);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is the one worth reporting.
        }
    }

    private static string Explain(string path, long bytesNeeded, Exception error)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        if (IsDiskFull(error))
        {
            string free = FreeBytes(folder) is long bytes
                ? string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes are free")
                : "less is free";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the disk is full (up to {bytesNeeded:N0} bytes are needed, {free}); free some space or choose another folder");
        }

        if (Directory.Exists(path))
        {
            return "a folder has that name; choose another name";
        }

        return error switch
        {
            DirectoryNotFoundException => $"there is no folder '{folder}'; create it or choose another",
            UnauthorizedAccessException =>
                $"this user may not write to '{folder}'; change its permissions or choose another folder",
            PathTooLongException => "the name is too long; choose a shorter one",
            _ => $"{error.Message.TrimEnd('.')}; check the disk or choose another folder",
        };
    }

    // .NET has no exception type for a full disk: on Unix HResult is errno (ENOSPC; EDQUOT of Linux and of macOS), on Windows the
    // code of ERROR_DISK_FULL or ERROR_HANDLE_DISK_FULL.
    private static bool IsDiskFull(Exception error) => OperatingSystem.IsWindows()
        ? error.HResult is unchecked((int)0x80070070) or unchecked((int)0x80070027)
        : error.HResult == 28 || error.HResult == (OperatingSystem.IsMacOS() ? 69 : 122);

    private static long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
