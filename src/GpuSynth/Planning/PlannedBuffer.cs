namespace GpuSynth.Planning;

/// <summary>One piece of memory that a run will hold, declared before the first sample.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">How large it is, all copies together.</param>
/// <param name="Purpose">What for, in a few words.</param>
public sealed record PlannedBuffer(string Name, long Bytes, string Purpose);
