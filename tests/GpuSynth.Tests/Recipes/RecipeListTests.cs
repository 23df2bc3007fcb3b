using GpuSynth.Kernels;
using GpuSynth.Recipes;
using NUnit.Framework;

namespace GpuSynth.Tests.Recipes;

/// <summary>Recipes whose components stand in lists: what is read, what a wrong one is told, and the flat form beside them.</summary>
[TestFixture]
public sealed class RecipeListTests
{
    // The line numbers of the complaints below count in this text.
    private const string Right = """
        name: test
        dimensions: 3
        anatomy:
          - noiseField: { labels: side/16, field: { scales: [side/8], std: 1 } }
        appearance:
          - contrast:
              mean: 1
          - blur: { sigmaVoxels: 1, taps: 7 }
          - bias:
              std: 0.1
              fwhmVoxels: 16
              taps: 83
          - blur: { sigmaVoxels: 2, taps: 9 }
          - normalise: { epsilon: 1e-6 }
          - gamma: { exponent: 1 }
        """;

    private const string Flat = """
        name: test
        dimensions: 3
        anatomy: { kind: noise, labels: side/16, field: { scales: [side/8], std: 1 } }
        gamma: { exponent: 1 }
        normalise: { epsilon: 1e-6 }
        contrast: { mean: 1 }
        blur: { sigmaVoxels: 1, taps: 7 }
        """;

    [Test]
    public void TheOrderIsTheListsAndOneMayStandTwice()
    {
        Recipe recipe = RecipeYaml.Parse(Right, "right");
        Assert.That(recipe.Anatomy, Is.EqualTo(new Component[]
        {
            new NoiseAnatomy(SideMeasure.SideOver(16), new NoiseGrids([SideMeasure.SideOver(8)], 1), null),
        }));
        Assert.That(recipe.Appearance, Is.EqualTo(new Component[]
        {
            new Contrast(1), new Blur(1, 7), new Bias(0.1, 16, 83), new Blur(2, 9), new Normalise(1e-6), new Gamma(1),
        }));
        Assert.That(RecipeYaml.Parse(RecipeYaml.Write(recipe), "again"), Is.EqualTo(recipe));
    }

    [Test]
    public void TheFlatFormIsTheSameRecipeInRasdsOrder()
    {
        Recipe flat = RecipeYaml.Parse(Flat, "flat");
        Recipe lists = RecipeYaml.Parse("""
            name: test
            dimensions: 3
            anatomy: [{ noiseField: { labels: side/16, field: { scales: [side/8], std: 1 } } }]
            appearance:
            - contrast: { mean: 1 }
            - blur: { sigmaVoxels: 1, taps: 7 }
            - normalise: { epsilon: 1e-6 }
            - gamma: { exponent: 1 }
            """, "lists");
        Assert.That(flat, Is.EqualTo(lists));
        Assert.That(RecipeYaml.Write(flat), Is.EqualTo(RecipeYaml.Write(lists)));
    }

    [Test]
    public void AChanceStandsBesideTheOtherKeysInBothForms()
    {
        Recipe lists = RecipeYaml.Parse(Right.Replace("taps: 9", "taps: 9, chance: 0.25", StringComparison.Ordinal), "lists");
        Assert.That(lists.Appearance[3], Is.EqualTo(new Blur(2, 9) { Chance = 0.25 }));
        Assert.That(RecipeYaml.Write(lists), Does.Contain("      taps: 9\n      chance: 0.25\n").And.Not.Contain("chance: 1"));
        Recipe flat = RecipeYaml.Parse(Flat.Replace("exponent: 1", "exponent: 1, chance: 0.5", StringComparison.Ordinal), "flat");
        Assert.That(flat.Appearance[^1], Is.EqualTo(new Gamma(1) { Chance = 0.5 }));
    }

    [Test]
    public void AnatomiesStandInAListWithAChanceEachButTheFirst()
    {
        Recipe recipe = RecipeYaml.Parse(
            Right.Replace("std: 1 } }\n", "std: 1 }, chance: 1 }\n  - labelMap: { chance: 0.5 }\n  - noiseField: { labels: 3, field: "
                + "{ scales: [2], std: 1 }, chance: 0.25 }\n", StringComparison.Ordinal),
            "list");
        Assert.That(recipe.Anatomy.Select(static one => one.Chance), Is.EqualTo([1, 0.5, 0.25]));
        Assert.That(recipe.Anatomy[1], Is.EqualTo(new LabelMapAnatomy(0, 1, 0, 0, 0, null, null, null) { Chance = 0.5 }));
        string text = RecipeYaml.Write(recipe);
        Assert.That(text, Does.Contain("      flip: 0\n      chance: 0.5\n  - noiseField:\n"));
        Assert.That(RecipeYaml.Parse(text, "again"), Is.EqualTo(recipe));
        Assert.That(RecipeYaml.Write(RecipeYaml.Parse(text, "again")), Is.EqualTo(text));
        Assert.That(
            () => RecipeYaml.Parse(Flat.Replace("std: 1 } }", "std: 1 }, chance: 0.5 }", StringComparison.Ordinal), "flat"),
            Throws.TypeOf<RecipeException>().With.Message.Contains("line 3: anatomy.chance: the first anatomy is in every sample"));
    }

