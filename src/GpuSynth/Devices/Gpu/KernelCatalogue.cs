using System.Reflection;
using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu;

/// <summary>Every kernel of the engine, whether a run launches it or not.</summary>
internal static class KernelCatalogue
{
    private const string Suffix = "Kernel";

    /// <summary>The kernels by name: static methods of the kernel project whose name ends in "Kernel".</summary>
    public static IReadOnlyList<MethodInfo> All { get; } =
    [
        .. typeof(KernelLoader).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(static method => method.ReturnType == typeof(void)
                && method.IsAssembly
                && method.Name.EndsWith(Suffix, StringComparison.Ordinal))
            .OrderBy(GuardedLoader.NameOf, StringComparer.Ordinal),
    ];
}
