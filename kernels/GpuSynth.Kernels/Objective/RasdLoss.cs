namespace GpuSynth.Kernels;

// RasdLoss: RaSD's disentanglement and its gradient, three sweeps over the features of an image, t = 0.07:
//   sums      of the features by label                          -> prototypes p[k], and the push between them
//   pull      q(x) = softmax of p[k].f(x)/t; loss, G(x), f G^T   -> dL/dp[k]
//   gradient  dL/df(x) = sum over k of p[k] G_k(x) + column[label(x)]
//   with w = -q_y/(q_y + 1e-6) / (B K voxels), G = w (y - q)/t, column[k] = dL/dp[k] / voxels of k.
// In the normalised form f/|f| stands for f, the prototypes have length 1, and gradients go through both divisions.
// Features: float or bfloat16, any strides, read three times and their gradient written once: 16 B/value. 2 K C multiply-adds
// per voxel and sweep, K exponentials. An image is cut into chunks of a fixed number of voxels; what chunks have summed up
// is combined in their order, in double, whatever the threads.
// Reference: RasdObjective's tensor form, and the tests' loops in double. Source: arXiv 2602.12317.

/// <summary>RaSD's loss and its gradient, a chunk of voxels at a time.</summary>
public static partial class RasdLoss
{
    /// <summary>t, the temperature of both softmaxes.</summary>
    public const double Temperature = 0.07;

    /// <summary>What is added to a probability before its logarithm.</summary>
    public const double LogOffset = 1e-6;

    /// <summary>Vectors that are shorter are not made longer: a feature of exactly 0 has no direction.</summary>
    public const float ShortestLength = 1e-12f;

    /// <summary>Voxels of a chunk on the host.</summary>
    public const int HostChunkVoxels = 4096;

    /// <summary>Chunks of an image.</summary>
    public static int ChunkCount(int voxels, int chunkVoxels) => (int)(((long)voxels + chunkVoxels - 1) / chunkVoxels);

    /// <summary>Values that a chunk sums up: by label, the features [K][C] and the voxels [K].</summary>
    public static int SumLength(int labels, int channels) => labels * (channels + 1);

    /// <summary>Values that a chunk's pull comes to: f G^T [K][C], and the sum of log(q_y + 1e-6).</summary>
    public static int PullLength(int labels, int channels) => (labels * channels) + 1;
}

/// <summary>
/// The prototypes of one image: from the sums of its chunks to the columns of its gradient. A few K x C numbers, in double.
/// </summary>
public sealed class RasdPrototypes
{
    private readonly int labels;
    private readonly int channels;
    private readonly bool isNormalised;
    private readonly double[] prototypes;
    private readonly double[] gradient;
    private readonly double[] inverseCounts;
    private readonly double[] lengths;

    /// <summary>Combines what the chunks of an image have summed up.</summary>
    /// <param name="sums">[chunks][<see cref="RasdLoss.SumLength"/>].</param>
    /// <param name="labels">Labels K.</param>
    /// <param name="channels">Channels C.</param>
    /// <param name="isNormalised">Whether prototypes are divided by their lengths.</param>
    /// <param name="countOffset">e: 0 in 3D, 1 in 2D.</param>
    /// <param name="pushWeight">1 / (B K K).</param>
    /// <param name="scale">What gradients are multiplied by.</param>
    public RasdPrototypes(
        ReadOnlySpan<float> sums,
        int labels,
        int channels,
        bool isNormalised,
        double countOffset,
        double pushWeight,
        double scale)
    {
        (this.labels, this.channels, this.isNormalised) = (labels, channels, isNormalised);
        prototypes = new double[labels * channels];
        gradient = new double[labels * channels];
        inverseCounts = new double[labels];
        lengths = new double[labels];
        int length = RasdLoss.SumLength(labels, channels);
        for (int chunk = 0; chunk < sums.Length / length; chunk++)
        {
            ReadOnlySpan<float> own = sums.Slice(chunk * length, length);
            for (int n = 0; n < prototypes.Length; n++)
            {
                prototypes[n] += own[n];
            }

            for (int label = 0; label < labels; label++)
            {
                inverseCounts[label] += own[prototypes.Length + label];
            }
        }

        for (int label = 0; label < labels; label++)
        {
            // Counts are whole: the maximum changes nothing but the 0 of an absent label.
            inverseCounts[label] = 1 / Math.Max(1, inverseCounts[label] + countOffset);
            Span<double> own = Row(prototypes, label);
            double square = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                own[channel] *= inverseCounts[label];
                square += own[channel] * own[channel];
            }

            lengths[label] = Math.Max(Math.Sqrt(square), RasdLoss.ShortestLength);
            for (int channel = 0; isNormalised && channel < channels; channel++)
            {
                own[channel] /= lengths[label];
            }
        }

