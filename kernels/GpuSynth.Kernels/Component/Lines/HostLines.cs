using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

/// <summary>Lines side by side, [place][line], a vector of lines at a time: how an operator on lines finds them on the host.</summary>
internal static unsafe class HostLines
{
    /// <summary>Lines side by side, and floats from one place to the next.</summary>
    public const int Width = 64;

    /// <summary>Copies lines that lie beside each other in memory.</summary>
    /// <param name="image">The first voxel of the first line.</param>
    /// <param name="step">Voxels from one of a line to the next.</param>
    /// <param name="length">Voxels of a line.</param>
    /// <param name="count">Lines, at most <see cref="Width"/>.</param>
    /// <param name="lines">Written.</param>
    public static void Take(float* image, long step, int length, int count, float* lines)
    {
        for (int place = 0; place < length; place++)
        {
            new ReadOnlySpan<float>(image + (place * step), count).CopyTo(new Span<float>(lines + ((long)place * Width), count));
        }
    }

    /// <summary>Puts them back.</summary>
    /// <inheritdoc cref="Take"/>
    public static void Put(float* image, long step, int length, int count, float* lines)
    {
        for (int place = 0; place < length; place++)
        {
            new ReadOnlySpan<float>(lines + ((long)place * Width), count).CopyTo(new Span<float>(image + (place * step), count));
        }
    }

    /// <summary>The magnitudes of complex lines.</summary>
    /// <param name="real">Their real parts; written.</param>
    /// <param name="imaginary">Their imaginary parts.</param>
    /// <param name="length">Voxels of a line.</param>
    /// <param name="width">Lines, a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Magnitudes(float* real, float* imaginary, int length, int width)
    {
        for (int place = 0; place < length; place++)
        {
            for (int line = 0; line < width; line += 16)
            {
                long at = ((long)place * Width) + line;
                Vector512<float> a = Vector512.Load(real + at);
                Vector512<float> b = Vector512.Load(imaginary + at);
                Vector512.Sqrt(HostMath.Fma(a, a, b * b)).Store(real + at);
            }
        }
    }

    /// <summary>Copies an array of rows with its rows and columns exchanged, four times four at a time.</summary>
    /// <param name="from">Rows.</param>
    /// <param name="stride">Floats from one of them to the next.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Floats of each.</param>
    /// <param name="to">Written: as many rows as there were columns.</param>
    /// <param name="toStride">Floats from one of them to the next.</param>
    public static void Transpose(float* from, int stride, int rows, int columns, float* to, int toStride)
    {
        int evenRows = rows & ~3;
        int evenColumns = columns & ~3;
        for (int row = 0; row < evenRows; row += 4)
        {
            float* at = from + ((long)row * stride);
            for (int column = 0; column < evenColumns; column += 4)
            {
                float* target = to + ((long)column * toStride) + row;
                Vector128<float> a = Vector128.Load(at + column);
                Vector128<float> b = Vector128.Load(at + column + stride);
                Vector128<float> c = Vector128.Load(at + column + (2L * stride));
                Vector128<float> d = Vector128.Load(at + column + (3L * stride));
                HostMath.Transpose(ref a, ref b, ref c, ref d);
                a.Store(target);
                b.Store(target + toStride);
                c.Store(target + (2L * toStride));
                d.Store(target + (3L * toStride));
            }
        }

        // What is left: columns of those rows, then rows.
        for (int row = 0; row < rows; row++)
        {
            for (int column = row < evenRows ? evenColumns : 0; column < columns; column++)
            {
                to[((long)column * toStride) + row] = from[((long)row * stride) + column];
            }
        }
    }
}
