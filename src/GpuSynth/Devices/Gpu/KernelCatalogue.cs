using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// Every kernel of the engine that is a type by itself, whether a run launches it or not; what is composed of types is a run's own.
/// </summary>
internal static class KernelCatalogue
{
    /// <summary>The kernels by name.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        .. typeof(IKernel).Assembly.GetTypes()
            .Where(static type => type.IsValueType && type.IsAssignableTo(typeof(IKernel)) && !type.IsGenericTypeDefinition)
            .OrderBy(KernelEntry.NameOf, StringComparer.Ordinal),
    ];
}
