using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.InnerLabelTests;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>Parts inside labels of others: intensities know of them, a sample's labels do not.</summary>
public sealed class InnerPartTests
{
    private static readonly LabelMapAnatomy Maps = new(new UniformLaw(-20, 20), 1, 0, 0, 0, null, null, null);

    private static readonly NoiseAnatomy Regions = new(SideMeasure.Of(3), new NoiseGrids([SideMeasure.Of(3)], 1), null);

    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(13, 18, 40), VolumeShape.Image(41, 53)];

    private static readonly Component[] Parts =
    [
        new Trees(2, 1, 0.05, 0.01, 3, 0.7, 6, 4, 0.2, 0, 0, 0),
        new Lesions(4, 0.2, 1, 0, 0, 1, 1, 0, 1, 0.3, 1, 4, 10, 0.05, 0, 0.1, 0.05, [20, 0]),
        new Bones(4, 0.1, 0.2, 0.3, 3, 0.04, 20, 0.3, 0.3, 2, 0.1, 5, 0.05, 0),
        new Shell(0.3, 1, 0, 2, 0.05, 0.05, 0.1, 2, Core: true),
        new Cells(0.2, 1, 0.5, 0.8, 0.2, SideMeasure.Of(4), OwnLabels: false, AreWhole: false, Background: false),
    ];

    private static IEnumerable<TestCaseData<int, string, VolumeShape>> Cases =>
        from part in Enumerable.Range(0, Parts.Length)
        from device in new[] { DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu }
        from shape in Shapes
        select new TestCaseData<int, string, VolumeShape>(part, device, shape).SetArgDisplayNames(Parts[part].Name, device, $"{shape}");

    // A part lies where it would lie by itself, in the labels that it is drawn in: there with a set of labels in each of these, over regions of one that were drawn
    // before. Elsewhere all is as if it were not there.
    [TestCaseSource(nameof(Cases))]
    public void APartLiesInItsLabelsOnly_AndTargetsAreTheMaps(int part, string device, VolumeShape shape)
    {
        using LabelMapFolder folder = Folder(shape.Dimensions);
        LabelMapSet maps = folder.Load();
        Component regions = Regions with { Inside = [0] };
        using SynthesisEngine inner = Start(Of([Maps, regions, Inside(Parts[part], [20, 0])], device, shape, maps));
        using SynthesisEngine alone = Start(Of([Maps, Parts[part]], device, shape, maps));
        using SynthesisEngine without = Start(Of([Maps, regions], device, shape, maps));
        int own = alone.Plan.LabelCount - 4;
        Assert.That(inner.Plan.LabelCount, Is.EqualTo(4));
        Assert.That(inner.Plan.Rows.Facts.LabelCount, Is.EqualTo(4 + 3 + (2 * own)));
        var seen = new HashSet<int>();
        for (int n = 0; n < (device == DeviceCatalogue.Host ? 4 : 2); n++)
        {
            RenderedSample sample = Sample(inner, SampleKey.Of(n));
            RenderedSample plain = Sample(without, SampleKey.Of(n));
            byte[] painted = Sample(alone, SampleKey.Of(n)).Label;
            float[] means = sample.Drawn.List(sample.Drawn.Of<Contrast.Drawn>().Means).ToArray();
            Assert.That(sample.Label, Is.EqualTo(plain.Label));
            int[] labels = [.. sample.Image.Select(value => Array.IndexOf(means, value))];
            int[] before = [.. plain.Image.Select(value => Array.IndexOf(means, value))];
            Assert.That(labels, Is.EqualTo(painted.Select((label, at) =>
                label >= 4 && sample.Label[at] is 0 or 2 ? 7 + (sample.Label[at] == 2 ? own : 0) + label - 4 : before[at])));
            seen.UnionWith(labels.Where(static label => label >= 7));
            Assert.That(Applied(inner, sample.Drawn).HasSameBytes(sample));
        }

        Assert.That(seen, Has.Count.GreaterThan(1), "something lies in label 0, something in another");
    }

    // Without within a lesion looks for places where it may be drawn, and says where it has found one.
    [Test]
    public void Lesions_LookForPlacesInside([Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        VolumeShape shape = Shapes[0];
        using LabelMapFolder folder = Folder(3);
        var lesions = (Lesions)Parts[1] with { Within = null, Count = 8, Inside = [20] };
        using SynthesisEngine engine = Start(Of([Maps, lesions], device, shape, folder.Load()));
        int places = 0;
        for (int n = 0; n < 3; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            float[] means = sample.Drawn.List(sample.Drawn.Of<Contrast.Drawn>().Means).ToArray();
            float[] voxels = sample.Drawn.List(sample.Drawn.Of<Lesions.Drawn>().Voxels).ToArray();
            foreach (float[] place in voxels.Chunk(3).Where(static place => place[0] >= 0))
            {
                int voxel = (int)((((place[0] * shape.Height) + place[1]) * shape.Width) + place[2]);
                Assert.That(sample.Label[voxel], Is.EqualTo(2));
                Assert.That(Array.IndexOf(means, sample.Image[voxel]), Is.GreaterThanOrEqualTo(4));
                places++;
            }
        }

        Assert.That(places, Is.GreaterThan(10));
    }

    // Of samples of one batch some are without the part.
    [Test]
    public void ASampleWithoutThePart_IsAsIfThereWereNone([Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        VolumeShape shape = Shapes[0];
        using LabelMapFolder folder = Folder(3);
        LabelMapSet maps = folder.Load();
        using SynthesisEngine some = Start(Of([Maps, Inside(Parts[0], [0]) with { Chance = 0.5 }], device, shape, maps, batchSize: 4));
        using SynthesisEngine none = Start(Of([Maps], device, shape, maps, batchSize: 4));
        using GuardedSlot slot = new(some);
        DrawnSample[] drawn = DrawnFor(some);
        slot.Poison();
        some.GenerateBatch([.. Enumerable.Range(0, 4).Select(static n => SampleKey.Of(n))], slot.Memory, drawn);
        slot.AssertGuards();
        bool[] are = [.. drawn.Select(static one => one.LeftOut.Any())];
        Assert.That(are.Distinct().Count(), Is.EqualTo(2));
        for (int n = 0; n < 4; n++)
        {
            Assert.That(slot.Image(n).SequenceEqual(Sample(none, SampleKey.Of(n)).Image), Is.EqualTo(are[n]));
            Assert.That(slot.HasSameBytes(n, Sample(some, SampleKey.Of(n))));
        }
    }

    [Test]
    public void WhatChangesOthersLabels_IsNotDrawnInsideThem()
    {
        const string sentence = "changes others' labels, and only what paints labels of its own can be drawn inside them; take inside away";
        Component[] changing =
        [
            new LabelOps(0, 0.1, 0, null, 0, 0, 0) { Inside = [0] },
            new CutAway(1, 0.1, 1, true) { Inside = [0] },
            new SphereMask(0.4, 0, [SideMeasure.Of(4)], 0.02, 0.5, 0.5, 0.03, OwnBackground: false) { Inside = [0] },
        ];
        foreach (Component one in changing)
        {
            Assert.That(
                () => Of([Regions, one], DeviceCatalogue.Host, Shapes[0], null),
                Throws.TypeOf<RecipeException>().With.Message.Contains($"anatomy[1].{one.Name}: {sentence}"));
        }

        Assert.That(
            () => SynthesisPlan.Create(Of([Regions, Inside(Parts[0], [7])], DeviceCatalogue.Host, Shapes[0], null)),
            Throws.TypeOf<PlanException>().With.Message.Contains("anatomy[1].trees.inside: the anatomies before it have no label 7; their labels are 0 to 2."));
    }

    /// <summary>A part drawn inside labels.</summary>
    internal static Component Inside(Component part, ValueList<int> labels) => part switch
    {
        Trees trees => trees with { Inside = labels },
        Lesions lesions => lesions with { Inside = labels },
        Bones bones => bones with { Inside = labels },
        Shell shell => shell with { Inside = labels },
        Cells cells => cells with { Inside = labels },
        _ => throw new ArgumentException("no part", nameof(part)),
    };

    private static LabelMapFolder Folder(int dimensions)
    {
        var folder = new LabelMapFolder();
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(14, 17, 38) : VolumeShape.Image(40, 50);
        folder.Put("a.nii", shape, voxel => (byte)(10 * (voxel % shape.Width / 6 % 4)));
        return folder;
    }
}
