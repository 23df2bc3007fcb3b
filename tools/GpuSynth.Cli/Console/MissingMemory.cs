using System.Runtime.InteropServices;

namespace GpuSynth.Cli;

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
        "generate" => "use a smaller --size or --batch, or fewer --threads (see generate --dry-run)",
        "preview" => "use a smaller --size, a smaller --count or fewer --threads",
        "pretrain" => "use a smaller --size or --batch, or a network of fewer --channels",
        "finetune" => "use a smaller --patch or --batch, or a coarser --spacing",
        "bench" => "use a smaller --size or --batch, or fewer --threads",
        _ => "use a machine with more, or end other programs",
    };
}
