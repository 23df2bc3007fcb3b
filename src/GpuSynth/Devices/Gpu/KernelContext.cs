using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>ILGPU's contexts, all with the same options: a kernel is the same whoever compiles it.</summary>
internal static class KernelContext
{
    private static readonly Lock Door = new();
    private static bool resolving;

    /// <summary>A context with the devices that a callback chooses.</summary>
    public static Context Create(Action<Context.Builder> devices)
    {
        FindOpenCl();
        return Context.Create(builder =>
        {
            builder.EnableAlgorithms();
            devices(builder);
        });
    }

    // ILGPU looks for libOpenCL.so, which only a toolkit installs.
    private static void FindOpenCl()
    {
        lock (Door)
        {
            // In the Windows subsystem for Linux ILGPU brings a resolver of its own, and an assembly has but one.
            if (resolving || !OperatingSystem.IsLinux() || Directory.Exists("/usr/lib/wsl/lib"))
            {
                return;
            }

            resolving = true;
            try
            {
                NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, static (name, _, _) =>
                    name is "OpenCL" or "opencl" && NativeLibrary.TryLoad("libOpenCL.so.1", out nint library) ? library : 0);
            }
            catch (InvalidOperationException)
            {
                // Whoever set one before us knows where the library is.
            }
        }
    }
}
