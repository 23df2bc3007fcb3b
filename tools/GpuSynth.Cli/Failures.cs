namespace GpuSynth.Cli;

/// <summary>The command line asks for something that cannot be: exit code 2.</summary>
internal sealed class WrongUseException(string message) : GpuSynthException(message);

/// <summary>A run that was stopped by the user; the message says what is complete.</summary>
internal sealed class StoppedException(string message) : OperationCanceledException(message);

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
