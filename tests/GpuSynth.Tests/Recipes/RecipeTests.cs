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
            "mine", 1, new NoiseAnatomy(default, field, null), new Contrast(null!), bias, new Noise(5), null,
            null, new Gamma(1)))!;
        const string Gamma = "gamma: needs normalise, for a power of a negative intensity is not a number; "
            + "add normalise: { epsilon: 1e-6 } or take gamma away";
        Assert.That(error.Message, Is.EqualTo($$"""
            recipe 'mine': 10 mistakes
              contrast.mean: is missing (allowed: -1000000 to 1000000)
              dimensions: 1 < 2 minimum (allowed: 2 to 3)
              anatomy.labels: 0 < 2 minimum (allowed: 2 to 255 labels, or side/1 to side/4096)
              anatomy.field.scales[0]: 0 < 1 minimum (allowed: 1 to 4096 voxels, or side/1 to side/4096)
              anatomy.field.std: -1 < 0 minimum (allowed: 0 to 1000)
              bias.std: 3 > 2 maximum (allowed: 0 to 2)
              bias.fwhmVoxels: 0 < 1 minimum (allowed: 1 to 256 voxels)
              bias.taps: 6 is even (allowed: odd, 1 to 511 voxels)
              noise.stdOfMaximum: 5 > 4 maximum (allowed: 0 to 4)
              {{Gamma}}
            """));
        Assert.That(error.Mistakes.Select(mistake => mistake.Line), Is.All.Zero);
    }

    [Test]
    public void AWrongRecipeCannotBeMadeFromARightOne()
    {
        Assert.That(() => Right with { Noise = new Noise(9) }, Throws.TypeOf<RecipeException>());
        Assert.That(() => Right with { Normalise = null }, Throws.TypeOf<RecipeException>());
        Assert.That(() => Right with { Name = " " }, Throws.TypeOf<RecipeException>());
        Assert.That(() => Right with { Anatomy = null! }, Throws.TypeOf<RecipeException>());
        Assert.That(() => Right with { Normalise = new Normalise(double.NaN) }, Throws.TypeOf<RecipeException>());
        Recipe plain = Right with { Gamma = null, Normalise = null, Name = "plain" };
        Assert.That(plain.Gamma, Is.Null);
        Assert.That(plain.Normalise, Is.Null);
        Assert.That(plain.Name, Is.EqualTo("plain"));
    }

    [Test]
    public void LabelMapLawsThatAreNullAreMissing()
    {
        LabelMapAnatomy anatomy = (LabelMapAnatomy)Presets.Get("labelmap-3d").Anatomy;
        Assert.That(
            () => Right with { Anatomy = anatomy with { Shear = null! } },
            Throws.TypeOf<RecipeException>().With.Message.EqualTo(
                "recipe 'rasd-3d': 1 mistake\n  anatomy.shear: is missing (allowed: -1 to 1)"));
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
