using System.Text;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using NUnit.Framework;

namespace GpuSynth.Tests.Recipes;

/// <summary>Recipes as text: what is read back, and what a wrong one is told.</summary>
[TestFixture]
public sealed class RecipeYamlTests
{
    // The line numbers of the complaints below count in this text.
    private const string Right = """
        name: test
        dimensions: 3
        anatomy:
          kind: noise
          labels: side/16
          field: { scales: [side/8, 4], std: 1 }
          displacement:
            scales: [side/16]
            stdOfSide: { uniform: [0, 0.0625] }
        contrast: { mean: { uniform: [0, 1] } }
        bias:
          std: 0.1
          fwhmVoxels: 16
          taps: 83
        noise:
          stdOfMaximum: 0.4
        blur: { sigmaVoxels: 1, taps: 7 }
        normalise: { epsilon: 1e-6 }
        gamma: { exponent: 1 }
        """;

    private const string RightMaps = """
        name: maps
        dimensions: 3
        anatomy:
          kind: labelMap
          rotationDegrees: 5
          remap: [{ label: 0, values: [0] }, { label: 1, values: [2, 41] }]
          deformation: { scales: [8], stdOfSide: 0.01 }
        contrast: { mean: 1 }
        """;

    [Test]
    public void EveryRecipeReadsBackEqual()
    {
        IEnumerable<Recipe> recipes = Presets.Names.Select(Presets.Get).Concat(RandomRecipes.Some(1000, seed: 5));
        foreach (Recipe recipe in recipes)
        {
            string text = RecipeYaml.Write(recipe);
            Recipe back = RecipeYaml.Parse(text, "written");
            Assert.That(back, Is.EqualTo(recipe), text);
            Assert.That(back.GetHashCode(), Is.EqualTo(recipe.GetHashCode()));
            Assert.That(RecipeYaml.Write(back), Is.EqualTo(text));
        }
    }

    [Test]
    public void WrittenTextIsReadable() => Assert.That(RecipeYaml.Write(Presets.Get("rasd-3d")), Is.EqualTo("""
        name: rasd-3d
        dimensions: 3
        anatomy:
          - noiseField:
              labels: side/16
              field:
                scales: [side/8, side/4]
                std: { uniform: [0, 1] }
              displacement:
                scales: [side/16, side/8, side/4]
                stdOfSide: { uniform: [0, 0.0625] }
        appearance:
          - contrast:
              mean: { uniform: [0, 1] }
          - bias:
              std: { uniform: [0.01, 0.1] }
              fwhmVoxels: { uniform: [16, 32] }
              taps: 83
          - noise:
              stdOfMaximum: { uniform: [0.05, 0.4] }
          - blur:
              sigmaVoxels: { uniform: [0, 1] }
              taps: 7
          - normalise:
              epsilon: 1e-6
          - gamma:
              exponent: { uniform: [0.5, 1.5] }

        """));

    [Test]
    public void StagesThatAreAbsentAreOff()
    {
        Recipe recipe = RecipeYaml.Parse(RightMaps, "maps");
        Assert.That(recipe, Is.EqualTo(new Recipe(
            "maps", 3,
            [
                new LabelMapAnatomy(
                    5, 1, 0, 0, 0, new ShiftGrids([SideMeasure.Of(8)], 0.01), null,
                    [new LabelGroup(0, [0]), new LabelGroup(1, [2, 41])]),
            ],
            [new Contrast(1)])));
    }

