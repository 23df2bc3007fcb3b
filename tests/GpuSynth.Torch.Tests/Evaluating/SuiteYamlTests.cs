using GpuSynth.Torch.Evaluating;

namespace GpuSynth.Torch.Tests.Evaluating;

/// <summary>Suites: what they mean, and what is wrong with one that is none.</summary>
public sealed class SuiteYamlTests
{
    [Test]
    public void ASuiteIsRead()
    {
        EvaluationSuite suite = SuiteYaml.Parse(
            """
            name: two
            steps: 50
            seeds: 2
            rates: [1.0e-2, 3.0e-3, 1.0e-2]
            finalists: 4
            always: [rasd]
            labelMaps: [{ name: own, recipe: labelmap-3d, steps: 30 }]
            appearances: [{ name: scanners, recipe: mri-3d }, { name: often, recipe: rasd-3d, probability: 0.9 }]
            tasks:
              - { name: nuclei, cases: [10, 4, 40], validationCases: 20, testCases: 60, patch: [128, 96], flips: 0.5, augmentation: light }
              - { name: lungs, data: pneumonia/pneumonia.npz, shares: [10, 1, 5], patch: [32] }
              - { name: heads, data: openkbp/cases, cases: [3], intensity: "hu:840:1240", ignoreLabel: 7 }
            """,
            "two.yaml");
        Assert.Multiple(() =>
        {
            Assert.That((suite.Name, suite.Steps, suite.Batch, suite.Seeds, suite.Finalists), Is.EqualTo(("two", 50, 2, 2, (int?)4)));
            Assert.That(suite.Rates, Is.EqualTo([3e-3, 1e-2]), "ascending, each once");
            Assert.That(suite.Always, Is.EqualTo(["rasd"]));
            Assert.That(suite.LabelMaps.Select(static one => (one.Name, one.RecipeName, one.Objective, one.Steps, one.Batch)), Is.EqualTo([("own", "labelmap-3d", "segment", 30, 4)]));
            Assert.That(suite.Appearances.Select(static one => (one.Name, one.RecipeName, one.Probability)), Is.EqualTo([("scanners", "mri-3d", 0.5), ("often", "rasd-3d", 0.9)]));
            EvaluationTask nuclei = suite.Tasks[0], lungs = suite.Tasks[1], heads = suite.Tasks[2];
            Assert.That(lungs.Shares, Is.EqualTo([1.0, 5, 10]));
            Assert.That((lungs.IsClassification, lungs.Measure, lungs.Data, lungs.Augmentation.FlipProbability), Is.EqualTo((true, "AUC", "pneumonia/pneumonia.npz", 0.0)));
            Assert.That(nuclei.Cases, Is.EqualTo([4, 10, 40]));
            Assert.That((nuclei.Data, nuclei.RatesAt, nuclei.ValidationCases, nuclei.TestCases), Is.EqualTo(("nuclei", 10, (int?)20, (int?)60)));
            Assert.That((nuclei.Augmentation.FlipProbability, nuclei.Augmentation.IntensityProbability), Is.EqualTo((0.5, 0.5)));
            Assert.That(nuclei.Patch, Is.EqualTo([128, 96]));
            Assert.That((heads.Data, heads.Intensity.ToString(), heads.IgnoreLabel, heads.Augmentation.NoiseProbability), Is.EqualTo(("openkbp/cases", "hu:840:1240", (int?)7, 0.1)));
        });
    }

