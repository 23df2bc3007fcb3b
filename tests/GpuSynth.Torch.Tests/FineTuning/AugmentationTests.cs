using System.Numerics;
using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;

namespace GpuSynth.Torch.Tests.FineTuning;

/// <summary>What long trainings change crops by, each against what it must leave or make.</summary>
internal sealed class AugmentationTests
{
    private static readonly VolumeShape Shape = VolumeShape.Volume(9, 9, 9);
    private static readonly VoxelSpacing Even = new(1, 1, 1);

    [Test]
    public void AWarpOfNothing_IsNone()
    {
        (float[] image, byte[] labels) = Cut(CropWarp.Of(default, 1, Even, 3));
        (float[] plain, byte[] plainLabels) = Cut(null);
        Assert.That(image, Is.EqualTo(plain).Within(1e-5));
        Assert.That(labels, Is.EqualTo(plainLabels));
    }

    // A quarter turn about the depth puts (y, x) from the middle to (-x, y).
    [Test]
    public void AQuarterTurn_MovesEveryVoxel()
    {
        (float[] image, byte[] labels) = Cut(CropWarp.Of(new Vector3(MathF.PI / 2, 0, 0), 1, Even, 3));
        (float[] plain, byte[] plainLabels) = Cut(null);
        for (int n = 0; n < image.Length; n++)
        {
            (int z, int y, int x) = (n / 81, n / 9 % 9, n % 9);
            int from = (((z * 9) + (8 - x)) * 9) + y;
            Assert.That(image[n], Is.EqualTo(plain[from]).Within(1e-4), $"{z} {y} {x}");
            Assert.That(labels[n], Is.EqualTo(plainLabels[from]));
        }
    }

    // In millimetres the rotation is rigid: with voxels twice as high as wide, a quarter turn shows one row in two columns.
    [Test]
    public void TheSpacingCounts()
    {
        CropWarp warp = CropWarp.Of(new Vector3(MathF.PI / 2, 0, 0), 1, new VoxelSpacing(1, 2, 1), 3);
        Assert.That(Vector3.Distance(warp.Of(Vector3.UnitY), new Vector3(0, 0, 2)), Is.LessThan(1e-6));
        Assert.That(Vector3.Distance(warp.Of(Vector3.UnitZ), new Vector3(0, -0.5f, 0)), Is.LessThan(1e-6));
    }

    // Of a ramp, twice as large: half the slope, and the middle stays.
    [Test]
    public void AScale_IsASlope()
    {
        float[] ramp = [.. Enumerable.Range(0, (int)Shape.VoxelCount).Select(static n => (float)(n % 9))];
        float[] image = new float[ramp.Length];
        var crop = new DrawnCrop([0, 1, 2], new bool[3], [0, 0, 0], 1, 0) { Warp = CropWarp.Of(default, 2, Even, 3) };
        crop.Apply(ramp, new byte[ramp.Length], Shape, Shape, image, new byte[ramp.Length]);
        Assert.That(image[..9], Is.EqualTo(new[] { 2, 2.5f, 3, 3.5f, 4, 4.5f, 5, 5.5f, 6 }).Within(1e-5));
    }

    [Test]
    public void AnImageTurnsInItsPlane()
    {
        CropWarp warp = CropWarp.Of(new Vector3(0.3f, 0.4f, 0.5f), 1.2f, Even, 2);
        Assert.That(warp.Depth, Is.EqualTo(Vector3.UnitX));
        Assert.That(warp.Height.X, Is.Zero);
        Assert.That(warp.Width.X, Is.Zero);
    }

    [Test]
    public void Gamma_KeepsMeanAndDeviation_AndTheOrder([Values] bool isInverted)
    {
        float[] values = Values(1000);
        float[] changed = [.. values];
        Changed(isInverted ? new IntensityChange { InvertedGamma = 1.4f } : new IntensityChange { Gamma = 1.4f }, changed);
        Assert.That(changed.Average(), Is.EqualTo(values.Average()).Within(1e-5));
        Assert.That(Deviation(changed), Is.EqualTo(Deviation(values)).Within(1e-5));
        Assert.That(changed.Zip(values).OrderBy(static pair => pair.Second).Select(static pair => pair.First), Is.Ordered);
        // An exponent above 1 puts the darker half together; of the negative the brighter half.
        float[] sorted = [.. changed.Order()];
        float middle = (sorted[500] - sorted[0]) / (sorted[^1] - sorted[0]);
        float before = (values.Order().ElementAt(500) - values.Min()) / (values.Max() - values.Min());
        Assert.That(middle, isInverted ? Is.GreaterThan(before + 0.03f) : Is.LessThan(before - 0.03f));
    }

