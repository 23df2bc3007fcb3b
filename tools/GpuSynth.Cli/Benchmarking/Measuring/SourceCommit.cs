using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;

namespace GpuSynth.Benchmarking.Measuring;

/// <summary>Which source was measured.</summary>
internal static class SourceCommit
{
    /// <summary>
    /// The checkout's commit, "1a2b3c4", with "-dirty" where tracked files were changed since; outside a checkout, or without
    /// git, the version that the build wrote into the assembly.
    /// </summary>
    public static string Find()
    {
        if (Git("rev-parse", "--short", "HEAD") is not { Length: > 0 } commit)
        {
            return typeof(SourceCommit).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
                ?? "unknown";
        }

        return Git("status", "--porcelain", "--untracked-files=no") is { Length: 0 } ? commit : $"{commit}-dirty";
    }

    private static string? Git(params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo("git", arguments)
            {
                WorkingDirectory = AppContext.BaseDirectory,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process git = Process.Start(start)!;
            git.ErrorDataReceived += static (_, _) => { };
            git.BeginErrorReadLine();
            string output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            // There is no git.
            return null;
        }
    }
}
