using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using NUnit.Framework;

namespace GpuSynth.Tests.Recipes;

/// <summary>Whole numbers, log-normal numbers, alternatives and lists per label in a recipe's text.</summary>
[TestFixture]
public sealed class LawTextTests
{
    private const string Right = """
        name: test
        dimensions: 3
        anatomy: { kind: noise, labels: 8, field: { scales: [2], std: 1 } }
        contrast: { mean: 1 }
        noise: { stdOfMaximum: 1 }
        """;

    private static IEnumerable<TestCaseData> Texts()
    {
        UniformLaw unit = new(0, 1);
        yield return new TestCaseData("{ integer: [0, 4] }", new IntegerLaw(0, 4));
        yield return new TestCaseData("{ logNormal: { median: 0.5, sigma: 0.1 } }", new LogNormalLaw(0.5, 0.1));
        yield return new TestCaseData(
            "{ logNormal: { median: 0.5, sigma: 1, min: 0.1, max: 4 } }", new LogNormalLaw(0.5, 1, 0.1, 4));
        yield return new TestCaseData(
            "{ oneOf: [{ weight: 3, law: { uniform: [0, 1] } }, { weight: 0.5, law: 2 }] }",
            new OneOfLaw([new(3, unit), new(0.5, 2)]));
        yield return new TestCaseData(
            "{ chance: { p: 0.5, law: { integer: [1, 3] }, otherwise: 0 } }", new ChanceLaw(0.5, new IntegerLaw(1, 3), 0));
    }

    private static IEnumerable<TestCaseData> ListTexts()
    {
        yield return new TestCaseData("{ perLabel: [0] }", new PerLabelLaw([0]));
        yield return new TestCaseData(
            "{ perLabel: [0, { uniform: [0, 1] }, { chance: { p: 0.5, law: 1, otherwise: 0 } }] }",
            new PerLabelLaw([0, new UniformLaw(0, 1), new ChanceLaw(0.5, 1, 0)]));
        yield return new TestCaseData(
            "{ perLabel: [{ oneOf: [{ weight: 1, law: -1 }, { weight: 2, law: 3 }] }, 5] }",
            new PerLabelLaw([new OneOfLaw([new(1, -1), new(2, 3)]), 5]));
    }

    [TestCaseSource(nameof(Texts))]
    public void ALawIsReadAndWritten(string text, Law law)
    {
        Recipe recipe = RecipeYaml.Parse(WithNoise(text), "x");
        Assert.That(recipe.Find<Noise>(), Is.EqualTo(new Noise(law)));
        Assert.That(RecipeYaml.Write(recipe), Does.Contain($"  stdOfMaximum: {text}\n"));
    }

    [TestCaseSource(nameof(Texts))]
    [TestCaseSource(nameof(ListTexts))]
    public void ALawPerLabelIsReadAndWritten(string text, Law law)
    {
        Recipe recipe = RecipeYaml.Parse(WithMean(text), "x");
        Assert.That(recipe.Find<Contrast>(), Is.EqualTo(new Contrast(law)));
        Assert.That(RecipeYaml.Write(recipe), Does.Contain($"  mean: {text}\n"));
    }

    private const string Forms = "as a number or { fixed }, { uniform }, { logUniform }, { normal }, { choice }, { chance }, "
        + "{ integer }, { logNormal }, { oneOf }";