    [Test]
    public void Contrast_WidensAboutTheMean_WithinTheRange()
    {
        float[] changed = [-2, -1, 1, 2];
        Changed(new IntensityChange { Contrast = 1.25f }, changed);
        Assert.That(changed, Is.EqualTo(new[] { -2, -1.25f, 1.25f, 2 }));
    }

    [Test]
    public void Blur_LeavesAConstant_AndSpreadsAPoint()
    {
        float[] constant = [.. Enumerable.Repeat(3f, (int)Shape.VoxelCount)];
        new IntensityChange { Blur = 1 }.Apply(constant, Shape);
        Assert.That(constant, Is.All.EqualTo(3).Within(1e-5));
        float[] point = new float[Shape.VoxelCount];
        point[(((4 * 9) + 4) * 9) + 4] = 1;
        new IntensityChange { Blur = 0.8f }.Apply(point, Shape);
        Assert.That(point.Sum(), Is.EqualTo(1).Within(1e-5));
        int middle = (((4 * 9) + 4) * 9) + 4;
        Assert.That(point[middle + 1] / point[middle], Is.EqualTo(Math.Exp(-0.5 / 0.64)).Within(1e-5));
        Assert.That(point[middle + 81], Is.EqualTo(point[middle + 1]).Within(1e-7));
    }

    // n = 729,000 numbers of deviation 0.3: within five standard errors, 0.0012.
    [Test]
    public void Noise_HasItsDeviation()
    {
        VolumeShape shape = VolumeShape.Cubic(3, 90);
        float[] values = new float[shape.VoxelCount];
        new IntensityChange { Noise = 0.3f, NoisePlace = new RandomPlace(1, 2, PlaceRandom.CropNoiseStream) }.Apply(values, shape);
        Assert.That(values.Average(), Is.Zero.Within(0.002));
        Assert.That(Deviation(values), Is.EqualTo(0.3).Within(0.0013));
    }

    [Test]
    public void AHalvedResolution_KeepsAConstant_AndLosesAChequer()
    {
        VolumeShape shape = VolumeShape.Image(8, 8);
        float[] chequer = [.. Enumerable.Range(0, 64).Select(static n => ((n / 8) + n) % 2 == 0 ? 1f : 3f)];
        new IntensityChange { Resolution = 0.5f }.Apply(chequer, shape);
        Assert.That(chequer, Is.All.EqualTo(2).Within(1e-6));
    }

    [Test]
    public void TheFullOne_ChangesCrops_ByTheirNumberAlone()
    {
        using var folder = FineTuneFolder.WithCases(1);
        var files = new CaseFiles("case_000", folder.ImagePath("case_000"), folder.LabelPath("case_000"));
        SegmentationCase one = SegmentationCase.Read(files, new Notices());
        one.Prepare(one.FileSpacing, IntensityScale.ZScore);
        VolumeShape patch = VolumeShape.Cubic(3, 8);
        var source = new CropSource([one], 3, 2, patch, Augmentation.Full);
        float[][] images = [.. new[] { 5, 6, 5 }.Select(step =>
        {
            float[] image = new float[2 * patch.VoxelCount];
            source.Fill(step, image, new byte[image.Length]);
            return image;
        })];
        Assert.That(images[0], Is.EqualTo(images[2]).And.Not.EqualTo(images[1]));
        Assert.That(images.SelectMany(static image => image), Is.All.Matches<float>(float.IsFinite));
        Assert.That(Augmentation.Names.Select(Augmentation.Of).Distinct().Count(), Is.EqualTo(3));
    }

    private static (float[] Image, byte[] Labels) Cut(CropWarp? warp)
    {
        float[] values = Values((int)Shape.VoxelCount);
        byte[] labels = [.. values.Select(static value => (byte)(value > 0 ? 1 : 0))];
        (float[] image, byte[] cut) = (new float[values.Length], new byte[values.Length]);
        new DrawnCrop([0, 1, 2], new bool[3], [0, 0, 0], 1, 0) { Warp = warp }.Apply(values, labels, Shape, Shape, image, cut);
        return (image, cut);
    }

    private static void Changed(IntensityChange change, float[] values) => change.Apply(values, VolumeShape.Image(1, values.Length));

    private static float[] Values(int count)
    {
        var random = new Random(4);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    private static double Deviation(float[] values)
    {
        double mean = values.Average(static one => (double)one);
        return Math.Sqrt(values.Average(value => Math.Pow(value - mean, 2)));
    }
}
