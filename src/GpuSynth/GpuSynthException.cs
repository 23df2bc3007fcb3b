namespace GpuSynth;

/// <summary>
/// Something the user can put right: a wrong recipe, size, file or device. The message is one clear sentence that names what was
/// wrong, where, and the way out; the tool prints it as it stands.
/// </summary>
public class GpuSynthException : Exception
{
    /// <summary>An error with no message; use the other constructors.</summary>
    public GpuSynthException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public GpuSynthException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and its cause.</summary>
    public GpuSynthException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
