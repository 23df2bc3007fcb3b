using System.CommandLine;

namespace GpuSynth.Cli.Commands;

/// <summary>"gpusynth bench".</summary>
internal static class BenchCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ToolContext context) => new("bench", "Measure.");
}