    [Test]
    public void LateralPairsAreReadAndWritten()
    {
        Assert.That(Pairs("freesurfer"), Is.EqualTo(LateralPairs.FreeSurfer));
        Assert.That(Pairs("[]"), Is.EqualTo(LateralPairs.None));
        Assert.That(Pairs("[[2, 41], [-3, 1042]]"), Is.EqualTo(LateralPairs.Of(new LabelPair(2, 41), new LabelPair(-3, 1042))));
        Assert.That(Pairs(null), Is.Null);

        static LateralPairs? Pairs(string? text)
        {
            string line = text is null ? string.Empty : $"\n  lateralPairs: {text}";
            string maps = RightMaps.Replace("rotationDegrees: 5", $"rotationDegrees: 5{line}", StringComparison.Ordinal);
            Recipe recipe = RecipeYaml.Parse(maps, "maps");
            Assert.That(RecipeYaml.Parse(RecipeYaml.Write(recipe), "again"), Is.EqualTo(recipe));
            return recipe.Find<LabelMapAnatomy>()!.LateralPairs;
        }
    }

    private const string PairForms =
        "(allowed: freesurfer, or a list of [left, right] of stored values; [] where no value has a side)";

    [TestCase("spm", "line 6: anatomy.lateralPairs: ")]
    [TestCase("[[2, 41, 42]]", "line 6: anatomy.lateralPairs[0]: 3 values (allowed: [left, right], two whole numbers)")]
    [TestCase("[[2, x]]", "line 6: anatomy.lateralPairs[0][1]: 'x' is not a number (allowed: a whole number of 32 bits)")]
    [TestCase("[[2, 41], [41, 3]]",
        "line 6: anatomy.lateralPairs[1]: value 41 stands there twice; a value has one partner " + PairForms)]
    [TestCase("[[2, 2]]", "line 6: anatomy.lateralPairs[0]: value 2 stands there twice; a value has one partner " + PairForms)]
    public void WrongPairsAreNamed(string text, string expected)
    {
        string maps = RightMaps.Replace(
            "rotationDegrees: 5", $"rotationDegrees: 5\n  lateralPairs: {text}", StringComparison.Ordinal);
        Assert.That(
            () => RecipeYaml.Parse(maps, "maps"), Throws.TypeOf<RecipeException>().With.Message.Contains(expected));
    }

    private static IEnumerable<TestCaseData> LawTexts()
    {
        yield return new TestCaseData("1", new FixedLaw(1));
        yield return new TestCaseData("{ fixed: 1e-6 }", new FixedLaw(1e-6));
        yield return new TestCaseData("{ uniform: [0, 1.5] }", new UniformLaw(0, 1.5));
        yield return new TestCaseData("{ logUniform: [0.1, 2] }", new LogUniformLaw(0.1, 2));
        yield return new TestCaseData("{ normal: { mean: 0.5, std: 0.01 } }", new NormalLaw(0.5, 0.01));
        yield return new TestCaseData("{ normal: { std: 2, mean: 0.5, max: 1, min: 0 } }", new NormalLaw(0.5, 2, 0, 1));
        yield return new TestCaseData("{ choice: [1, 2, 2] }", new ChoiceLaw([1, 2, 2]));
        yield return new TestCaseData(
            "{ chance: { p: 0.5, law: { choice: [1, 2] }, otherwise: 0 } }", new ChanceLaw(0.5, new ChoiceLaw([1, 2]), 0));
        yield return new TestCaseData("{ chance: { p: 1, law: 2, otherwise: 0 } }", new ChanceLaw(1, 2, 0));
        yield return new TestCaseData("\n    uniform:\n      - 0\n      - +1E0", new UniformLaw(0, 1));
    }

    [TestCaseSource(nameof(LawTexts))]
    public void LawsAreRead(string text, Law law) => Assert.That(
        RecipeYaml.Parse(Right.Replace("stdOfMaximum: 0.4", $"stdOfMaximum: {text}", StringComparison.Ordinal), "x").Find<Noise>(),
        Is.EqualTo(new Noise(law)));

    private const string LawForms = "as a number or { fixed }, { uniform }, { logUniform }, { normal }, { choice }, { chance }, "
        + "{ integer }, { logNormal }, { oneOf }";

