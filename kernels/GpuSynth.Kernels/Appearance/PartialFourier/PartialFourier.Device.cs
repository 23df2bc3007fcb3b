using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// PartialFourier: one launch from image to another, each sample along its own axis; one that misses no lines is copied. 8 B/voxel, the line of a
// voxel from the cache; a thread per voxel. Values: the same run to run on one device.

/// <summary>What a launch of the missing lines does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct MissingLines(VolumeShape shape, int stride, RowEntry entry) : IStageMath
{
    private readonly LineAxis alongZ = new(shape, 0);
    private readonly LineAxis alongY = new(shape, 1);
    private readonly LineAxis alongX = new(shape, 2);
    private readonly int stride = stride;
    private readonly int axis = SampleLayout.FieldOf<PartialFourier.Drawn>(entry, nameof(PartialFourier.Drawn.Axis));
    private readonly int acts = SampleLayout.FieldOf<PartialFourier.Drawn>(entry, nameof(PartialFourier.Drawn.Acts));
    private readonly int reals = entry.Lists;
    private readonly int imaginaries = entry.Lists + LineAxis.Longest(shape);

    /// <inheritdoc/>
    public int Voxels => alongZ.Voxels;

    /// <inheritdoc/>
    public int Stride => stride;

    /// <inheritdoc/>
    public float At(ArrayView<uint> row, ArrayView<float> image, int voxel)
    {
        if (row[acts] == 0)
        {
            return image[voxel];
        }

        uint along = row[axis];
        int step = along == 0 ? alongZ.Step : along == 1 ? alongY.Step : alongX.Step;
        int length = along == 0 ? alongZ.Length : along == 1 ? alongY.Length : alongX.Length;
        int place = voxel / step % length;
        int at = voxel - (place * step);
        float real = 0f;
        float imaginary = 0f;
        for (int other = -place; other < length - place; other++)
        {
            // The real part is even; the sign of the imaginary one a magnitude does not see, as long as it is that of all.
            int distance = KernelMath.Max(other, -other);
            float sign = other < 0 ? -1f : 1f;
            real += SampleLayout.Number(row, reals + distance) * image[at];
            imaginary += sign * SampleLayout.Number(row, imaginaries + distance) * image[at];
            at += step;
        }

        return KernelMath.Sqrt((real * real) + (imaginary * imaginary));
    }
}
