using System.Runtime.InteropServices;

namespace GpuSynth.Devices.Gpu.Cuda;

/// <summary>
/// Finds the CUDA driver. The environment variable GPUSYNTH_CUDA_DRIVER may name another one.
/// </summary>
internal static class CudaLibrary
{
    /// <summary>Names the library to load instead of the system's.</summary>
    public const string Variable = "GPUSYNTH_CUDA_DRIVER";

    /// <summary>What this engine's imports call the driver.</summary>
    public const string Name = "gpusynth-cuda-driver";

    private static readonly Lock Door = new();
    private static bool resolving;
    private static nint library;

    /// <summary>Loads the driver.</summary>
    /// <exception cref="DeviceException">There is none.</exception>
    public static void Load()
    {
        lock (Door)
        {
            if (!resolving)
            {
                resolving = true;
                NativeLibrary.SetDllImportResolver(
                    typeof(CudaLibrary).Assembly, static (name, _, _) => name == Name ? Library() : 0);
            }

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

    private static nint Library()
    {
        lock (Door)
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
    }

    private static string[] Candidates()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        return !string.IsNullOrEmpty(named) ? [named]
            : OperatingSystem.IsWindows() ? ["nvcuda.dll"]
            : ["libcuda.so.1", "libcuda.so"];
    }
}
