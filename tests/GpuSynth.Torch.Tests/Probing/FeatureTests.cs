using GpuSynth.Kernels;
using GpuSynth.Torch.FineTuning;
using GpuSynth.Torch.Networks;
using GpuSynth.Torch.Probing;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuSynth.Torch.Tests.Probing;

/// <summary>Where features lie, hand-made features, and what is drawn.</summary>
internal sealed class FeatureTests
{
    // A map of stride 4 around an image of 6 with margin 1: voxel x lies at (x + 1.5) / 4 - 0.5 of the map.
    [Test]
    public void Grid_InterpolatesBetweenTheMapsVoxels_AndHoldsAtTheBorder()
    {
        var grid = new LevelGrid(VolumeShape.Image(1, 6), [1, 1, 2], [1, 1, 4], [0, 0, 1]);
        var level = new FeatureLevel("a", 2, grid, [10, 20, -1, 1]);
        Assert.That(
            level.At([0, 1, 2, 5]), Is.EqualTo(new[] { 10, -1, 11.25f, -0.75f, 13.75f, -0.25f, 20, 1 }).Within(1e-5));
        float[] sums = new float[6];
        grid.AddTo([10, 20], sums);
        Assert.That(sums, Is.EqualTo(new[] { 10, 11.25f, 13.75f, 16.25f, 18.75f, 20 }).Within(1e-5));
    }

    [Test]
    public void Grid_OfAVolume_GivesALinearRampBack()
    {
        VolumeShape shape = VolumeShape.Volume(4, 6, 8);
        var grid = new LevelGrid(shape, [2, 3, 4], [2, 2, 2], [0, 0, 0]);
        float[] map = [.. Enumerable.Range(0, 24).Select(static n => (100f * (n / 12)) + (10 * (n / 4 % 3)) + (n % 4))];
        float[] whole = new float[shape.VoxelCount];
        grid.AddTo(map, whole);
        float[] rows = new FeatureLevel("a", 1, grid, map).At([.. Enumerable.Range(0, whole.Length)]);
        Assert.That(rows, Is.EqualTo(whole).Within(1e-4));
        // (1, 3, 5) lies at (0.25, 1.25, 2.25) of the map.
        Assert.That(whole[(1 * 48) + (3 * 8) + 5], Is.EqualTo(25 + 12.5 + 2.25).Within(1e-4));
    }

