using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// How an argument of one type lies in a launch: a view as its address and its length, 16 bytes; anything else as it lies in the
/// process. Made once per type; writing allocates nothing.
/// </summary>
internal static unsafe class KernelArgument<T>
    where T : struct
{
    /// <summary>Size of a view: an address, and a length of 64 bits.</summary>
    private const int ViewBytes = 16;

    private static readonly Writer TypeWriter = MakeWriter();

    private delegate void Writer(in T value, byte* target);

    /// <summary>The type's name, its size, and 0 for the alignment, which the kernel decides.</summary>
    public static KernelParameter Layout { get; } = new(typeof(T).Name, IsView ? ViewBytes : Unsafe.SizeOf<T>(), 0);

    private static bool IsView => typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(ArrayView<>);

    /// <summary>Writes an argument.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="target">Where it lies in the launch.</param>
    public static void Write(in T value, byte* target) => TypeWriter(in value, target);

    private static Writer MakeWriter()
    {
        if (IsView)
        {
            MethodInfo write =
                typeof(KernelArgument<T>).GetMethod(nameof(WriteView), BindingFlags.Static | BindingFlags.NonPublic)!;
            return write.MakeGenericMethod(typeof(T).GetGenericArguments()).CreateDelegate<Writer>();
        }

        return RuntimeHelpers.IsReferenceOrContainsReferences<T>()
            ? throw new NotSupportedException(
                $"{typeof(T).Name} cannot be a kernel's argument: give views and plain structs as arguments of their own.")
            : static (in T value, byte* target) => Unsafe.WriteUnaligned(target, value);
    }

    private static void WriteView<TElement>(in ArrayView<TElement> view, byte* target)
        where TElement : unmanaged
    {
        nint address = view.IsValid ? view.LoadEffectiveAddressAsPtr() : 0;
        Unsafe.WriteUnaligned(target, (long)address);
        Unsafe.WriteUnaligned(target + sizeof(long), view.Length);
    }
}
