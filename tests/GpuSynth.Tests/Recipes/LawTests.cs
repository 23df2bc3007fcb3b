using System.Globalization;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using NUnit.Framework;

namespace GpuSynth.Tests.Recipes;

/// <summary>Draws against numbers worked out by hand from Philox's published answers, and laws that must not be built.</summary>
[TestFixture]
public sealed class LawTests
{
    // Key 0, counter 0: 6627e8d5 e169c58d bc57ac4c 9b00dbd8, so u0 = 0.39904648..., u1 = 0.88052016..., u3 = 0.60548180...
    private static readonly RandomPlace Zeros = new(0, 0, 0);

    // Key and counter all ones: 408f276d 41c83b0e a20bc7c6 6d5451fd, so u0 = 0.252184..., u1 = 0.256961..., u3 = 0.427067...
    private static readonly RandomPlace Ones = new(ulong.MaxValue, ulong.MaxValue, 0xFFFFFF, 0xFF);

    private static IEnumerable<TestCaseData> KnownDraws()
    {
        ValueList<double> tens = [10, 20, 30, 40, 50];
        UniformLaw inner = new(-2, 4);
        yield return new TestCaseData(new FixedLaw(0.1), 0.1, 0.1);
        yield return new TestCaseData(inner, 0.394278883934021, -0.48689401149749756);
        yield return new TestCaseData(new LogUniformLaw(0.1, 10), 0.628192809929369, 0.3194248230149612);
        yield return new TestCaseData(new NormalLaw(3, 0.5), 3.4955687375729485, 2.9637096205897273);
        yield return new TestCaseData(new NormalLaw(3, 0.5, min: 3), 3.4955687375729485, 3.0);
        yield return new TestCaseData(new NormalLaw(3, 0.5, max: 3.25), 3.25, 2.9637096205897273);
        yield return new TestCaseData(new ChoiceLaw(tens), 20.0, 20.0);
        yield return new TestCaseData(new ChanceLaw(0.75, inner, 7), 0.394278883934021, -0.48689401149749756);
        yield return new TestCaseData(new ChanceLaw(0.5, inner, 7), 7.0, -0.48689401149749756);
        yield return new TestCaseData(new ChanceLaw(0.25, inner, 7), 7.0, 7.0);
    }

    [TestCaseSource(nameof(KnownDraws))]
    public void DrawIsTheKnownNumber(Law law, double atZeros, double atOnes)
    {
        // One unit in the last place of a float: the logarithm's last bit may differ between systems.
        Assert.That(law.Draw(Zeros, 0), Is.EqualTo((float)atZeros).Within(1).Ulps);
        Assert.That(law.Draw(Ones, uint.MaxValue), Is.EqualTo((float)atOnes).Within(1).Ulps);
    }

    [Test]
    public void DrawDependsOnEveryPartOfThePlace()
    {
        UniformLaw law = new(0, 1);
        float[] draws =
        [
            law.Draw(new RandomPlace(1, 2, 3, 4), 5),
            law.Draw(new RandomPlace(9, 2, 3, 4), 5),
            law.Draw(new RandomPlace(1 + (1UL << 32), 2, 3, 4), 5),
            law.Draw(new RandomPlace(1, 9, 3, 4), 5),
            law.Draw(new RandomPlace(1, 2 + (1UL << 32), 3, 4), 5),
            law.Draw(new RandomPlace(1, 2, 9, 4), 5),
            law.Draw(new RandomPlace(1, 2, 3, 9), 5),
            law.Draw(new RandomPlace(1, 2, 3, 4), 9),
        ];
        Assert.That(draws, Is.Unique);
        Assert.That(law.Draw(new RandomPlace(1, 2, 3, 4), 5), Is.EqualTo(draws[0]));
    }

    [Test]
    public void ChanceDrawsItsLawAsThatLawAloneWould()
    {
        UniformLaw inner = new(2, 3);
        ChanceLaw always = new(1, inner, 0);
        ChanceLaw never = new(0, inner, 0);
        for (uint element = 0; element < 100; element++)
        {
            Assert.That(always.Draw(Zeros, element), Is.EqualTo(inner.Draw(Zeros, element)));
            Assert.That(never.Draw(Zeros, element), Is.Zero);
        }
    }

    private static IEnumerable<Law> OneOfEach() =>
    [
        new FixedLaw(2),
        new UniformLaw(-1, 1),
        new UniformLaw(0.3, 0.3),
        new LogUniformLaw(1e-3, 1e3),
        new LogUniformLaw(0.7, 0.7),
        new NormalLaw(0.5, 0.1),
        new NormalLaw(0.5, 0),
        new NormalLaw(0.5, 1, 0.4, 0.7),
        new ChoiceLaw([3, -1, 2]),
        new ChanceLaw(0.3, new NormalLaw(0, 1), 9),
    ];

    [TestCaseSource(nameof(OneOfEach))]
    public void DrawsStayInTheSupport(Law law)
    {
        float[] draws = [.. Enumerable.Range(0, 10_000).Select(element => law.Draw(Zeros, (uint)element))];
        Assert.That(draws.Min(), Is.GreaterThanOrEqualTo(MathF.BitDecrement((float)law.Minimum)));
        Assert.That(draws.Max(), Is.LessThanOrEqualTo(MathF.BitIncrement((float)law.Maximum)));
    }

