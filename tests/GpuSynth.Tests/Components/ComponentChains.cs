using GpuSynth.Kernels;

namespace GpuSynth.Tests.Components;

/// <summary>A few chains of pointwise components: each of them begins one of each length, and others follow as a seed has it.</summary>
internal static class ComponentChains
{
    /// <summary>Chains of a length, each as its components' types.</summary>
    public static IEnumerable<Type[]> Of(int length)
    {
        Type[] all = [.. ComponentMaker.Pointwise];
        Random random = new(length);
        return [.. all.Select(first => (Type[])[first, .. Enumerable.Range(1, length - 1).Select(_ => all[random.Next(all.Length)])])];
    }

    /// <summary>"contrast, gamma".</summary>
    public static string NameOf(Type[] chain) => string.Join(", ", chain.Select(ComponentMaker.NameOf));

    /// <summary>The type of a chain.</summary>
    public static Type TypeOf(Type[] chain) =>
        chain.Select(static type => ComponentCatalogue.LinkOf(type)!).Aggregate(static (first, next) => typeof(Then<,>).MakeGenericType(first, next));
}
