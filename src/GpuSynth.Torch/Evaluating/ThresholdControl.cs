using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Probing;

namespace GpuSynth.Torch.Evaluating;

// Otsu: of a histogram of n bins with shares p_i, w(t) = sum of p_i up to t, m(t) = sum of i p_i up to t, the t with the largest
//   (m(n) w(t) - m(t))^2 / (w(t) (1 - w(t))).

/// <summary>
/// What no training can excuse: a Gaussian of one voxel and the threshold of every image's own histogram. The label that most voxels of the first training
/// case have, or all of them without it, and whether they are brighter or darker than the rest there, is all that it is told. Source: N. Otsu, IEEE
/// Trans. Systems, Man, and Cybernetics 9 (1979) 62.
/// </summary>
internal static class ThresholdControl
{
    /// <summary>What tables call it.</summary>
    public const string Name = "threshold";

    private const int Bins = 256;

    /// <summary>Its Dice on the test cases, mean over all labels that a case has: those that it does not draw have 0.</summary>
    public static ProbedRow Of(PlannedTask task, CancellationToken stop)
    {
        using SegmentationData data = task.ReadData(stop);
        SegmentationCase first = CropSource.Subset(data.Training, 1, 0)[0];
        (int label, bool isBright) = ToldBy(Smoothed(first), first.Labels, data.Classes);
        double[] dices = [.. data.Test.Select(one => SegmentationMetrics.Mean(SegmentationMetrics.DiceOf(Drawn(Smoothed(one), label, isBright), one.Labels, data.Classes)))];
        return new ProbedRow(Name, Name, $"{data.LabelNames[label]}, {(isBright ? "bright" : "dark")}", dices);
    }

    /// <summary>The threshold of values: what is above it is one class, the rest the other.</summary>
    internal static float Otsu(ReadOnlySpan<float> values)
    {
        (float least, float most) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float value in values)
        {
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        }

        if (!(most > least))
        {
            return most;
        }

        long[] counts = new long[Bins];
        foreach (float value in values)
        {
            counts[Math.Min(Bins - 1, (int)((value - least) / (most - least) * Bins))]++;
        }

        double all = values.Length, mean = 0;
        for (int bin = 0; bin < Bins; bin++)
        {
            mean += bin * counts[bin] / all;
        }

        (double below, double sum, double best, int at) = (0, 0, -1, 0);
        for (int bin = 0; bin < Bins - 1; bin++)
        {
            below += counts[bin] / all;
            sum += bin * counts[bin] / all;
            double apart = below is > 0 and < 1 ? Math.Pow((mean * below) - sum, 2) / (below * (1 - below)) : 0;
            (best, at) = apart > best ? (apart, bin) : (best, at);
        }

        return least + ((at + 1) * (most - least) / Bins);
    }

    private static float[] Smoothed(SegmentationCase one) => ScaleSpace.Gaussian([.. one.Image[..(int)one.Shape.VoxelCount]], one.Shape, 1);

    private static (int Label, bool IsBright) ToldBy(float[] image, ReadOnlySpan<byte> labels, int classes)
    {
        long[] counts = new long[classes];
        double[] sums = new double[classes];
        for (int n = 0; n < labels.Length; n++)
        {
            if (labels[n] < classes)
            {
                counts[labels[n]]++;
                sums[labels[n]] += image[n];
            }
        }

        int label = Enumerable.Range(1, classes - 1).MaxBy(n => counts[n]);
        return (label, counts[label] == 0 || sums[label] / counts[label] > sums[0] / Math.Max(1, counts[0]));
    }

    private static byte[] Drawn(float[] image, int label, bool isBright)
    {
        float threshold = Otsu(image);
        return [.. image.Select(value => (byte)(value > threshold == isBright ? label : 0))];
    }
}
