namespace GpuSynth;

/// <summary>
/// Memory of the caller that a batch is written to: images float [B, 1, (D,) H, W] in 0 to 1, labels byte [B, (D,) H, W], both
/// contiguous. The engine borrows it and never frees it.
/// </summary>
/// <param name="Image">Address of the first float.</param>
/// <param name="Label">Address of the first label.</param>
public readonly record struct SlotMemory(nint Image, nint Label);
