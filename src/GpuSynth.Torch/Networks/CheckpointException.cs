namespace GpuSynth.Torch.Networks;

/// <summary>
/// Weights or settings of a network that cannot be used: a truncated or foreign file, shapes that differ, a network that
/// cannot be built. The message is one sentence: what, where, and the way out.
/// </summary>
public sealed class CheckpointException : GpuSynthException
{
    /// <summary>An error with no message; use the other constructors.</summary>
    public CheckpointException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and its cause.</summary>
    public CheckpointException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>"Cannot read 'FILE': WHAT."</summary>
    internal static CheckpointException Reading(string path, string what, Exception? cause = null) =>
        new($"Cannot read '{path}': {what}.", cause);
}
