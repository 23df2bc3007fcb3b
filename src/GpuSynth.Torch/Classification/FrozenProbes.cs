using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Classification;

/// <summary>Features of a frozen network, of all parts.</summary>
/// <param name="Channels">Of a row.</param>
/// <param name="Training">[images, channels].</param>
/// <param name="Validation">[images, channels].</param>
/// <param name="Test">[images, channels].</param>
internal sealed record FrozenFeatures(int Channels, float[] Training, float[] Validation, float[] Test)
{
    /// <summary>Some of the training rows.</summary>
    public float[] Shots(IEnumerable<int> rows) => [.. rows.SelectMany(n => Training[(n * Channels)..((n + 1) * Channels)])];
}

/// <summary>What a protocol found.</summary>
/// <param name="Chosen">In words: "L2 0.01".</param>
/// <param name="Validation">Its measures there.</param>
/// <param name="Test">Probabilities [images][classes].</param>
internal sealed record Probed(string Chosen, ClassificationMetrics Validation, double[][] Test);

/// <summary>Read-outs of frozen features: the linear probe and the nearest neighbours; validation chooses their one number.</summary>
internal static class FrozenProbes
{
    // From strong to weak, each beginning where the one before ended.
    private static readonly double[] Penalties = [1e2, 1e1, 1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    // The usual number first: others have to be better.
    private static readonly int[] Neighbours = [20, 10, 100, 200];

    /// <summary>Multinomial logistic regression on features z-scored with the training statistics.</summary>
    public static (Probed Result, ChannelScale Scale, MultinomialLogistic Probe) Linear(
        FrozenFeatures features, IReadOnlyList<int> shots, ClassificationData data)
    {
        float[] own = features.Shots(shots);
        ChannelScale scale = ChannelScale.Of([own], features.Channels);
        float[] training = Scaled(own), validation = Scaled(features.Validation);
        int[] classOf = [.. shots.Select(n => data.Training[n].Class)];
        (MultinomialLogistic? probe, double penalty, ClassificationMetrics best) = (null, 0, default);
        MultinomialLogistic? last = null;
        foreach (double l2 in Penalties)
        {
            last = MultinomialLogistic.Fit(training, features.Channels, classOf, data.ClassNames.Length, l2, last);
            ClassificationMetrics metrics = Measure(Rows(validation, features.Channels, last.Probabilities), data.Validation);
            if (probe is null || metrics.IsBetterThan(best))
            {
                (probe, penalty, best) = (last, l2, metrics);
            }
        }

        double[][] test = Rows(Scaled(features.Test), features.Channels, probe!.Probabilities);
        return (new Probed(FormattableString.Invariant($"L2 {penalty}"), best, test), scale, probe);

        // With the norm's epsilon, so that a probe is a classifier's head to the digit.
        float[] Scaled(float[] rows) => scale.Apply(rows, Classifier.NormEpsilon);
    }

    /// <summary>Cosine nearest neighbours of the features as they are.</summary>
    public static Probed Nearest(FrozenFeatures features, IReadOnlyList<int> shots, ClassificationData data)
    {
        var neighbours = new NearestNeighbours(
            features.Shots(shots), features.Channels, [.. shots.Select(n => data.Training[n].Class)], data.ClassNames.Length);
        (int chosen, ClassificationMetrics best) = (0, default);
        foreach (int k in Neighbours)
        {
            ClassificationMetrics metrics = Measure(
                Rows(features.Validation, features.Channels, row => neighbours.Probabilities(row, k)), data.Validation);
            if (chosen == 0 || metrics.IsBetterThan(best))
            {
                (chosen, best) = (k, metrics);
            }
        }

        double[][] test = Rows(features.Test, features.Channels, row => neighbours.Probabilities(row, chosen));
        return new Probed(FormattableString.Invariant($"k {chosen}"), best, test);
    }

    internal static ClassificationMetrics Measure(double[][] probabilities, IReadOnlyList<ClassifiedImage> images) =>
        ClassificationMetrics.Of(probabilities, [.. images.Select(static image => image.Class)]);

    // Row by row, on whatever threads there are: rows do not know of each other.
    private static double[][] Rows(float[] features, int channels, RowReader read)
    {
        double[][] rows = new double[features.Length / channels][];
        Parallel.For(0, rows.Length, n => rows[n] = read(features.AsSpan(n * channels, channels)));
        return rows;
    }

    private delegate double[] RowReader(ReadOnlySpan<float> row);
}