    [TestCase("{ integer: [0.5, 2] }",
        "line 5: noise.stdOfMaximum.integer[0]: 0.5 is not a whole number (allowed: -16777216 to 16777216)")]
    [TestCase("{ integer: [0, 99999999999] }",
        "line 5: noise.stdOfMaximum.integer[1]: 99999999999 is too large (allowed: -16777216 to 16777216)")]
    [TestCase("{ integer: [0, 16777217] }",
        "line 5: noise.stdOfMaximum: integer: the upper end 16777217 is beyond ±2^24 = 16777216, up to where a float holds "
        + "every whole number; take a narrower range, or uniform where it need not be a whole number")]
    [TestCase("{ integer: [4, 1] }", "line 5: noise.stdOfMaximum: integer: the lower end 4 is above the upper end 1")]
    [TestCase("{ integer: [4] }",
        "line 5: noise.stdOfMaximum.integer: 1 numbers, not 2 (allowed: [low, high], whole numbers)")]
    [TestCase("{ integer: [1, 5] }", "line 5: noise.stdOfMaximum: 5 > 4 maximum (allowed: 0 to 4)")]
    [TestCase("{ intger: [1, 5] }", "line 5: noise.stdOfMaximum.intger: unknown law; did you mean integer?")]
    [TestCase("{ logNormal: { median: 0, sigma: 1 } }",
        "line 5: noise.stdOfMaximum: logNormal: the median 0 is not above 0; for numbers of both signs take normal")]
    [TestCase("{ logNormal: { mean: 1, sigma: 1 } }",
        "line 5: noise.stdOfMaximum.logNormal.mean: unknown key; did you mean median?",
        "line 5: noise.stdOfMaximum.logNormal.median: is missing (allowed: { median, sigma, min?, max? })")]
    // exp(0.5 x 5.768108) = 17.8866...
    [TestCase("{ logNormal: { median: 1, sigma: 0.5 } }",
        "line 5: noise.stdOfMaximum: logNormal(1, 0.5) reaches 17.8866 > 4 maximum; set its max (allowed: 0 to 4)")]
    [TestCase("{ oneOf: [] }",
        "line 5: noise.stdOfMaximum: oneOf: there is nothing to choose from; give at least one { weight, law }")]
    [TestCase("{ oneOf: [1, 2] }",
        "line 5: noise.stdOfMaximum.oneOf[0]: '1' is not a mapping (allowed: { weight, law })",
        "line 5: noise.stdOfMaximum.oneOf[1]: '2' is not a mapping (allowed: { weight, law })")]
    [TestCase("{ oneOf: { weight: 1, law: 2 } }",
        "line 5: noise.stdOfMaximum.oneOf: a mapping is not a list of { weight, law }")]
    [TestCase("{ oneOf: [{ weight: 0, law: 1 }] }",
        "line 5: noise.stdOfMaximum.oneOf[0]: oneOf: the weight 0 is not a finite number above 0; "
        + "take away what is never to be drawn")]
    [TestCase("{ oneOf: [{ weight: 1, law: 1 }, { weight: 1, law: { uniform: [2, 9] } }] }",
        "line 5: noise.stdOfMaximum.oneOf[1].law: 9 > 4 maximum (allowed: 0 to 4)")]
    [TestCase("{ oneOf: [{ weight: 1, law: { chance: { p: 0.5, law: 1, otherwise: 0 } } }] }",
        "line 5: noise.stdOfMaximum.oneOf[0]: oneOf: an alternative is itself a chance; "
        + "write its otherwise as an alternative of its own")]
    [TestCase("{ oneOf: [{ weight: 1, law: { perLabel: [1] } }] }",
        "line 5: noise.stdOfMaximum.oneOf[0]: oneOf: an alternative is itself a list per label; "
        + "write a oneOf into each entry of perLabel")]
    [TestCase("{ chance: { p: 0.5, law: { oneOf: [{ weight: 1, law: 1 }] }, otherwise: 0 } }",
        "line 5: noise.stdOfMaximum.chance.law: chance: its law is itself a oneOf; "
        + "write its otherwise as an alternative of that, with a weight")]
    [TestCase("{ perLabel: [1, 2] }",
        "line 5: noise.stdOfMaximum: a list per label stands only where a number is drawn per label; give one law "
        + "(allowed: 0 to 4)")]
    [TestCase("{ perlabl: [1, 2] }", "line 5: noise.stdOfMaximum.perlabl: unknown law; known here: fixed, uniform, logUniform, "
        + "normal, choice, chance, integer, logNormal, oneOf")]
    public void AMistakeIsNamed(string law, params string[] sentences) => AssertMistakes(WithNoise(law), sentences);

