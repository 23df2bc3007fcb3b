using System.Runtime.InteropServices;

namespace GpuSynth.Torch;

/// <summary>How the C library keeps the memory that torch's tensors on the host are made of.</summary>
internal static partial class HostMemory
{
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;

    // The largest that glibc takes, above any layer of the default runs.
    private const int MapBytes = 32 << 20;
    private const int TrimBytes = 512 << 20;

    /// <summary>
    /// Has freed memory kept for the next step. By itself glibc gives a large tensor's pages back to the system when it is freed,
    /// and every step gets them anew, zeroed one by one: 5 to 10 % of a step's processor time. Other C libraries are left alone.
    /// </summary>
    public static void KeepFreed()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(MapThreshold, MapBytes);
            _ = SetOption(TrimThreshold, TrimBytes);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            // Not glibc: nothing is lost but time.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);
}
