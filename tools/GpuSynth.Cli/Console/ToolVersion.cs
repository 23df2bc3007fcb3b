using System.Reflection;

namespace GpuSynth.Cli;

/// <summary>The tool's version.</summary>
internal static class ToolVersion
{
    /// <summary>Version without the commit: "0.1.0".</summary>
    public static string Short { get; } = Informational.Split('+')[0];

    /// <summary>Version with the commit it was built from, where the build knew it: "0.1.0+1a2b3c...".</summary>
    public static string Informational =>
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";
}
