namespace GpuSynth.Cli;

/// <summary>What the tool returns to the shell.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed: a file, a disk, a recipe.</summary>
    public const int Failed = 1;

    /// <summary>Wrong use: an option, a value, a name that does not exist.</summary>
    public const int WrongUse = 2;

    /// <summary>Stopped by Ctrl-C: 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>Stopped by the system or a scheduler: 128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
