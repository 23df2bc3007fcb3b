using System.ComponentModel;
using System.Diagnostics;

namespace GpuSynth.Tests;

/// <summary>
/// Programs that tests start. A signal that whoever started the tests ignores (Ctrl-C, in a background job of a shell script) is
/// ignored by every program from there on, and the tool does well to keep to that: it is what such a job wants. So children are
/// started with the signals' defaults, by a program that sets them and then becomes the child: their number is the same.
/// </summary>
internal static class ChildProcess
{
    private static readonly string[][] Launchers =
    [
        ["env", "--default-signal=HUP,INT,QUIT,TERM"], // coreutils 8.31
        ["python3", "-c", "import os,signal,sys\nfor n in 1,2,3,15: signal.signal(n, signal.SIG_DFL)\nos.execvp(sys.argv[1], sys.argv[1:])"],
        ["perl", "-e", "$SIG{$_} = 'DEFAULT' for qw(HUP INT QUIT TERM); exec @ARGV"],
    ];

    private static readonly Lazy<string[]> Launcher = new(static () =>
        OperatingSystem.IsWindows() ? [] : Array.Find(Launchers, CanStart) ?? []);

    /// <summary>Starts a program with its output and errors in pipes.</summary>
    public static Process Start(string program, params IEnumerable<string> arguments) => Launched([.. Launcher.Value, program, .. arguments]);

    /// <summary>Starts a program as <see cref="Start"/> does, with one environment variable set.</summary>
    public static Process StartWith((string Name, string Value) variable, string program, params IEnumerable<string> arguments) =>
        Launched([.. Launcher.Value, program, .. arguments], variable);

    private static Process Launched(string[] words, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (variable is { } set)
        {
            start.Environment[set.Name] = set.Value;
        }

        return Process.Start(start)!;
    }

    private static bool CanStart(string[] launcher)
    {
        try
        {
            using Process process = Launched([.. launcher, "true"]);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