    // After it has measured an image, a network with batch norm makes of it nearly what it makes of it while it is trained.
    [Test]
    public void NewWeights_MeasureTheImages()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(2);
        SegmentationNetwork network = NetworkFactory.Create(
            NetworkOptions.RasdUNet2D with { Channels = [4, 8], Strides = [2], ResidualUnits = 1, Dropout = 0, OutChannels = 4 });
        using var features = new NetworkFeatures(network);
        VolumeShape shape = VolumeShape.Image(16, 16);
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 256).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        Tensor image = tensor(values, [1, 1, 16, 16]);
        double Difference()
        {
            using IDisposable unrecorded = no_grad();
            network.eval();
            Tensor tested = network.call(image);
            network.train();
            Tensor trained = network.call(image);
            network.eval();
            return ((tested - trained).norm() / trained.norm()).ToDouble();
        }

        double before = Difference();
        features.MeasureNorms([new ProbeImage(values, 1, shape)]);
        Assert.That(Difference(), Is.LessThan(0.15).And.LessThan(before / 3));
        Assert.That(network.training, Is.False);
    }

    // Two classes a standard deviation and a half apart, drawn alike; where the second is a hundred times as rare, the border moves
    // towards it and its Dice on left-out cases is better than that of a border in the middle.
    [Test]
    public void ARareClass_IsNotLabelledTooMuch()
    {
        var random = new Random(6);
        double Noise() => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;
        byte[][] truth = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 2000).Select(static n => (byte)(n % 2)).ToArray())];
        float[][] rows = [.. truth.Select(own => own.Select(label => (float)(Noise() + (1.5 * label))).ToArray())];
        ReadOut Of(double voxels) => ReadOut.Fit("x", 0, rows, 1, truth, [.. truth.Select(_ => new[] { voxels, 1 })]);
        double Border(ReadOut one) => (one.Bias[0] - one.Bias[1]) / (one.Parts[0].Weights[1] - one.Parts[0].Weights[0]);
        Assert.That(Border(Of(1)), Is.EqualTo(0.75).Within(0.1));
        ReadOut rare = Of(100);
        Assert.That(Border(rare), Is.GreaterThan(1.4));
        byte[] middle = [.. rows.SelectMany(static own => own).Select(static x => (byte)(x > 0.75 ? 1 : 0))];
        double plain = ProbeScores.Dice(truth.SelectMany(static own => own).ToArray(), middle, [100, 1])[0];
        Assert.That(rare.FitDice, Is.GreaterThan(plain * 1.5));
    }

    [Test]
    public void AReadOutOfAllLevels_ScoresAsItsRowsDo()
    {
        VolumeShape shape = VolumeShape.Image(3, 4);
        var random = new Random(2);
        FeatureLevel Level(int channels, LevelGrid grid) =>
            new("a", channels, grid, [.. Enumerable.Range(0, channels * grid.Count).Select(_ => (float)random.NextDouble())]);
        FeatureLevel[] levels = [Level(3, LevelGrid.Of(shape)), Level(70, new LevelGrid(shape, [1, 2, 2], [1, 2, 2], [0, 0, 0]))];
        int[] voxels = [.. Enumerable.Range(0, 12)];
        var together = new TogetherRows([3, 70]);
        Assert.That(together.Channels, Is.EqualTo(3 + Projection.MostTogether));
        float[] rows = together.Of([.. levels.Select(level => level.At(voxels))], 12);
        var fitted = ReadOut.Fit(
            ReadOut.AllLevels, 2, [rows, rows], together.Channels, [[.. voxels.Select(static n => (byte)(n % 2))], [.. voxels.Select(static n => (byte)(n % 2))]], [[1, 1], [1, 1]]);
        float[][] scores = together.OnLevels(fitted).Scores(levels, 12);
        for (int n = 0; n < 12; n++)
        {
            float expected = fitted.Bias[1];
            for (int channel = 0; channel < together.Channels; channel++)
            {
                expected += fitted.Parts[0].Weights[together.Channels + channel] * rows[(n * together.Channels) + channel];
            }

            Assert.That(scores[1][n], Is.EqualTo(expected).Within(1e-4));
        }
    }

    [Test]
    public void Eigenvalues_AreThoseOfKnownMatrices()
    {
        double[] two = new double[2], three = new double[3];
        ScaleSpace.OfTwo(2, 1, 2, two);
        Assert.That(two, Is.EqualTo(new[] { 1.0, 3 }).Within(1e-12));
        ScaleSpace.OfThree(2, 1, 2, 0, 0, 5, three);
        Assert.That(three, Is.EqualTo(new[] { 1.0, 3, 5 }).Within(1e-9));
        ScaleSpace.OfThree(4, 0, 4, 0, 0, 4, three);
        Assert.That(three, Is.EqualTo(new[] { 4.0, 4, 4 }));
    }

    [Test]
    public void HandFeatures_OfARamp_HaveItsSlopeAndNoCurvature()
    {
        VolumeShape shape = VolumeShape.Volume(40, 40, 40);
        float[] ramp = [.. Enumerable.Range(0, 64000).Select(static n => 2f * (n % 40))];
        using var hand = new HandFeatures();
        IReadOnlyList<FeatureLevel> levels = hand.Of(new ProbeImage(ramp, 1, shape));
        Assert.That(levels.Select(static level => (level.Name, level.Channels)), Is.EqualTo(new[]
        {
            (HandFeatures.Appearance, 16), (HandFeatures.WithPlace, 19),
        }));
        float[] middle = levels[1].At([(20 * 1600) + (20 * 40) + 20]);
        float[] scale = [40, 2, 0, 0, 0];
        float place = (2 * 20 / 39f) - 1;
        float[] expected = [40, .. scale, .. scale, .. scale, place, place, place];
        Assert.That(middle, Is.EqualTo(expected).Within(1e-2));
    }

    [Test]
    public void DrawnVoxels_AreBalanced_RareClassesWhole_AndIgnoredOnesNever()
    {
        byte[] labels = [.. Enumerable.Range(0, 1000).Select(static n => (byte)(n < 5 ? 2 : n < 300 ? 1 : n < 320 ? LabelClasses.Ignored : 0))];
        var random = new PlaceRandom(1, 2, PlaceRandom.ProbeVoxelStream);
        int[] drawn = ProbeCase.Balanced(labels, 3, 105, ref random);
        Assert.That(drawn, Is.Unique);
        Assert.That(drawn.GroupBy(n => labels[n]).OrderBy(static own => own.Key).Select(static own => (int)own.Key * 1000 + own.Count()),
            Is.EqualTo(new[] { 50, 1050, 2005 }));
    }

    // Truth 0 0 1 1, answers 0 1 1 1: label 1 has Dice 4 / 5; where a 0 stands for three voxels 4 / (2 + 2 + 3).
    [Test]
    public void Dice_CountsAVoxelForAsManyAsItStandsFor()
    {
        Assert.That(ProbeScores.Dice([0, 0, 1, 1], [0, 1, 1, 1], [1, 1]), Is.EqualTo(new[] { 0.8 }).Within(1e-12));
        Assert.That(ProbeScores.Dice([0, 0, 1, 1], [0, 1, 1, 1], [3, 1]), Is.EqualTo(new[] { 4 / 7.0 }).Within(1e-12));
        Assert.That(ProbeScores.Dice([0, LabelClasses.Ignored], [0, 1], [1, 1])[0], Is.NaN);
    }
}
