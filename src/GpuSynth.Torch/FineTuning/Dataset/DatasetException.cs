namespace GpuSynth.Torch.FineTuning;

/// <summary>Labelled data that cannot be used; the message is one sentence: what, which file, and the way out.</summary>
public sealed class DatasetException : GpuSynthException
{
    /// <summary>An error with no message; use the other constructors.</summary>
    public DatasetException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public DatasetException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and its cause.</summary>
    public DatasetException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
