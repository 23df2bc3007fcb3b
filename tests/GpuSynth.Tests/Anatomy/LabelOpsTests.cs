using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Labels that are dropped, merged and renamed: what a sample is given with, and what its intensities are made of.</summary>
public sealed class LabelOpsTests
{
    private const int Own = 3;
    private static readonly LabelOps Nothing = new(0, 0, 0, null, 0, 0, 1);
    private static readonly LabelOps Everything = new(0.5, 0.2, 0.4, new IntegerLaw(1, 4), 0.5, 0.5, 0.7);
    private static readonly LateralPairs Sides = LateralPairs.Of(new LabelPair(1, 2), new LabelPair(3, 4));
    private static readonly LabelMapAnatomy Maps =
        new(new UniformLaw(-20, 20), 1, 0, 0, 0, new ShiftGrids([SideMeasure.Of(4)], 0.05), null, null, Sides, TissueClasses.None);

    private static readonly NoiseAnatomy Noise = new(SideMeasure.Of(Own), new NoiseGrids([SideMeasure.Of(3)], 1), null);
    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(7, 9, 17), VolumeShape.Volume(13, 8, 40), VolumeShape.Image(21, 33)];

    private static IEnumerable<TestCaseData<string, VolumeShape>> Cases => Shapes.SelectMany(static shape => (TestCaseData<string, VolumeShape>[])
    [
        new TestCaseData<string, VolumeShape>(DeviceCatalogue.Host, shape).SetArgDisplayNames(DeviceCatalogue.Host, $"{shape}"),
        new TestCaseData<string, VolumeShape>(DeviceCatalogue.IlgpuCpu, shape)
            .SetArgDisplayNames(DeviceCatalogue.IlgpuCpu, $"{shape}").SetCategory("Slow"),
    ]);

    [Test]
    public void OneSide_StaysAlone()
    {
        byte[] table = Identity(6);
        LabelChanges.KeepSide(table, [0, LateralPairs.Left, LateralPairs.Right, 0, LateralPairs.Left, LateralPairs.Right], LateralPairs.Left);
        Assert.That(table, Is.EqualTo((byte[])[0, 1, 0, 3, 4, 0]));
        Assert.That(LateralPairs.FreeSurfer.Sides([[0], [2], [41], [16], [2, 3], [17, 53]]), Is.EqualTo((byte[])[0, 1, 2, 0, 1, 0]));
        Assert.That(Sides.Sides([[0], [1], [2], [7]]), Is.EqualTo((byte[])[0, 1, 2, 0]));
    }

    [Test]
    public void DroppedLabels_BecomeBackground_EachByItself()
    {
        byte[] table = [0, 1, 2, 1];
        LabelChanges.Drop(table, 0.5f, [0.1f, 0.6f, 0.4f, 0.2f]);
        Assert.That(table, Is.EqualTo((byte[])[0, 1, 0, 0]));
    }

    // 3 and 1 are a pair, then 5 and 2; 4 is left over; 6 is not there.
    [Test]
    public void Merged_ArePairsOfWhatIsThere()
    {
        byte[] table = [0, 1, 2, 3, 4, 5, 0];
        LabelChanges.Merge(table, 0.5f, [0, 0.4f, 0.6f, 0, 0, 0, 0], [0, 0.2f, 0.4f, 0.1f, 0.9f, 0.3f, 0.05f]);
        Assert.That(table, Is.EqualTo((byte[])[0, 1, 2, 1, 4, 5, 0]));
        LabelChanges.Merge(table, 1, [0, 0, 0, 0, 0, 0, 0], [0, 0.2f, 0.4f, 0.1f, 0.9f, 0.3f, 0.05f]);
        Assert.That(table, Is.EqualTo((byte[])[0, 1, 2, 1, 2, 1, 0]), "1 with 5, 2 with 4");
    }

    [Test]
    public void Kept_AreThoseWithTheLeastNumbers()
    {
        byte[] table = [0, 1, 2, 1, 4];
        LabelChanges.Keep(table, 2, [0, 0.5f, 0.7f, 0.1f, 0.3f]);
        Assert.That(table, Is.EqualTo((byte[])[0, 1, 0, 1, 4]));
        LabelChanges.Keep(table, 200, [0, 0, 0, 0, 0]);
        Assert.That(table, Is.EqualTo((byte[])[0, 1, 0, 1, 4]));
    }

    [Test]
    public void Names_ArePermuted_AndThoseLeftMadeCompact()
    {
        byte[] names = Identity(5);
        LabelChanges.Shuffle(names, [0, 0.4f, 0.1f, 0.3f, 0.2f]);
        Assert.That(names, Is.EqualTo((byte[])[0, 2, 4, 3, 1]));
        LabelChanges.Compact(names, [0, 1, 1, 0, 2]);
        Assert.That(names, Is.EqualTo((byte[])[0, 1, 2, 0, 0]), "labels 1 and 2 are left, which are called 2 and 4");
    }

    [Test]
    public void ATableOfBytes_IsLookedUpAtEveryLengthAndCount()
    {
        byte[] table = [.. Enumerable.Range(0, 256).Select(static label => (byte)(255 - (7 * label)))];
        foreach (int count in (int[])[1, 15, 16, 17, 33, 255, 256])
        {
            foreach (int length in (int[])[0, 1, 31, 32, 33, 100])
            {
                byte[] labels = [.. Enumerable.Range(0, length).Select(at => (byte)(at * 11 % count))];
                byte[] expected = [.. labels.Select(label => table[label])];
                ByteTable.Apply(table, count, labels);
                Assert.That(labels, Is.EqualTo(expected), $"{length} labels of {count}");
            }
        }
    }

    // Label = name of what the map's label becomes; image = mean of what it becomes. The tables are ground truth.
    [TestCaseSource(nameof(Cases))]
    public void LabelsAndIntensities_FollowTheTables(string device, VolumeShape shape)
    {
        using LabelMapFolder folder = Folder(shape.Dimensions);
        LabelMapSet maps = folder.Load();
        using SynthesisEngine plain = Start(Of([Maps], device, shape, maps));
        using SynthesisEngine changed = Start(Of([Maps, Everything with { Chance = 0.8 }], device, shape, maps));
        Assert.That(changed.Plan.LabelCount, Is.EqualTo(plain.Plan.LabelCount));
        int different = 0;
        for (int n = 0; n < 8; n++)
        {
            RenderedSample before = Sample(plain, SampleKey.Of(n));
            RenderedSample sample = Sample(changed, SampleKey.Of(n));
            (float[] becomes, float[] names) = Tables(sample.Drawn);
            float[] means = sample.Drawn.List(sample.Drawn.Of<Contrast.Drawn>().Means).ToArray();
            bool isIn = !sample.Drawn.LeftOut.Any();
            Assert.That(sample.Label, Is.EqualTo(before.Label.Select(label => isIn ? (byte)names[(int)becomes[label]] : label)));
            Assert.That(sample.Image, Is.EqualTo(before.Label.Select(label => means[isIn ? (int)becomes[label] : label])));
            Assert.That(Applied(changed, sample.Drawn).HasSameBytes(sample));
            different += sample.Label.SequenceEqual(before.Label) ? 0 : 1;
        }

        Assert.That(different, Is.GreaterThan(3));
    }

    [TestCaseSource(nameof(Cases))]
    public void Shuffled_TheHistogramIsConserved_AndNoIntensityKnows(string device, VolumeShape shape)
    {
        using LabelMapFolder folder = Folder(shape.Dimensions);
        LabelMapSet maps = folder.Load();
        Component inside = Noise with { Inside = [0] };
        using SynthesisEngine plain = Start(Of([Maps, inside], device, shape, maps));
        using SynthesisEngine shuffled = Start(Of([Maps, inside, Nothing with { ShuffleChance = 1 }], device, shape, maps));
        for (int n = 0; n < 3; n++)
        {
            RenderedSample before = Sample(plain, SampleKey.Of(n));
            RenderedSample sample = Sample(shuffled, SampleKey.Of(n));
            Assert.That(sample.Image, Is.EqualTo(before.Image));
            Assert.That(Histogram(sample.Label).Order(), Is.EqualTo(Histogram(before.Label).Order()));
            Assert.That(Histogram(sample.Label)[0], Is.EqualTo(Histogram(before.Label)[0]), "the background stays");
        }
    }

    // Whatever the labels that a sample is given with become, its intensities are made of the map's.
    [TestCaseSource(nameof(Cases))]
    public void OfTheSampleAlone_IntensitiesKnowNothing(string device, VolumeShape shape)
    {
        using LabelMapFolder folder = Folder(shape.Dimensions);
        LabelMapSet maps = folder.Load();
        using SynthesisEngine plain = Start(Of([Maps], device, shape, maps));
        using SynthesisEngine targets = Start(Of([Maps, Everything with { IntensitiesChance = 0 }], device, shape, maps));
        bool areDifferent = false;
        for (int n = 0; n < 4; n++)
        {
            RenderedSample before = Sample(plain, SampleKey.Of(n));
            RenderedSample sample = Sample(targets, SampleKey.Of(n));
            Assert.That(sample.Image, Is.EqualTo(before.Image));
            Assert.That(sample.Label, Is.EqualTo(before.Label.Select(label => (byte)Tables(sample.Drawn).Names[label])));
            areDifferent |= !sample.Label.SequenceEqual(before.Label);
        }

        Assert.That(areDifferent);
    }

    // Behind an anatomy inside labels 0 and 2: what becomes 0 of label 2 takes its regions along, of another it has none. Before it: all have.
    [TestCaseSource(nameof(Cases))]
    public void RegionsInsideLabels_GoWithThem(string device, VolumeShape shape)
    {
        using LabelMapFolder folder = Folder(shape.Dimensions);
        LabelMapSet maps = folder.Load();
        Component inside = Noise with { Inside = [0, 2] };
        Component drop = Nothing with { Drop = 0.5 };
        using SynthesisEngine plain = Start(Of([Maps], device, shape, maps));
        using SynthesisEngine noise = Start(Of([Noise], device, shape, maps));
        using SynthesisEngine behind = Start(Of([Maps, inside, drop], device, shape, maps));
        using SynthesisEngine before = Start(Of([Maps, drop, inside], device, shape, maps));
        for (int n = 0; n < 4; n++)
        {
            byte[] own = Sample(noise, SampleKey.Of(n)).Label;
            byte[] map = Sample(plain, SampleKey.Of(n)).Label;
            foreach ((SynthesisEngine engine, bool isBehind) in new[] { (behind, true), (before, false) })
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(n));
                float[] becomes = Tables(sample.Drawn).Becomes;
                float[] means = sample.Drawn.List(sample.Drawn.Of<Contrast.Drawn>().Means).ToArray();
                Assert.That(sample.Label, Is.EqualTo(map.Select(label => (byte)becomes[label])));
                Assert.That(sample.Image, Is.EqualTo(map.Zip(own, (label, region) => means[((int)becomes[label], isBehind && label is not (0 or 2)) switch
                {
                    (0, false) => 5 + region,
                    (2, false) => 5 + Own + region,
                    (int other, _) => other,
                }])));
            }
        }
    }

    [Test]
    public void AlsoTwice_AndBeforeOthers_OnAnyThreads()
    {
        VolumeShape shape = Shapes[1];
        using LabelMapFolder folder = Folder(3);
        LabelMapSet maps = folder.Load();
        Component[] list = [Maps, Nothing with { Drop = 0.5 }, Noise with { Chance = 0.3 }, Nothing with { ShuffleChance = 1, Merge = 0.5 }];
        using SynthesisEngine one = Start(Of(list, DeviceCatalogue.Host, shape, maps));
        using SynthesisEngine three = Start(Of(list, DeviceCatalogue.Host, shape, maps) with { Threads = 3 });
        using SynthesisEngine device = Start(Of(list, DeviceCatalogue.IlgpuCpu, shape, maps));
        for (int n = 0; n < 6; n++)
        {
            RenderedSample sample = Sample(one, SampleKey.Of(n));
            Assert.That(Sample(three, SampleKey.Of(n)).HasSameBytes(sample));
            Assert.That(Sample(device, SampleKey.Of(n)).HasSameBytes(sample));
        }
    }

    // 2,000 samples of 20 labels, alpha 1e-3 for each of four: 3.5 standard deviations.
    [Test]
    public void Chances_AreThoseOfTheRecipe_n2000_alpha1e3()
    {
        const int samples = 2000;
        const int labels = 20;
        int[] dropped = Counted(Nothing with { Drop = 0.1 }, static becomes => becomes.Count(static label => label == 0) - 1);
        Assert.That(dropped.Sum(), Is.EqualTo(0.1 * samples * (labels - 1)).Within(3.5 * Math.Sqrt(samples * (labels - 1) * 0.09)));
        int[] merged = Counted(Nothing with { Merge = 0.2 }, static becomes => labels - becomes.Distinct().Count());
        Assert.That(merged.Sum(), Is.EqualTo(0.2 * samples * 9).Within(3.5 * Math.Sqrt(samples * 9 * 0.16)));
        int[] kept = Counted(Nothing with { Keep = new IntegerLaw(2, 5) }, static becomes => becomes.Distinct().Count() - 1);
        Assert.That(kept.Distinct().Order(), Is.EqualTo([2, 3, 4, 5]));
        Assert.That(kept.Count(static count => count == 3), Is.EqualTo(samples / 4).Within(3.5 * Math.Sqrt(samples * 3 / 16.0)));
        int[] shuffled = Counted(Nothing with { ShuffleChance = 0.5 }, static names => names[1] == 1 ? 1 : 0, areNames: true);
        Assert.That(shuffled.Sum(), Is.EqualTo(samples * (0.5 + (0.5 / 19))).Within(3.5 * Math.Sqrt(samples * 0.25)));

        int[] Counted(LabelOps component, Func<float[], int> count, bool areNames = false)
        {
            var drawn = new DrawnSample(new RowLayout([component], new SampleFacts(VolumeShape.Cubic(3, 8), labels)));
            return [.. Enumerable.Range(0, samples).Select(n =>
            {
                drawn.Draw(20261129, SampleKey.Of(n));
                (float[] becomes, float[] names) = Tables(drawn);
                return count(areNames ? names : becomes);
            })];
        }
    }

    [Test]
    public void OneSide_IsLeftOrRight_AndBothAreSeldomGone()
    {
        VolumeShape shape = Shapes[0];
        using LabelMapFolder folder = Folder(3);
        using SynthesisEngine engine = Start(Of([Maps, Nothing with { OneSideChance = 0.6 }], DeviceCatalogue.Host, shape, folder.Load()));
        HashSet<int> seen = [];
        for (int n = 0; n < 20; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            int side = sample.Drawn.Of<LabelOps.Drawn>().KeptSide;
            seen.Add(side);
            int[] gone = side switch { 1 => [2, 4], 2 => [1, 3], _ => [] };
            Assert.That(Tables(sample.Drawn).Becomes, Is.EqualTo(Enumerable.Range(0, 5).Select(label => gone.Contains(label) ? 0f : label)));
        }

        Assert.That(seen, Has.Count.EqualTo(3));
    }

    [Test]
    public void WrongUse_IsASentence()
    {
        const string noSide = "anatomy[1].labelOps: keeps one side, and what its labels are of has none; put it behind a labelMap with lateralPairs";
        Refused([Noise, Nothing with { OneSideChance = 0.1 }], noSide);
        Refused([Maps with { LateralPairs = null, Classes = null }, Nothing with { OneSideChance = 0.1 }], noSide);
        Refused(
            [Maps, Maps with { LateralPairs = LateralPairs.FreeSurfer }, Nothing with { OneSideChance = 0.1 }],
            "anatomy[2].labelOps: keeps one side, and the labelMaps before it have several lateralPairs");
        Refused([Nothing], "anatomy[0].labelOps: changes labels, and there are none before it");
        Assert.That(() => Of([Maps, Noise with { Chance = 0.5 }, Nothing with { OneSideChance = 0.1 }], "host", Shapes[0], null), Throws.TypeOf<RecipeException>());

        VolumeShape shape = Shapes[0];
        using SynthesisEngine engine = Start(Of([Noise, Nothing with { Drop = 0.5 }], DeviceCatalogue.Host, shape, null));
        DrawnSample drawn = Sample(engine, SampleKey.Of(0)).Drawn;
        drawn.List(drawn.Of<LabelOps.Drawn>().Becomes)[1] = 3;
        Assert.That(
            () => Applied(engine, drawn),
            Throws.TypeOf<GpuSynthException>().With.Message.Contains("changedLabels and labelNames hold 3; give whole numbers from 0 to 2"));

        static void Refused(Component[] anatomy, string sentence) => Assert.That(
            () => Of(anatomy, DeviceCatalogue.Host, Shapes[0], null), Throws.TypeOf<RecipeException>().With.Message.Contains(sentence));
    }

    private static byte[] Identity(int count) => [.. Enumerable.Range(0, count).Select(static label => (byte)label)];

    private static int[] Histogram(byte[] labels) => [.. Enumerable.Range(0, 5).Select(label => labels.Count(one => one == label))];

    private static (float[] Becomes, float[] Names) Tables(DrawnSample drawn)
    {
        LabelOps.Drawn numbers = drawn.Of<LabelOps.Drawn>();
        return (drawn.List(numbers.Becomes).ToArray(), drawn.List(numbers.Names).ToArray());
    }

    private static LabelMapFolder Folder(int dimensions)
    {
        var folder = new LabelMapFolder();
        (VolumeShape a, VolumeShape b) = dimensions == 3
            ? (VolumeShape.Volume(8, 8, 15), VolumeShape.Volume(11, 7, 9))
            : (VolumeShape.Image(20, 30), VolumeShape.Image(17, 9));
        folder.Put("a.nii", a, static voxel => (byte)(voxel / 30 % 5));
        folder.Put("b.nii", b, static voxel => (byte)(voxel / 25 % 5));
        return folder;
    }

    private static EngineOptions Of(Component[] anatomy, string device, VolumeShape shape, LabelMapSet? maps) => Options(
        new Recipe("ops", shape.Dimensions, [.. anatomy], [new Contrast(new UniformLaw(0, 1))]), shape) with
    {
        Device = device,
        LabelMaps = maps,
    };
}
