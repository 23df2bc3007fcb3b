using System.Runtime.InteropServices;

namespace GpuSynth.Devices.Gpu;

/// <summary>The compiler inside an OpenCL driver, which is not this engine's to command: ILGPU gives it its options.</summary>
internal static partial class OpenClCompiler
{
    // PoCL alone writes the compiler's warnings to the process's standard error, behind every redirection of .NET's. It adds the
    // options of this variable to ILGPU's; -w is OpenCL's own for "no warnings".
    private const string Variable = "POCL_EXTRA_BUILD_FLAGS";
    private const string NoWarnings = "-w";

    private static readonly Lock Door = new();
    private static bool isQuiet;

    /// <summary>Keeps the compiler's warnings about generated code off the user's screen. Errors come as exceptions, as before.</summary>
    public static void KeepQuiet()
    {
        lock (Door)
        {
            if (isQuiet || OperatingSystem.IsWindows())
            {
                return;
            }

            isQuiet = true;

            // What a user has set stays. Not through Environment: on Unix that changes what .NET sees, and nothing that C reads.
            string? before = Environment.GetEnvironmentVariable(Variable);
            _ = SetVariable(Variable, string.IsNullOrEmpty(before) ? NoWarnings : $"{before} {NoWarnings}", 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
