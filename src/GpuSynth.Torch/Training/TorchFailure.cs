using System.Runtime.InteropServices;

namespace GpuSynth.Torch.Training;

/// <summary>What torch says when a GPU fails, in one sentence.</summary>
internal static class TorchFailure
{
    /// <summary>The failure of a GPU that an exception of torch's is; null where it is something else.</summary>
    public static string? Of(ExternalException exception)
    {
        // Torch's own text goes on with advice for programmers and a stack.
        string first = exception.Message.Split('\n')[0].Trim().TrimEnd('.');
        if (!first.Contains("CUDA", StringComparison.Ordinal))
        {
            return null;
        }

        return first.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            ? $"The GPU's memory ran out: {first}; use a smaller --batch, --size or network"
            : $"The GPU failed in the middle: {first}";
    }
}
