using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;

namespace GpuSynth.Tests.Architecture;

/// <summary>
/// Which folders of a project use which: an arrow for every type that a type names in its signatures, fields, locals, attributes or
/// instructions. Constants leave no trace in an assembly, so that they make no arrow. A folder within a folder counts by itself
/// where its namespace says so; else it belongs to the one around it.
/// </summary>
internal sealed partial class FolderArrows
{
    private const BindingFlags Own = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Dictionary<short, OpCode> OpCodesByValue =
        typeof(OpCodes).GetFields().Select(static field => (OpCode)field.GetValue(null)!).ToDictionary(static code => code.Value);

    private readonly Dictionary<string, string> folders = [];
    private readonly SortedDictionary<(string From, string To), SortedSet<string>> arrows = [];

    public FolderArrows(Assembly assembly, string project)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories))
        {
            Read(project, Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'), File.ReadAllText(file));
        }

        foreach (Type type in assembly.GetTypes())
        {
            if (FolderOf(type) is { } from)
            {
                foreach (Type used in UsedBy(type).SelectMany(Parts).Where(used => used.Assembly == assembly))
                {
                    if (FolderOf(used) is { } to && to != from)
                    {
                        AddArrow(from, to, $"{Outermost(type).Name} uses {Outermost(used).Name}");
                    }
                }
            }
        }
    }

    /// <summary>Folders that hold types.</summary>
    public IEnumerable<string> Folders => folders.Values.Distinct().Order();

    /// <summary>All arrows: "Planning -> Devices".</summary>
    public IEnumerable<string> All => arrows.Keys.Select(Text);

    /// <summary>The arrows that lie on a circle, some arrows left out, each with the types that make it.</summary>
    public string[] Circles(IReadOnlyCollection<string> leftOut)
    {
        (string From, string To)[] kept = [.. arrows.Keys.Where(arrow => !leftOut.Contains(Text(arrow)))];
        return
        [
            .. kept.Where(arrow => Reaches(kept, arrow.To, arrow.From))
                .Select(arrow => $"{Text(arrow)}: {string.Join(", ", arrows[arrow].Take(5))}"),
        ];
    }

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|sealed|static|abstract|readonly|ref|unsafe|partial)\s+)*"
        + @"(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?|delegate\s+[^\s(]+)\s+(\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^namespace\s+([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    private static string Text((string From, string To) arrow) => $"{arrow.From} -> {arrow.To}";

    private static bool Reaches((string From, string To)[] arrows, string from, string to)
    {
        HashSet<string> seen = [from];
        var open = new Queue<string>(seen);
        while (open.TryDequeue(out string? at))
        {
            foreach ((_, string next) in arrows.Where(arrow => arrow.From == at && seen.Add(arrow.To)))
            {
                open.Enqueue(next);
            }
        }

        return seen.Contains(to);
    }

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    // A type's arrays, pointers and arguments are what it is made of.
    private static IEnumerable<Type> Parts(Type? type) => type switch
    {
        null => [],
        { HasElementType: true } => Parts(type.GetElementType()),
        { IsGenericParameter: true } => [],
        { IsGenericType: true } => type.GetGenericArguments().SelectMany(Parts).Append(type),
        _ => [type],
    };

    private static IEnumerable<Type?> UsedBy(Type type) =>
    [
        type.BaseType,
        .. type.GetInterfaces(),
        .. type.GetGenericArguments().SelectMany(static argument => argument.GetGenericParameterConstraints()),
        .. type.GetCustomAttributesData().Select(static attribute => attribute.AttributeType),
        .. type.GetFields(Own).Select(static field => field.FieldType),
        .. type.GetConstructors(Own).SelectMany(UsedBy),
        .. type.GetMethods(Own).SelectMany(static method => UsedBy(method).Append(method.ReturnType)
            .Concat(method.GetGenericArguments().SelectMany(static argument => argument.GetGenericParameterConstraints()))),
    ];

    private static IEnumerable<Type?> UsedBy(MethodBase method) =>
    [
        .. method.GetParameters().Select(static parameter => parameter.ParameterType),
        .. method.GetMethodBody() is { } body
            ? [.. body.LocalVariables.Select(static local => local.LocalType), .. UsedBy(method, body.GetILAsByteArray()!)]
            : (IEnumerable<Type?>)[],
    ];

    private static IEnumerable<Type?> UsedBy(MethodBase method, byte[] instructions)
    {
        Type[] ofType = method.DeclaringType!.GetGenericArguments();
        Type[] ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : [];
        for (int at = 0; at < instructions.Length;)
        {
            short value = instructions[at++];
            OpCode code = OpCodesByValue[value == 0xFE ? (short)(0xFE00 | instructions[at++]) : value];
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                MemberInfo member = method.Module.ResolveMember(BitConverter.ToInt32(instructions, at), ofType, ofMethod)!;
                foreach (Type? used in UsedBy(member))
                {
                    yield return used;
                }
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(instructions, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type?> UsedBy(MemberInfo member) => member switch
    {
        Type type => [type],
        FieldInfo field => [field.DeclaringType, field.FieldType],
        MethodInfo method => [method.DeclaringType, method.ReturnType, .. method.GetGenericArguments()],
        _ => [member.DeclaringType],
    };

    private void Read(string project, string path, string text)
    {
        string folder = Path.GetDirectoryName(path[(project.Length + 1)..])!.Replace('\\', '/');
        if (folder.StartsWith("obj", StringComparison.Ordinal) || folder.StartsWith("bin", StringComparison.Ordinal))
        {
            return;
        }

        string own = Namespace().Match(text).Groups[1].Value;
        while (folder.Contains('/', StringComparison.Ordinal)
            && !own.EndsWith('.' + folder.Replace('/', '.'), StringComparison.Ordinal))
        {
            folder = Path.GetDirectoryName(folder)!.Replace('\\', '/');
        }

        folder = folder.Length == 0 ? "." : folder;
        foreach (Match declared in Declaration().Matches(text))
        {
            string name = $"{own}.{declared.Groups[1].Value}";
            if (!folders.TryAdd(name, folder) && folders[name] != folder)
            {
                throw new InvalidOperationException($"{name} is declared in '{folders[name]}' and in '{folder}'; one folder has to hold it.");
            }
        }
    }

    // What a compiler or a generator makes at the top level belongs to nobody.
    private string? FolderOf(Type type)
    {
        Type outermost = Outermost(type);
        return folders.GetValueOrDefault($"{outermost.Namespace}.{outermost.Name.Split('`')[0]}");
    }

    private void AddArrow(string from, string to, string how)
    {
        if (!arrows.TryGetValue((from, to), out SortedSet<string>? made))
        {
            arrows.Add((from, to), made = new SortedSet<string>(StringComparer.Ordinal));
        }

        made.Add(how);
    }
}
