using TorchSharp;

namespace GpuSynth.Torch;

/// <summary>A batch of all-new samples as tensors: valid until it is released to its ring.</summary>
/// <param name="Image">float32 (or the plan's 16-bit format) [B, 1, (D,) H, W], 0 to 1; the ring's, not to be disposed of.</param>
/// <param name="Label">uint8 [B, (D,) H, W]; the ring's, not to be disposed of.</param>
/// <param name="FirstSample">Number of the first sample; the others follow.</param>
/// <param name="Drawn">What was drawn, one per sample.</param>
/// <param name="ImageAddress">
/// Where the kernels wrote the images: without copies, the address of <paramref name="Image"/>.
/// </param>
/// <param name="Slot">Index of the ring's slot.</param>
public readonly record struct TensorBatch(
    torch.Tensor Image, torch.Tensor Label, long FirstSample, DrawnSample[] Drawn, nint ImageAddress, int Slot);
