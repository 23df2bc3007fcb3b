using System.Reflection;
using GpuSynth.Kernels;
using ILGPU;

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

    /// <summary>Whether a kernel is run at every index of an extent, in groups that it does not see.</summary>
    public static bool IsImplicitlyGrouped(MethodInfo kernel) =>
        kernel.GetParameters() is [{ ParameterType: { } first }, ..] && first == typeof(Index1D);
}
