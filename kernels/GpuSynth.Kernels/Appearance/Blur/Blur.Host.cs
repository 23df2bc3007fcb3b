using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

public sealed partial record Blur
{
    private const int HostLanes = 16;

    /// <summary>One row along x.</summary>
    /// <param name="row">
    /// The row, with taps / 2 zeros before it and taps / 2 + 16 floats after it, the first taps / 2 of them 0.
    /// </param>
    /// <param name="weights">Weights.</param>
    /// <param name="taps">How many, odd.</param>
    /// <param name="to">Written: <paramref name="width"/> floats, and up to a multiple of sixteen.</param>
    /// <param name="width">Voxels of the row.</param>
    public static unsafe void HostRow(float* row, float* weights, int taps, float* to, int width)
    {
        row -= taps / 2;
        for (int x = 0; x < width; x += HostLanes)
        {
            Vector512<float> sum = Vector512.Create(weights[0]) * Vector512.Load(row + x);
            for (int tap = 1; tap < taps; tap++)
            {
                sum = HostMath.Fma(Vector512.Create(weights[tap]), Vector512.Load(row + x + tap), sum);
            }

            sum.Store(to + x);
        }
    }

    /// <summary>One row across: the weighted sum of rows, along y or z.</summary>
    /// <param name="rows">The rows that lie inside the volume.</param>
    /// <param name="weights">Weight of each.</param>
    /// <param name="count">How many.</param>
    /// <param name="to">Written: <paramref name="width"/> floats, and up to a multiple of sixteen.</param>
    /// <param name="width">Voxels of the row.</param>
    public static unsafe void HostSum(float** rows, float* weights, int count, float* to, int width)
    {
        for (int x = 0; x < width; x += HostLanes)
        {
            Vector512<float> sum = Vector512.Create(weights[0]) * Vector512.Load(rows[0] + x);
            for (int row = 1; row < count; row++)
            {
                sum = HostMath.Fma(Vector512.Create(weights[row]), Vector512.Load(rows[row] + x), sum);
            }

            sum.Store(to + x);
        }
    }
}
