using GpuSynth.Kernels;
using GpuSynth.Recipes;
using NUnit.Framework;

namespace GpuSynth.Tests.Recipes;

/// <summary>Recipes built in code: a wrong one does not exist.</summary>
[TestFixture]
public sealed class RecipeTests
{
    private static readonly Recipe Right = Presets.Get("rasd-3d");

    [Test]
    public void EveryMistakeOfARecipeBuiltInCodeIsListed()
    {
        NoiseGrids field = new([default, SideMeasure.Of(4)], new UniformLaw(-1, 1));
        Bias bias = new(3, 0, 6);
        RecipeException error = Assert.Throws<RecipeException>(() => _ = new Recipe(
            "mine", 1, [new NoiseAnatomy(default, field, null)], [new Contrast(null!), bias, new Noise(5), new Gamma(1)]))!;
        const string Gamma = "appearance[3].gamma: needs normalise or a window, for a power of a negative intensity is not a number; "
            + "add normalise: { epsilon: 1e-6 } or take gamma away";
        Assert.That(error.Message, Is.EqualTo($$"""
            recipe 'mine': 10 mistakes
              dimensions: 1 < 2 minimum (allowed: 2 to 3)
              anatomy[0].noiseField.labels: 0 < 2 minimum (allowed: 2 to 255 labels, or side/1 to side/4096)
              anatomy[0].noiseField.field.scales[0]: 0 < 1 minimum (allowed: 1 to 4096 voxels, or side/1 to side/4096)
              anatomy[0].noiseField.field.std: -1 < 0 minimum (allowed: 0 to 1000)
              appearance[0].contrast.mean: is missing (allowed: -1000000 to 1000000)
              appearance[1].bias.std: 3 > 2 maximum (allowed: 0 to 2)
              appearance[1].bias.fwhmVoxels: 0 < 1 minimum (allowed: 1 to 256 voxels)
              appearance[1].bias.taps: 6 is even (allowed: odd, 1 to 511 voxels)
              appearance[2].noise.stdOfMaximum: 5 > 4 maximum (allowed: 0 to 4)
              {{Gamma}}
            """));
        Assert.That(error.Mistakes.Select(mistake => mistake.Line), Is.All.Zero);
    }

    [Test]
    public void AWrongRecipeCannotBeMadeFromARightOne()
    {
        Assert.That(() => Right.With(new Noise(9)), Throws.TypeOf<RecipeException>());
        Assert.That(() => Right.Without<Normalise>(), Throws.TypeOf<RecipeException>());
        Assert.That(() => Right with { Name = " " }, Throws.TypeOf<RecipeException>());
        Assert.That(() => Right with { Anatomy = null! }, Throws.TypeOf<RecipeException>());
        Assert.That(() => Right.With(new Normalise(double.NaN)), Throws.TypeOf<RecipeException>());
        Recipe plain = Right.Without<Gamma>().Without<Normalise>() with { Name = "plain" };
        Assert.That(plain.Find<Gamma>(), Is.Null);
        Assert.That(plain.Find<Normalise>(), Is.Null);
        Assert.That(plain.Name, Is.EqualTo("plain"));
    }

    [Test]
    public void LabelMapLawsThatAreNullAreMissing()
    {
        LabelMapAnatomy anatomy = Presets.Get("labelmap-3d").Find<LabelMapAnatomy>()!;
        Assert.That(
            () => Right with { Anatomy = [anatomy with { Shear = null! }] },
            Throws.TypeOf<RecipeException>().With.Message.EqualTo(
                "recipe 'rasd-3d': 1 mistake\n  anatomy[0].labelMap.shear: is missing (allowed: -1 to 1)"));
    }

    [Test]
    public void RecipesThatSayTheSameAreEqual()
    {
        Recipe again = RecipeYaml.Parse(Presets.Text("rasd-3d"), "again");
        Assert.That(again, Is.EqualTo(Right).And.Not.SameAs(Right));
        Assert.That(again == Right, Is.True);
        Assert.That(again with { Name = "other" }, Is.Not.EqualTo(Right));
        Assert.That(again.ToString(), Is.EqualTo(RecipeYaml.Write(Right)));
    }

    [Test]
    public void ComponentsArePutWhereRasdHasThem()
    {
        Recipe bare = new("bare", 3, Right.Anatomy, [new Contrast(1), new Blur(1, 7)]);
        Assert.That(bare.With(new Noise(1)).Appearance, Is.EqualTo(new Component[] { new Contrast(1), new Noise(1), new Blur(1, 7) }));
        Assert.That(bare.With(new Normalise(0)).Appearance[^1], Is.EqualTo(new Normalise(0)));
        Assert.That(bare.With(new Contrast(2)).Appearance, Is.EqualTo(new Component[] { new Contrast(2), new Blur(1, 7) }));
        Recipe twice = bare with { Appearance = [new Contrast(1), new Blur(1, 7), new Blur(2, 7)] };
        Assert.That(twice.With(new Blur(3, 7)).Appearance, Is.EqualTo(new Component[] { new Contrast(1), new Blur(3, 7), new Blur(2, 7) }));
        Assert.That(twice.Without<Blur>().Appearance, Is.EqualTo(new Component[] { new Contrast(1) }));
        Assert.That(twice.Without<Gamma>(), Is.SameAs(twice));
        Assert.That(twice.Components, Is.EqualTo(twice.Anatomy.Concat(twice.Appearance)));
        Assert.That(Right with { Appearance = [.. Right.Appearance.Reverse().SkipWhile(one => one is not Blur).Reverse()] }, Is.Not.EqualTo(Right));
    }

