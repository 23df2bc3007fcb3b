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
            .SelectMany(static type => type.IsGenericTypeDefinition ? OfArguments(type) : [type])
            .OrderBy(KernelEntry.NameOf, StringComparer.Ordinal),
    ];

    private static IEnumerable<Type> Links => ComponentCatalogue.Own.Types.Values.Select(ComponentCatalogue.LinkOf).OfType<Type>();

    // A kernel is generic over a chain, over what makes its tiles, or over where it writes: each with all that there is.
    private static IEnumerable<Type> OfArguments(Type kernel)
    {
        IEnumerable<Type[]> combinations = [[]];
        foreach (Type parameter in kernel.GetGenericArguments())
        {
            Type contract = parameter.GetGenericParameterConstraints().Single(static one => one.IsGenericType).GetGenericTypeDefinition();
            combinations = combinations.SelectMany(before => Of(contract).Select(argument => (Type[])[.. before, argument]));
        }

        return combinations.Select(arguments => kernel.MakeGenericType(arguments));
    }

    private static IEnumerable<Type> Of(Type contract) => contract == typeof(IChain<>) ? Links : typeof(IKernel).Assembly.GetTypes()
        .Where(type => type.IsValueType && type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == contract))
        .SelectMany(static found => found.IsGenericTypeDefinition ? Links.Select(link => found.MakeGenericType(link)) : [found]);
}
