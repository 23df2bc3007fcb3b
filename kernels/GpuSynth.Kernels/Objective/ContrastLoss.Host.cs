using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuSynth.Kernels;

// One item: R rows u of length 1, s_ij = u_i.u_j / T, n_i rows of i's label, d_ik = 1, or balanced n_k, n_k - 1 where k has i's label.
//   L_i = ln Z_i - mean over j in P_i of s_ij,  Z_i = sum over k != i of e^s_ik / d_ik,  P_i: the n_i - 1 other rows of the label
//   L = sum_i w_i L_i,  w_i = 1 / R, or balanced 1 / n_i over the sum of all 1 / n_i
// s is symmetric, and so a gradient of u takes G + G^T, G = dL / ds:
//   H_ik = e^s_ik (a_i / d_ik + a_k / d_ki) - [k in P_i] (b_i + b_k),  a_i = w_i / Z_i,  b_i = w_i / (n_i - 1),  dL / du_i = sum_k H_ik u_k / T
// Two sweeps over s: powers and sums of rows, then H. Cosines over T = 0.33 are at most 3: their powers need no maximum taken off.

/// <summary>
/// The contrast of the rows of one item by their labels, on the host: values, and what gradients are made of, in the place of the similarities. First
/// <see cref="HostPowers"/> of all rows, then <see cref="Finish"/>, then <see cref="HostSlopes"/> of all rows; rows may be shared among threads.
/// </summary>
public sealed unsafe class ContrastLoss
{
    private const int Lanes = 16;

    private readonly int rows;
    private readonly bool isBalanced;
    private readonly double scale;
    private readonly int[] own;
    private readonly float[] all;
    private readonly float[] others;
    private readonly float[] perOther;
    private readonly float[] a;
    private readonly float[] b;
    private readonly double[] powers;
    private readonly double[] pulls;

    /// <summary>The rows of an item.</summary>
    /// <param name="labels">Their labels, at least 0; each occurs at least twice.</param>
    /// <param name="isBalanced">Whether labels weigh alike.</param>
    /// <param name="scale">What gradients are multiplied by.</param>
    public ContrastLoss(ReadOnlySpan<int> labels, bool isBalanced, double scale)
    {
        (rows, this.isBalanced, this.scale) = (labels.Length, isBalanced, scale);
        int padded = HostMath.RoundUp(rows, Lanes);
        own = new int[padded];
        own.AsSpan().Fill(-1);
        labels.CopyTo(own);
        (all, others, perOther, a, b) = (new float[padded], new float[padded], new float[padded], new float[padded], new float[padded]);
        (powers, pulls) = (new double[rows], new double[rows]);
        fixed (int* at = own)
        {
            for (int row = 0; row < rows; row++)
            {
                int count = Count(at, padded, own[row]);
                perOther[row] = 1f / (count - 1);

                // 1 / d of rows of other labels, and of a row's own.
                (all[row], others[row]) = isBalanced ? (1f / count, perOther[row]) : (1f, 1f);
            }
        }
    }

    /// <summary>Some rows of s become their powers.</summary>
    /// <param name="similarities">float[R,R], s, symmetric.</param>
    /// <param name="first">The first of the rows.</param>
    /// <param name="count">How many.</param>
    public void HostPowers(float* similarities, int first, int count)
    {
        fixed (int* labels = own)
        fixed (float* ofAll = all)
        {
            for (int row = first; row < first + count; row++)
            {
                (powers[row], pulls[row]) = Powers(similarities + ((long)row * rows), labels, row, rows, ofAll, others[row]);
            }
        }
    }

    /// <summary>The loss L, when all rows are powers; not scaled.</summary>
    public double Finish()
    {
        double sum = 0, loss = 0;
        for (int row = 0; row < rows; row++)
        {
            sum += isBalanced ? all[row] : 1;
        }

        for (int row = 0; row < rows; row++)
        {
            double weight = (isBalanced ? all[row] : 1) / sum;
            loss += weight * (Math.Log(powers[row]) - (pulls[row] * perOther[row]));
            a[row] = (float)(scale * weight / powers[row]);
            b[row] = (float)(scale * weight * perOther[row]);
        }

        return loss;
    }

