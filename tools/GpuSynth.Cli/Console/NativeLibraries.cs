using System.Runtime.InteropServices;

namespace GpuSynth.Cli;

/// <summary>Native libraries that do not load: why, and the way out.</summary>
internal static class NativeLibraries
{
    private const string Torch = "LibTorchSharp";
    private const string Newer = "GLIBCXX_";

    private static readonly string TorchFile = OperatingSystem.IsWindows() ? $"{Torch}.dll"
        : OperatingSystem.IsMacOS() ? $"lib{Torch}.dylib" : $"lib{Torch}.so";

    /// <summary>
    /// Loads torch's native half: to be called before anything else of torch. TorchSharp's own attempts would say thirty lines and
    /// copy half a gigabyte beside the tool.
    /// </summary>
    /// <exception cref="GpuSynthException">It does not load; the sentence says why.</exception>
    public static void RequireTorch()
    {
        if (WhyTorchDoesNotLoad(AppContext.BaseDirectory) is { } reason)
        {
            throw new GpuSynthException(TorchComplaint(reason));
        }
    }

    /// <summary>A sentence where an exception is that of a library that does not load; null for any other.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="folder">Where the tool is.</param>
    public static string? Complaint(Exception error, string folder)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is TypeInitializationException { TypeName: "TorchSharp.torch" } || IsOfTorch(cause))
            {
                return TorchComplaint(WhyTorchDoesNotLoad(folder) ?? "it says no more");
            }

            if (cause is DllNotFoundException)
            {
                return $"A native library does not load ({ReasonOf(cause)}); install it, or name its folder in LD_LIBRARY_PATH";
            }
        }

        return null;
    }

    /// <summary>Null where torch's native half in a tool's folder loads; otherwise what the system's loader says.</summary>
    internal static string? WhyTorchDoesNotLoad(string folder)
    {
        // A tool published for one system has it beside itself, any other one among those of several.
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        string inside = Path.Combine(folder, "runtimes", $"{system}-{architecture}", "native", TorchFile);
        string beside = Path.Combine(folder, TorchFile);
        string? path = File.Exists(beside) ? beside : File.Exists(inside) ? inside : null;
        if (path is null)
        {
            return $"there is neither {inside} nor {beside}";
        }

        try
        {
            NativeLibrary.Load(path);
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return ReasonOf(error);
        }
    }

    /// <summary>What is said about torch, with the way out of it.</summary>
    internal static string TorchComplaint(string reason) => reason.Contains(Newer, StringComparison.Ordinal)
        ? $"Torch does not load, for TorchSharp needs the libstdc++ of GCC 13 or newer ({reason}); start the tool by ./gpusynth, "
            + "which makes up for it, or for a published tool name the folder that tools/libstdcxx_compat.sh makes in "
            + "LD_LIBRARY_PATH, or use a newer system (Debian 13, Ubuntu 24.04)"
        : $"Torch does not load ({reason}); build the tool afresh on this system (rm -rf artifacts, then ./gpusynth does), and see "
            + "to it that a package of libtorch is built for this system and processor";

    private static bool IsOfTorch(Exception error) =>
        error is DllNotFoundException && error.Message.Contains(Torch, StringComparison.Ordinal);

    // The runtime says a sentence and then a line of the system's loader for every name that it tried. The loader's line about what
    // a library lacks says more than that another name of it is nowhere.
    private static string ReasonOf(Exception error)
    {
        string[] lines = error.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string reason = lines.FirstOrDefault(static line => line.Contains("not found (required by", StringComparison.Ordinal))
            ?? lines.Skip(1).FirstOrDefault() ?? lines.FirstOrDefault() ?? "no reason is given";
        return reason.TrimEnd('.');
    }
}
