using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GpuSynth.Kernels;

namespace GpuSynth.Tests.Components;

/// <summary>What every component says of itself, and how its drawn numbers lie in memory.</summary>
public sealed partial class ComponentDeclarationTests
{
    private static readonly Dictionary<string, string> Docs = XDocument
        .Load(Path.ChangeExtension(typeof(Component).Assembly.Location, ".xml"))
        .Descendants("member")
        .ToDictionary(
            static member => member.Attribute("name")!.Value,
            static member => Spaces().Replace(member.Element("summary")?.Value ?? "", " ").Trim());

    private static IEnumerable<TestCaseData<Type>> All =>
        ComponentMaker.All.Select(static type => new TestCaseData<Type>(type).SetArgDisplayNames(ComponentMaker.NameOf(type)));

    [TestCaseSource(nameof(All))]
    public void TheDeclaration_IsWhole(Type type)
    {
        ComponentAttribute declaration = type.GetCustomAttribute<ComponentAttribute>()!;
        Assert.That(declaration.Name, Does.Match("^[a-z][a-zA-Z0-9]*$"), "a name in camelCase");
        Assert.That(declaration.Source, Is.Not.Empty, "source");
        Assert.That(declaration.Says, Does.Match(@"^\S.*\.$"), "what it does, as a sentence");
        Assert.That(declaration.Example.Split('\n')[^1], Does.StartWith($"{declaration.Name}: {{"), "an entry of a recipe that shows it, behind what it needs");
        Assert.That(declaration.Stream, Is.LessThan(1u << 15), "numbers from 2^15 on are those of other assemblies");
        Assert.That(VoxelStreams, Does.Not.Contain(declaration.Stream), "the stream of numbers that no law draws");
        Assert.That(type.IsSealed && typeof(Component).IsAssignableFrom(type));
    }

    [Test]
    public void StreamNumbers_AreUnique_AndOneComponentsEach()
    {
        Assert.That(StreamFields.Select(NumberOf), Is.Unique);
        Assert.That(ComponentMaker.All.Select(static type => type.GetCustomAttribute<ComponentAttribute>()!.Stream), Is.Unique);
    }

    [TestCaseSource(nameof(All))]
    public void EveryKey_SaysWhatItMayHold_AndWhatItMeans(Type type)
    {
        foreach (ComponentKey key in ComponentMaker.Keys(type))
        {
            Assert.That(key.Allowed is not null || key.Says is not null, $"{key.Path} has [Allowed] or [Says]");
            Assert.That(key.Allowed?.Says ?? key.Says!.Text, Does.Match(@"^\S.*\.$"), $"{key.Path}: what it means, as a sentence");
            if (key.Allowed is { } allowed)
            {
                Assert.That(allowed.Minimum, Is.LessThan(allowed.Maximum), $"{key.Path}: the ends of what is allowed");
                Assert.That(double.IsFinite(allowed.Minimum) && double.IsFinite(allowed.Maximum), key.Path);
                Assert.That(!allowed.Odd || (allowed.Minimum % 2 == 1 && allowed.Maximum % 2 == 1), $"{key.Path}: odd ends");
            }

            if (key.Property.GetCustomAttribute<AbsentAttribute>() is { } absent)
            {
                Assert.That(absent.Value, Is.InRange(key.Allowed!.Minimum, key.Allowed.Maximum), $"{key.Path}: what it is where absent");
            }
        }
    }

    [TestCaseSource(nameof(All))]
    public void WhatIsDrawn_IsARowOfWords(Type type)
    {
        Type drawn = ComponentMaker.At(type, 0.5)!.DrawnType;
        Assert.That(BytesOf(drawn), Is.EqualTo(Marshal.SizeOf(drawn)), "the size is that of the fields: nothing between them");
        Assert.That(ComponentMaker.At(type, 0.5)!.DrawnWords, Is.EqualTo(BytesOf(drawn) / sizeof(uint)));
    }

