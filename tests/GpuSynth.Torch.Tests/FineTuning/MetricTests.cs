using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Reports;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>Distances, Dice, Hausdorff and confidence intervals against dull forms.</summary>
internal sealed class MetricTests
{
    private static readonly VoxelSpacing Spacing = new(2.5, 1, 0.7);

    [Test]
    public void Distance_transform_equals_brute_force([Values(0.02, 0.3)] double share, [Values(1, 2, 3)] int seed)
    {
        VolumeShape shape = VolumeShape.Volume(7, 11, 9);
        bool[] marked = Mask(shape, seed, share);
        marked[17] = true;
        double[] distances = DistanceTransform.Squared(marked, shape, Spacing);
        Assert.That(distances, Is.EqualTo(BruteForce(marked, shape)).Within(1e-9));
    }

    [Test]
    public void Distance_to_nothing_is_infinite_and_an_image_has_one_slice()
    {
        VolumeShape shape = VolumeShape.Image(4, 5);
        Assert.That(DistanceTransform.Squared(new bool[20], shape, Spacing), Has.All.EqualTo(double.PositiveInfinity));
        bool[] marked = new bool[20];
        marked[0] = true;
        Assert.That(DistanceTransform.Squared(marked, shape, Spacing)[19], Is.EqualTo(9 + (16 * 0.49)).Within(1e-9));
    }

    [Test]
    public void Dice_and_conventions_for_absent_labels()
    {
        byte[] truth = [0, 1, 1, 2, 0, 0];
        byte[] prediction = [0, 1, 0, 0, 1, 0];
        SegmentationMetrics metrics = SegmentationMetrics.Of(prediction, truth, VolumeShape.Volume(1, 2, 3), new(1, 1, 1), 4);
        Assert.That(metrics.Dice, Is.EqualTo((double[])[0.5, 0, double.NaN]));
        Assert.That(metrics.Hausdorff95[1], Is.EqualTo(Math.Sqrt(1 + 4 + 9)), "label 2 is missed: the diagonal");
        Assert.That(metrics.Hausdorff95[2], Is.NaN);
        Assert.That(metrics.MeanDice, Is.EqualTo(0.25));
    }

    [Test]
    public void Voxels_that_are_left_out_belong_to_no_label_whatever_is_predicted_there()
    {
        const byte ignored = LabelClasses.Ignored;
        VolumeShape shape = VolumeShape.Volume(2, 2, 3);
        byte[] truth = [1, 1, ignored, ignored, 0, 2, 0, 0, 0, 0, 0, ignored];
        byte[] prediction = [1, 1, 1, 2, 0, 2, 0, 0, 0, 0, 0, 1];
        SegmentationMetrics metrics = SegmentationMetrics.Of(prediction, truth, shape, Spacing, 3);
        Assert.That(metrics.Dice, Is.EqualTo((double[])[1, 1]));
        Assert.That(metrics.Hausdorff95, Is.EqualTo((double[])[0, 0]));
        Assert.That(prediction[2], Is.EqualTo(1), "the prediction itself stays");
        byte[] nothing = [.. Enumerable.Repeat(ignored, 12)];
        Assert.That(SegmentationMetrics.Of(prediction, nothing, shape, Spacing, 3).MeanDice, Is.NaN);
    }

    [Test]
    public void Hausdorff_of_shifted_boxes_is_the_shift()
    {
        VolumeShape shape = VolumeShape.Volume(20, 20, 20);
        byte[] one = new byte[8000];
        byte[] other = new byte[8000];
        for (int n = 0; n < 8000; n++)
        {
            (int z, int y, int x) = (n / 400, n / 20 % 20, n % 20);
            one[n] = (byte)(z is >= 4 and < 12 && y is >= 4 and < 12 && x is >= 4 and < 12 ? 1 : 0);
            other[n] = (byte)(z is >= 7 and < 15 && y is >= 4 and < 12 && x is >= 4 and < 12 ? 1 : 0);
        }

        Assert.That(SegmentationMetrics.HausdorffOf(one, other, shape, Spacing, 1), Is.EqualTo(3 * 2.5).Within(1e-9));
        Assert.That(SegmentationMetrics.HausdorffOf(one, one, shape, Spacing, 1), Is.Zero);
    }

