using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace GpuSynth.Torch.Training;

/// <summary>The versions that a run is made with.</summary>
public static class TorchVersions
{
    /// <summary>Of this library, with the commit where the build knew it.</summary>
    public static string GpuSynth { get; } = Of(typeof(TorchVersions).Assembly);

    /// <summary>All of them by name.</summary>
    public static IReadOnlyList<(string Name, string Version)> All { get; } =
    [
        ("GpuSynth", GpuSynth),
        (".NET", Environment.Version.ToString()),
        ("TorchSharp", Of(typeof(torch).Assembly)),
        ("libtorch", torch.__version__),
        ("system", RuntimeInformation.OSDescription),
    ];

    private static string Of(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? assembly.GetName().Version?.ToString()
        ?? "unknown";
}
