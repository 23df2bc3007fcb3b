using System.Runtime.InteropServices;

namespace GpuSynth.Cli;

/// <summary>
/// Ctrl-C and the signals like it: the first asks the work to end after what it is doing, the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const string ShowCursor = "\u001b[?25h";

    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> signals = [];
    private int exitCode = Cli.ExitCode.Interrupted;

    /// <summary>Cancelled when the work should end.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>What the tool returns after a stop.</summary>
    public int ExitCode => exitCode;

    /// <summary>An interruption that SIGINT, SIGTERM and SIGHUP set off.</summary>
    public static Interruption OfSignals()
    {
        var interruption = new Interruption();
        interruption.Listen(PosixSignal.SIGINT, Cli.ExitCode.Interrupted);
        interruption.Listen(PosixSignal.SIGTERM, Cli.ExitCode.Terminated);
        interruption.Listen(PosixSignal.SIGHUP, Cli.ExitCode.Terminated);
        return interruption;
    }

    /// <summary>Asks the work to end.</summary>
    /// <param name="code">What the tool shall return.</param>
    public void Stop(int code)
    {
        Volatile.Write(ref exitCode, code);
        source.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        signals.ForEach(static signal => signal.Dispose());
        source.Dispose();
    }

    private void Listen(PosixSignal signal, int code) => signals.Add(PosixSignalRegistration.Create(signal, context =>
    {
        if (source.IsCancellationRequested)
        {
            // Asked twice: at once. What is complete stays; a progress bar may have hidden the cursor.
            if (!Console.IsErrorRedirected)
            {
                Console.Error.Write(ShowCursor);
            }

            Environment.Exit(code);
        }

        context.Cancel = true;
        Stop(code);
    }));
}