        PushApart(pushWeight, scale);
    }

    /// <summary>The image's share of the loss that pushes prototypes apart.</summary>
    public double Push { get; private set; }

    /// <summary>Writes the prototypes [K][C].</summary>
    public void CopyTo(Span<float> target)
    {
        for (int n = 0; n < prototypes.Length; n++)
        {
            target[n] = (float)prototypes[n];
        }
    }

    /// <summary>Combines the chunks' pull terms.</summary>
    /// <param name="pulls">[chunks][<see cref="RasdLoss.PullLength"/>].</param>
    /// <param name="columns">Written: what a voxel's gradient gets besides, by its label [K][C].</param>
    /// <returns>The sum over voxels of log(q_y + 1e-6).</returns>
    public double Columns(ReadOnlySpan<float> pulls, Span<float> columns)
    {
        int length = RasdLoss.PullLength(labels, channels);
        double logarithms = 0;
        for (int chunk = 0; chunk < pulls.Length / length; chunk++)
        {
            ReadOnlySpan<float> own = pulls.Slice(chunk * length, length);
            for (int n = 0; n < gradient.Length; n++)
            {
                gradient[n] += own[n];
            }

            logarithms += own[^1];
        }

        for (int label = 0; label < labels; label++)
        {
            Span<double> slope = Row(gradient, label);
            Span<double> direction = Row(prototypes, label);
            double along = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                along += slope[channel] * direction[channel];
            }

            for (int channel = 0; channel < channels; channel++)
            {
                double through = isNormalised
                    ? (slope[channel] - (direction[channel] * along)) / lengths[label]
                    : slope[channel];
                columns[(label * channels) + channel] = (float)(through * inverseCounts[label]);
            }
        }

        return logarithms;
    }

    // Z = P^T P / t, R = softmax of its rows: dL/dZ = -w r / (r + 1e-6) (I - R) with r on the diagonal,
    // dL/dP = P (dZ + dZ^T) / t.
    private void PushApart(double weight, double scale)
    {
        var row = new double[labels];
        for (int i = 0; i < labels; i++)
        {
            double most = double.NegativeInfinity;
            for (int j = 0; j < labels; j++)
            {
                row[j] = Dot(Row(prototypes, i), Row(prototypes, j)) / RasdLoss.Temperature;
                most = Math.Max(most, row[j]);
            }

            double sum = 0;
            for (int j = 0; j < labels; j++)
            {
                row[j] = Math.Exp(row[j] - most);
                sum += row[j];
            }

            double own = row[i] / sum;
            Push -= weight * Math.Log(own + RasdLoss.LogOffset);
            double slope = -weight * scale / RasdLoss.Temperature * own / (own + RasdLoss.LogOffset);
            for (int j = 0; j < labels; j++)
            {
                double logit = slope * ((i == j ? 1 : 0) - (row[j] / sum));
                AddTo(Row(gradient, i), Row(prototypes, j), logit);
                AddTo(Row(gradient, j), Row(prototypes, i), logit);
            }
        }
    }

    private Span<double> Row(double[] values, int label) => values.AsSpan(label * channels, channels);

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int n = 0; n < a.Length; n++)
        {
            sum += a[n] * b[n];
        }

        return sum;
    }

    private static void AddTo(Span<double> target, ReadOnlySpan<double> values, double factor)
    {
        for (int n = 0; n < target.Length; n++)
        {
            target[n] += factor * values[n];
        }
    }
}
