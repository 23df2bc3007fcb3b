using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Probing;

/// <summary>A fitted linear read-out of one level, or of several together.</summary>
/// <param name="Name">"encoder/4", or <see cref="AllLevels"/>.</param>
/// <param name="Channels">Channels that it reads.</param>
/// <param name="Lambda">The penalty that was chosen.</param>
/// <param name="FitDice">Mean Dice of training cases that were left out.</param>
/// <param name="Parts">The weights [classes, channels] of every level that it reads, by the level's number.</param>
/// <param name="Bias">[classes].</param>
internal sealed record ReadOut(
    string Name,
    int Channels,
    double Lambda,
    double FitDice,
    IReadOnlyList<(int Level, float[] Weights)> Parts,
    float[] Bias)
{
    /// <summary>The name of the read-out of all levels together.</summary>
    public const string AllLevels = "all levels";

    private static readonly double[] Lambdas = [1, 0.1, 0.01, 1e-3, 1e-4];

    // Rows are drawn balanced over the classes, so that a small class would be labelled too much. A class's score gets
    // weight * ln(voxels that a row of it stands for): scores are shares, 0 to 1, and a hundred times as many voxels are ln 100 = 4.6.
    private static readonly double[] SizeWeights = [0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2];

    /// <summary>
    /// Fits a read-out; the penalty and how much the classes' sizes count are those with the best Dice on training cases that were
    /// left out, the larger penalty and the smaller weight of equals.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="level">The level's number.</param>
    /// <param name="rows">The features of every training case [n, channels].</param>
    /// <param name="channels">Channels.</param>
    /// <param name="truth">The classes of the rows, by case.</param>
    /// <param name="voxelsOf">How many voxels a row of a class stands for, by case and class.</param>
    public static ReadOut Fit(string name, int level, float[][] rows, int channels, byte[][] truth, double[][] voxelsOf)
    {
        int classes = voxelsOf[0].Length;
        RidgeSums[] sums = [.. rows.Select((own, n) => RidgeSums.Of(own, channels, truth[n], classes))];
        var total = RidgeSums.Total(sums);
        double[] sizes = [.. Enumerable.Range(0, classes).Select(one => Math.Log(Math.Max(1, voxelsOf.Average(own => own[one]))))];
        (double best, double penalty, double chosen) = (double.NegativeInfinity, Lambdas[0], SizeWeights[0]);
        foreach (double lambda in Lambdas)
        {
            float[][][] scores = [.. rows.Select((own, n) =>
                RidgeClassifier.Fit(total.Without(sums[n]), lambda).Scores(own, channels))];
            foreach (double weight in SizeWeights)
            {
                double dice = ProbeScores.Mean(scores.Select((own, n) => ProbeScores.Mean(ProbeScores.Dice(
                    truth[n], ProbeScores.Answers(Shifted(own, sizes, weight)), voxelsOf[n]))));
                (best, penalty, chosen) = dice > best ? (dice, lambda, weight) : (best, penalty, chosen);
            }
        }

        var fitted = RidgeClassifier.Fit(total, penalty);
        float[] bias = [.. fitted.Bias.Zip(sizes, (own, size) => own + (float)(chosen * size))];
        return new ReadOut(name, channels, penalty, Math.Max(best, 0), [(level, fitted.Weights)], bias);
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

    private static float[][] Shifted(float[][] scores, double[] sizes, double weight) =>
        [.. scores.Select((own, one) => own.Select(score => score + (float)(weight * sizes[one])).ToArray())];
}
