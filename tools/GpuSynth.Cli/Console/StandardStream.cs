using System.Runtime.InteropServices;
using System.Text;

namespace GpuSynth.Cli;

/// <summary>The standard output that takes nothing: full, closed, on a disk that went away.</summary>
internal sealed class OutputException(string message) : GpuSynthException(message);

/// <summary>
/// One of the process's own streams. Where it cannot be written to, results end in a sentence, for they would be lost without a
/// word; messages are dropped, for there is nobody to tell. A reader that went away (a closed pipe) is neither: it has enough.
/// </summary>
internal sealed partial class StandardStream : TextWriter
{
    private const int GetFlags = 1;
    private const int CloseOnExec = 1;
    private const string Closed = "The standard output is closed: leave it open, or send it to a file or to /dev/null";

    private readonly bool isData;
    private TextWriter? writer;

    private StandardStream(bool isData, TextWriter? writer) => (this.isData, this.writer) = (isData, writer);

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>The standard output.</summary>
    public static StandardStream OfData() => new(isData: true, IsOpen(1) ? Console.Out : null);

    /// <summary>The standard error.</summary>
    public static StandardStream OfMessages() => new(isData: false, IsOpen(2) ? Console.Error : null);

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (writer is null && isData)
        {
            throw new OutputException(Closed);
        }

        try
        {
            writer?.Write(buffer);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            writer = null;
            if (isData)
            {
                throw new OutputException(
                    $"The standard output takes no more ({error.Message.TrimEnd('.')}): send it to where there is room");
            }
        }
    }

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + NewLine);

    // A stream that was closed when the process started has been taken since by a file of the runtime's own (a piece of memory,
    // even), and nothing may be written there. Those are closed on exec; what a process is started with never is.
    private static bool IsOpen(int stream) =>
        OperatingSystem.IsWindows() || (FileControl(stream, GetFlags) is >= 0 and int flags && (flags & CloseOnExec) == 0);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int file, int command);
}
