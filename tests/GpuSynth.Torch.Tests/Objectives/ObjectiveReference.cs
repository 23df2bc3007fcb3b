namespace GpuSynth.Torch.Tests.Objectives;

/// <summary>The objectives in double, with loops, from the formulas. Features [B][C][voxels], labels [B][voxels].</summary>
internal static class ObjectiveReference
{
    private const double Temperature = 0.07;

    public static (double Pull, double Push) Rasd(
        double[][][] features, byte[][] labels, int labelCount, double e, bool normalised)
    {
        int batch = features.Length, channels = features[0].Length, voxels = labels[0].Length;
        double pull = 0, push = 0;
        for (int b = 0; b < batch; b++)
        {
            double[][] f = normalised ? Normalised(features[b]) : features[b];
            var p = new double[channels][];
            for (int c = 0; c < channels; c++)
            {
                p[c] = new double[labelCount];
                for (int k = 0; k < labelCount; k++)
                {
                    double sum = 0, count = 0;
                    for (int x = 0; x < voxels; x++)
                    {
                        double y = labels[b][x] == k ? 1 : 0;
                        sum += f[c][x] * y;
                        count += y;
                    }

                    p[c][k] = count == 0 ? 0 : sum / (count + e);
                }
            }

            p = normalised ? Normalised(p) : p;
            for (int x = 0; x < voxels; x++)
            {
                var logits = new double[labelCount];
                for (int k = 0; k < labelCount; k++)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        logits[k] += p[c][k] * f[c][x] / Temperature;
                    }
                }

                pull -= Math.Log(Softmax(logits)[labels[b][x]] + 1e-6);
            }

            for (int i = 0; i < labelCount; i++)
            {
                var logits = new double[labelCount];
                for (int j = 0; j < labelCount; j++)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        logits[j] += p[c][i] * p[c][j] / Temperature;
                    }
                }

                push -= Math.Log(Softmax(logits)[i] + 1e-6);
            }
        }

        return (pull / ((double)batch * labelCount * voxels), push / ((double)batch * labelCount * labelCount));
    }

    public static (double Dice, double CrossEntropy) Segment(double[][][] logits, byte[][] labels, int labelCount)
    {
        int batch = logits.Length, voxels = labels[0].Length;
        double dice = 0, crossEntropy = 0;
        for (int b = 0; b < batch; b++)
        {
            var common = new double[labelCount];
            var all = new double[labelCount];
            for (int x = 0; x < voxels; x++)
            {
                double[] p = Softmax([.. Enumerable.Range(0, labelCount).Select(k => logits[b][k][x])]);
                crossEntropy -= Math.Log(p[labels[b][x]]);
                for (int k = 0; k < labelCount; k++)
                {
                    double y = labels[b][x] == k ? 1 : 0;
                    common[k] += p[k] * y;
                    all[k] += p[k] + y;
                }
            }

            for (int k = 0; k < labelCount; k++)
            {
                dice += ((2 * common[k]) + 1e-5) / (all[k] + 1e-5);
            }
        }

        return (1 - (dice / (batch * labelCount)), crossEntropy / ((double)batch * voxels));
    }

    // Columns of length 1; a column of zeros stays.
    private static double[][] Normalised(double[][] columns)
    {
        var result = columns.Select(static row => (double[])row.Clone()).ToArray();
        for (int x = 0; x < columns[0].Length; x++)
        {
            double length = Math.Sqrt(columns.Sum(row => row[x] * row[x]));
            foreach (double[] row in result)
            {
                row[x] /= Math.Max(length, 1e-12);
            }
        }

        return result;
    }

    private static double[] Softmax(double[] logits)
    {
        double most = logits.Max();
        double sum = logits.Sum(logit => Math.Exp(logit - most));
        return [.. logits.Select(logit => Math.Exp(logit - most) / sum)];
    }
}
