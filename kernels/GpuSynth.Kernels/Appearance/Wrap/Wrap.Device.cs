using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// y(x) = sum over j of I(x + j M), from image to image, each sample along its own axis: 8 B/voxel, the other reads from the cache. A thread per voxel.
// Values: the same run to run on one device.

/// <summary>What a launch of a field of view that is too small does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct WrappedLines(VolumeShape shape, int stride, int first) : IStageMath
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
        Wrap.Drawn drawn = Real1.Drawn<Wrap.Drawn>(new Row(row, ArrayView<uint>.Empty, 0), first);
        int step = drawn.Axis == 0 ? alongZ.Step : drawn.Axis == 1 ? alongY.Step : alongX.Step;
        int length = drawn.Axis == 0 ? alongZ.Length : drawn.Axis == 1 ? alongY.Length : alongX.Length;
        int place = voxel / step % length;
        int at = place % drawn.Points;
        int from = voxel + ((at - place) * step);
        float sum = image[from];
        for (at += drawn.Points; at < length; at += drawn.Points)
        {
            from += drawn.Points * step;
            sum += image[from];
        }

        return sum;
    }
}
