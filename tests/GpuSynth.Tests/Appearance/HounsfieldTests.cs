using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Intensities of labels in Hounsfield units: what is their own.</summary>
[Category("Host")]
public sealed class HounsfieldTests
{
    private static readonly NoiseAnatomy Labels = new(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(4)], 1), null);

    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(20, 24, 22), VolumeShape.Image(90, 80)];

    // Air is -1000 and metal 3071, without a deviation.
    [Test]
    public void GivenLabels_AreTheirTissue_ByHand([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        var metal = HounsfieldClasses.Of(metal: 2);
        Hounsfield component = Component(HounsfieldClasses.Of(air: 1)) with { Given = [new(2, metal), new(0, metal)] };
        foreach (string device in new[] { DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu })
        {
            RenderedSample sample = Sample(Options(Recipe(shape, component), shape) with { Device = device }, SampleKey.Of(3));
            Assert.That(sample.Image, Is.EqualTo(sample.Label.Select(static label => label % 2 == 0 ? 3071f : -1000f)), device);
        }
    }

    [Test]
    public void MeansAndDeviationsOfEveryClass_FillItsRange()
    {
        const int samples = 200;
        for (int number = 0; number < HounsfieldClasses.Count; number++)
        {
            double[] weights = new double[15];
            weights[number] = 3;
            var classes = new HounsfieldClasses(
                weights[0], weights[1], weights[2], weights[3], weights[4], weights[5], weights[6], weights[7], weights[8], weights[9],
                weights[10], weights[11], weights[12], weights[13], weights[14]);
            (float[] kinds, float[] means, float[] stds) = Numbers(Component(classes), samples);
            ClassNumbers numbers = HounsfieldClasses.NumbersOf(number);
            Assert.That(kinds, Is.All.EqualTo((float)number));
            AssertFills(means, numbers.LowMean, numbers.HighMean);
            AssertFills(stds, numbers.LowStd, numbers.HighStd);
        }
    }

    // Of 8,000 labels, alpha 1e-5 for each of fifteen classes.
    [Test]
    public void ClassesAreDrawn_AsOftenAsTheirWeightsSay()
    {
        (float[] kinds, _, _) = Numbers(Component(null), 2000);
        for (int number = 0; number < HounsfieldClasses.Count; number++)
        {
            double expected = HounsfieldClasses.Organs.WeightOf(number);
            double share = kinds.Count(kind => kind == number) / (double)kinds.Length;
            Assert.That(share, Is.EqualTo(expected).Within(1e-9 + (4.4 * Math.Sqrt(expected * (1 - expected) / kinds.Length))), $"class {number}");
        }
    }

    [Test]
    public void RandomisedMeans_AreAnything_ButForAir()
    {
        Hounsfield component = Component(HounsfieldClasses.Of(air: 1, denseBone: 1)) with { Randomised = 1 };
        (float[] kinds, float[] means, _) = Numbers(component, 400);
        AssertFills([.. means.Where((_, label) => kinds[label] != 0)], -200, 200);
        Assert.That(means.Where((_, label) => kinds[label] == 0), Is.All.EqualTo(-1000f));

        (_, float[] some, _) = Numbers(Component(HounsfieldClasses.Of(denseBone: 1)) with { Randomised = 0.3 }, 2000);
        Assert.That(some.Count(static mean => mean < 201) / (double)some.Length, Is.EqualTo(0.3).Within(4.4 * Math.Sqrt(0.21 / 2000)));
    }

    // Mean and deviation of soft tissue's voxels about what was drawn: structured or not.
    [TestCase(0.0)]
    [TestCase(1.0)]
    public void VoxelsOfALabel_HaveItsMeanAndDeviation(double share)
    {
        const double spacing = 1.5;
        foreach (VolumeShape shape in new[] { VolumeShape.Volume(40, 48, 44), VolumeShape.Image(180, 200) })
        {
            Hounsfield component = Component(HounsfieldClasses.Of(lung: 1)) with { Share = share, SpacingVoxels = spacing };
            using SynthesisEngine engine = Start(Options(Recipe(shape, component), shape, threads: 2));
            (double count, double sum, double squares) = (0, 0, 0);
            for (int key = 0; key < 8; key++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(key));
                Hounsfield.Drawn drawn = sample.Drawn.Of<Hounsfield.Drawn>();
                float[] means = sample.Drawn.List(drawn.Means).ToArray();
                float[] stds = sample.Drawn.List(drawn.Stds).ToArray();
                for (int voxel = 0; voxel < sample.Image.Length; voxel++)
                {
                    double from = (sample.Image[voxel] - (double)means[sample.Label[voxel]]) / stds[sample.Label[voxel]];
                    (count, sum, squares) = (count + 1, sum + from, squares + (from * from));
                }
            }

            // Of structure one value in a cell of two spacings of the wider octave knows nothing of the next.
            double independent = count / (share == 0 ? 1 : Math.Pow(4 * spacing, shape.Dimensions));
            Assert.That(independent, Is.GreaterThan(2000), "n suffices");
            Assert.That(sum / count, Is.Zero.Within(5 / Math.Sqrt(independent)));
            Assert.That(squares / count, Is.EqualTo(1).Within(7 / Math.Sqrt(independent)));
        }
    }

    [Test]
    public void BothSidesOfAPair_AreOneTissue()
    {
        byte[] tissues = [0, 1, 1, 3];
        var facts = new SampleFacts(VolumeShape.Image(8, 8), 4);
        Hounsfield component = Component(null) with { Given = [new(1, HounsfieldClasses.Of(lung: 1, fat: 1))] };
        uint[] row = new uint[component.ListWords(in facts)];
        for (ulong sample = 0; sample < 50; sample++)
        {
            var place = new RandomPlace(Seed, sample, component.Stream);
            var drawing = new Drawing(in facts, in place, row, 0, tissues);
            Hounsfield.Drawn drawn = component.Draw(ref drawing);
            float[] kinds = drawing.Numbers(drawn.Classes).ToArray();
            float[] means = drawing.Numbers(drawn.Means).ToArray();
            Assert.That((kinds[2], means[2]), Is.EqualTo((kinds[1], means[1])));
            Assert.That(kinds[1], Is.EqualTo(1f).Or.EqualTo(2f));
        }
    }

    [Test]
    public void ARecipe_IsReadAndWritten()
    {
        const string text = """
            name: ct
            dimensions: 2
            anatomy:
              - noiseField: { labels: 4, field: { scales: [side/4], std: 1 } }
            appearance:
              - hounsfield:
                  classes: { soft: 3, fat: 1 }
                  given: [{ label: 0, classes: { air: 1 } }, { label: 3, classes: { contrast: 1, blood: 1 } }]
                  randomised: 0.3
                  share: { perLabel: [0, 0.5] }
              - ctNoise: { std: { logUniform: [4, 60] } }
              - window: { level: 40, width: 400, or: [{ weight: 0.5, level: { uniform: [-20, 20] }, width: 250 }] }
            """;
        Recipe recipe = RecipeYaml.Parse(text, "ct");
        Hounsfield read = recipe.Find<Hounsfield>()!;
        Assert.That(read.Classes, Is.EqualTo(HounsfieldClasses.Of(soft: 3, fat: 1)));
        Assert.That(read.Given, Is.EqualTo(ValueList.Create<HounsfieldLabel>(
            [new(0, HounsfieldClasses.Of(air: 1)), new(3, HounsfieldClasses.Of(contrast: 1, blood: 1))])));
        Assert.That(recipe.Find<Window>()!.Or, Is.EqualTo(ValueList.Create<WeightedWindow>([new(0.5, new UniformLaw(-20, 20), 250)])));
        Assert.That(RecipeYaml.Parse(RecipeYaml.Write(recipe), "again"), Is.EqualTo(recipe));
        Assert.That(RecipeSchema.ToJson(), Does.Contain("spongyBone"));
    }

    [TestCase("hounsfield: { classes: { soft: -1, fat: 2 } }", "appearance[0].hounsfield.classes.soft: -1 < 0 minimum (allowed: 0 to 1000000)")]
    [TestCase("hounsfield: { classes: { soft: 0 } }", "appearance[0].hounsfield.classes: no class has a weight above 0; give at least one")]
    [TestCase(
        "hounsfield: { given: [{ label: 1, classes: { air: 1 } }, { label: 1, classes: { fat: 1 } }] }",
        "appearance[0].hounsfield: says twice in given what label 1 is; take one away")]
    [TestCase("hounsfield: { given: [{ label: 1 }] }", "appearance[0].hounsfield.given[0].classes: is missing")]
    [TestCase("hounsfield: { given: [{ label: 1, classes: { bone: 1, fat: 1 } }] }", "appearance[0].hounsfield.given[0].classes.bone: unknown key; known here: air, lung")]
    [TestCase("hounsfield: { given: [{ label: 300, classes: { air: 1 } }] }", "appearance[0].hounsfield.given[0].label: 300 > 255 maximum (allowed: 0 to 255)")]
    [TestCase("hounsfield: { given: [] }", "appearance[0].hounsfield.given: is empty; give at least one, or take the key away")]
    [TestCase("hounsfield: { given: 3 }", "appearance[0].hounsfield.given: '3' is not a list")]
    [TestCase(
        "contrast: { mean: 0 }|window: { level: 40, width: 400 }|hounsfield",
        "appearance[1].window: shows Hounsfield units, and there are none before hounsfield; put it behind hounsfield")]
    [TestCase(
        "contrast: { mean: 0 }|cupping: { depth: 9 }|hounsfield",
        "appearance[1].cupping: changes Hounsfield units, and there are none before hounsfield; put it behind hounsfield")]
    [TestCase(
        "hounsfield|window: { level: 40, width: 400 }|ctNoise: { std: 9 }",
        "appearance[2].ctNoise: changes Hounsfield units, and window before it leaves none; put it before window")]
    [TestCase(
        "hounsfield|window: { level: 40, width: 400 }|metalStreaks: { count: 1, widthVoxels: 4, attenuationPerCm: 6, hardening: 0.05, photons: 1e5, "
        + "voxelMillimetres: 1, centreOfExtent: 0.5 }",
        "appearance[2].metalStreaks: changes Hounsfield units, and window before it leaves none; put it before window")]
    [TestCase("hounsfield|rings: { count: 3, strength: 9 }|window: { level: 40, width: 400 }", null)]
    public void WrongUse_IsOneSentence(string appearance, string? sentence)
    {
        string text = "name: ct\ndimensions: 2\nanatomy:\n  - noiseField: { labels: 4, field: { scales: [side/4], std: 1 } }\nappearance:\n"
            + string.Concat(appearance.Split('|').Select(static one => $"  - {one}\n"));
        if (sentence is null)
        {
            Assert.That(() => RecipeYaml.Parse(text, "ct"), Throws.Nothing);
            return;
        }

        var error = Assert.Throws<RecipeException>(() => RecipeYaml.Parse(text, "ct"))!;
        Assert.That(error.Mistakes, Has.Count.EqualTo(1), error.Message);
        Assert.That(error.Mistakes[0].Sentence, Does.Contain(sentence));
    }

    private static Hounsfield Component(HounsfieldClasses? classes) => new(classes, null, 0, 0.5, 3);

    private static Recipe Recipe(VolumeShape shape, Hounsfield component) => new("hounsfield", shape.Dimensions, [Labels], [component]);

    // Of four labels of each sample, one after another.
    private static (float[] Classes, float[] Means, float[] Stds) Numbers(Hounsfield component, int samples)
    {
        var drawn = new DrawnSample(new RowLayout([component], new SampleFacts(VolumeShape.Image(8, 8), 4)));
        List<float> kinds = [];
        List<float> means = [];
        List<float> stds = [];
        for (int sample = 0; sample < samples; sample++)
        {
            drawn.Draw(Seed, SampleKey.Of(sample));
            Hounsfield.Drawn numbers = drawn.Of<Hounsfield.Drawn>();
            kinds.AddRange(drawn.List(numbers.Classes));
            means.AddRange(drawn.List(numbers.Means));
            stds.AddRange(drawn.List(numbers.Stds));
        }

        return ([.. kinds], [.. means], [.. stds]);
    }

    private static void AssertFills(float[] numbers, float low, float high)
    {
        Assert.That(numbers, Is.All.InRange(low, high));
        Assert.That(numbers.Min(), Is.EqualTo(low).Within(0.03 * (high - low)));
        Assert.That(numbers.Max(), Is.EqualTo(high).Within(0.03 * (high - low)));
        Assert.That(numbers.Average(), Is.EqualTo((low + high) / 2).Within(0.06 * (high - low)));
    }
}
