using GpuSynth.Kernels;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// Every kernel of the engine that is a type by itself, whether a run launches it or not, every pointwise component as a chain of its
/// own, and every kernel of labels as one that leaves samples alone; longer chains are a run's own.
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

    private static IEnumerable<Type> Links => ComponentCatalogue.Own.Types.Values.Select(ComponentCatalogue.LinkOf).OfType<Type>().Distinct();

    // A kernel is generic over a chain, over what makes its tiles, over where it writes, over a kernel of labels: each with all
    // that there is.
    private static IEnumerable<Type> OfArguments(Type kernel)
    {
        IEnumerable<Type[]> combinations = [[]];
        foreach (Type parameter in kernel.GetGenericArguments())
        {
            Type[] constraints = parameter.GetGenericParameterConstraints();
            Type contract = Array.Find(constraints, static one => one.IsGenericType)?.GetGenericTypeDefinition()
                ?? constraints.Single(static one => one.IsInterface);
            combinations = combinations.SelectMany(before => Of(contract).Select(argument => (Type[])[.. before, argument]));
        }

        return combinations.Select(arguments => kernel.MakeGenericType(arguments));
    }

    private static IEnumerable<Type> Of(Type contract) => contract == typeof(IChain<>) ? Links : typeof(IKernel).Assembly.GetTypes()
        .Where(type => type.IsValueType && type.GetInterfaces().Any(one => (one.IsGenericType ? one.GetGenericTypeDefinition() : one) == contract))
        .SelectMany(static found => found.IsGenericTypeDefinition ? OfArguments(found) : [found]);
}
