using System.Runtime.CompilerServices;
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
        float** rows = stackalloc float*[taps];
        for (int tap = 0; tap < taps; tap++)
        {
            rows[tap] = row + tap - (taps / 2);
        }

        HostSum(rows, weights, taps, to, width);
    }

    /// <summary>
    /// One row across: the weighted sum of rows, along y or z. Four vectors at a time share a weight and the place of its row, which cost as much
    /// as a product.
    /// </summary>
    /// <param name="rows">The rows that lie inside the volume.</param>
    /// <param name="weights">Weight of each.</param>
    /// <param name="count">How many.</param>
    /// <param name="to">Written: <paramref name="width"/> floats, and up to a multiple of sixteen.</param>
    /// <param name="width">Voxels of the row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void HostSum(float** rows, float* weights, int count, float* to, int width)
    {
        int x = 0;
        for (; x + (4 * HostLanes) <= width; x += 4 * HostLanes)
        {
            float* from = rows[0] + x;
            Vector512<float> weight = Vector512.Create(weights[0]);
            Vector512<float> a = weight * Vector512.Load(from);
            Vector512<float> b = weight * Vector512.Load(from + HostLanes);
            Vector512<float> c = weight * Vector512.Load(from + (2 * HostLanes));
            Vector512<float> d = weight * Vector512.Load(from + (3 * HostLanes));
            for (int row = 1; row < count; row++)
            {
                from = rows[row] + x;
                weight = Vector512.Create(weights[row]);
                a = HostMath.Fma(weight, Vector512.Load(from), a);
                b = HostMath.Fma(weight, Vector512.Load(from + HostLanes), b);
                c = HostMath.Fma(weight, Vector512.Load(from + (2 * HostLanes)), c);
                d = HostMath.Fma(weight, Vector512.Load(from + (3 * HostLanes)), d);
            }

            a.Store(to + x);
            b.Store(to + x + HostLanes);
            c.Store(to + x + (2 * HostLanes));
            d.Store(to + x + (3 * HostLanes));
        }

        for (; x < width; x += HostLanes)
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
