using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using GpuSynth.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>A field of a kernel, or of a struct with views in it: what is written to a launch in one piece.</summary>
/// <param name="Path">The fields that lead to it, from the kernel on.</param>
/// <param name="Offset">Where it lies among the kernel's arguments.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record KernelArgument(FieldInfo[] Path, int Offset, int Bytes)
{
    /// <summary>Its type.</summary>
    public Type Type => Path[^1].FieldType;

    /// <summary>Whether it is a view: an address and a length.</summary>
    public bool IsView => KernelLayout.IsView(Type);

    /// <summary>"words", "store.image".</summary>
    public string Name => string.Join('.', Path.Select(static part => NameOf(part)));

    // A constructor's parameter that is a field is called <words>P.
    private static string NameOf(FieldInfo part) => part.Name.Split('<', '>') is [_, var name, _] ? name : part.Name;
}

/// <summary>
/// How the fields of a kernel lie in the one parameter that it has in PTX: in their order, each at a multiple of its alignment, a
/// view as an address and a length of 64 bits. It is how ILGPU lays out structs, and how C does; in this process views hold a
/// reference, so that fields may lie elsewhere.
/// </summary>
internal sealed class KernelLayout
{
    private const int ViewBytes = 16;
    private const int ViewAlignment = 8;

    private static readonly MethodInfo SizeOf = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!;
    private readonly List<KernelArgument> arguments = [];

    /// <summary>Lays out a kernel.</summary>
    /// <param name="kernel">The kernel's type.</param>
    /// <exception cref="NotSupportedException">A field is of a kind that no kernel takes.</exception>
    public KernelLayout(Type kernel)
    {
        (Bytes, Alignment, _) = Measure(kernel, KernelEntry.NameOf(kernel));
        Place(kernel, [], 0);
    }

    /// <summary>Size of all arguments.</summary>
    public int Bytes { get; }

    /// <summary>What the place of the first is a multiple of.</summary>
    public int Alignment { get; }

    /// <summary>The arguments in order.</summary>
    public IReadOnlyList<KernelArgument> Arguments => arguments;

    /// <summary>Whether a type is a view.</summary>
    public static bool IsView(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>);

    private static (int Bytes, int Alignment, bool HasViews) Measure(Type type, string where)
    {
        if (IsView(type))
        {
            return (ViewBytes, ViewAlignment, true);
        }

        if (type.IsEnum)
        {
            return Measure(type.GetEnumUnderlyingType(), where);
        }

        bool isNumber = type.IsPrimitive && type != typeof(bool) && type != typeof(char) && type != typeof(nint)
            && type != typeof(nuint);
        if (!isNumber && (type.IsPrimitive || !type.IsValueType))
        {
            throw new NotSupportedException(
                $"{where} is of type {type.Name}, which a kernel cannot take: give it views, numbers of a fixed size, and "
                + "structs of these.");
        }

        if (isNumber)
        {
            int size = ManagedSize(type);
            return (size, size, false);
        }

        (int bytes, int alignment, bool hasViews) = (0, 1, false);
        foreach (FieldInfo field in FieldsOf(type))
        {
            (int ofField, int fieldAlignment, bool fieldHasViews) = Measure(field.FieldType, $"{where}.{field.Name}");
            bytes = Aligned(bytes, fieldAlignment) + ofField;
            alignment = Math.Max(alignment, fieldAlignment);
            hasViews |= fieldHasViews;
        }

        // A struct without fields has a byte.
        bytes = Math.Max(1, Aligned(bytes, alignment));
        return hasViews || bytes == ManagedSize(type)
            ? (bytes, alignment, hasViews)
            : throw new NotSupportedException(
                $"{where} has {ManagedSize(type)} bytes in memory and {bytes} on a device; leave the struct {type.Name} its "
                + "sequential layout.");
    }

    // As ILGPU orders them.
    private static IEnumerable<FieldInfo> FieldsOf(Type type) => type
        .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .OrderBy(static field => field.MetadataToken);

    private static int ManagedSize(Type type) => (int)SizeOf.MakeGenericMethod(type).Invoke(null, null)!;

    private static int Aligned(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    private void Place(Type type, FieldInfo[] path, int start)
    {
        int offset = start;
        foreach (FieldInfo field in FieldsOf(type))
        {
            (int bytes, int alignment, bool hasViews) = Measure(field.FieldType, field.Name);
            offset = Aligned(offset, alignment);
            FieldInfo[] own = [.. path, field];
            if (hasViews && !IsView(field.FieldType))
            {
                Place(field.FieldType, own, offset);
            }
            else
            {
                arguments.Add(new KernelArgument(own, offset, bytes));
            }

            offset += bytes;
        }
    }
}

/// <summary>Writes the arguments of a kernel's launches. Made once per kernel; writing allocates nothing.</summary>
internal static unsafe class KernelArguments
{
    private static readonly MethodInfo View = Method(nameof(WriteView));
    private static readonly MethodInfo Value = Method(nameof(WriteValue));

    /// <summary>Writes the arguments of one launch.</summary>
    /// <param name="kernel">The arguments.</param>
    /// <param name="target">As many bytes as the layout has; what lies between arguments stays as it is.</param>
    public delegate void Writer<TKernel>(in TKernel kernel, byte* target);

    /// <summary>What writes a kernel's arguments.</summary>
    /// <param name="layout">Where they go.</param>
    public static Writer<TKernel> WriterOf<TKernel>(KernelLayout layout)
        where TKernel : struct, IKernel
    {
        // Field by field, private ones too.
        var method = new DynamicMethod(
            "Write",
            null,
            [typeof(TKernel).MakeByRefType(), typeof(byte*)],
            typeof(KernelArguments).Module,
            skipVisibility: true);
        ILGenerator code = method.GetILGenerator();
        foreach (KernelArgument argument in layout.Arguments)
        {
            code.Emit(OpCodes.Ldarg_0);
            foreach (FieldInfo field in argument.Path)
            {
                code.Emit(OpCodes.Ldflda, field);
            }

            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Ldc_I4, argument.Offset);
            code.Emit(OpCodes.Add);
            code.Emit(OpCodes.Call, argument.IsView
                ? View.MakeGenericMethod(argument.Type.GetGenericArguments())
                : Value.MakeGenericMethod(argument.Type));
        }

        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Writer<TKernel>>();
    }

    private static MethodInfo Method(string name) =>
        typeof(KernelArguments).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;

    private static void WriteView<T>(in ArrayView<T> view, byte* target)
        where T : unmanaged
    {
        nint address = view.IsValid ? view.LoadEffectiveAddressAsPtr() : 0;
        Unsafe.WriteUnaligned(target, (long)address);
        Unsafe.WriteUnaligned(target + sizeof(long), view.Length);
    }

    private static void WriteValue<T>(in T value, byte* target)
        where T : unmanaged => Unsafe.WriteUnaligned(target, value);
}
