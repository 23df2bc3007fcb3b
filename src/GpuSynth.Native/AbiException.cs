namespace GpuSynth.Native;

/// <summary>What the ABI itself refuses, with the code that the caller gets. It never leaves this library.</summary>
internal sealed class AbiException(ResultCode code, string message) : Exception(message)
{
    /// <summary>What the call returns.</summary>
    public ResultCode Code { get; } = code;
}
