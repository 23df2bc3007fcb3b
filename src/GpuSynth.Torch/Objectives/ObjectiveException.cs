namespace GpuSynth.Torch.Objectives;

/// <summary>An objective cannot be had of this recipe or network; the message says why, and the way out.</summary>
public sealed class ObjectiveException : GpuSynthException
{
    /// <summary>An error with no message; use the other constructors.</summary>
    public ObjectiveException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public ObjectiveException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and its cause.</summary>
    public ObjectiveException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
