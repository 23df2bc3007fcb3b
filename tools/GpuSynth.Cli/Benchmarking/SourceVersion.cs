using System.ComponentModel;
using System.Diagnostics;

namespace GpuSynth.Cli.Benchmarking;

/// <summary>The source that a figure was measured on.</summary>
public static class SourceVersion
{
    /// <summary>
    /// Commit of the checkout that the program was built in, "1a2b3c4", with "-dirty" where tracked files differ from it; "unknown"
    /// outside a checkout or without git.
    /// </summary>
    public static string Read()
    {
        string? commit = Git("rev-parse", "--short", "HEAD");
        return commit is null ? "unknown" : Git("status", "--porcelain", "--untracked-files=no") is "" ? commit : commit + "-dirty";
    }

    private static string? Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = AppContext.BaseDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            string output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