    /// <summary>Some rows of powers become H, scaled.</summary>
    /// <param name="powers">What <see cref="HostPowers"/> has left.</param>
    /// <param name="first">The first of the rows.</param>
    /// <param name="count">How many.</param>
    public void HostSlopes(float* powers, int first, int count)
    {
        fixed (int* labels = own)
        fixed (float* ofAll = all, ofA = a, ofB = b)
        {
            for (int row = first; row < first + count; row++)
            {
                Slopes(powers + ((long)row * rows), labels, row, rows, ofAll, others[row], ofA, ofB);
            }
        }
    }

    private static int Count(int* labels, int padded, int label)
    {
        Vector512<int> equal = default;
        for (int at = 0; at < padded; at += Lanes)
        {
            equal -= Vector512.Equals(Vector512.Load(labels + at), Vector512.Create(label));
        }

        return Vector512.Sum(equal);
    }

    // A row becomes its powers, 0 at itself. Returns Z and the sum of s over P.
    private static (double Powers, double Pull) Powers(float* line, int* own, int row, int rows, float* all, float ofOwn)
    {
        Vector512<int> label = Vector512.Create(own[row]);
        Vector512<float> inOwn = Vector512.Create(ofOwn);
        Vector512<float> powers = default, pull = default;

        // Its own power is 1, which is taken off exactly enough below.
        line[row] = 0;
        int at = 0;
        for (; at + Lanes <= rows; at += Lanes)
        {
            Power(line + at, own + at, all + at, label, inOwn, ref powers, ref pull);
        }

        if (at < rows)
        {
            float* rest = stackalloc float[Lanes];
            new Span<float>(rest, Lanes).Clear();
            new ReadOnlySpan<float>(line + at, rows - at).CopyTo(new Span<float>(rest, Lanes));
            Power(rest, own + at, all + at, label, inOwn, ref powers, ref pull);
            new ReadOnlySpan<float>(rest, rows - at).CopyTo(new Span<float>(line + at, rows - at));
        }

        line[row] = 0;
        return (Vector512.Sum(powers) - (double)ofOwn, Vector512.Sum(pull));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Power(
        float* line, int* own, float* all, Vector512<int> label, Vector512<float> inOwn, ref Vector512<float> powers, ref Vector512<float> pull)
    {
        Vector512<float> isOwn = Vector512.Equals(Vector512.Load(own), label).AsSingle();
        Vector512<float> similarity = Vector512.Load(line);
        Vector512<float> power = HostMath.Exp(similarity);
        power.Store(line);
        powers = HostMath.Fma(power, Vector512.ConditionalSelect(isOwn, inOwn, Vector512.Load(all)), powers);
        pull += similarity & isOwn;
    }

    // A row of powers becomes H.
    private static void Slopes(float* line, int* own, int row, int rows, float* all, float ofOwn, float* a, float* b)
    {
        Vector512<int> label = Vector512.Create(own[row]);
        Vector512<float> ofRow = Vector512.Create(a[row]), pullOfRow = Vector512.Create(b[row]);
        Vector512<float> inAll = Vector512.Create(all[row]), inOwn = Vector512.Create(ofOwn);
        int at = 0;
        for (; at + Lanes <= rows; at += Lanes)
        {
            Slope(line + at, own + at, all + at, a + at, b + at, label, ofRow, pullOfRow, inAll, inOwn);
        }

        if (at < rows)
        {
            float* rest = stackalloc float[Lanes];
            new Span<float>(rest, Lanes).Clear();
            new ReadOnlySpan<float>(line + at, rows - at).CopyTo(new Span<float>(rest, Lanes));
            Slope(rest, own + at, all + at, a + at, b + at, label, ofRow, pullOfRow, inAll, inOwn);
            new ReadOnlySpan<float>(rest, rows - at).CopyTo(new Span<float>(line + at, rows - at));
        }

        line[row] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Slope(
        float* line, int* own, float* all, float* a, float* b, Vector512<int> label, Vector512<float> ofRow, Vector512<float> pullOfRow,
        Vector512<float> inAll, Vector512<float> inOwn)
    {
        Vector512<float> isOwn = Vector512.Equals(Vector512.Load(own), label).AsSingle();
        Vector512<float> power = Vector512.Load(line);
        Vector512<float> there = Vector512.Load(a);
        Vector512<float> apart = power * HostMath.Fma(ofRow, Vector512.Load(all), there * inAll);
        Vector512<float> together = HostMath.Fma(power * inOwn, ofRow + there, -(pullOfRow + Vector512.Load(b)));
        Vector512.ConditionalSelect(isOwn, together, apart).Store(line);
    }
}
