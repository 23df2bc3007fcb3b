using System.Reflection;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.Components;

/// <summary>One key of a component, or of a group of keys in it.</summary>
/// <param name="Path">"noiseField.Displacement.StdOfSide".</param>
/// <param name="Property">The property that holds it.</param>
/// <param name="Type">Its type, or what is in it where it may be absent.</param>
internal sealed record ComponentKey(string Path, PropertyInfo Property, Type Type)
{
    /// <summary>What it may hold; null of a group.</summary>
    public AllowedAttribute? Allowed => Property.GetCustomAttribute<AllowedAttribute>();

    /// <summary>What it means where it holds no number.</summary>
    public SaysAttribute? Says => Property.GetCustomAttribute<SaysAttribute>();

    /// <summary>A number between the ends of what is allowed, 0 to 1 of the way.</summary>
    public double Between(double way) => Allowed!.Minimum + (way * (Allowed.Maximum - Allowed.Minimum));
}

/// <summary>Components made by their declarations alone: a new one is made here by being there.</summary>
internal static class ComponentMaker
{
    /// <summary>The engine's components, by name.</summary>
    public static IEnumerable<Type> All { get; } =
        [.. ComponentCatalogue.Own.Types.OrderBy(static found => found.Key, StringComparer.Ordinal).Select(static found => found.Value)];

    /// <summary>Those that work on one voxel at a time.</summary>
    public static IEnumerable<Type> Pointwise { get; } = [.. All.Where(static type => type.IsAssignableTo(typeof(IVoxelComponent)))];

    /// <summary>The name of a component's type.</summary>
    public static string NameOf(Type component) => component.GetCustomAttribute<ComponentAttribute>()!.Name;

    /// <summary>Every key, those in groups too.</summary>
    public static IEnumerable<ComponentKey> Keys(Type component) => KeysIn(component, NameOf(component));

    /// <summary>A component, or null where what was picked does not fit together.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="law">The law of a key.</param>
    /// <param name="way">The number of a key, 0 to 1 of the way between the ends of what is allowed.</param>
    public static Component? Make(Type type, Func<ComponentKey, Law> law, Func<ComponentKey, double> way)
    {
        try
        {
            return (Component)Build(type, NameOf(type), law, way);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A component whose numbers are all at one place between the ends of what is allowed.</summary>
    public static Component? At(Type type, double way) => Make(type, key => key.Between(way), _ => way);

    /// <summary>A component whose laws are uniform over all that is allowed, and whose numbers are drawn there.</summary>
    public static Component Random(Type type, Random random)
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            Component? made = Make(type, Everything, _ => random.NextDouble());
            if (made is not null)
            {
                return made;
            }
        }

        throw new InvalidOperationException($"No {NameOf(type)} could be made: say in {nameof(ComponentMaker)} how its keys fit together.");
    }

    /// <summary>The uniform law over all that a key allows.</summary>
    public static Law Everything(ComponentKey key) => new UniformLaw(key.Allowed!.Minimum, key.Allowed.Maximum);

    private static IEnumerable<ComponentKey> KeysIn(Type record, string path)
    {
        foreach (ParameterInfo parameter in record.GetConstructors().Single().GetParameters())
        {
            PropertyInfo property = record.GetProperty(parameter.Name!)!;
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            ComponentKey key = new($"{path}.{property.Name}", property, type);
            IEnumerable<ComponentKey> inside = IsGroup(type) ? KeysIn(type, key.Path) : [];
            foreach (ComponentKey one in inside.Prepend(key))
            {
                yield return one;
            }
        }
    }

    // Keys that stand together under one name: a record of keys of its own.
    private static bool IsGroup(Type type) =>
        type.IsClass && type.GetConstructors() is [ConstructorInfo constructor] && constructor.GetParameters() is [_, ..] parameters
        && Array.TrueForAll(parameters, parameter =>
            type.GetProperty(parameter.Name!) is { } property
            && (property.IsDefined(typeof(AllowedAttribute)) || property.IsDefined(typeof(SaysAttribute))));

    private static object Build(Type record, string path, Func<ComponentKey, Law> law, Func<ComponentKey, double> way)
    {
        ConstructorInfo constructor = record.GetConstructors().Single();
        object?[] arguments = [.. constructor.GetParameters().Select(Argument)];
        return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null);

        object? Argument(ParameterInfo parameter)
        {
            PropertyInfo property = record.GetProperty(parameter.Name!)!;
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            ComponentKey key = new($"{path}.{property.Name}", property, type);
            return type == typeof(Law) ? law(key)
                : type == typeof(double) ? key.Between(way(key))
                : type == typeof(float) ? (float)key.Between(way(key))
                : type == typeof(int) ? Whole(key, way(key))
                : type == typeof(bool) ? way(key) >= 0.5
                : type.IsEnum ? Enum.GetValues(type).GetValue((int)(way(key) * (Enum.GetValues(type).Length - 1)))
                : type == typeof(SideMeasure) ? SideMeasure.Of(Whole(key, way(key)))
                : type == typeof(ValueList<SideMeasure>) ? ValueList.Create<SideMeasure>([SideMeasure.Of(3), SideMeasure.Of(8)])
                : type == typeof(ValueList<Law>) ? ValueList.Create<Law>([law(key), law(key)])
                : type == typeof(ValueList<double>) ? ValueList.Create<double>([key.Between(0), key.Between(way(key)), key.Between(1)])
                : IsGroup(type) ? Build(type, key.Path, law, way)
                : IsNullable(parameter) ? null
                : throw new NotSupportedException($"{key.Path} is a {type.Name}: say in {nameof(ComponentMaker)} how one is made.");
        }
    }

    private static bool IsNullable(ParameterInfo parameter) =>
        new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable;

    private static int Whole(ComponentKey key, double way)
    {
        int whole = (int)Math.Round(key.Between(way));
        return key.Allowed!.Odd && whole % 2 == 0 ? whole - 1 : whole;
    }
}