    [Test]
    public void Hausdorff_equals_brute_force([Values(4, 5)] int seed)
    {
        VolumeShape shape = VolumeShape.Volume(6, 8, 7);
        byte[] one = [.. Mask(shape, seed, 0.7).Select(voxel => (byte)(voxel ? 1 : 0))];
        byte[] other = [.. Mask(shape, seed + 10, 0.1).Select(voxel => (byte)(voxel ? 1 : 0))];
        bool[] surface = SegmentationMetrics.Surface([.. one.Select(voxel => voxel == 1)], shape);
        bool[] otherSurface = SegmentationMetrics.Surface([.. other.Select(voxel => voxel == 1)], shape);
        double expected = Math.Max(Directed(surface, otherSurface, shape), Directed(otherSurface, surface, shape));
        Assert.That(SegmentationMetrics.HausdorffOf(one, other, shape, Spacing, 1), Is.EqualTo(expected).Within(1e-9));
    }

    [Test]
    public void Surface_is_what_has_an_outside_neighbour()
    {
        VolumeShape shape = VolumeShape.Cubic(3, 5);
        bool[] mask = new bool[125];
        Array.Fill(mask, true);
        Assert.That(SegmentationMetrics.Surface(mask, shape).Count(voxel => voxel), Is.EqualTo(125 - 27));
        mask[62] = false;
        Assert.That(SegmentationMetrics.Surface(mask, shape).Count(voxel => voxel), Is.EqualTo(125 - 27 + 6));
    }

    // 2,000 resamples of n = 40 normal values: the interval's half width is 1.96 / sqrt(40) of a deviation, within a tenth.
    [Test]
    public void Bootstrap_interval_has_the_width_of_theory_and_its_seed_decides_it()
    {
        double[] values = [.. Enumerable.Range(0, 40).Select(n => Math.Sin(n * 12.9898) * 3)];
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        MeanInterval interval = Bootstrap.Mean(values.Append(double.NaN), 3);
        Assert.That((interval.Mean, interval.Count), Is.EqualTo((mean, 40)));
        Assert.That(interval.High - interval.Low, Is.EqualTo(2 * 1.96 * deviation / Math.Sqrt(40)).Within(10).Percent);
        Assert.That(Bootstrap.Mean(values, 3), Is.EqualTo(interval));
        Assert.That(Bootstrap.Mean(values, 4), Is.Not.EqualTo(interval));
        Assert.That(Bootstrap.Mean([]).Mean, Is.NaN);
    }

    private static double Directed(bool[] from, bool[] to, VolumeShape shape)
    {
        double[] squares = BruteForce(to, shape);
        double[] distances = [.. Enumerable.Range(0, from.Length).Where(n => from[n]).Select(n => Math.Sqrt(squares[n])).Order()];
        double rank = 0.95 * (distances.Length - 1);
        int low = (int)rank;
        return distances[low] + ((rank - low) * (distances[Math.Min(low + 1, distances.Length - 1)] - distances[low]));
    }

    private static bool[] Mask(VolumeShape shape, int seed, double share)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(_ => random.NextDouble() < share)];
    }

    private static double[] BruteForce(bool[] marked, VolumeShape shape)
    {
        (double Z, double Y, double X) Place(int n) => (
            Spacing.Depth * (n / (shape.Height * shape.Width)),
            Spacing.Height * (n / shape.Width % shape.Height),
            Spacing.Width * (n % shape.Width));
        return [.. Enumerable.Range(0, marked.Length).Select(n => Enumerable.Range(0, marked.Length)
            .Where(other => marked[other])
            .Min(other =>
            {
                (double z, double y, double x) = Place(n);
                (double oz, double oy, double ox) = Place(other);
                return ((z - oz) * (z - oz)) + ((y - oy) * (y - oy)) + ((x - ox) * (x - ox));
            }))];
    }
}
