namespace GpuSynth.Torch.ReadOuts;

/// <summary>How good probabilities of classes are.</summary>
/// <param name="Auc">Of two classes that of the second; of more the mean of one against the rest; NaN without two classes.</param>
/// <param name="Accuracy">0 to 1; of equal probabilities the first class is taken.</param>
/// <param name="BalancedAccuracy">The mean over the classes that are there of the share found.</param>
/// <param name="LogLoss">Mean of -ln p(true class), in nats.</param>
public readonly record struct ClassificationMetrics(double Auc, double Accuracy, double BalancedAccuracy, double LogLoss)
{
    /// <summary>Names of the four, in the order of <see cref="Values"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["AUC", "accuracy", "balanced accuracy", "log loss"];

    // A probability of 0 of what is true has an endless loss.
    private const double Least = 1e-15;

    /// <summary>The four numbers.</summary>
    public double[] Values() => [Auc, Accuracy, BalancedAccuracy, LogLoss];

    /// <summary>Measures.</summary>
    /// <param name="probabilities">[rows][classes].</param>
    /// <param name="classOf">The true class of every row, from 0.</param>
    public static ClassificationMetrics Of(IReadOnlyList<double[]> probabilities, IReadOnlyList<int> classOf)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentNullException.ThrowIfNull(classOf);
        int classes = probabilities[0].Length;
        int[] there = new int[classes], found = new int[classes];
        double loss = 0;
        for (int n = 0; n < classOf.Count; n++)
        {
            double[] row = probabilities[n];
            there[classOf[n]]++;
            found[classOf[n]] += Array.IndexOf(row, row.Max()) == classOf[n] ? 1 : 0;
            loss -= Math.Log(Math.Max(row[classOf[n]], Least));
        }

        int[] present = [.. Enumerable.Range(0, classes).Where(k => there[k] > 0)];
        return new ClassificationMetrics(
            AucOf(probabilities, classOf, classes == 2 ? [1] : present),
            (double)found.Sum() / classOf.Count,
            present.Average(k => (double)found[k] / there[k]),
            loss / classOf.Count);
    }

    /// <summary>Whether these are better: a higher AUC; of equal ones, or where there is none, a lower log loss.</summary>
    public bool IsBetterThan(ClassificationMetrics other) => Auc > other.Auc || (!(Auc < other.Auc) && LogLoss < other.LogLoss);

    private static double AucOf(IReadOnlyList<double[]> probabilities, IReadOnlyList<int> classOf, int[] positives)
    {
        double sum = 0;
        double[] scores = new double[classOf.Count];
        bool[] isPositive = new bool[classOf.Count];
        foreach (int positive in positives)
        {
            for (int n = 0; n < scores.Length; n++)
            {
                (scores[n], isPositive[n]) = (probabilities[n][positive], classOf[n] == positive);
            }

            sum += Ranking.Auc(scores, isPositive);
        }

        return sum / positives.Length;
    }
}
