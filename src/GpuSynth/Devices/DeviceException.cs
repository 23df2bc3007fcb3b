namespace GpuSynth.Devices;

/// <summary>
/// A device that cannot be opened, has no memory left, or failed in the middle of a run. The message is one clear sentence.
/// </summary>
public sealed class DeviceException : GpuSynthException
{
    /// <summary>An error with no message; use the other constructors.</summary>
    public DeviceException()
    {
    }

    /// <summary>An error with its sentence.</summary>
    public DeviceException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its sentence and its cause.</summary>
    public DeviceException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether nothing more can be done with the device in this process.</summary>
    public bool IsLost { get; init; }

    /// <summary>Whether the device has too little memory left, so that a smaller batch may fit.</summary>
    public bool IsOutOfMemory { get; init; }
}
