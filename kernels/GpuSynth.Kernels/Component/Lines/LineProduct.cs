using System.Runtime.CompilerServices;

namespace GpuSynth.Kernels;

// LineProduct: y[i][l] = sum over k of a[i][k] x[k][l]: a small matrix product, four rows of it and two vectors of lines in registers at a time, so
// that a multiply-add needs 3/4 of a load. A sum is taken in the order of k, whatever the width: the bits are those of any machine.

/// <summary>A full matrix times lines side by side (<see cref="HostLines"/>), near the peak of the multiply-adds.</summary>
internal static unsafe class LineProduct
{
    /// <summary>y = M x.</summary>
    /// <param name="matrix">Its first row.</param>
    /// <param name="rowStep">Floats from one row to the next; negative of a circulant that lies there once, doubled.</param>
    /// <param name="length">Rows, columns, voxels of a line.</param>
    /// <param name="width">Lines, a multiple of 16.</param>
    /// <param name="lines">x, places <see cref="HostLines.Width"/> floats apart.</param>
    /// <param name="after">Written: y, likewise.</param>
    public static void Run(float* matrix, int rowStep, int length, int width, float* lines, float* after)
    {
        if (HostStep.Lanes == 16)
        {
            Run<Real16, Word16>(matrix, rowStep, length, width, lines, after);
        }
        else
        {
            Run<Real8, Word8>(matrix, rowStep, length, width, lines, after);
        }
    }

    /// <summary>The same at a width of vectors.</summary>
    internal static void Run<F, U>(float* matrix, int rowStep, int length, int width, float* lines, float* after)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        for (int line = 0; line < width; line += 2 * F.Count)
        {
            // The last vector may stand alone; the one beside it, of lines that nobody asked for, is worked out all the same.
            int row = 0;
            for (; row + 4 <= length; row += 4)
            {
                FourRows<F, U>(matrix + ((long)row * rowStep), rowStep, length, lines + line, after + line + ((long)row * HostLines.Width));
            }

            for (; row < length; row++)
            {
                OneRow<F, U>(matrix + ((long)row * rowStep), length, lines + line, after + line + ((long)row * HostLines.Width));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows<F, U>(float* matrix, int rowStep, int length, float* lines, float* after)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F a0 = F.Of(0f), a1 = F.Of(0f), b0 = F.Of(0f), b1 = F.Of(0f), c0 = F.Of(0f), c1 = F.Of(0f), d0 = F.Of(0f), d1 = F.Of(0f);
        float* second = matrix + rowStep;
        float* third = second + rowStep;
        float* fourth = third + rowStep;
        for (int k = 0; k < length; k++)
        {
            F left = F.Load(lines);
            F right = F.Load(lines + F.Count);
            F weight = F.Of(matrix[k]);
            a0 = F.Fma(weight, left, a0);
            a1 = F.Fma(weight, right, a1);
            weight = F.Of(second[k]);
            b0 = F.Fma(weight, left, b0);
            b1 = F.Fma(weight, right, b1);
            weight = F.Of(third[k]);
            c0 = F.Fma(weight, left, c0);
            c1 = F.Fma(weight, right, c1);
            weight = F.Of(fourth[k]);
            d0 = F.Fma(weight, left, d0);
            d1 = F.Fma(weight, right, d1);
            lines += HostLines.Width;
        }

        Put<F, U>(a0, a1, after);
        Put<F, U>(b0, b1, after + HostLines.Width);
        Put<F, U>(c0, c1, after + (2 * HostLines.Width));
        Put<F, U>(d0, d1, after + (3 * HostLines.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow<F, U>(float* matrix, int length, float* lines, float* after)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F left = F.Of(0f);
        F right = F.Of(0f);
        for (int k = 0; k < length; k++)
        {
            F weight = F.Of(matrix[k]);
            left = F.Fma(weight, F.Load(lines), left);
            right = F.Fma(weight, F.Load(lines + F.Count), right);
            lines += HostLines.Width;
        }

        Put<F, U>(left, right, after);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<F, U>(F left, F right, float* after)
        where F : struct, IHostReal<F, U>
        where U : struct, IWord<F, U>
    {
        F.Store(left, after);
        F.Store(right, after + F.Count);
    }
}
