using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Probing;

/// <summary>A fitted linear read-out of one level, or of several together.</summary>
/// <param name="Name">"encoder/4", or <see cref="AllLevels"/>.</param>
/// <param name="Channels">Channels that it reads.</param>
/// <param name="Lambda">The penalty that was chosen.</param>
/// <param name="FitAccuracy">Mean recall of the classes in training cases that were left out, 0 to 1.</param>
/// <param name="Parts">The weights [classes, channels] of every level that it reads, by the level's number.</param>
/// <param name="Bias">[classes].</param>
internal sealed record ReadOut(
    string Name,
    int Channels,
    double Lambda,
    double FitAccuracy,
    IReadOnlyList<(int Level, float[] Weights)> Parts,
    float[] Bias)
{
    /// <summary>The name of the read-out of all levels together.</summary>
    public const string AllLevels = "all levels";

    private static readonly double[] Lambdas = [1, 0.1, 0.01, 1e-3, 1e-4];

    /// <summary>
    /// Fits a read-out; the penalty is the one that does best on training cases that were left out, the larger of equals.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="level">The level's number.</param>
    /// <param name="rows">The features of every training case [n, channels].</param>
    /// <param name="channels">Channels.</param>
    /// <param name="truth">The classes of the rows, by case.</param>
    /// <param name="classes">Classes.</param>
    public static ReadOut Fit(string name, int level, float[][] rows, int channels, byte[][] truth, int classes)
    {
        RidgeSums[] sums = [.. rows.Select((own, n) => RidgeSums.Of(own, channels, truth[n], classes))];
        var total = RidgeSums.Total(sums);
        (double best, double chosen) = (double.NegativeInfinity, Lambdas[0]);
        foreach (double lambda in Lambdas)
        {
            double accuracy = rows.Select((own, n) =>
                Recall(RidgeClassifier.Fit(total.Without(sums[n]), lambda), own, channels, truth[n], classes)).Average();
            (best, chosen) = accuracy > best ? (accuracy, lambda) : (best, chosen);
        }

        var fitted = RidgeClassifier.Fit(total, chosen);
        return new ReadOut(name, channels, chosen, best, [(level, fitted.Weights)], fitted.Bias);
    }

    /// <summary>The scores [classes][voxels of the image] of an image.</summary>
    public float[][] Scores(IReadOnlyList<FeatureLevel> levels, int voxels)
    {
        float[][] scores = [.. Bias.Select(bias => Enumerable.Repeat(bias, voxels).ToArray())];
        foreach ((int number, float[] weights) in Parts)
        {
            FeatureLevel level = levels[number];
            int count = level.Grid.Count;
            float[] map = new float[count]; // Linear scores may be interpolated in the features' stead.
            for (int one = 0; one < scores.Length; one++)
            {
                Array.Clear(map);
                for (int channel = 0; channel < level.Channels; channel++)
                {
                    System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(
                        level.Values.AsSpan(channel * count, count), weights[(one * level.Channels) + channel], map, map);
                }

                level.Grid.AddTo(map, scores[one]);
            }
        }

        return scores;
    }

    private static double Recall(RidgeClassifier classifier, float[] rows, int channels, byte[] truth, int classes)
    {
        double[] right = new double[classes];
        double[] all = new double[classes];
        for (int n = 0; n < truth.Length; n++)
        {
            all[truth[n]]++;
            right[truth[n]] += classifier.ClassOf(rows.AsSpan(n * channels, channels)) == truth[n] ? 1 : 0;
        }

        return Enumerable.Range(0, classes).Where(one => all[one] > 0).Average(one => right[one] / all[one]);
    }
}
