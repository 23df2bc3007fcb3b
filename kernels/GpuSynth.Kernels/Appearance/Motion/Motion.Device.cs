using System.Runtime.InteropServices;
using ILGPU;

namespace GpuSynth.Kernels;

// Motion: one launch from image to another, each sample along its own axis; one that does not move is copied. 8 B/voxel, the line of a voxel and its moved
// copies from the cache; a thread per voxel. Values: the same run to run on one device.

/// <summary>What a launch of the motion does.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct MovedLines(VolumeShape shape, int stride, int first) : IStageMath
{
    private readonly LineAxis alongZ = new(shape, 0);
    private readonly LineAxis alongY = new(shape, 1);
    private readonly LineAxis alongX = new(shape, 2);
    private readonly MovedImage moved = new(shape);
    private readonly int longest = LineAxis.Longest(shape);
    private readonly int placeWords = Motion.PlaceWords;
    private readonly int stride = stride;
    private readonly int first = first;

    /// <inheritdoc/>
    public int Voxels => alongZ.Voxels;

    /// <inheritdoc/>
    public int Stride => stride;

    /// <inheritdoc/>
    public float At(ArrayView<uint> row, ArrayView<float> image, int voxel)
    {
        var words = new Row(row, ArrayView<uint>.Empty, 0);
        Motion.Drawn drawn = Real1.Drawn<Motion.Drawn>(in words, first);
        int step = drawn.Axis == 0 ? alongZ.Step : drawn.Axis == 1 ? alongY.Step : alongX.Step;
        int length = drawn.Axis == 0 ? alongZ.Length : drawn.Axis == 1 ? alongY.Length : alongX.Length;
        int place = voxel / step % length;
        float real = image[voxel];
        float imaginary = 0f;
        var table = new NumberTable(image);
        for (int copy = 0; copy < drawn.Moved; copy++)
        {
            LabelMapTransform places = Real1.Drawn<LabelMapTransform>(in words, drawn.Places.First + (placeWords * copy));
            int reals = drawn.Kernels.First + (2 * longest * copy);
            for (int other = -place; other < length - place; other++)
            {
                int at = voxel + (other * step);
                var z = new Real1(at / alongZ.Step);
                var y = new Real1(at / alongY.Step % alongY.Length);
                var x = new Real1(at % alongX.Length);
                float difference = moved.At<Real1, Word1>(in table, in places, z, y, x).V - image[at];

                // The real part is even; the sign of the imaginary one a magnitude does not see, as long as it is that of all.
                int distance = KernelMath.Max(other, -other);
                float sign = other < 0 ? -1f : 1f;
                real += SampleLayout.Number(row, reals + distance) * difference;
                imaginary += sign * SampleLayout.Number(row, reals + longest + distance) * difference;
            }
        }

        return drawn.IsMagnitude != 0 ? KernelMath.Sqrt((real * real) + (imaginary * imaginary)) : real;
    }
}
