using GpuSynth.Kernels;
using ILGPU;

namespace GpuSynth.Devices.Gpu;

/// <summary>What the stages of one batch work on.</summary>
/// <param name="Samples">Samples of this batch, at most the plan's batch size.</param>
/// <param name="Words">The samples' parameters, <see cref="SampleLayout"/>; may be longer.</param>
/// <param name="Measured">What is measured, <see cref="MeasuredWords"/>: uint[samples][4].</param>
/// <param name="Labels">Labels, byte[samples][D,H,W].</param>
/// <param name="Image">Images, float[samples][D,H,W]; empty where the images are 16-bit.</param>
/// <param name="Image16">Images as 16-bit words, ushort[samples][D,H,W]; empty where the images are float.</param>
internal readonly record struct GpuBatch(
    int Samples,
    ArrayView<uint> Words,
    ArrayView<uint> Measured,
    ArrayView<byte> Labels,
    ArrayView<float> Image,
    ArrayView<ushort> Image16);
