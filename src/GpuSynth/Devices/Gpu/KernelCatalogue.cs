using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// Every kernel of the engine that is a type by itself, whether a run launches it or not, and every pointwise component as a chain
/// of its own; longer chains are a run's own.
/// </summary>
internal static class KernelCatalogue
{
    /// <summary>The kernels by name.</summary>
    public static IReadOnlyList<Type> All { get; } =
    [
        .. typeof(IKernel).Assembly.GetTypes()
            .Where(static type => type.IsValueType && type.IsAssignableTo(typeof(IKernel)))
            .SelectMany(static type => type.IsGenericTypeDefinition ? OfChains(type) : [type])
            .OrderBy(KernelEntry.NameOf, StringComparer.Ordinal),
    ];

    private static IEnumerable<Type> OfChains(Type kernel) => ComponentCatalogue.Own.Types.Values
        .Select(ComponentCatalogue.LinkOf)
        .OfType<Type>()
        .Select(link => kernel.MakeGenericType(link));
}
