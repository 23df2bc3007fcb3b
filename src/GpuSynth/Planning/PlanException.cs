namespace GpuSynth.Planning;

/// <summary>
/// A run that cannot be planned: a shape, device or memory that does not fit. The message is one clear sentence.
/// </summary>
public sealed class PlanException : GpuSynthException
{
    /// <summary>An error with no message; use the other constructors.</summary>
    public PlanException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public PlanException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and its cause.</summary>
    public PlanException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
