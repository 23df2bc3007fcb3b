using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>Label maps from files to labels, poses that can be checked by hand, and real brains.</summary>
[Category("Host")]
public sealed class LabelMapEngineTests
{
    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(7, 9, 12),
        VolumeShape.Volume(20, 17, 33),
        VolumeShape.Image(9, 14),
        VolumeShape.Image(31, 33),
    ];

    [Test]
    public void TheIdentityPose_ReproducesTheMap([ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 2)] int threads)
    {
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii.gz", shape, Scattered);
        Assert.That(Labels(folder, Pose(shape), shape, threads), Is.EqualTo(map));
    }

    [Test]
    public void TheSpacingOfTheMap_IsFitted([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii.gz", shape, Scattered, spacing: 0.7);
        Assert.That(Labels(folder, Pose(shape), shape), Is.EqualTo(map));
        Recipe sameSpacing = Pose(shape, map => map with { VoxelSpacingMillimetres = 0.7 });
        Assert.That(Labels(folder, sameSpacing, shape), Is.EqualTo(map));
    }

    [Test]
    public void AFlip_MirrorsX([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii", shape, Scattered);
        Recipe none = Pose(shape, recipe => recipe with { Flip = 1, LateralPairs = LateralPairs.None });
        byte[] mirrored = Moved(map, shape, (z, y, x) => (z, y, shape.Width - 1 - x));
        Assert.That(Labels(folder, none, shape), Is.EqualTo(mirrored));
        Recipe pairs = Pose(shape, recipe => recipe with { Flip = 1, LateralPairs = Sides });
        byte[] exchanged = [.. mirrored.Select(label => (byte)(label is 1 or 2 ? 3 - label : label))];
        Assert.That(Labels(folder, pairs, shape), Is.EqualTo(exchanged));
    }

    [Test]
    public void WithoutPairs_NothingIsFlipped([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii", shape, Scattered);
        Assert.That(Labels(folder, Pose(shape, recipe => recipe with { Flip = 1 }), shape), Is.EqualTo(map));
    }

    // i runs to the front, j up, k to the left: the body's axes are k backwards, i, j.
    [Test]
    public void AMap_IsBroughtToTheBodysAxes_AndAFlipMirrorsLeftAndRight()
    {
        VolumeShape stored = VolumeShape.Volume(7, 9, 12);
        VolumeShape shape = VolumeShape.Volume(9, 12, 7);
        using LabelMapFolder folder = new();
        var geometry = new NiftiGeometry([0, 0, -1, 0, 1, 0, 0, 0, 0, 1, 0, 0]);
        byte[] map = folder.Put("a.nii", stored, Scattered, geometry);
        byte[] body = [.. Enumerable.Range(0, map.Length).Select(n =>
        {
            (int z, int y, int x) = (n / 7 / 12, n / 7 % 12, n % 7);
            return map[((((6 - x) * 9) + z) * 12) + y];
        })];
        Assert.That(Labels(folder, Pose(shape), shape), Is.EqualTo(body));
        Recipe flip = Pose(shape, recipe => recipe with { Flip = 1, LateralPairs = LateralPairs.None });
        Assert.That(Labels(folder, flip, shape), Is.EqualTo(Moved(body, shape, (z, y, x) => (z, y, 6 - x))));
    }

    // An image of a sagittal plane has no axis between left and right.
    [Test]
    public void ASagittalImage_IsNeverFlipped()
    {
        VolumeShape shape = VolumeShape.Image(9, 14);
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii", shape, Scattered, new NiftiGeometry([0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0]));
        Recipe flip = Pose(shape, recipe => recipe with { Flip = 1, LateralPairs = LateralPairs.None });
        Assert.That(Labels(folder, flip, shape), Is.EqualTo(map));
    }

    [Test]
    public void FlippedSamples_AreTheSameOnADevice([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(20, 17, 33) : VolumeShape.Image(40, 33);
        using LabelMapFolder folder = new();
        folder.Put("a.nii", shape, Scattered);
        folder.Put("b.nii", shape, voxel => Scattered(voxel + 1));
        Recipe recipe = Pose(shape, anatomy => anatomy with { Flip = new ChanceLaw(0.5, 1, 0), LateralPairs = Sides });
        EngineOptions host = Options(recipe, shape, 1, 1) with { LabelMaps = folder.Load() };
        using SynthesisEngine onHost = Start(host);
        using SynthesisEngine onDevice = Start(host with { Device = "ilgpu-cpu" });
        var flipped = new HashSet<bool>();
        for (int n = 0; n < 8; n++)
        {
            RenderedSample one = Sample(onHost, SampleKey.Of(n));
            flipped.Add(one.Drawn.Flipped);
            Assert.That(Sample(onDevice, SampleKey.Of(n)).Label, Is.EqualTo(one.Label), $"sample {n}");
        }

        Assert.That(flipped, Has.Count.EqualTo(2));
    }

    [Test]
    public void ATranslation_Shifts_AndLeavesLabelZeroBehind(
        [ValueSource(nameof(Shapes))] VolumeShape shape,
        [Values(-2, 3)] int voxels)
    {
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii", shape, Scattered);
        Recipe recipe = Pose(shape, recipe => recipe with { TranslationOfSide = (double)voxels / shape.Side });
        int deep = shape.Dimensions == 3 ? voxels : 0;
        byte[] expected = Moved(map, shape, (z, y, x) => (z - deep, y - voxels, x - voxels));
        Assert.That(Labels(folder, recipe, shape), Is.EqualTo(expected));
    }

    [Test]
    public void AQuarterTurn_TurnsAnImage()
    {
        VolumeShape shape = VolumeShape.Image(15, 15);
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii", shape, Scattered);
        byte[] turned = Labels(folder, Pose(shape, recipe => recipe with { RotationDegrees = 90 }), shape);
        // About z turns y towards x: what stood at (y, x) stands at (14 - x, y) or at (x, 14 - y), one of the two directions.
        byte[] towards = Moved(map, shape, (z, y, x) => (z, x, 14 - y));
        byte[] away = Moved(map, shape, (z, y, x) => (z, 14 - x, y));
        Assert.That(towards, Is.Not.EqualTo(away));
        Assert.That(turned, Is.EqualTo(towards));
    }

    [Test]
    public void AnyPose_GivesLabelsOfTheMapOnly_AndEveryVoxel(
        [Values(2, 3)] int dimensions,
        [Values(1, 3)] int batchSize,
        [Values(1, 2)] int threads)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(20, 17, 33) : VolumeShape.Image(40, 33);
        VolumeShape mapShape = dimensions == 3 ? VolumeShape.Volume(11, 30, 14) : VolumeShape.Image(50, 20);
        using LabelMapFolder folder = new();
        folder.Put("a.nii", mapShape, voxel => (byte)(voxel % 3));
        folder.Put("b.nii", mapShape, voxel => (byte)(voxel % 3 == 0 ? 0 : 4));
        Recipe preset = Presets.Get("labelmap-3d") with { Dimensions = dimensions };
        EngineOptions options = Options(preset, shape, batchSize, threads) with { LabelMaps = folder.Load() };
        using SynthesisEngine engine = Start(options);
        Assert.That(engine.Plan.LabelCount, Is.EqualTo(4));
        using GuardedSlot slot = new(engine);
        DrawnSample[] drawn = DrawnFor(engine);
        var maps = new HashSet<string?>();
        for (int step = 0; step < 12; step++)
        {
            slot.Poison();
            engine.GenerateBatch(
                [.. Enumerable.Range(step * batchSize, batchSize).Select(n => SampleKey.Of(n))],
                slot.Memory,
                drawn);
            slot.AssertGuards();
            for (int n = 0; n < batchSize; n++)
            {
                byte[] allowed = drawn[n].LabelMapName == "a.nii" ? [0, 1, 2] : [0, 3];
                maps.Add(drawn[n].LabelMapName);
                Assert.That(slot.Label(n).ToArray().Distinct(), Is.SubsetOf(allowed));
                Assert.That(slot.Image(n).ToArray().All(value => value is >= 0 and <= 1));
                Assert.That(slot.HasSameBytes(n, Sample(options, SampleKey.Of((step * batchSize) + n))));
            }
        }

        Assert.That(maps, Is.EquivalentTo(["a.nii", "b.nii"]));
    }

    [Test]
    public void OneMapUnderTwoAppearances_AndWhatWasDrawn_GivenBack()
    {
        VolumeShape shape = VolumeShape.Volume(20, 17, 33);
        using LabelMapFolder folder = new();
        folder.Put("a.nii", shape, Scattered);
        using SynthesisEngine engine = Start(Options("labelmap-3d", shape) with { LabelMaps = folder.Load() });
        RenderedSample first = Sample(engine, new SampleKey(3, 10));
        RenderedSample second = Sample(engine, new SampleKey(3, 11));
        Assert.That(second.Label, Is.EqualTo(first.Label));
        Assert.That(second.Image, Is.Not.EqualTo(first.Image));
        Assert.That(Applied(engine, first.Drawn).HasSameBytes(first));

        ref LabelMapAnatomy.Drawn pose = ref first.Drawn.Of<LabelMapAnatomy.Drawn>();
        first.Drawn.List(pose.DeformationStdVoxels).Clear();
        pose.RotationDegrees = default;
        pose.Shear = default;
        pose.TranslationOfSide = default;
        pose.Scaling = new AxisNumbers(1, 1, 1);
        pose.Flipped = 0;
        Assert.That(Applied(engine, first.Drawn).Label, Is.EqualTo(engine.Plan.Options.LabelMaps!.Maps[0].Labels));
    }

    // A pose that leaves the anatomy no volume is within the recipe's ranges: a sentence, not a stack trace.
    [Test]
    public void AFlattenedAnatomy_IsRefusedWithASentence([Values(1, 2)] int batchSize, [Values(1, 2)] int threads)
    {
        VolumeShape shape = VolumeShape.Volume(7, 9, 12);
        using LabelMapFolder folder = new();
        folder.Put("a.nii", shape, Scattered);
        Recipe recipe = Pose(shape, map => map with { Shear = 1 });
        using SynthesisEngine engine = Start(Options(recipe, shape, batchSize, threads) with { LabelMaps = folder.Load() });
        using GuardedSlot slot = new(engine);
        SampleKey[] keys = [.. Enumerable.Range(0, batchSize).Select(n => SampleKey.Of(n))];
        Assert.That(
            () => engine.GenerateBatch(keys, slot.Memory, DrawnFor(engine)),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("flattens"));
    }

    // Nearest neighbours of a regular grid of n = 64^3 points: the share p of a label is met within five standard deviations of
    // as many points at random, 5 sqrt(p (1 - p) / n), and in truth much closer, for a grid is more even than chance.
    [Test]
    public void RealBrains_KeepTheSharesOfTheirLabels_n262144()
    {
        LabelMapSet maps = LabelMapSet.Load(TestData.Shared("data", "labelmaps"));
        VolumeShape shape = VolumeShape.Volume(64, 64, 64);
        using SynthesisEngine engine = Start(Options(Pose(shape), shape, 1, 2) with { LabelMaps = maps });
        var seen = new HashSet<int>();
        for (int n = 0; seen.Count < maps.Maps.Count && n < 50; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            if (seen.Add(sample.Drawn.LabelMapIndex))
            {
                double[] expected = Shares(maps.Maps[sample.Drawn.LabelMapIndex].Labels, maps.LabelCount);
                double[] shares = Shares(sample.Label, maps.LabelCount);
                for (int label = 0; label < shares.Length; label++)
                {
                    double tolerance = 5 * Math.Sqrt(expected[label] * (1 - expected[label]) / shape.VoxelCount);
                    Assert.That(
                        shares[label],
                        Is.EqualTo(expected[label]).Within(tolerance),
                        $"{sample.Drawn.LabelMapName}, label {label}");
                }
            }
        }

        Assert.That(seen, Has.Count.EqualTo(maps.Maps.Count));
        using SynthesisEngine posed = Start(Options("labelmap-3d", shape, 1, 2) with { LabelMaps = maps });
        RenderedSample brain = Sample(posed, SampleKey.Of(0));
        Assert.That(brain.Image.All(value => value is >= 0 and <= 1));
        Assert.That(brain.Label.Distinct().Count(), Is.GreaterThan(20));
    }

    // Labels 1 and 2 are each other's on the other side.
    private static LateralPairs Sides => LateralPairs.Of(new LabelPair(1, 2));

    // Five labels in no order, so that every voxel counts.
    private static byte Scattered(int voxel) => (byte)((uint)(voxel * 2654435761L >> 7) % 5);

    private static Recipe Pose(VolumeShape shape, Func<LabelMapAnatomy, LabelMapAnatomy>? change = null)
    {
        LabelMapAnatomy identity = new(0, 1, 0, 0, 0, null, null, null);
        return Only(shape.Dimensions, new UniformLaw(0, 1)) with { Anatomy = [change is null ? identity : change(identity)] };
    }

    private static byte[] Labels(LabelMapFolder folder, Recipe recipe, VolumeShape shape, int threads = 1) =>
        Sample(Options(recipe, shape, 1, threads) with { LabelMaps = folder.Load() }, SampleKey.Of(0)).Label;

    private static byte[] Moved(byte[] map, VolumeShape shape, Func<int, int, int, (int Z, int Y, int X)> from)
    {
        var moved = new byte[map.Length];
        for (int voxel = 0; voxel < map.Length; voxel++)
        {
            (int z, int y, int x) = from(
                voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
            bool isInside = z >= 0 && z < shape.Depth && y >= 0 && y < shape.Height && x >= 0 && x < shape.Width;
            moved[voxel] = isInside ? map[(((z * shape.Height) + y) * shape.Width) + x] : (byte)0;
        }

        return moved;
    }

    private static double[] Shares(byte[] labels, int count)
    {
        var shares = new double[count];
        foreach (byte label in labels)
        {
            shares[label] += 1.0 / labels.Length;
        }

        return shares;
    }
}
