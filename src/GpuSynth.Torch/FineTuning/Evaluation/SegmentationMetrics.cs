using GpuSynth.Kernels;

namespace GpuSynth.Torch.FineTuning;

// Dice = 2 |P and T| / (|P| + |T|).
// HD95: the surface of a label is its voxels with a face neighbour outside of it or outside the volume; of the distances (mm,
// exact) of every surface voxel of one to the nearest of the other the 95th percentile (linear between ranks), for both
// directions; the larger of the two.
// A label in neither is not counted (NaN). In only one: Dice 0, HD95 the diagonal of the volume in mm, so that a structure that
// was missed costs as much as one found at the other end.
// A voxel whose truth is left out (LabelClasses.Ignored) belongs to neither, whatever is predicted there.

/// <summary>How well a prediction meets the truth, label by label.</summary>
/// <param name="Dice">Per label from 1 on; NaN where the label is in neither.</param>
/// <param name="Hausdorff95">Per label from 1 on, in millimetres; NaN where the label is in neither.</param>
public sealed record SegmentationMetrics(double[] Dice, double[] Hausdorff95)
{
    private const double Percentile = 0.95;

    /// <summary>The mean over the labels that are counted; NaN where none is.</summary>
    public double MeanDice => Mean(Dice);

    /// <summary>The mean over the labels that are counted; NaN where none is.</summary>
    public double MeanHausdorff95 => Mean(Hausdorff95);

    /// <summary>The mean of what is a number; NaN where nothing is.</summary>
    public static double Mean(IEnumerable<double> values) =>
        values.Where(static value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Measures a prediction.</summary>
    /// <param name="prediction">Labels, one per voxel.</param>
    /// <param name="truth">Labels, one per voxel.</param>
    /// <param name="shape">Voxels in array order.</param>
    /// <param name="spacing">Millimetres between voxels.</param>
    /// <param name="classes">Labels with the background.</param>
    public static SegmentationMetrics Of(
        ReadOnlySpan<byte> prediction, ReadOnlySpan<byte> truth, VolumeShape shape, VoxelSpacing spacing, int classes)
    {
        double[] dice = DiceOf(prediction, truth, classes);
        prediction = WhereCounted(prediction, truth);
        double[] distances = new double[classes - 1];
        for (int label = 1; label < classes; label++)
        {
            distances[label - 1] = HausdorffOf(prediction, truth, shape, spacing, (byte)label);
        }

        return new SegmentationMetrics(dice, distances);
    }

    /// <summary>Dice per label from 1 on.</summary>
    public static double[] DiceOf(ReadOnlySpan<byte> prediction, ReadOnlySpan<byte> truth, int classes)
    {
        if (prediction.Length != truth.Length)
        {
            throw new ArgumentException($"{prediction.Length} predicted voxels cannot be compared with {truth.Length}.");
        }

        long[] both = new long[classes];
        long[] sum = new long[classes];
        for (int n = 0; n < truth.Length; n++)
        {
            if (truth[n] == LabelClasses.Ignored)
            {
                continue;
            }

            sum[prediction[n]]++;
            sum[truth[n]]++;
            both[truth[n]] += prediction[n] == truth[n] ? 1 : 0;
        }

        double[] dice = new double[classes - 1];
        for (int label = 1; label < classes; label++)
        {
            dice[label - 1] = sum[label] == 0 ? double.NaN : 2.0 * both[label] / sum[label];
        }

        return dice;
    }

    /// <summary>The 95% Hausdorff distance of one label in millimetres.</summary>
    public static double HausdorffOf(
        ReadOnlySpan<byte> prediction, ReadOnlySpan<byte> truth, VolumeShape shape, VoxelSpacing spacing, byte label)
    {
        (VolumeBox predictedBox, VolumeBox trueBox) = (VolumeBox.Of(prediction, shape, label), VolumeBox.Of(truth, shape, label));
        if (predictedBox.IsEmpty || trueBox.IsEmpty)
        {
            return predictedBox.IsEmpty && trueBox.IsEmpty ? double.NaN : Diagonal(shape, spacing);
        }

        // Distances between the two surfaces are the same within the box around both, and it is much smaller than the volume.
        VolumeBox box = predictedBox.With(trueBox);
        bool[] predictedSurface = Surface(box.Cut(prediction, shape, label), box.Shape);
        bool[] trueSurface = Surface(box.Cut(truth, shape, label), box.Shape);
        return Math.Max(
            Directed(predictedSurface, trueSurface, box.Shape, spacing),
            Directed(trueSurface, predictedSurface, box.Shape, spacing));
    }

    /// <summary>The voxels of a mask with a face neighbour outside the mask or outside the volume.</summary>
    internal static bool[] Surface(bool[] mask, VolumeShape shape)
    {
        bool[] surface = new bool[mask.Length];
        int plane = shape.Height * shape.Width;
        bool isFlat = shape.Dimensions == 2;
        for (int z = 0, n = 0; z < shape.Depth; z++)
        {
            for (int y = 0; y < shape.Height; y++)
            {
                for (int x = 0; x < shape.Width; x++, n++)
                {
                    surface[n] = mask[n]
                        && !(x > 0 && mask[n - 1] && x < shape.Width - 1 && mask[n + 1]
                            && y > 0 && mask[n - shape.Width] && y < shape.Height - 1 && mask[n + shape.Width]
                            && (isFlat || (z > 0 && mask[n - plane] && z < shape.Depth - 1 && mask[n + plane])));
                }
            }
        }

        return surface;
    }

    private static double Directed(bool[] from, bool[] to, VolumeShape shape, VoxelSpacing spacing)
    {
        // The distances that are wanted are gathered at the front: a volume's worth of doubles is enough.
        double[] distances = DistanceTransform.Squared(to, shape, spacing);
        int count = 0;
        for (int n = 0; n < from.Length; n++)
        {
            if (from[n])
            {
                distances[count++] = Math.Sqrt(distances[n]);
            }
        }

        Array.Sort(distances, 0, count);
        return Bootstrap.Quantile(new ArraySegment<double>(distances, 0, count), Percentile);
    }

    private static ReadOnlySpan<byte> WhereCounted(ReadOnlySpan<byte> prediction, ReadOnlySpan<byte> truth)
    {
        if (!truth.Contains(LabelClasses.Ignored))
        {
            return prediction;
        }

        byte[] counted = prediction.ToArray();
        for (int n = 0; n < counted.Length; n++)
        {
            counted[n] = truth[n] == LabelClasses.Ignored ? LabelClasses.Ignored : counted[n];
        }

        return counted;
    }

    private static double Diagonal(VolumeShape shape, VoxelSpacing spacing)
    {
        (double z, double y, double x) =
            (shape.Dimensions == 2 ? 0 : shape.Depth * spacing.Depth, shape.Height * spacing.Height, shape.Width * spacing.Width);
        return Math.Sqrt((z * z) + (y * y) + (x * x));
    }
}