    // Ranges.
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: 9", "line 16: noise.stdOfMaximum: 9 > 4 maximum (allowed: 0 to 4)")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { uniform: [0.1, 9] }",
        "line 16: noise.stdOfMaximum: 9 > 4 maximum (allowed: 0 to 4)")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { uniform: [-1, 9] }",
        "line 16: noise.stdOfMaximum: -1 < 0 minimum and 9 > 4 maximum (allowed: 0 to 4)")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { normal: { mean: 0.2, std: 0.1 } }",
        "line 16: noise.stdOfMaximum: normal(0.2, 0.1) reaches -0.3768 < 0 minimum; set its min (allowed: 0 to 4)")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { chance: { p: 0.1, law: 5, otherwise: 0 } }",
        "line 16: noise.stdOfMaximum: 5 > 4 maximum (allowed: 0 to 4)")]
    [TestCase("dimensions: 3", "dimensions: 4", "line 2: dimensions: 4 > 3 maximum (allowed: 2 to 3)")]
    [TestCase("labels: side/16", "labels: 1", "line 5: anatomy.labels: 1 < 2 minimum "
        + "(allowed: 2 to 255 labels, or side/1 to side/4096)")]
    [TestCase("labels: side/16", "labels: 256", "line 5: anatomy.labels: 256 > 255 maximum "
        + "(allowed: 2 to 255 labels, or side/1 to side/4096)")]
    [TestCase("labels: side/16", "labels: side/5000", "line 5: anatomy.labels: side/5000: the divisor 5000 > 4096 maximum "
        + "(allowed: 2 to 255 labels, or side/1 to side/4096)")]
    [TestCase("scales: [side/8, 4]", "scales: [side/8, 9999]", "line 6: anatomy.field.scales[1]: 9999 > 4096 maximum "
        + "(allowed: 1 to 4096 voxels, or side/1 to side/4096)")]
    [TestCase("scales: [side/8, 4]", "scales: []", "line 6: anatomy.field.scales: 0 scales; 1 to 8 are allowed "
        + "(allowed: 1 to 4096 voxels, or side/1 to side/4096)")]
    [TestCase("taps: 83", "taps: 82", "line 14: bias.taps: 82 is even (allowed: odd, 1 to 511 voxels)")]
    [TestCase("taps: 83", "taps: 513", "line 14: bias.taps: 513 > 511 maximum (allowed: odd, 1 to 511 voxels)")]
    [TestCase("fwhmVoxels: 16", "fwhmVoxels: 0.5", "line 13: bias.fwhmVoxels: 0.5 < 1 minimum (allowed: 1 to 256 voxels)")]
    [TestCase("epsilon: 1e-6", "epsilon: 2", "line 18: normalise.epsilon: 2 > 1 maximum (allowed: 0 to 1)")]
    [TestCase("exponent: 1", "exponent: 0", "line 19: gamma.exponent: 0 < 0.01 minimum (allowed: 0.01 to 10)")]
    [TestCase("sigmaVoxels: 1", "sigmaVoxels: 8.5", "line 17: blur.sigmaVoxels: 8.5 > 8 maximum (allowed: 0 to 8 voxels)")]
    // Keys.
    [TestCase("fwhmVoxels: 16", "fwhmVoxel: 16", "line 11: bias.fwhmVoxels: is missing (allowed: 1 to 256 voxels)",
        "line 13: bias.fwhmVoxel: unknown key; did you mean fwhmVoxels?")]
    [TestCase("gamma:", "gama:", "line 19: gama: unknown key; did you mean gamma?")]
    [TestCase("noise:", "NOISE:", "line 15: NOISE: unknown key; did you mean noise?")]
    [TestCase("name: test", "name: test\nxyz: 1", "line 2: xyz: unknown key; "
        + "known here: name, dimensions, anatomy, contrast, bias, noise, blur, normalise, gamma")]
    [TestCase("labels: side/16", "labels: side/16\n  shear: 0",
        "line 6: anatomy.shear: belongs to an anatomy of the kind labelMap, and this one's is noise")]
    [TestCase("  std: 0.1\n", "  std: 0.1\n  std: 0.2\n",
        "line 13: bias.std: stands there twice, first on line 12; take one away")]
    [TestCase("name: test\n", "", "line 1: name: is missing (allowed: one line of 1 to 100 characters)")]
    [TestCase("  taps: 83\n", "", "line 11: bias.taps: is missing (allowed: odd, 1 to 511 voxels)")]
    [TestCase("contrast: { mean: { uniform: [0, 1] } }", "contrast: {}",
        "line 10: contrast.mean: is missing (allowed: -1000000 to 1000000)")]
    [TestCase("  kind: noise\n", "", "line 3: anatomy.kind: is missing (allowed: noise or labelMap)")]
    [TestCase("kind: noise", "kind: blobs", "line 4: anatomy.kind: 'blobs' is no kind of anatomy (allowed: noise or labelMap)")]
    [TestCase("normalise: { epsilon: 1e-6 }\n", "",
        "line 18: gamma: needs normalise or a window, for a power of a negative intensity is not a "
        + "number; add normalise: { epsilon: 1e-6 } or take gamma away")]
    [TestCase("name: test", "[a]: test", "line 1: name: is missing (allowed: one line of 1 to 100 characters)",
        "line 1: a list stands where a key should")]
    // Types.
    [TestCase("dimensions: 3", "dimensions: three", "line 2: dimensions: 'three' is not a number (allowed: 2 to 3)")]
    [TestCase("dimensions: 3", "dimensions: 3.0", "line 2: dimensions: 3.0 is not a whole number (allowed: 2 to 3)")]
    [TestCase("dimensions: 3", "dimensions: 99999999999", "line 2: dimensions: 99999999999 is too large (allowed: 2 to 3)")]
    [TestCase("dimensions: 3", "dimensions: \"3\"", "line 2: dimensions: the text \"3\" is not a number (allowed: 2 to 3)")]
    [TestCase("dimensions: 3", "dimensions:", "line 2: dimensions: nothing is not a number (allowed: 2 to 3)")]
    [TestCase("taps: 83", "taps: [83]", "line 14: bias.taps: a list is not a number (allowed: odd, 1 to 511 voxels)")]
    [TestCase("name: test", "name: [a]", "line 1: name: a list is not text (allowed: one line of 1 to 100 characters)")]
    [TestCase("name: test", "name: ''", "line 1: name: is empty (allowed: one line of 1 to 100 characters)")]
    [TestCase("name: test", "name: \"a\\nb\"", "line 1: name: holds a line break or another character that cannot be shown "
        + "(allowed: one line of 1 to 100 characters)")]
    [TestCase("labels: side/16", "labels: side/0",
        "line 5: anatomy.labels: 'side/0' is not a whole number of at least 1 or side/N "
        + "(allowed: 2 to 255 labels, or side/1 to side/4096)")]
    [TestCase("labels: side/16", "labels: 2.5", "line 5: anatomy.labels: '2.5' is not a whole number of at least 1 or side/N "
        + "(allowed: 2 to 255 labels, or side/1 to side/4096)")]
    [TestCase("scales: [side/8, 4]", "scales: 4", "line 6: anatomy.field.scales: '4' is not a list "
        + "(allowed: 1 to 4096 voxels, or side/1 to side/4096)")]
    [TestCase("  field: { scales: [side/8, 4], std: 1 }", "  field: 5",
        "line 6: anatomy.field: '5' is not a mapping with the keys scales, std")]
    [TestCase("blur: { sigmaVoxels: 1, taps: 7 }", "blur:",
        "line 17: blur: nothing is not a mapping with the keys sigmaVoxels, taps, chance; "
        + "take the key away to turn the stage off")]
    [TestCase("normalise: { epsilon: 1e-6 }", "normalise: on",
        "line 18: normalise: 'on' is not a mapping with the keys epsilon, chance")]
    [TestCase("epsilon: 1e-6", "epsilon: .nan", "line 18: normalise.epsilon: .nan is not a finite number (allowed: 0 to 1)")]
    [TestCase("epsilon: 1e-6", "epsilon: 1e999", "line 18: normalise.epsilon: 1e999 is not a finite number (allowed: 0 to 1)")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: -.inf",
        "line 16: noise.stdOfMaximum: -.inf is not a finite number (allowed: 0 to 4, " + LawForms + ")")]
    // Laws.
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: much",
        "line 16: noise.stdOfMaximum: 'much' is not a number (allowed: 0 to 4, " + LawForms + ")")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum:",
        "line 16: noise.stdOfMaximum: nothing is not a law (allowed: 0 to 4, " + LawForms + ")")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { unifrom: [0, 1] }",
        "line 16: noise.stdOfMaximum.unifrom: unknown law; did you mean uniform?")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { poisson: 3 }",
        "line 16: noise.stdOfMaximum.poisson: unknown law; known here: fixed, uniform, logUniform, normal, choice, chance, "
        + "integer, logNormal, oneOf")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: [0, 1]",
        "line 16: noise.stdOfMaximum: a list is no law; for two ends write { uniform: [low, high] }")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: {}",
        "line 16: noise.stdOfMaximum: a law is a mapping with one key, and here are 0 (allowed: 0 to 4, " + LawForms + ")")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { uniform: [0, 1], fixed: 2 }",
        "line 16: noise.stdOfMaximum: a law is a mapping with one key, and here are 2 (allowed: 0 to 4, " + LawForms + ")")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { uniform: [3, 1] }",
        "line 16: noise.stdOfMaximum: uniform: the lower end 3 is above the upper end 1")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { uniform: [1] }",
        "line 16: noise.stdOfMaximum.uniform: 1 numbers, not 2 (allowed: [low, high])")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { uniform: 1 }",
        "line 16: noise.stdOfMaximum.uniform: '1' is not a list (allowed: [low, high])")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { uniform: [0, b] }",
        "line 16: noise.stdOfMaximum.uniform[1]: 'b' is not a number")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { logUniform: [0, 1] }",
        "line 16: noise.stdOfMaximum: logUniform: the lower end 0 is not above 0")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { normal: [0, 1] }",
        "line 16: noise.stdOfMaximum.normal: a list is not a mapping (allowed: { mean, std, min?, max? })")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { normal: { mean: 1, sdt: 1 } }",
        "line 16: noise.stdOfMaximum.normal.sdt: unknown key; did you mean std?",
        "line 16: noise.stdOfMaximum.normal.std: is missing (allowed: { mean, std, min?, max? })")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { normal: { mean: 1, std: -1 } }",
        "line 16: noise.stdOfMaximum: normal: std -1 is below 0")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { choice: [] }",
        "line 16: noise.stdOfMaximum: choice: there is nothing to choose from; give at least one number")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: { chance: { p: 2, law: 1, otherwise: 0 } }",
        "line 16: noise.stdOfMaximum: chance: p is 2; it must be from 0 to 1")]
    [TestCase("stdOfMaximum: 0.4",
        "stdOfMaximum: { chance: { p: 1, law: { chance: { p: 1, law: 1, otherwise: 0 } }, otherwise: 0 } }",
        "line 16: noise.stdOfMaximum.chance.law: chance: its law is itself a chance; multiply the probabilities into one")]
    // What YAML has and a recipe has not.
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: &a 0.4", "line 16: '&a': anchors, aliases and tags are not read in a recipe; "
        + "write the value out where it is meant")]
    [TestCase("stdOfMaximum: 0.4", "stdOfMaximum: !!float 0.4",
        "line 16: 'tag:yaml.org,2002:float': anchors, aliases and tags are not read in a recipe; take it away")]
    [TestCase("exponent: 1 }", "exponent: 1 }\n---\nname: second",
        "line 20: a second document begins here; a file holds one recipe")]
    public void AMistakeIsNamed(string right, string wrong, params string[] sentences)
    {
        string text = Right.Replace(right, wrong, StringComparison.Ordinal);
        Assert.That(text, Is.Not.EqualTo(Right));
        AssertMistakes(() => RecipeYaml.Parse(text, "my.yaml"), sentences);
    }

    [TestCase("label: 1,", "label: 300,", "line 6: anatomy.remap[1].label: 300 > 255 maximum "
        + "(allowed: a list of { label: 0 to 255, values: [whole numbers] })")]
    [TestCase("label: 1,", "label: 0,",
        "line 6: anatomy.remap[1].label: label 0 stands there twice; put its values into one list "
        + "(allowed: a list of { label: 0 to 255, values: [whole numbers] })")]
    [TestCase("[2, 41]", "[2, 0]", "line 6: anatomy.remap[1].values: value 0 belongs to label 0 already "
        + "(allowed: a list of { label: 0 to 255, values: [whole numbers] })")]
    [TestCase("[2, 41]", "[]", "line 6: anatomy.remap[1].values: is empty; give at least one stored value "
        + "(allowed: a list of { label: 0 to 255, values: [whole numbers] })")]
    [TestCase("[2, 41]", "[2.5]",
        "line 6: anatomy.remap[1].values[0]: 2.5 is not a whole number (allowed: a whole number of 32 bits)")]
    [TestCase("label: 1, values", "label: 1, value", "line 6: anatomy.remap[1].value: unknown key; did you mean values?",
        "line 6: anatomy.remap[1].values: is missing (allowed: { label: 0 to 255, values: [whole numbers] })")]
    [TestCase("rotationDegrees: 5", "rotationDegrees: 400",
        "line 5: anatomy.rotationDegrees: 400 > 360 maximum (allowed: -360 to 360 degrees)")]
    [TestCase("rotationDegrees: 5", "shear: 2", "line 5: anatomy.shear: 2 > 1 maximum (allowed: -1 to 1)")]
    [TestCase("rotationDegrees: 5", "scaling: 0", "line 5: anatomy.scaling: 0 < 0.1 minimum (allowed: 0.1 to 10)")]
    [TestCase("rotationDegrees: 5", "labels: 5",
        "line 5: anatomy.labels: belongs to an anatomy of the kind noise, and this one's is labelMap")]
    [TestCase("rotationDegrees: 5", "voxelSpacingMillimetres: 0",
        "line 5: anatomy.voxelSpacingMillimetres: 0 < 0.01 minimum (allowed: 0.01 to 100 mm)")]
    public void AMistakeInLabelMapsIsNamed(string right, string wrong, params string[] sentences)
    {
        string text = RightMaps.Replace(right, wrong, StringComparison.Ordinal);
        Assert.That(text, Is.Not.EqualTo(RightMaps));
        AssertMistakes(() => RecipeYaml.Parse(text, "my.yaml"), sentences);
    }

    [Test]
    public void SeveralMistakesAreListedTogether()
    {
        const string Text = """
            name: wrong
            dimensions: 5
            anatomy:
              kind: noise
              labels: side/16
              field: { scales: [side/8], std: { uniform: [1, 0] } }
            contrast: { mean: 1 }
            bias: { std: 0.1, fwhmVoxel: 16, taps: 4 }

            # a comment
            noise:
              stdOfMaximum: { uniform: [0.05, 9] }
            """;
        RecipeException error = Assert.Throws<RecipeException>(() => RecipeYaml.Parse(Text, "my recipe.yaml"))!;
        Assert.That(error.Message, Is.EqualTo("""
            my recipe.yaml: 6 mistakes
              line 2: dimensions: 5 > 3 maximum (allowed: 2 to 3)
              line 6: anatomy.field.std: uniform: the lower end 1 is above the upper end 0
              line 8: bias.fwhmVoxel: unknown key; did you mean fwhmVoxels?
              line 8: bias.fwhmVoxels: is missing (allowed: 1 to 256 voxels)
              line 8: bias.taps: 4 is even (allowed: odd, 1 to 511 voxels)
              line 12: noise.stdOfMaximum: 9 > 4 maximum (allowed: 0 to 4)
            """));
        Assert.That(error, Is.InstanceOf<GpuSynthException>());
        Assert.That(error.Mistakes, Has.Count.EqualTo(6));
        Assert.That(error.Mistakes[^1], Is.EqualTo(new RecipeMistake(
            12, "noise.stdOfMaximum", "uniform(0.05, 9)", "0 to 4",
            "line 12: noise.stdOfMaximum: 9 > 4 maximum (allowed: 0 to 4)")));
        Assert.That(error.Mistakes[2], Is.EqualTo(new RecipeMistake(
            8, "bias.fwhmVoxel", "16", "std, fwhmVoxels, taps, chance",
            "line 8: bias.fwhmVoxel: unknown key; did you mean fwhmVoxels?")));
    }

    [TestCase("")]
    [TestCase("   \n\n# only a comment\n")]
    [TestCase("---\n")]
    [TestCase("~")]
    public void AnEmptyTextIsRefused(string text) => Assert.That(
        () => RecipeYaml.Parse(text, "empty.yaml"),
        Throws.TypeOf<RecipeException>().With.Message.EqualTo(
            "empty.yaml: empty; 'gpusynth recipe show rasd-3d' prints a whole recipe to start from"));

    [TestCase("just words", "'just words'")]
    [TestCase("[1, 2]", "a list")]
    public void ARootThatIsNoMappingIsRefused(string text, string what) => AssertMistakes(
        () => RecipeYaml.Parse(text, "my.yaml"),
        $"line 1: {what} is not a mapping with the keys "
        + "name, dimensions, anatomy, appearance");

    [TestCase("name: a\n  dimensions: 3\n", 2)]
    [TestCase("name: [a\ndimensions: 3\n", 2)]
    [TestCase("name: 'a\n", 1)]
    [TestCase("name: a\n\tb: c\n", 2)]
    [TestCase("a: *b\n- c\n", 2)]
    [TestCase("name: \u0001\n", 1)]
    public void ATextThatIsNotYamlIsRefusedAtItsLine(string text, int line)
    {
        RecipeException error = Assert.Throws<RecipeException>(() => RecipeYaml.Parse(text, "my.yaml"))!;
        Assert.That(error.Mistakes, Has.Count.EqualTo(1));
        Assert.That(error.Mistakes[0].Line, Is.InRange(1, line + 1));
        Assert.That(error.Message, Does.Match(@"^my\.yaml: 1 mistake\n  line \d+: column \d+: not YAML: [^\n]+$"));
    }

    [Test]
    public void ADeepTextIsRefusedBeforeTheStackEnds()
    {
        string text = "name: " + new string('[', 500_000);
        Assert.That(() => RecipeYaml.Parse(text, "deep.yaml"), Throws.TypeOf<RecipeException>()
            .With.Message.Contains("nested too deeply for a recipe"));
    }

    [Test]
    public void ALongListOfMistakesIsCutInTheMessageOnly()
    {
        string text = Right + '\n' + string.Concat(Enumerable.Range(0, 20_000).Select(index => $"unknown{index}: xxxxxxxxxx\n"));
        RecipeException error = Assert.Throws<RecipeException>(() => RecipeYaml.Parse(text, "long.yaml"))!;
        Assert.That(error.Mistakes, Has.Count.EqualTo(20_000));
        Assert.That(error.Message.Split('\n'), Has.Length.EqualTo(42));
        Assert.That(error.Message, Does.StartWith("long.yaml: 20000 mistakes\n").And.EndsWith("\n  and 19960 more"));
    }

    [Test]
    public void ALongValueIsCut()
    {
        string text = Right.Replace("dimensions: 3", $"dimensions: \"{new string('x', 200)}\"", StringComparison.Ordinal);
        AssertMistakes(
            () => RecipeYaml.Parse(text, "x"),
            $"line 2: dimensions: the text \"{new string('x', 60)}...\" is not a number (allowed: 2 to 3)");
    }

    [Test]
    public void ALargeTextIsRefused() => Assert.That(
        () => RecipeYaml.Parse(new string('#', RecipeYaml.MaximumBytes + 1), "large.yaml"),
        Throws.TypeOf<RecipeException>().With.Message.EqualTo(
            "large.yaml: larger than 1 MiB, and no recipe is; check that this is the file you meant"));

    [Test]
    public void FilesAreReadAndWrongOnesNamed()
    {
        string folder = Directory.CreateTempSubdirectory("gpusynth-recipes-").FullName;
        try
        {
            string path = Path.Combine(folder, "recipe.yaml");
            File.WriteAllText(path, Right, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
            Assert.That(RecipeYaml.Read(path), Is.EqualTo(RecipeYaml.Parse(Right, "x")));
            File.WriteAllText(path, Right.Replace("\n", "\r\n", StringComparison.Ordinal));
            Assert.That(RecipeYaml.Read(path), Is.EqualTo(RecipeYaml.Parse(Right, "x")));

            File.WriteAllText(path, Right.Replace("taps: 83", "taps: 82", StringComparison.Ordinal));
            AssertRefused(path, "1 mistake\n  line 14: bias.taps: 82 is even (allowed: odd, 1 to 511 voxels)");
            File.WriteAllBytes(path, new byte[RecipeYaml.MaximumBytes + 1]);
            AssertRefused(path, "larger than 1 MiB, and no recipe is; check that this is the file you meant");
            File.WriteAllBytes(path, []);
            AssertRefused(path, "empty; 'gpusynth recipe show rasd-3d' prints a whole recipe to start from");
            AssertRefused(folder, "a folder, not a recipe file");
            string missing = "there is no such file; 'gpusynth recipe list' names the built-in recipes";
            AssertRefused(Path.Combine(folder, "absent.yaml"), missing);
            AssertRefused(Path.Combine(folder, "absent", "recipe.yaml"), missing);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static void AssertRefused(string path, string sentence) => Assert.That(
            () => RecipeYaml.Read(path), Throws.TypeOf<RecipeException>().With.Message.EqualTo($"{path}: {sentence}"));
    }

    [Test]
    public void AnyTextIsReadOrRefusedAndNothingElse()
    {
        // Single characters of a right recipe taken away, put in or changed: the answer is a recipe or a list of mistakes.
        Random random = new(20260217);
        const string Letters = "{}[]:,-#&*!|>'\"%@` \n\t0a.~?";
        string preset = RecipeYaml.Write(Presets.Get("labelmap-3d"));
        for (int round = 0; round < 5000; round++)
        {
            StringBuilder text = new(round % 2 == 0 ? Right : preset);
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(text.Length);
                char letter = Letters[random.Next(Letters.Length)];
                _ = random.Next(3) switch
                {
                    0 => text.Remove(at, 1),
                    1 => text.Insert(at, letter),
                    _ => text.Replace(text[at], letter, at, 1),
                };
            }

            try
            {
                RecipeYaml.Parse(text.ToString(), "changed");
            }
            catch (RecipeException error)
            {
                Assert.That(error.Mistakes, Is.Not.Empty, text.ToString());
            }
        }
    }

    private static void AssertMistakes(Action parse, params string[] sentences)
    {
        RecipeException error = Assert.Throws<RecipeException>(parse)!;
        Assert.That(error.Mistakes.Select(mistake => mistake.Sentence), Is.EquivalentTo(sentences));
    }
}
