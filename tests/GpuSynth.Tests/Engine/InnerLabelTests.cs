using System.Text.Json;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>An anatomy inside labels of another: intensities have more labels than the sample, and the sample's stay what they were.</summary>
public sealed class InnerLabelTests
{
    private const int Own = 3;
    private static readonly NoiseAnatomy Noise = new(
        SideMeasure.Of(Own), new NoiseGrids([SideMeasure.Of(3)], 1), new ShiftGrids([SideMeasure.Of(3)], 0.1));

    private static readonly LabelMapAnatomy Maps =
        new(new UniformLaw(-20, 20), 1, 0, 0, 0, new ShiftGrids([SideMeasure.Of(4)], 0.05), null, null);

    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Volume(7, 9, 17), VolumeShape.Volume(13, 8, 40), VolumeShape.Image(21, 33), VolumeShape.Image(3, 70)];

    private static IEnumerable<TestCaseData<string, VolumeShape>> Cases => Shapes.SelectMany(static shape => (TestCaseData<string, VolumeShape>[])
    [
        new TestCaseData<string, VolumeShape>(DeviceCatalogue.Host, shape).SetArgDisplayNames(DeviceCatalogue.Host, $"{shape}"),
        new TestCaseData<string, VolumeShape>(DeviceCatalogue.IlgpuCpu, shape)
            .SetArgDisplayNames(DeviceCatalogue.IlgpuCpu, $"{shape}").SetCategory("Slow"),
    ]);

    // Image = mean of the label that intensities are made of: the map's own where nothing is drawn inside it, and a set of the noise's in each of 0
    // and 20. The noise is that of a recipe in which it stands alone.
    [TestCaseSource(nameof(Cases))]
    public void RegionsLieInTheirLabelsOnly_AndTargetsAreTheMaps(string device, VolumeShape shape)
    {
        using LabelMapFolder folder = Folder(shape.Dimensions);
        LabelMapSet maps = folder.Load();
        using SynthesisEngine inner = Start(Of([Maps, Noise with { Inside = [20, 0] }], device, shape, maps));
        using SynthesisEngine plain = Start(Of([Maps], device, shape, maps));
        using SynthesisEngine noise = Start(Of([Noise], device, shape, maps));
        Assert.That(inner.Plan.LabelCount, Is.EqualTo(4));
        Assert.That(inner.Plan.Rows.Facts.LabelCount, Is.EqualTo(4 + (2 * Own)));
        for (int n = 0; n < 4; n++)
        {
            RenderedSample sample = Sample(inner, SampleKey.Of(n));
            RenderedSample outer = Sample(plain, SampleKey.Of(n));
            byte[] regions = Sample(noise, SampleKey.Of(n)).Label;
            float[] means = sample.Drawn.List(sample.Drawn.Of<Contrast.Drawn>().Means).ToArray();
            Assert.That(means.Distinct().Count(), Is.EqualTo(10));
            Assert.That(means.Take(4), Is.EqualTo(outer.Drawn.List(outer.Drawn.Of<Contrast.Drawn>().Means).ToArray()), "a region moves no other number");
            Assert.That(sample.Label, Is.EqualTo(outer.Label));
            Assert.That(sample.Image, Is.EqualTo(sample.Label.Zip(regions, (label, own) => means[label switch
            {
                0 => 4 + own,
                2 => 4 + Own + own,
                _ => label,
            }])));
            Assert.That(Applied(inner, sample.Drawn).HasSameBytes(sample));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void ASampleWithoutTheRegions_IsTheMap(string device, VolumeShape shape)
    {
        using LabelMapFolder folder = Folder(shape.Dimensions);
        LabelMapSet maps = folder.Load();
        using SynthesisEngine inner = Start(Of([Maps, Noise with { Inside = [0], Chance = 0.5 }], device, shape, maps, batchSize: 3));
        using SynthesisEngine plain = Start(Of([Maps], device, shape, maps, batchSize: 3));
        using GuardedSlot slot = new(inner);
        DrawnSample[] drawn = DrawnFor(inner);
        var seen = new HashSet<bool>();
        for (int step = 0; step < 4; step++)
        {
            slot.Poison();
            inner.GenerateBatch([.. Enumerable.Range(3 * step, 3).Select(static n => SampleKey.Of(n))], slot.Memory, drawn);
            slot.AssertGuards();
            for (int n = 0; n < 3; n++)
            {
                RenderedSample outer = Sample(plain, SampleKey.Of((3 * step) + n));
                bool isWithout = drawn[n].LeftOut.Any();
                seen.Add(isWithout);
                Assert.That(slot.Label(n).ToArray(), Is.EqualTo(outer.Label));
                Assert.That(slot.Image(n).SequenceEqual(outer.Image), Is.EqualTo(isWithout || !outer.Label.Contains((byte)0)));
                Assert.That(slot.HasSameBytes(n, Sample(inner, SampleKey.Of((3 * step) + n))));
            }
        }

        Assert.That(seen, Has.Count.EqualTo(2));
    }

    // Every stage of the appearance reads the labels of the regions; noise, blur and curves as everywhere.
    [Test]
    [Category("Slow")]
    public void ADevice_MakesTheSameLabelsAndNearlyTheSameImage([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        using LabelMapFolder folder = Folder(shape.Dimensions);
        Recipe rasd = RecipeFor(shape);
        EngineOptions host = Of([Maps, Noise with { Inside = [0, 10] }], DeviceCatalogue.Host, shape, folder.Load());
        host = host with { Recipe = rasd with { Anatomy = host.Recipe.Anatomy } };
        using SynthesisEngine onHost = Start(host);
        using SynthesisEngine onDevice = Start(host with { Device = DeviceCatalogue.IlgpuCpu });
        for (int n = 0; n < 3; n++)
        {
            RenderedSample one = Sample(onHost, SampleKey.Of(n));
            RenderedSample other = Sample(onDevice, SampleKey.Of(n));
            Assert.That(other.Label, Is.EqualTo(one.Label));
            Assert.That(other.Image.Zip(one.Image).Max(static pair => MathF.Abs(pair.First - pair.Second)), Is.LessThan(2e-4f));
        }
    }

    [Test]
    public void TwoAppearancesOfOneAnatomy_HaveTheSameRegions([Values(1, 2)] int threads)
    {
        VolumeShape shape = Shapes[1];
        using LabelMapFolder folder = Folder(3);
        using SynthesisEngine engine = Start(
            Of([Maps, Noise with { Inside = [0] }], DeviceCatalogue.Host, shape, folder.Load()) with { Threads = threads });
        RenderedSample one = Sample(engine, new SampleKey(3, 10));
        RenderedSample other = Sample(engine, new SampleKey(3, 11));
        Assert.That(other.Label, Is.EqualTo(one.Label));
        Assert.That(one.Image.Zip(other.Image).Distinct().Count(), Is.EqualTo(one.Image.Distinct().Count()).And.GreaterThan(4));
    }

    // Two anatomies inside one label: where a sample has the first, nothing of the label is left for the second.
    [Test]
    public void WhatIsInside_IsOfTheFirstThatASampleHas()
    {
        VolumeShape shape = Shapes[0];
        using LabelMapFolder folder = Folder(3);
        using SynthesisEngine engine = Start(Of(
            [Maps, Noise with { Inside = [0], Chance = 0.5 }, Noise with { Labels = SideMeasure.Of(2), Inside = [0] }],
            DeviceCatalogue.Host,
            shape,
            folder.Load()));
        var seen = new HashSet<int>();
        for (int n = 0; n < 10; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            float[] means = sample.Drawn.List(sample.Drawn.Of<Contrast.Drawn>().Means).ToArray();
            int[] inside = [.. sample.Image.Where((_, at) => sample.Label[at] == 0).Select(value => Array.IndexOf(means, value)).Distinct()];
            bool hasFirst = !sample.Drawn.LeftOut.Contains("noiseField");
            seen.Add(hasFirst ? 1 : 0);
            Assert.That(inside, Is.SubsetOf(Enumerable.Range(hasFirst ? 4 : 7, hasFirst ? 3 : 2)));
        }

        Assert.That(seen, Has.Count.EqualTo(2));
    }

    // The preset's labels are those of its maps, whether a sample has a structured background or not; both sides of a pair have one mean.
    [Test]
    public void ThePreset_HasTheLabelsOfItsMaps([Values(2, 3)] int dimensions)
    {
        using LabelMapFolder folder = new();
        int[] values = [0, 2, 3, 41, 42];
        folder.Put("a.nii", VolumeShape.Volume(20, 21, 22), voxel => (byte)(voxel % 22 < 5 ? 0 : values[voxel / 40 % values.Length]));
        Recipe recipe = Presets.Get("synthseg-3d") with { Dimensions = dimensions };
        LabelMapSet maps = RecipeLabelMaps.Load(recipe, folder.Root);
        VolumeShape shape = dimensions == 3 ? VolumeShape.Cubic(3, 24) : VolumeShape.Image(24, 24);
        EngineOptions options = Options(recipe, shape) with { LabelMaps = maps };
        using SynthesisEngine engine = Start(options);
        using SynthesisEngine plain = Start(options with { Recipe = recipe with { Anatomy = [recipe.Anatomy[0]] } });
        var structured = new HashSet<bool>();
        for (int n = 0; n < 12; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            structured.Add(sample.Drawn.LeftOut.Contains("noiseField"));
            Assert.That(sample.Label, Is.EqualTo(Sample(plain, SampleKey.Of(n)).Label));
            float[] means = sample.Drawn.List(sample.Drawn.Of<Texture.Drawn>().Means).ToArray();
            Assert.That((means[3], means[4]), Is.EqualTo((means[1], means[2])));
            Assert.That(sample.Image.All(static value => value is >= 0 and <= 1));
        }

        Assert.That(structured, Has.Count.EqualTo(2));
    }

    [Test]
    public void OfNoise_LabelsAreNamedByThemselves_AndTheRecordSaysTheTargets()
    {
        VolumeShape shape = Shapes[0];
        EngineOptions options = Of([Noise, Noise with { Inside = [1] }], DeviceCatalogue.Host, shape, null);
        RenderedSample sample = Sample(options, SampleKey.Of(0));
        Assert.That(sample.Label, Is.EqualTo(Sample(Of([Noise], DeviceCatalogue.Host, shape, null), SampleKey.Of(0)).Label));
        JsonElement json = JsonDocument.Parse(Json.Of(sample.Drawn)).RootElement;
        Assert.That(json.GetProperty("labelCount").GetInt32(), Is.EqualTo(3));
        Assert.That(json.GetProperty("means").GetArrayLength(), Is.EqualTo(6));
        Assert.That(
            json.GetProperty("targetOfSynthesisLabel").EnumerateArray().Select(static one => one.GetInt32()), Is.EqualTo([0, 1, 2, 1, 1, 1]));
        Assert.That(json.TryGetProperty("fieldStd#2", out _));
    }

    [Test]
    public void WrongUse_IsASentenceWithThePlace()
    {
        using LabelMapFolder folder = Folder(3);
        LabelMapSet maps = folder.Load();
        Refused([Maps, Noise with { Inside = [77] }], "anatomy[1].noiseField.inside: no label map holds the value 77; they hold 0, 10, 20, 30.");
        Refused([Noise, Noise with { Inside = [5] }], "anatomy[1].noiseField.inside: the anatomies before it have no label 5; their labels are 0 to 2.");
        Refused(
            [Maps, Noise with { Labels = SideMeasure.Of(64), Inside = [0, 10, 20, 30] }],
            "anatomy[1].noiseField.inside: 64 labels inside each of 4 are 260 with the 4 before them, and there are at most 256;");
        Assert.That(
            () => Of([Noise with { Inside = [0] }], DeviceCatalogue.Host, Shapes[0], maps),
            Throws.TypeOf<RecipeException>().With.Message.Contains("anatomy[0].noiseField: lies inside labels, and there are none before it"));
        Assert.That(
            () => Of([Noise, Noise with { Inside = [] }], DeviceCatalogue.Host, Shapes[0], maps),
            Throws.TypeOf<RecipeException>().With.Message.Contains("anatomy[1].noiseField.inside: is empty"));

        void Refused(Component[] anatomy, string sentence) => Assert.That(
            () => SynthesisPlan.Create(Of(anatomy, DeviceCatalogue.Host, Shapes[0], maps)),
            Throws.TypeOf<PlanException>().With.Message.Contains(sentence));
    }

    private static LabelMapFolder Folder(int dimensions)
    {
        var folder = new LabelMapFolder();
        (VolumeShape a, VolumeShape b) = dimensions == 3
            ? (VolumeShape.Volume(8, 8, 15), VolumeShape.Volume(11, 7, 9))
            : (VolumeShape.Image(20, 30), VolumeShape.Image(17, 9));
        folder.Put("a.nii", a, static voxel => (byte)(10 * (voxel / 30 % 4)));
        folder.Put("b.nii", b, static voxel => (byte)(10 * (voxel / 25 % 4)));
        return folder;
    }

    /// <summary>A recipe of these anatomies, with an intensity for each label.</summary>
    internal static EngineOptions Of(Component[] anatomy, string device, VolumeShape shape, LabelMapSet? maps, int batchSize = 1) => Options(
        new Recipe("inner", shape.Dimensions, [.. anatomy], [new Contrast(new UniformLaw(0, 1))]), shape, batchSize) with
    {
        Device = device,
        LabelMaps = maps,
    };
}
