using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuSynth.Kernels;

namespace GpuSynth.Recipes;

/// <summary>One key of a section, as the property of a record declares it: what stands there, what may, and what it means.</summary>
internal sealed class RecipeKey
{
    private static readonly NullabilityInfoContext Nullability = new();

    private readonly PropertyInfo property;
    private readonly KeyPart? part;

    /// <summary>The key of a property.</summary>
    /// <exception cref="GpuSynthException">No recipe can hold what the property is.</exception>
    public RecipeKey(PropertyInfo property)
    {
        this.property = property;
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        lock (Nullability)
        {
            MayBeNull = Nullability.Create(property).ReadState == NullabilityState.Nullable;
        }

        Name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        AllowedAttribute? allowed = property.GetCustomAttribute<AllowedAttribute>();
        Says = allowed?.Says ?? property.GetCustomAttribute<SaysAttribute>()?.Text ?? "";
        Default = property.GetCustomAttribute<AbsentAttribute>()?.Value;
        part = KeyPart.Of(type);
        if (part is null)
        {
            bool isOfKeys = type is { IsClass: true, Namespace: not "System" } && Says.Length > 0 && allowed is null;
            part = isOfKeys ? SectionsPart.OfList(type) : null;
            Section = part is not null ? null
                : isOfKeys ? RecipeSection.Of(type)
                : throw new GpuSynthException(
                    $"{property.DeclaringType!.Name}.{property.Name} is a {type.Name}, which no recipe can hold; take Law, double, int, bool "
                    + "or SideMeasure with [Allowed], or a record of such, or a ValueList of such records, with [Says].");
        }
        else if ((allowed is null && part.HasRange) || (Default is not null && type != typeof(Law) && type != typeof(double)))
        {
            throw new GpuSynthException(
                $"{property.DeclaringType!.Name}.{property.Name} is a key of a recipe; say with [Allowed] what it may hold"
                + (Default is null ? "." : ", and [Absent] of laws and numbers only."));
        }

        string range = allowed is null ? ""
            : (allowed.Odd ? "odd, " : "") + $"{NumberText.Of(allowed.Minimum)} to {NumberText.Of(allowed.Maximum)}"
                + (allowed.Unit.Length > 0 ? $" {allowed.Unit}" : "");
        Bounds = new KeyBounds(
            allowed?.Minimum ?? 0,
            allowed?.Maximum ?? 0,
            Section?.Allowed ?? part!.Words(range),
            allowed?.PerLabel ?? false ? LawPlace.PerLabel : LawPlace.Single)
        {
            Odd = allowed?.Odd ?? false,
        };
    }

    /// <summary>Its name in a recipe.</summary>
    public string Name { get; }

    /// <summary>What it means, for people and for editors.</summary>
    public string Says { get; }

    /// <summary>What may stand there.</summary>
    public KeyBounds Bounds { get; }

    /// <summary>What may stand there, in words: "0 to 4", "odd, 1 to 31 voxels".</summary>
    public string Allowed => Bounds.Allowed;

    /// <summary>The keys below it, where it is a section.</summary>
    public RecipeSection? Section { get; }

    /// <summary>The keys below each of its items, where it is a list of sections.</summary>
    public RecipeSection? Items => (part as SectionsPart)?.Item;

    /// <summary>Whether keys stand below it, which are read with complaints of their own.</summary>
    public bool HasKeys => Section is not null || Items is not null;

    /// <summary>Whether a record may hold nothing there.</summary>
    public bool MayBeNull { get; }

    /// <summary>What an optional law or number is where it stands nowhere; null: nothing.</summary>
    public double? Default { get; }

    /// <summary>Whether it must stand in its section.</summary>
    public bool Required => !MayBeNull && Default is null;

    /// <summary>Whether a law stands there.</summary>
    public bool IsLaw => part is LawPart;

    /// <summary>What a record holds where the key stands nowhere.</summary>
    public object? Absent => Default is not { } value ? null : IsLaw ? new FixedLaw(value) : (object)value;

    /// <summary>A value in the middle of what is allowed; nothing where nothing may be.</summary>
    public object? Middle => MayBeNull ? null : Absent ?? Section?.Middle() ?? part!.Middle(Bounds);

    /// <summary>What a record holds there.</summary>
    public object? Of(object record) => property.GetValue(record);

    /// <summary>Whether what a record holds there is written: not nothing, and not a number that it has without the key.</summary>
    public bool IsWritten(object? value) => value is not null && !(value is double && value.Equals(Absent));

    /// <summary>Gives a record that nobody else has seen yet a value there.</summary>
    public void Put(object record, object? value) => property.SetValue(record, value);

    /// <summary>The value at a node; null where it is none, which has been complained about.</summary>
    public object? Read(YamlValueReader yaml, YamlNode node, string path, int line) =>
        Section is null ? part!.Read(yaml, node, path, Bounds) : Section.Read(yaml, node, path, line, mayBeOff: !Required);

    /// <summary>The value as YAML on one line; of a key that is no section.</summary>
    public string Write(object value) => part!.Write(value);

    /// <summary>What is wrong with a value.</summary>
    public IEnumerable<RecipeMistake> Mistakes(object? value, string path, int line)
    {
        if (value is null)
        {
            return MayBeNull ? [] : [Missing(path, line)];
        }

        return Section?.Mistakes(value, path) ?? (part as SectionsPart)?.Mistakes(value, path, line) ?? part!.Complaints(value, Bounds).Select(found => RecipeMistake.At(
            line, path + found.Item, RecipeText.Shortened($"{value}"), Allowed, $"{found.Complaint} (allowed: {Allowed})"));
    }

    /// <summary>That the key does not stand where it must.</summary>
    public RecipeMistake Missing(string path, int line) =>
        RecipeMistake.At(line, path, "", Allowed, $"is missing (allowed: {Allowed})");

    /// <summary>Its JSON schema.</summary>
    public JsonObject Schema()
    {
        JsonObject schema = Section?.Schema() ?? part!.Schema(Bounds);
        schema.Insert(0, "description", HasKeys ? Says : $"{Says} Allowed: {Allowed}.");
        if (Default is { } value)
        {
            schema["default"] = value;
        }

        return schema;
    }
}