    [TestCase("", "empty; perf/suites/small.yaml is a whole suite")]
    [TestCase("name: a\ntasks: [", "not YAML")]
    [TestCase("name: a", "suite.tasks: is missing")]
    [TestCase("name: a\ntasks: []", "line 2: tasks: is empty")]
    [TestCase("name: a b\ntasks: [{ name: t, cases: [1] }]", "line 1: name: 'a b' is not 1 to 64 of letters")]
    [TestCase("name: a\nstep: 4\ntasks: [{ name: t, cases: [1] }]", "line 2: suite.step: unknown key; did you mean steps?")]
    [TestCase("name: a\nseeds: 0\ntasks: [{ name: t, cases: [1] }]", "line 2: seeds: 0 is not 1 to 1000")]
    [TestCase("name: a\nrates: [2]\ntasks: [{ name: t, cases: [1] }]", "rates[0]: 2 is not 1E-08 to 1")]
    [TestCase("name: a\ntasks: [{ name: t, cases: [0] }]", "tasks[0].cases: has nothing to train on")]
    [TestCase("name: a\ntasks: [{ name: t }]", "tasks[0]: has cases, of segmentation, or shares, of classification")]
    [TestCase("name: a\ntasks: [{ name: t, cases: [1], shares: [1] }]", "tasks[0]: has cases, of segmentation, or shares")]
    [TestCase("name: a\ntasks: [{ name: t, shares: [1], testCases: 4 }]", "tasks[0].testCases: is for segmentation")]
    [TestCase("name: a\ntasks: [{ name: t, shares: [0, 101] }]", "tasks[0].shares[1]: 101 is not 0.001 to 100")]
    [TestCase("name: a\ntasks: [{ name: t, cases: [1, 3], ratesAt: 2 }]", "tasks[0].ratesAt: 2 is not one of cases, 1, 3")]
    [TestCase("name: a\ntasks: [{ name: t, cases: [1] }, { name: t, cases: [2] }]", "t stands there twice")]
    [TestCase("name: a\ntasks: [{ name: t, cases: [1], augmentation: strong }]", "'strong' is not one of none, light, full")]
    [TestCase("name: a\ntasks: [{ name: t, cases: [1], intensity: hu }]", "'hu' is not zscore, zscore-nonzero or hu:MIN:MAX")]
    [TestCase("name: a\nlabelMaps: [{ name: m, recipe: none.yaml }]\ntasks: [{ name: t, cases: [1] }]", "line 2: labelMaps[0].recipe: there is no preset and no file 'none.yaml'")]
    [TestCase("name: a\nlabelMaps: [{ name: m, recipe: rasd-2d }]\ntasks: [{ name: t, cases: [1] }]", "labelMaps[0].recipe: rasd-2d draws from no label map")]
    [TestCase("name: a\nappearances: [{ name: m, recipe: ct-2d }]\ntasks: [{ name: t, cases: [1] }]", "line 2: appearances[0].recipe: ct-2d has intensities in HU")]
    [TestCase("name: a\nappearances: [{ name: m, recipe: mri-2d, chance: 1 }]\ntasks: [{ name: t, cases: [1] }]", "appearances[0].chance: unknown key")]
    [TestCase("name: a\nappearances: [{ name: m, recipe: mri-2d }, { name: m, recipe: rasd-2d }]\ntasks: [{ name: t, cases: [1] }]", "m stands there twice")]
    [TestCase("name: a\nlabelMaps: [{ name: m }]\ntasks: [{ name: t, cases: [1] }]", "labelMaps[0].recipe: is missing")]
    [TestCase("name: a\nlabelMaps: [{ name: m, recipe: labelmap-3d, steps: 0 }]\ntasks: [{ name: t, cases: [1] }]", "labelMaps[0].steps: 0 is not 1 to")]
    [TestCase("name: a\ntasks: [{ name: ../t, cases: [1] }]", "'../t' is not 1 to 64 of letters")]
    public void AMistakeIsNamed(string text, string part) =>
        Assert.That(() => SuiteYaml.Parse(text, "bad.yaml"), Throws.InstanceOf<GpuSynthException>().With.Message.Contains(part).And.Message.StartsWith("bad.yaml"));

    [Test]
    public void AllMistakesAreNamedTogether() => Assert.That(
        () => SuiteYaml.Parse("name: a\nsteps: 0\nseeds: x\ntasks: [{ name: t, cases: [-1] }]", "bad.yaml"),
        Throws.InstanceOf<GpuSynthException>().With.Message.Contains("3 mistakes"));
}
