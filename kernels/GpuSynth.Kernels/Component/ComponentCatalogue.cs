using System.Reflection;
using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

/// <summary>
/// The components of some assemblies, found by their declarations: what a recipe may name, what the schema offers, what is tested and timed.
/// </summary>
public sealed class ComponentCatalogue
{
    private const uint FirstForeignStream = 1 << 15;
    private const uint MostStreams = 1 << 16;

    private readonly Dictionary<string, Type> types = new(StringComparer.Ordinal);

    private ComponentCatalogue(IEnumerable<Assembly> assemblies)
    {
        var streams = new Dictionary<uint, string>();
        foreach (Type type in assemblies.SelectMany(static assembly => assembly.GetTypes()))
        {
            if (type.GetCustomAttribute<ComponentAttribute>(inherit: false) is not { } declaration)
            {
                continue;
            }

            if (!type.IsAssignableTo(typeof(Component)) || type.IsAbstract)
            {
                throw new ArgumentException($"{type.FullName} is declared a component; make it a record that derives from {nameof(Component)}.");
            }

            CheckKeys(type);

            bool isOwn = type.Assembly == typeof(ComponentCatalogue).Assembly;
            if (declaration.Stream >= MostStreams || declaration.Stream < FirstForeignStream != isOwn)
            {
                throw new ArgumentException(
                    $"{type.FullName} draws from stream {declaration.Stream}; a component of another assembly than the engine's takes a "
                    + $"number of {FirstForeignStream} to {MostStreams - 1}.");
            }

            if (!types.TryAdd(declaration.Name, type))
            {
                throw new ArgumentException(
                    $"{type.FullName} and {types[declaration.Name].FullName} are both called {declaration.Name}; rename one.");
            }

            if (!streams.TryAdd(declaration.Stream, declaration.Name))
            {
                throw new ArgumentException(
                    $"Components {declaration.Name} and {streams[declaration.Stream]} draw from the same stream {declaration.Stream}; "
                    + "give one another number.");
            }
        }
    }

    // What every component has already, and every anatomy.
    private static void CheckKeys(Type type)
    {
        (string Name, string What)[] taken =
        [
            (nameof(Component.Chance), "every component has that one already, the probability that a sample has it"),
            (nameof(IAnatomyComponent.Inside), "every anatomy has that one already, the labels that it is drawn inside"),
        ];
        foreach ((string name, string what) in taken.Take(IsAnatomy(type) ? 2 : 1))
        {
            if (type.GetConstructors().SelectMany(static made => made.GetParameters()).Any(
                key => string.Equals(key.Name, name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new ArgumentException($"{type.FullName} has a key called {name.ToLowerInvariant()}; {what}: call it something else.");
            }
        }
    }

    /// <summary>The components of the engine itself.</summary>
    public static ComponentCatalogue Own { get; } = new([typeof(ComponentCatalogue).Assembly]);

    /// <summary>Their types, by name.</summary>
    public IReadOnlyDictionary<string, Type> Types => types;

    /// <summary>The engine's components and those of other assemblies.</summary>
    /// <param name="assemblies">The other assemblies.</param>
    /// <exception cref="ArgumentException">Two have one name or one stream, or a declaration stands on something else.</exception>
    public static ComponentCatalogue With(params IEnumerable<Assembly> assemblies) =>
        new(assemblies.Prepend(typeof(ComponentCatalogue).Assembly).Distinct());

    /// <summary>The names of the anatomies, or of what makes and changes intensities, in alphabetical order.</summary>
    /// <param name="anatomies">Which of them.</param>
    public IEnumerable<string> Names(bool anatomies) => types
        .Where(found => IsAnatomy(found.Value) == anatomies)
        .Select(static found => found.Key)
        .Order(StringComparer.Ordinal);

    /// <summary>The declaration of a component.</summary>
    /// <param name="component">Its type.</param>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static ComponentAttribute DeclarationOf(Type component) =>
        component.GetCustomAttribute<ComponentAttribute>(inherit: false)
        ?? throw new ArgumentException($"{component} has no declaration; give it [Component(name, stream)].", nameof(component));

    /// <summary>Whether a component writes labels.</summary>
    /// <param name="component">Its type.</param>
    public static bool IsAnatomy(Type? component) => component is not null
        && ((component.IsGenericType && component.GetGenericTypeDefinition() == typeof(AnatomyComponent<>))
            || IsAnatomy(component.BaseType));

    /// <summary>
    /// Whether samples may leave a component out: it does not make intensities of labels. Of the anatomies the first of a recipe is never left
    /// out.
    /// </summary>
    /// <param name="component">Its type.</param>
    public static bool MayBeLeftOut(Type component) =>
        IsAnatomy(component) || !((Component)RuntimeHelpers.GetUninitializedObject(component)).Begins;

    /// <summary>The link of a component in a chain; null of one that joins none.</summary>
    /// <param name="component">Its type.</param>
    public static Type? LinkOf(Type component)
    {
        ArgumentNullException.ThrowIfNull(component);
        return Array.Find(
            component.GetInterfaces(),
            static one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(ILinkedBy<>))?.GetGenericArguments()[0];
    }
}
