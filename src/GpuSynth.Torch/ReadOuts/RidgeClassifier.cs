using System.Numerics.Tensors;

namespace GpuSynth.Torch.ReadOuts;

// Channels are z-scored by the fitted rows, targets are one-hot: V = (R + lambda I)^-1 r with R the channels' correlations and r
// their covariances with the targets, the intercept unpenalised. In the features' own units w = V / std, b = share - w mean.

/// <summary>Linear scores of classes by multinomial ridge regression.</summary>
/// <param name="Weights">[classes, channels], for features in their own units.</param>
/// <param name="Bias">[classes].</param>
internal sealed record RidgeClassifier(float[] Weights, float[] Bias)
{
    // Of a channel's mean square: below this its variance is rounding.
    private const double Flat = 1e-10;

    /// <summary>Fits the classifier.</summary>
    /// <param name="rows">Sums of the labelled features.</param>
    /// <param name="lambda">The penalty, above 0, in units of one row's z-scored square.</param>
    public static RidgeClassifier Fit(RidgeSums rows, double lambda)
    {
        (int channels, int classes) = (rows.Channels, rows.Classes);
        double count = TensorPrimitives.Sum(rows.Counts);
        double[] means = [.. rows.Sums];
        TensorPrimitives.Divide(means, count, means);
        double[] scale = new double[channels]; // 1 / std; 0 of a channel without contrast, which then has no say.
        for (int n = 0; n < channels; n++)
        {
            double square = rows.Squares[(n * channels) + n] / count;
            double variance = square - (means[n] * means[n]);
            scale[n] = variance > Flat * square ? 1 / Math.Sqrt(variance) : 0;
        }

        double[] matrix = new double[channels * channels];
        for (int a = 0; a < channels; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double covariance = (rows.Squares[(a * channels) + b] / count) - (means[a] * means[b]);
                matrix[(a * channels) + b] = (covariance * scale[a] * scale[b]) + (a == b ? lambda : 0);
            }
        }

        double[] solved = new double[classes * channels];
        for (int one = 0; one < classes; one++)
        {
            double share = rows.Counts[one] / count;
            for (int n = 0; n < channels; n++)
            {
                int at = (one * channels) + n;
                solved[at] = ((rows.ClassSums[at] / count) - (share * means[n])) * scale[n];
            }
        }

        Cholesky.Solve(matrix, channels, solved);
        float[] bias = new float[classes];
        for (int one = 0; one < classes; one++)
        {
            Span<double> own = solved.AsSpan(one * channels, channels);
            TensorPrimitives.Multiply(own, scale, own);
            bias[one] = (float)((rows.Counts[one] / count) - TensorPrimitives.Dot<double>(own, means));
        }

        return new RidgeClassifier([.. solved.Select(static value => (float)value)], bias);
    }

    /// <summary>The scores [classes][n] of rows.</summary>
    /// <param name="rows">[n, channels].</param>
    /// <param name="channels">Channels of a row.</param>
    public float[][] Scores(float[] rows, int channels) => [.. Bias.Select((bias, one) =>
    {
        float[] scores = new float[rows.Length / channels];
        ReadOnlySpan<float> weights = Weights.AsSpan(one * channels, channels);
        for (int n = 0; n < scores.Length; n++)
        {
            scores[n] = bias + TensorPrimitives.Dot(weights, rows.AsSpan(n * channels, channels));
        }

        return scores;
    })];
}
