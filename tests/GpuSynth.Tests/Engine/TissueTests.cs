using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>Labels of one tissue have one mean, to the bit, in the samples that the label map decides.</summary>
[Category("Host")]
public sealed class TissueTests
{
    private static readonly VolumeShape Volume = VolumeShape.Volume(5, 6, 17);
    private static readonly int[] Values = [0, 2, 3, 41, 42, 77];
    private static readonly Law PerLabel = new PerLabelLaw([0, new UniformLaw(1, 2), new UniformLaw(2, 3), new UniformLaw(3, 4)]);

    private LabelMapFolder folder = null!;
    private LabelMapSet maps = null!;

    [OneTimeSetUp]
    public void WriteMaps()
    {
        folder = new LabelMapFolder();
        folder.Put("a.nii", Volume, static voxel => (byte)Values[voxel / 7 % Values.Length]);
        maps = folder.Load();
    }

    [OneTimeTearDown]
    public void DeleteMaps() => folder.Dispose();

    // 2 and 41, 3 and 42 are pairs of FreeSurfer's. The lower label draws what it draws alone.
    [Test]
    public void BothSidesOfAPair_HaveOneMean()
    {
        LabelMapAnatomy map = Map() with { LateralPairs = LateralPairs.FreeSurfer };
        for (int n = 0; n < 20; n++)
        {
            float[] alone = Means([Map()], n);
            Assert.That(alone.Distinct().Count(), Is.EqualTo(Values.Length));
            Assert.That(Means([map], n), Is.EqualTo([alone[0], alone[1], alone[2], alone[1], alone[2], alone[5]]));
            Assert.That(Means([map with { LateralPairs = LateralPairs.Of(new LabelPair(3, 42), new LabelPair(0, 99)) }], n),
                Is.EqualTo([alone[0], alone[1], alone[2], alone[3], alone[2], alone[5]]));
            Assert.That(Means([map with { Classes = TissueClasses.OfLateralPairs }], n), Is.EqualTo(Means([map], n)));
            Assert.That(Means([map with { Classes = TissueClasses.None }], n), Is.EqualTo(alone));
            Assert.That(Means([map with { Classes = TissueClasses.Of([41, 2, 77], [3, 0]) }], n),
                Is.EqualTo([alone[0], alone[1], alone[0], alone[1], alone[4], alone[1]]));
            Assert.That(Means([map], n, PerLabel)[3], Is.EqualTo(Means([Map()], n, PerLabel)[1]).And.LessThan(2), "the law is that of the lower label");
        }
    }

    [Test]
    public void TheImage_IsOfOneMean()
    {
        using SynthesisEngine engine = Start(Of([Map() with { LateralPairs = LateralPairs.FreeSurfer }]));
        RenderedSample sample = Sample(engine, SampleKey.Of(3));
        Assert.That(sample.Label.Distinct().Count(), Is.EqualTo(6));
        Assert.That(sample.Image.Distinct().Count(), Is.EqualTo(4));
    }

    // Labels of noise have no sides, and a sample of noise none of a map's tissues.
    [Test]
    public void SamplesOfAnotherAnatomy_HaveAMeanPerLabel()
    {
        var noise = new NoiseAnatomy(SideMeasure.Of(8), new NoiseGrids([SideMeasure.Of(3)], 1), null);
        Component[] list = [noise, Map() with { LateralPairs = LateralPairs.FreeSurfer, Chance = 0.5 }];
        var seen = new HashSet<int>();
        for (int n = 0; n < 12; n++)
        {
            RenderedSample sample = Sample(Of(list), SampleKey.Of(n));
            int distinct = sample.Drawn.List(sample.Drawn.Of<Contrast.Drawn>().Means).ToArray().Distinct().Count();
            seen.Add(distinct);
            Assert.That(distinct, Is.EqualTo(sample.Drawn.LeftOut.Contains("labelMap") ? 8 : 6));
        }

        Assert.That(seen, Has.Count.EqualTo(2));
    }

    // A region of the left is what the same region of the right is.
    [Test]
    public void RegionsInsideBothSides_AreOneTissue()
    {
        var noise = new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null) { Inside = [2, 41, 77] };
        float[] means = Means([Map() with { LateralPairs = LateralPairs.FreeSurfer }, noise], 0);
        Assert.That(means, Has.Length.EqualTo(12));
        Assert.That(means[8..10], Is.EqualTo(means[6..8]));
        Assert.That(means.Distinct().Count(), Is.EqualTo(8));
    }

    [Test]
    public void WrongUse_IsASentenceWithThePlace()
    {
        Assert.That(
            () => SynthesisPlan.Create(Of([Map() with { Classes = TissueClasses.Of([2, 43]) }])),
            Throws.TypeOf<PlanException>().With.Message.Contains("anatomy[0].labelMap.classes: no label map holds the value 43; take it away."));
        Refused(Map() with { Classes = TissueClasses.OfLateralPairs }, "anatomy[0].labelMap: has classes of lateralPairs and no lateralPairs");
        Refused(Map() with { Classes = TissueClasses.Of([2]) }, "anatomy[0].labelMap.classes[0]: has fewer than two values");
        Refused(Map() with { Classes = TissueClasses.Of([2, 3], [4, 3]) }, "anatomy[0].labelMap.classes[1]: value 3 stands there twice");

        static void Refused(LabelMapAnatomy map, string sentence) =>
            Assert.That(() => Of([map], null), Throws.TypeOf<RecipeException>().With.Message.Contains(sentence));
    }

    [Test]
    public void TheKeys_AreReadAndWritten()
    {
        const string Text = """
            name: t
            dimensions: 3
            anatomy:
              - labelMap: { lateralPairs: freesurfer, classes: CLASSES }
              - noiseField: { labels: 3, field: { scales: [3], std: 1 }, inside: [0, 77] }
            appearance:
              - contrast: { mean: 1 }
            """;
        foreach ((string words, TissueClasses expected) in ((string, TissueClasses)[])
            [("none", TissueClasses.None), ("lateralPairs", TissueClasses.OfLateralPairs), ("[[2, 41], [3, 42, 77]]", TissueClasses.Of([2, 41], [3, 42, 77]))])
        {
            Recipe recipe = RecipeYaml.Parse(Text.Replace("CLASSES", words, StringComparison.Ordinal), "t");
            Assert.That(((LabelMapAnatomy)recipe.Anatomy[0]).Classes, Is.EqualTo(expected));
            Assert.That(((NoiseAnatomy)recipe.Anatomy[1]).Inside, Is.EqualTo((ValueList<int>)[0, 77]));
            Assert.That(RecipeYaml.Parse(RecipeYaml.Write(recipe), "t"), Is.EqualTo(recipe));
        }
    }

    private static LabelMapAnatomy Map() => new(0, 1, 0, 0, 0, null, null, null);

    private static EngineOptions Of(Component[] anatomy, LabelMapSet? maps, Law? mean = null) => Options(
        new Recipe("tissues", 3, [.. anatomy], [new Contrast(mean ?? new UniformLaw(0, 1))]), Volume) with { LabelMaps = maps };

    private EngineOptions Of(Component[] anatomy) => Of(anatomy, maps);

    private float[] Means(Component[] anatomy, int sample, Law? mean = null)
    {
        RowLayout rows = SynthesisPlan.Create(Of(anatomy, maps, mean)).Rows;
        uint[] row = new uint[rows.Length];
        rows.Draw(Seed, SampleKey.Of(sample), row);
        return RowLayout.Numbers(row, rows.Of<Contrast.Drawn>(row).Means).ToArray();
    }
}
