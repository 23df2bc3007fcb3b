using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>
/// Compiles kernels to OpenCL C, with ILGPU as the compiler only: it needs no GPU. ILGPU makes the parts of that compiler for
/// itself alone, so that they are reached by name.
/// </summary>
internal sealed class OpenClEmitter : IDisposable
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private readonly Context context = KernelContext.Create(static builder => builder.CPU());
    private readonly object compiler;
    private readonly MethodInfo compile;

    /// <summary>A compiler for OpenCL C 2.0.</summary>
    /// <exception cref="DeviceException">This ILGPU has no such compiler.</exception>
    public OpenClEmitter()
    {
        Assembly ilgpu = typeof(Context).Assembly;
        Type? backend = ilgpu.GetType("ILGPU.Backends.OpenCL.CLBackend");
        Type? capabilities = ilgpu.GetType("ILGPU.Runtime.OpenCL.CLCapabilityContext");
        Type? vendor = ilgpu.GetType("ILGPU.Runtime.OpenCL.CLDeviceVendor");
        object? version = ilgpu.GetType("ILGPU.Backends.OpenCL.CLCVersion")
            ?.GetField("CL20", BindingFlags.Static | BindingFlags.Public)?.GetValue(null);
        MethodInfo? method = backend?.GetMethod("Compile", [typeof(EntryPointDescription).MakeByRefType(),
            typeof(KernelSpecialization).MakeByRefType()]);
        if (backend is null || capabilities is null || vendor is null || version is null || method is null)
        {
            context.Dispose();
            throw new DeviceException(
                $"ILGPU {ilgpu.GetName().Version} has no compiler for OpenCL C that is known here; it needs version 1.5.3.");
        }

        compile = method;
        ConstructorInfo open = capabilities.GetConstructors(Any)[0];
        object able = open.Invoke([.. open.GetParameters().Select(static parameter => Argument(parameter.ParameterType))]);
        compiler = Activator.CreateInstance(backend, context, able, Enum.ToObject(vendor, 0), version)!;
    }

    /// <summary>Compiles a kernel.</summary>
    /// <param name="kernel">A static method.</param>
    /// <returns>OpenCL C.</returns>
    /// <exception cref="DeviceException">It does not compile.</exception>
    public string Emit(MethodInfo kernel)
    {
        EntryPointDescription entry = KernelCatalogue.IsImplicitlyGrouped(kernel)
            ? EntryPointDescription.FromImplicitlyGroupedKernel(kernel)
            : EntryPointDescription.FromExplicitlyGroupedKernel(kernel);
        try
        {
            object compiled = compile.Invoke(compiler, [entry, KernelSpecialization.Empty])!;
            return (string)compiled.GetType().GetProperty("Source")!.GetValue(compiled)!;
        }
        catch (TargetInvocationException exception)
        {
            throw new DeviceException(
                $"Kernel {GuardedLoader.NameOf(kernel)} does not compile to OpenCL C: {exception.GetBaseException().Message}",
                exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        (compiler as IDisposable)?.Dispose();
        context.Dispose();
    }

    // A device that can do everything.
    private static object? Argument(Type type) =>
        type == typeof(bool) ? true : type.IsValueType ? Activator.CreateInstance(type) : null;
}