    [TestCase("{ perLabel: [] }",
        "line 4: contrast.mean: perLabel: the list is empty; give at least one law, which is then every label's")]
    [TestCase("{ perLabel: 1 }", "line 4: contrast.mean.perLabel: '1' is not a list of laws, one per label; "
        + "the last is every further label's")]
    [TestCase("{ perLabel: [1, { perLabel: [2] }] }",
        "line 4: contrast.mean.perLabel[1]: perLabel: an entry is itself a list per label; write its laws into this list")]
    [TestCase("{ perLabel: [1, { uniform: [0, 1e7] }, { oneOf: [{ weight: 1, law: -1e7 }] }] }",
        "line 4: contrast.mean.perLabel[1]: 10000000 > 1000000 maximum (allowed: -1000000 to 1000000)",
        "line 4: contrast.mean.perLabel[2].oneOf[0].law: -10000000 < -1000000 minimum (allowed: -1000000 to 1000000)")]
    [TestCase("{ perLabel: [1, much] }",
        "line 4: contrast.mean.perLabel[1]: 'much' is not a number (allowed: -1000000 to 1000000, " + Forms + ")")]
    [TestCase("much",
        "line 4: contrast.mean: 'much' is not a number (allowed: -1000000 to 1000000, " + Forms + ", { perLabel })")]
    [TestCase("{ perlabl: [1, 2] }", "line 4: contrast.mean.perlabl: unknown law; did you mean perLabel?")]
    public void AMistakePerLabelIsNamed(string law, params string[] sentences) => AssertMistakes(WithMean(law), sentences);

    [Test]
    public void ALawInTheWrongPlaceIsRefusedInCodeToo()
    {
        Recipe recipe = RecipeYaml.Parse(Right, "x");
        Assert.That(
            () => recipe.With(new Noise(new PerLabelLaw([1, 2]))),
            Throws.TypeOf<RecipeException>().With.Message.Contains(
                "noise.stdOfMaximum: a list per label stands only where a number is drawn per label; give one law"));
    }

    [Test]
    public void LabelsTakeTheirEntriesAndFurtherLabelsTheLast()
    {
        Recipe recipe = RecipeYaml.Parse(WithMean("{ perLabel: [-1, { uniform: [0, 1] }, { integer: [100, 200] }] }"), "x");
        Recipe unit = RecipeYaml.Parse(WithMean("{ uniform: [0, 1] }"), "x");
        Recipe whole = RecipeYaml.Parse(WithMean("{ integer: [100, 200] }"), "x");
        float[] means = Means(recipe);
        Assert.That(means, Has.Length.EqualTo(8));
        Assert.That(means[0], Is.EqualTo(-1));
        Assert.That(means[1], Is.EqualTo(Means(unit)[1]));
        Assert.That(means[2..], Is.EqualTo(Means(whole)[2..]));
        Assert.That(means[2..], Has.All.InRange(100, 200));

        static float[] Means(Recipe recipe) =>
            Rendering.Drawn(Rendering.Options(recipe, VolumeShape.Cubic(3, 8), 1, 1), 1, drawn => drawn.Means.ToArray())[0];
    }

    private static string WithNoise(string law) =>
        Right.Replace("stdOfMaximum: 1", $"stdOfMaximum: {law}", StringComparison.Ordinal);

    private static string WithMean(string law) =>
        Right.Replace("mean: 1", $"mean: {law}", StringComparison.Ordinal);

    private static void AssertMistakes(string text, string[] sentences)
    {
        RecipeException error = Assert.Throws<RecipeException>(() => RecipeYaml.Parse(text, "my.yaml"))!;
        Assert.That(error.Mistakes.Select(mistake => mistake.Sentence), Is.EqualTo(sentences));
    }
}
