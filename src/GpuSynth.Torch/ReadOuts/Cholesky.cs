using System.Numerics.Tensors;

namespace GpuSynth.Torch.ReadOuts;

/// <summary>Linear equations with a symmetric positive definite matrix (Golub and Van Loan, Matrix Computations, 4.2).</summary>
internal static class Cholesky
{
    /// <summary>Solves A X = B.</summary>
    /// <param name="matrix">A [size, size], of which the lower triangle is read; becomes its factor.</param>
    /// <param name="size">Rows of A.</param>
    /// <param name="right">B [columns, size], a right-hand side per row; becomes X.</param>
    /// <exception cref="ArithmeticException">A is not positive definite.</exception>
    public static void Solve(double[] matrix, int size, double[] right)
    {
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column <= row; column++)
            {
                double rest = matrix[(row * size) + column]
                    - TensorPrimitives.Dot<double>(
                        matrix.AsSpan(row * size, column), matrix.AsSpan(column * size, column));
                if (column < row)
                {
                    matrix[(row * size) + column] = rest / matrix[(column * size) + column];
                }
                else if (rest > 0)
                {
                    matrix[(row * size) + row] = Math.Sqrt(rest);
                }
                else
                {
                    throw new ArithmeticException($"The matrix is not positive definite in row {row}.");
                }
            }
        }

        for (int first = 0; first < right.Length; first += size)
        {
            Substitute(matrix, size, right.AsSpan(first, size));
        }
    }

    private static void Substitute(double[] factor, int size, Span<double> values)
    {
        for (int row = 0; row < size; row++)
        {
            double known = TensorPrimitives.Dot<double>(factor.AsSpan(row * size, row), values[..row]);
            values[row] = (values[row] - known) / factor[(row * size) + row];
        }

        for (int row = size - 1; row >= 0; row--)
        {
            double rest = values[row];
            for (int below = row + 1; below < size; below++)
            {
                rest -= factor[(below * size) + row] * values[below];
            }

            values[row] = rest / factor[(row * size) + row];
        }
    }
}