    [Test]
    public void AComponentDrawsByItsOrdinal()
    {
        // The second of a kind draws from its stream and its ordinal; the first draws what it draws alone.
        Recipe once = new("test", 3, Right.Anatomy, [new Contrast(1), new Blur(new UniformLaw(0, 8), 7)]);
        Recipe twice = once with { Appearance = [.. once.Appearance, once.Appearance[1]] };
        SampleFacts facts = new(VolumeShape.Cubic(3, 32), 2);
        var one = new RowLayout(once.Components, facts);
        var two = new RowLayout(twice.Components, facts);
        uint[] first = new uint[one.Length], second = new uint[two.Length];
        one.Draw(7, SampleKey.Of(3), first);
        two.Draw(7, SampleKey.Of(3), second);
        float[] alone = one.Of<Blur.Drawn>(first).SigmaVoxels.ToArray();
        Assert.That(two.Of<Blur.Drawn>(second).SigmaVoxels.ToArray(), Is.EqualTo(alone));
        Assert.That(two.Of<Blur.Drawn>(second, 1).SigmaVoxels.ToArray(), Is.Not.EqualTo(alone));
    }

    [Test]
    public void ListsThatDoNotGoTogetherAreNamed()
    {
        AssertMistakes([], [], "anatomy: is empty; begin it with noiseField or labelMap", "appearance: is empty; begin it with contrast");
        AssertMistakes(Right.Anatomy, [new Blur(1, 7), new Contrast(1)],
            "appearance[0].blur: changes intensities, and there are none before it; put contrast first");
        AssertMistakes([.. Right.Appearance.Take(1)], [new Contrast(1), Right.Anatomy[0]],
            "anatomy[0].contrast: makes no labels; its place is the appearance",
            "appearance[1].noiseField: makes labels; its place is the anatomy");
        AssertMistakes(Right.Anatomy, [new Contrast(1), new Gamma(1), new Normalise(0)],
            "appearance[1].gamma: needs normalise or a window before it, for a power of a negative intensity is not a number; "
            + "put it behind one");
        AssertMistakes(Right.Anatomy, [new Contrast(1), null!], "appearance[1]: is missing (allowed: a component)");

        static void AssertMistakes(ValueList<Component> anatomy, ValueList<Component> appearance, params string[] sentences)
        {
            RecipeException error = Assert.Throws<RecipeException>(() => _ = new Recipe("x", 3, anatomy, appearance))!;
            Assert.That(error.Mistakes.Select(mistake => mistake.Sentence), Is.EqualTo(sentences));
        }
    }

    [TestCase("side/16", 16, 0)]
    [TestCase("8", 0, 8)]
    public void SideMeasuresReadAndPrint(string text, int divisor, int whole)
    {
        Assert.That(SideMeasure.TryParse(text, out SideMeasure measure));
        Assert.That((measure.Divisor, measure.Whole), Is.EqualTo((divisor, whole)));
        Assert.That(measure.ToString(), Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase("side/")]
    [TestCase("side/0")]
    [TestCase("side/-1")]
    [TestCase("side / 2")]
    [TestCase("Side/2")]
    [TestCase("0")]
    [TestCase("-3")]
    [TestCase("1.5")]
    [TestCase("99999999999")]
    public void WrongSideMeasuresAreNotRead(string text) => Assert.That(SideMeasure.TryParse(text, out _), Is.False);

    [Test]
    public void SideMeasuresResolve()
    {
        Assert.That(SideMeasure.SideOver(16).Resolve(100), Is.EqualTo(6));
        Assert.That(SideMeasure.SideOver(16).Resolve(3), Is.EqualTo(1));
        Assert.That(SideMeasure.SideOver(16).Resolve(3, least: 2), Is.EqualTo(2));
        Assert.That(SideMeasure.Of(7).Resolve(3), Is.EqualTo(7));
        Assert.That(() => SideMeasure.Of(7).Resolve(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => SideMeasure.Of(0),
            Throws.ArgumentException.With.Message.EqualTo("a whole measure is 0; it must be at least 1"));
        Assert.That(
            () => SideMeasure.SideOver(0),
            Throws.ArgumentException.With.Message.EqualTo("side/N: N is 0; it must be at least 1"));
    }
}