    // What YAML cannot say, code cannot either.
    [Test]
    public void AChanceIsCheckedInCodeToo()
    {
        Recipe recipe = RecipeYaml.Parse(Right, "right");
        Assert.That(Sentence(new Contrast(1) { Chance = 0.5 }), Is.EqualTo(
            "appearance[0].contrast.chance: what makes intensities of labels has no chance, for a sample without it would have none; "
            + "take chance away"));
        Assert.That(Sentence(new NoiseAnatomy(SideMeasure.Of(3), new NoiseGrids([SideMeasure.Of(3)], 1), null) { Chance = 0 }), Is.EqualTo(
            "anatomy[0].noiseField.chance: the first anatomy is in every sample, for one without it could have no labels; take chance away, "
            + "or put another anatomy first"));
        Assert.That(Sentence(new NoiseAnatomy(SideMeasure.Of(3), new NoiseGrids([SideMeasure.Of(3)], 1), null) { Chance = 2 }), Is.EqualTo(
            "anatomy[0].noiseField.chance: 2 > 1 maximum (allowed: 0 to 1)"));
        Assert.That(Sentence(new Gamma(1) { Chance = -1 }), Is.EqualTo("appearance[5].gamma.chance: -1 < 0 minimum (allowed: 0 to 1)"));
        Assert.That(Sentence(new Gamma(1) { Chance = double.NaN }), Does.Contain("NaN is not a finite number"));

        string Sentence(Component component) =>
            Assert.Throws<RecipeException>(() => recipe.With(component))!.Mistakes.Single().Sentence;
    }

    [Test]
    public void AComponentWhoseKeysAreOptionalStandsAlone()
    {
        LabelMapAnatomy bare = new(0, 1, 0, 0, 0, null, null, null);
        foreach (string entry in new[] { "labelMap", "labelMap:", "labelMap: {}", "{ labelMap: { } }" })
        {
            string text = $"name: maps\ndimensions: 3\nanatomy:\n- {entry}\nappearance: [{{ contrast: {{ mean: 1 }} }}]\n";
            Assert.That(RecipeYaml.Parse(text, entry).Anatomy, Is.EqualTo(new[] { bare }), entry);
        }
    }