    [TestCaseSource(nameof(OneOfEach))]
    public void DrawAllocatesNothing(Law law)
    {
        float sum = law.Draw(Zeros, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (uint element = 0; element < 1000; element++)
        {
            sum += law.Draw(Zeros, element);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero, $"sum {sum}");
    }

    [Test]
    public void SupportIsWhatTheLawCanGive()
    {
        // u0 >= 2^-24: sqrt(-2 ln 2^-24) = 5.768108...
        NormalLaw normal = new(1, 2);
        Assert.That(normal.Minimum, Is.EqualTo(1 - (2 * 5.768108)).Within(1e-5));
        Assert.That(normal.Maximum, Is.EqualTo(1 + (2 * 5.768108)).Within(1e-5));
        Assert.That((new NormalLaw(1, 2, 0, 1.5).Minimum, new NormalLaw(1, 2, 0, 1.5).Maximum), Is.EqualTo((0.0, 1.5)));
        ChoiceLaw choice = new([3, -1, 2]);
        Assert.That((choice.Minimum, choice.Maximum), Is.EqualTo((-1.0, 3.0)));
        ChanceLaw chance = new(0.5, new UniformLaw(1, 2), 9);
        Assert.That((chance.Minimum, chance.Maximum), Is.EqualTo((1.0, 9.0)));
    }

    [Test]
    public void EqualLawsAreEqual()
    {
        ChoiceLaw choice = new([1, 2]);
        Assert.That(new ChoiceLaw([1, 2]), Is.EqualTo(choice));
        Assert.That(new ChoiceLaw([2, 1]), Is.Not.EqualTo(choice));
        Assert.That((Law)0.5, Is.EqualTo(new FixedLaw(0.5)));
        ChanceLaw chance = new(0.5, new FixedLaw(1), 0);
        Assert.That(new ChanceLaw(0.5, 1, 0), Is.EqualTo(chance));
        Assert.That(new ChanceLaw(0.5, 1, 0).GetHashCode(), Is.EqualTo(chance.GetHashCode()));
    }

    [Test]
    public void LawsPrintThemselvesInEveryCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            // A comma for the decimal point and a strange minus, made by hand because globalisation is invariant here.
            CultureInfo culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat.NumberDecimalSeparator = ",";
            culture.NumberFormat.NegativeSign = "minus ";
            CultureInfo.CurrentCulture = culture;
            Assert.That(new FixedLaw(-0.5).ToString(), Is.EqualTo("-0.5"));
            Assert.That(new UniformLaw(0, 1).ToString(), Is.EqualTo("uniform(0, 1)"));
            Assert.That(new LogUniformLaw(1e-6, 1e20).ToString(), Is.EqualTo("logUniform(1e-6, 1e20)"));
            Assert.That(new NormalLaw(-0.5, 0.1).ToString(), Is.EqualTo("normal(-0.5, 0.1)"));
            Assert.That(new NormalLaw(0.5, 0.1, 0, 1).ToString(), Is.EqualTo("normal(0.5, 0.1, min 0, max 1)"));
            Assert.That(new ChoiceLaw([1, 2.5]).ToString(), Is.EqualTo("choice(1, 2.5)"));
            Assert.That(
                new ChanceLaw(0.5, new UniformLaw(0, 1), -1).ToString(), Is.EqualTo("chance(0.5, uniform(0, 1), otherwise -1)"));
            Recipe recipe = Presets.Get("labelmap-3d");
            Assert.That(RecipeYaml.Parse(RecipeYaml.Write(recipe), "x"), Is.EqualTo(recipe));
            ValueList<int> values = [-1, 2];
            Assert.That(values.ToString(), Is.EqualTo("[-1, 2]"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static IEnumerable<TestCaseData> WrongLaws()
    {
        yield return Wrong(() => new FixedLaw(double.NaN), "fixed: the value is NaN; it must be a finite number");
        yield return Wrong(() => new UniformLaw(3, 1), "uniform: the lower end 3 is above the upper end 1");
        yield return Wrong(
            () => new UniformLaw(0, double.PositiveInfinity), "uniform: the upper end is Infinity; it must be a finite number");
        yield return Wrong(() => new LogUniformLaw(0, 1), "logUniform: the lower end 0 is not above 0");
        yield return Wrong(() => new LogUniformLaw(2, 1), "logUniform: the lower end 2 is above the upper end 1");
        yield return Wrong(() => new NormalLaw(0, -1), "normal: std -1 is below 0");
        yield return Wrong(() => new NormalLaw(0, 1, 2, 1), "normal: min 2 is above max 1");
        yield return Wrong(() => new NormalLaw(0, 1, double.NaN), "normal: min is NaN; it must be a finite number");
        yield return Wrong(() => new NormalLaw(0, 1e308), "normal: mean 0 and std 1e308 are too large");
        yield return Wrong(() => new ChoiceLaw([]), "choice: there is nothing to choose from; give at least one number");
        yield return Wrong(() => new ChoiceLaw([1, double.NaN]), "choice: a value is NaN; it must be a finite number");
        yield return Wrong(() => new ChanceLaw(1.5, 1, 0), "chance: p is 1.5; it must be from 0 to 1");
        yield return Wrong(() => new ChanceLaw(double.NaN, 1, 0), "chance: p is NaN; it must be from 0 to 1");
        yield return Wrong(
            () => new ChanceLaw(0.5, new ChanceLaw(0.5, 1, 0), 0),
            "chance: its law is itself a chance; multiply the probabilities into one");

        static TestCaseData Wrong(Func<Law> build, string sentence) =>
            new TestCaseData(build, sentence).SetArgDisplayNames(sentence);
    }

    [TestCaseSource(nameof(WrongLaws))]
    public void AWrongLawIsRefused(Func<Law> build, string sentence) =>
        Assert.That(() => build(), Throws.ArgumentException.With.Message.EqualTo(sentence));
}
