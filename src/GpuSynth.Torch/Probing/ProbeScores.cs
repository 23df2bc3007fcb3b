using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.ReadOuts;

namespace GpuSynth.Torch.Probing;

/// <summary>What a read-out is worth on one case.</summary>
internal static class ProbeScores
{
    private const int MostRanked = 32768;

    /// <summary>
    /// The Dice of every label from 1 on, of weighted voxels; NaN where neither truth nor answer has the label.
    /// </summary>
    /// <param name="truth">Classes; ignored ones count nothing.</param>
    /// <param name="answers">Classes.</param>
    /// <param name="weightOf">How many voxels one of a true class stands for.</param>
    public static double[] Dice(ReadOnlySpan<byte> truth, ReadOnlySpan<byte> answers, ReadOnlySpan<double> weightOf)
    {
        double[] both = new double[weightOf.Length];
        double[] sizes = new double[weightOf.Length];
        for (int n = 0; n < truth.Length; n++)
        {
            if (truth[n] != LabelClasses.Ignored)
            {
                double weight = weightOf[truth[n]];
                sizes[truth[n]] += weight;
                sizes[answers[n]] += weight;
                both[truth[n]] += truth[n] == answers[n] ? weight : 0;
            }
        }

        return [.. both.Zip(sizes, static (shared, size) => size > 0 ? 2 * shared / size : double.NaN).Skip(1)];
    }

    /// <summary>The mean of numbers, without NaN; NaN of none.</summary>
    public static double Mean(IEnumerable<double> values)
    {
        double[] known = [.. values.Where(static value => !double.IsNaN(value))];
        return known.Length > 0 ? known.Average() : double.NaN;
    }

    /// <summary>The class of the highest score at every voxel.</summary>
    public static byte[] Answers(float[][] scores)
    {
        byte[] answers = new byte[scores[0].Length];
        for (int n = 0; n < answers.Length; n++)
        {
            for (int one = 1; one < scores.Length; one++)
            {
                answers[n] = scores[one][n] > scores[answers[n]][n] ? (byte)one : answers[n];
            }
        }

        return answers;
    }

    /// <summary>The mean area under the ROC curve of one class against the rest, over at most 32,768 voxels, evenly apart.</summary>
    public static double Auc(byte[] truth, float[][] scores)
    {
        int step = ((truth.Length - 1) / MostRanked) + 1;
        int[] voxels =
        [
            .. Enumerable.Range(0, ((truth.Length - 1) / step) + 1).Select(n => n * step).Where(n => truth[n] != LabelClasses.Ignored),
        ];
        return Mean(scores.Select((own, one) => Ranking.Auc(
            voxels.Select(n => (double)own[n]).ToArray(), voxels.Select(n => truth[n] == one).ToArray())));
    }
}