    [TestCase("taps: 83", "taps: 82", "line 12: appearance[2].bias.taps: 82 is even (allowed: odd, 1 to 511 voxels)")]
    [TestCase("exponent: 1", "exponent: 20", "line 15: appearance[5].gamma.exponent: 20 > 10 maximum (allowed: 0.01 to 10)")]
    [TestCase("mean: 1", "mean: { unifrom: [0, 1] }",
        "line 7: appearance[0].contrast.mean.unifrom: unknown law; did you mean uniform?")]
    [TestCase("scales: [side/8]", "scales: [side/8, 0]", "line 4: anatomy[0].noiseField.field.scales[1]: '0' is not a whole number "
        + "of at least 1 or side/N (allowed: 1 to 4096 voxels, or side/1 to side/4096)")]
    [TestCase("exponent: 1", "exponant: 1",
        "line 15: appearance[5].gamma.exponant: unknown key; did you mean exponent?",
        "line 15: appearance[5].gamma.exponent: is missing (allowed: 0.01 to 10)")]
    [TestCase("- gamma:", "- gama:", "line 15: appearance[5].gama: unknown component; did you mean gamma?")]
    [TestCase("- gamma: { exponent: 1 }", "- gamma", "line 15: appearance[5].gamma.exponent: is missing (allowed: 0.01 to 10)")]
    [TestCase("- gamma: { exponent: 1 }", "- gamma:",
        "line 15: appearance[5].gamma: nothing is not a mapping with the keys exponent, chance")]
    [TestCase("- gamma: { exponent: 1 }", "- gamma:\n    exponent: 1",
        "line 15: appearance[5]: an entry has one key, the component's name, and here are gamma, exponent; "
        + "indent a component's own keys below its name")]
    [TestCase("- normalise: { epsilon: 1e-6 }\n", "- gamma: { exponent: 2 }\n",
        "line 14: appearance[4].gamma: needs normalise or a window, for a power of a negative intensity is not a number; "
        + "add normalise: { epsilon: 1e-6 } or take gamma away",
        "line 15: appearance[5].gamma: needs normalise or a window, for a power of a negative intensity is not a number; "
        + "add normalise: { epsilon: 1e-6 } or take gamma away")]
    [TestCase("  - contrast:\n      mean: 1\n", "",
        "line 6: appearance[0].blur: changes intensities, and there are none before it; put contrast first")]
    [TestCase("- noiseField:", "- noise:", "line 4: anatomy[0].noise: makes no labels; its place is the appearance, "
        + "and the anatomy of that kind is called noiseField")]
    [TestCase("  - gamma: { exponent: 1 }", "  - labelMap", "line 15: appearance[5].labelMap: makes labels; its place is the anatomy")]
    [TestCase("appearance:\n", "gamma: { exponent: 1 }\nappearance:\n",
        "line 5: gamma: is a component; write it as - gamma in the list appearance")]
    [TestCase("appearance:\n", "apearance:\n", "line 5: apearance: unknown key; did you mean appearance?",
        "line 1: appearance: is missing (allowed: a list of components such as - contrast: { mean: { uniform: [0, 1] } })")]
    [TestCase("exponent: 1", "exponent: 1, chance: 1.5", "line 15: appearance[5].gamma.chance: 1.5 > 1 maximum (allowed: 0 to 1)")]
    [TestCase("exponent: 1", "exponent: 1, chance: often", "line 15: appearance[5].gamma.chance: 'often' is not a number (allowed: 0 to 1)")]
    [TestCase("exponent: 1", "exponent: 1, chanse: 1", "line 15: appearance[5].gamma.chanse: unknown key; did you mean chance?")]
    [TestCase("      mean: 1", "      mean: 1\n      chance: 0.5", "line 8: appearance[0].contrast.chance: what makes intensities of labels "
        + "has no chance, for a sample without it would have none; take chance away")]
    [TestCase("std: 1 } }", "std: 1 }, chance: 0.5 }", "line 4: anatomy[0].noiseField.chance: the first anatomy is in every sample, "
        + "for one without it could have no labels; take chance away, or put another anatomy first")]
    [TestCase("- noiseField: { labels: side/16, field: { scales: [side/8], std: 1 } }", "- labelMap:\n      shear: 0\n      chance: 0",
        "line 6: anatomy[0].labelMap.chance: the first anatomy is in every sample, "
        + "for one without it could have no labels; take chance away, or put another anatomy first")]
    [TestCase("std: 1 } }\n", "std: 1 } }\n  - labelMap: { chance: 1.5 }\n",
        "line 5: anatomy[1].labelMap.chance: 1.5 > 1 maximum (allowed: 0 to 1)")]
    [TestCase("std: 1 } }\n", "std: 1 } }\n  - labelMap\n  - labelMap: { chance: 0.5, remap: [{ label: 0, values: [1] }] }\n",
        "line 6: anatomy[2].labelMap: has another remap than the labelMap before it, and the label maps are read once for both; give both the "
        + "same remap")]
    [TestCase("std: 1 } }\n",
        "std: 1 } }\n  - labelMap: { flip: 1, lateralPairs: freesurfer }\n  - labelMap: { chance: 0.5, flip: 1, lateralPairs: [[1, 2]] }\n",
        "line 6: anatomy[2].labelMap: has other lateralPairs than the labelMap before it, and the label maps are read once for both; give both "
        + "the same lateralPairs, or take flip away from one")]
    [TestCase("std: 1 } }", "std: 1, chance: 0.5 } }",
        "line 4: anatomy[0].noiseField.field.chance: unknown key; known here: scales, std")]
    [TestCase("epsilon: 1e-6", "epsilon: 1e-6, chance: 0.5",
        "line 15: appearance[5].gamma: needs normalise or a window, for a power of a negative intensity is not a number; "
        + "add normalise: { epsilon: 1e-6 } or take gamma away; some samples leave out what has a chance: normalise")]
    public void AMistakeIsNamed(string right, string wrong, params string[] sentences)
    {
        string text = Right.Replace(right, wrong, StringComparison.Ordinal);
        Assert.That(text, Is.Not.EqualTo(Right));
        AssertMistakes(text, sentences);
    }

    [TestCase("[]", "line 4: appearance: is empty; begin it with contrast")]
    [TestCase("5", "line 4: appearance: '5' is not a list of components such as - contrast: { mean: { uniform: [0, 1] } }")]
    [TestCase("{ contrast: { mean: 1 } }",
        "line 4: appearance: a mapping is not a list of components such as - contrast: { mean: { uniform: [0, 1] } }")]
    [TestCase("[[1]]", "line 4: appearance[0]: a list is no component (allowed: name: { keys }, with one of NAMES)")]
    [TestCase("[{}]", "line 4: appearance[0]: an entry has one key, the component's name, and here are none; "
        + "indent a component's own keys below its name")]
    public void AListThatIsNoneIsNamed(string list, string sentence) => AssertMistakes(
        $"name: test\ndimensions: 3\nanatomy: [labelMap]\nappearance: {list}\n",
        sentence.Replace("NAMES", string.Join(", ", ComponentCatalogue.Own.Names(anatomies: false)), StringComparison.Ordinal));

    private static void AssertMistakes(string text, params string[] sentences)
    {
        RecipeException error = Assert.Throws<RecipeException>(() => RecipeYaml.Parse(text, "my.yaml"))!;
        Assert.That(error.Mistakes.Select(mistake => mistake.Sentence), Is.EquivalentTo(sentences));
    }
}
