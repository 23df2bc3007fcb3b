namespace GpuSynth.Kernels;

// SegmentLoss: Dice loss + cross-entropy of logits and their gradient, two sweeps over the logits of an image, p = softmax:
//   sums      by label of p y, p and y, and of log p_y            -> D_k = (2 sum p y + e)/(sum p + sum y + e), e = 1e-5
//   gradient  dL/dz = p (g - sum over k of p_k g_k) + (p - y)/(B voxels), g = own[k] y + all[k]
//             with own[k] = -2/(B K a), all[k] = D_k/(B K a), a = sum p + sum y + e.
// Logits: float or bfloat16, any strides, read twice and their gradient written once: 12 B/value. Two exponentials per value.
// Chunks and their order as in RasdLoss. Reference: SegmentObjective's tensor form, and the tests' loops in double.

/// <summary>Dice loss and cross-entropy, and their gradient, a chunk of voxels at a time.</summary>
public static partial class SegmentLoss
{
    /// <summary>e of the Dice loss.</summary>
    public const double Smoothing = 1e-5;

    /// <summary>Values that a chunk sums up: by label, p y [K], p [K], y [K]; and the sum of log p_y.</summary>
    public static int SumLength(int labels) => (3 * labels) + 1;

    /// <summary>Combines what the chunks of an image have summed up.</summary>
    /// <param name="sums">[chunks][<see cref="SumLength"/>].</param>
    /// <param name="labels">Labels K.</param>
    /// <param name="batch">Images B.</param>
    /// <param name="scale">What gradients are multiplied by.</param>
    /// <param name="factors">Written: own [K], then all [K].</param>
    /// <returns>The image's share of the mean Dice overlap, and the sum of log p_y.</returns>
    public static (double Overlap, double Logarithms) Combine(
        ReadOnlySpan<float> sums, int labels, int batch, double scale, Span<float> factors)
    {
        int length = SumLength(labels);
        var total = new double[length];
        for (int n = 0; n < sums.Length; n++)
        {
            total[n % length] += sums[n];
        }

        double overlap = 0;
        for (int label = 0; label < labels; label++)
        {
            double all = total[labels + label] + total[(2 * labels) + label] + Smoothing;
            double dice = ((2 * total[label]) + Smoothing) / all;
            overlap += dice / ((double)batch * labels);
            double weight = scale / ((double)batch * labels * all);
            factors[label] = (float)(-2 * weight);
            factors[labels + label] = (float)(dice * weight);
        }

        return (overlap, total[^1]);
    }
}
