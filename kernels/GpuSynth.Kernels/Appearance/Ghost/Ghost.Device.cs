using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// y(x) = sum_m c_m I(x - d_m), from image to image: 8 B/voxel, the copies from the cache where it holds them. A thread per voxel.
// Values: the same run to run on one device.

/// <summary>What a launch of ghosts does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct GhostCopies(VolumeShape shape, int stride, int first) : IStageMath
{
    private readonly LineAxis alongZ = new(shape, 0);
    private readonly LineAxis alongY = new(shape, 1);
    private readonly LineAxis alongX = new(shape, 2);
    private readonly int stride = stride;
    private readonly int first = first;

    /// <inheritdoc/>
    public int Voxels => alongZ.Voxels;

    /// <inheritdoc/>
    public int Stride => stride;

    /// <inheritdoc/>
    public float At(ArrayView<uint> row, ArrayView<float> image, int voxel)
    {
        Ghost.Drawn drawn = Real1.Drawn<Ghost.Drawn>(new Row(row, ArrayView<uint>.Empty, 0), first);
        int step = drawn.Axis < 0.5f ? alongZ.Step : drawn.Axis < 1.5f ? alongY.Step : alongX.Step;
        int length = drawn.Axis < 0.5f ? alongZ.Length : drawn.Axis < 1.5f ? alongY.Length : alongX.Length;
        int at = voxel / step % length;
        float real = 0f;
        float imaginary = 0f;
        for (int copy = 0; copy < drawn.Used; copy++)
        {
            int word = drawn.Weights.First + (Ghost.CopyWords * copy);
            int source = at - (int)SampleLayout.Number(row, word);
            float value = image[voxel + (((source < 0 ? source + length : source) - at) * step)];
            real += SampleLayout.Number(row, word + 1) * value;
            imaginary += SampleLayout.Number(row, word + 2) * value;
        }

        return drawn.IsMagnitude != 0 ? KernelMath.Sqrt((real * real) + (imaginary * imaginary)) : real;
    }
}
