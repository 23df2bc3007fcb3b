using System.Runtime.InteropServices;

namespace GpuSynth.Cli;

/// <summary>The command line asks for something that cannot be: exit code 2.</summary>
internal sealed class WrongUseException(string message) : GpuSynthException(message);

/// <summary>A run that was stopped by the user; the message says what is complete.</summary>
internal sealed class StoppedException(string message) : OperationCanceledException(message);

/// <summary>What is said where the memory ran out.</summary>
internal static class MissingMemory
{
    // Of libtorch's allocator for the processor.
    private const string TorchName = "DefaultCPUAllocator";

    /// <summary>Whether an exception says that there is no more memory, the runtime's or torch's.</summary>
    public static bool IsIn(Exception error) => error is OutOfMemoryException
        || (error is ExternalException && error.Message.Contains(TorchName, StringComparison.Ordinal));

    /// <summary>The ways out that a command has.</summary>
    /// <param name="command">Its name; null where there is none.</param>
    public static string WayOut(string? command) => command switch
    {
        "generate" => "use a smaller --size or fewer --threads (see generate --dry-run)",
        "preview" => "use a smaller --size, a smaller --count or fewer --threads",
        "pretrain" => "use a smaller --size or --batch, or a network of fewer --channels",
        "finetune" => "use a smaller --patch or --batch, or a coarser --spacing",
        "bench" => "use a smaller --size or --batch, or fewer --threads",
        _ => "use a machine with more, or end other programs",
    };
}

/// <summary>What is said where a native library is missing.</summary>
internal static class MissingLibrary
{
    /// <summary>A sentence with the way out, and with what a library that is there lacks.</summary>
    /// <param name="error">What the runtime says: a line for every name that it tried.</param>
    /// <param name="folder">Where the tool is.</param>
    public static string Sentence(DllNotFoundException error, string folder)
    {
        string[] lines = error.Message.Split(
            '\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (!lines[0].Contains("LibTorchSharp", StringComparison.Ordinal))
        {
            return $"A native library is missing: {string.Join(' ', lines).TrimEnd('.')}.";
        }

        string path = Path.Combine(folder, "libLibTorchSharp.so");
        // Where the library is there, the loader names what it needs in turn.
        string reason = lines.Skip(1).FirstOrDefault(static line => !line.Contains("LibTorchSharp", StringComparison.Ordinal))
            ?? lines.FirstOrDefault(line => line.StartsWith(path, StringComparison.Ordinal))
            ?? path;
        return $"Torch cannot be called ({reason}). ./gpusynth compiles this library where torch is needed; for a published tool "
            + $"{Path.Combine(folder, "native", "build.sh")} {path} LIBTORCH does, with the folder of PyTorch's package torch or "
            + "of an unpacked libtorch.";
    }
}
