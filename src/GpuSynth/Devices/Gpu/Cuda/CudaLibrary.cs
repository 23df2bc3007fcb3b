using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// Finds the CUDA driver, once for this engine and for ILGPU: both must talk to the same library. The environment variable
/// GPUSYNTH_CUDA_DRIVER may name another one. ILGPU alone looks for libcuda.so, which only a toolkit installs.
/// </summary>
internal static class CudaLibrary
{
    /// <summary>Names the library to load instead of the system's.</summary>
    public const string Variable = "GPUSYNTH_CUDA_DRIVER";

    /// <summary>What this engine's imports call the driver.</summary>
    public const string Name = "gpusynth-cuda-driver";

    // What ILGPU's imports call the driver and OpenCL.
    private static readonly string[] DriverNames = [Name, "cuda", "nvcuda"];
    private static readonly string[] OpenClNames = ["OpenCL", "opencl"];

    private static readonly Lock Door = new();
    private static bool resolving;
    private static nint library;

    /// <summary>Loads the driver.</summary>
    /// <exception cref="DeviceException">There is none.</exception>
    public static void Load()
    {
        lock (Door)
        {
            ResolveImports();
            if (Library() == 0)
            {
                string? named = Environment.GetEnvironmentVariable(Variable);
                throw new DeviceException(string.IsNullOrEmpty(named)
                    ? "No CUDA driver is installed on this machine (no "
                        + $"{string.Join(" or ", Candidates())}): install NVIDIA's driver, or generate with --device host."
                    : $"The CUDA driver {named}, which {Variable} names, cannot be loaded: give the path of a driver library, "
                        + "or unset the variable.");
            }
        }
    }

    /// <summary>Makes ILGPU and this engine find the driver, and OpenCL, where they are.</summary>
    public static void ResolveImports()
    {
        lock (Door)
        {
            if (resolving)
            {
                return;
            }

            resolving = true;
            NativeLibrary.SetDllImportResolver(typeof(CudaLibrary).Assembly, Resolve);

            // In the Windows subsystem for Linux ILGPU brings a resolver of its own, and an assembly has but one.
            if (!Directory.Exists("/usr/lib/wsl/lib"))
            {
                try
                {
                    NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Resolve);
                }
                catch (InvalidOperationException)
                {
                    // Whoever set one before us knows where the driver is.
                }
            }
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (DriverNames.Contains(name))
        {
            lock (Door)
            {
                return Library();
            }
        }

        return OpenClNames.Contains(name) && OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad("libOpenCL.so.1", out nint openCl) ? openCl : 0;
    }

    private static nint Library()
    {
        foreach (string candidate in Candidates())
        {
            if (library == 0)
            {
                _ = NativeLibrary.TryLoad(candidate, out library);
            }
        }

        return library;
    }

    private static string[] Candidates()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        return !string.IsNullOrEmpty(named) ? [named]
            : OperatingSystem.IsWindows() ? ["nvcuda.dll"]
            : ["libcuda.so.1", "libcuda.so"];
    }
}