    [TestCaseSource(nameof(All))]
    public void EveryField_IsRecorded_OrSaysWhereItComesFrom(Type type)
    {
        Type drawn = ComponentMaker.At(type, 0.5)!.DrawnType;
        foreach (FieldInfo field in drawn.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (field.GetCustomAttribute<RecordedAttribute>() is null)
            {
                string doc = Docs.GetValueOrDefault($"F:{drawn.FullName!.Replace('+', '.')}.{field.Name}", "");
                Assert.That(
                    doc,
                    Does.Match("^(Worked out|Measured|(A c|C)onstant of the recipe): "),
                    $"{type.Name}.Drawn.{field.Name} is neither [Recorded] nor does its summary say where it comes from");
            }
        }
    }

    [Test]
    public void RecordedNames_AreUnique()
    {
        string[] names =
        [
            .. ComponentMaker.All.SelectMany(static type => ComponentMaker.At(type, 0.5)!.DrawnType.GetFields())
                .Select(static field => field.GetCustomAttribute<RecordedAttribute>()?.Name)
                .OfType<string>(),
        ];
        Assert.That(names, Is.Unique);
        Assert.That(names, Is.All.Matches("^[a-z][a-zA-Z0-9]*$"));
    }

    // The compiler of the host would else call it for every vector: the gamma curve was 3.3 times slower by that.
    [TestCaseSource(nameof(All))]
    public void WhatIsGenericOverALane_IsTakenInWhole(Type type)
    {
        // A link of its own may stand beside it.
        Type[] beside = ComponentCatalogue.LinkOf(type) is { IsGenericType: false } link && type.IsAssignableTo(typeof(IVoxelComponent)) ? [link] : [];
        MethodInfo[] methods =
        [
            .. type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Prepend(type).Concat(beside)
                .SelectMany(OwnMethods)
                .Where(static method => method.IsGenericMethodDefinition && method.GetGenericArguments().Any(IsLane)),
        ];
        Assert.That(methods, type.IsAssignableTo(typeof(IVoxelComponent)) ? Is.Not.Empty : Is.Not.Null);
        foreach (MethodInfo method in methods)
        {
            Assert.That(
                method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveInlining),
                $"{method.DeclaringType!.Name}.{method.Name} of {type.Name} is marked [MethodImpl(MethodImplOptions.AggressiveInlining)]");
        }
    }

    [TestCase(typeof(Real16))]
    [TestCase(typeof(Word16))]
    [TestCase(typeof(Real8))]
    [TestCase(typeof(Word8))]
    public void TheHostsLanes_AreTakenInWhole(Type lane)
    {
        string[] once = ["Drawn", "Measured"]; // once per run of voxels, not for each vector
        foreach (MethodInfo method in OwnMethods(lane).Where(
            method => !once.Contains(method.Name) && !method.Name.EndsWith("get_Count", StringComparison.Ordinal)))
        {
            Assert.That(method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveInlining), $"{lane.Name}: {method}");
        }
    }

    private static FieldInfo[] StreamFields { get; } = typeof(Streams).GetFields(BindingFlags.Public | BindingFlags.Static);

    // Those of nodes, cells and voxels, which are no component's laws.
    private static IEnumerable<uint> VoxelStreams =>
        StreamFields.Where(static stream => !stream.Name.EndsWith("Laws", StringComparison.Ordinal)).Select(NumberOf);

    private static uint NumberOf(FieldInfo field) => (uint)field.GetRawConstantValue()!;

    // Without what the compiler of C# puts before a method of an interface that takes a reference: a call, too small not to be taken in.
    private static IEnumerable<MethodInfo> OwnMethods(Type type)
    {
        MethodInfo[] all = type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
        return all.Where(method => !Array.Exists(
            all, other => other != method && method.Name.EndsWith("." + other.Name, StringComparison.Ordinal)));
    }

    private static bool IsLane(Type parameter) => parameter.GetGenericParameterConstraints().Any(static constraint =>
        constraint.IsGenericType && constraint.GetGenericTypeDefinition() is var open && (open == typeof(IReal<,>) || open == typeof(IWord<,>)));

    private static int BytesOf(Type type)
    {
        if (type == typeof(float) || type == typeof(int) || type == typeof(uint))
        {
            return sizeof(uint);
        }

        Assert.That(type is { IsValueType: true, IsPrimitive: false, IsEnum: false, IsLayoutSequential: true }, $"{type} in a drawn struct");
        Assert.That(type.StructLayoutAttribute!.Size, Is.Zero, $"{type}: a size of its own");
        return type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Sum(field => BytesOf(field.FieldType));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
