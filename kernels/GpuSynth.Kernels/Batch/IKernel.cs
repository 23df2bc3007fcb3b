using System.Reflection;

namespace GpuSynth.Kernels;

/// <summary>
/// A kernel: a struct whose fields are its arguments. Fields are <see cref="ILGPU.ArrayView{T}"/>, numbers of a fixed size, and
/// structs of these, in any order; no bool, char or reference. On a device it is one parameter: every field at its natural
/// alignment, a view as its address and its length, 16 bytes.
/// </summary>
/// <remarks>
/// ILGPU launches kernels from an assembly that it makes: a kernel is public, or its assembly shows its internals to ILGPURuntime.
/// </remarks>
public interface IKernel
{
    /// <summary>What one thread does.</summary>
    void Execute();
}

/// <summary>The one entry point of all kernels.</summary>
public static class KernelEntry
{
    private static readonly MethodInfo Entry = typeof(KernelEntry).GetMethod(nameof(Run))!;

    /// <summary>Runs one thread of a kernel; compilers of GPUs take it in whole.</summary>
    /// <param name="kernel">The kernel, copied to each thread.</param>
    public static void Run<TKernel>(TKernel kernel)
        where TKernel : struct, IKernel => kernel.Execute();

    /// <summary>The entry point that a compiler is given.</summary>
    /// <param name="kernel">The kernel's type, all its type parameters given.</param>
    public static MethodInfo Of(Type kernel) => Entry.MakeGenericMethod(kernel);

    /// <summary>
    /// A kernel's name in messages and files: "SampleTable.StoreKernel", "ChainKernel[Then[Window,Gamma],FloatTarget]".
    /// </summary>
    /// <param name="kernel">The kernel's type.</param>
    public static string NameOf(Type kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        string own = kernel.Name.Split('`')[0];
        string name = kernel.DeclaringType is { } outer ? $"{outer.Name.Split('`')[0]}.{own}" : own;
        return kernel.IsGenericType ? $"{name}[{string.Join(',', kernel.GetGenericArguments().Select(NameOf))}]" : name;
    }
}
