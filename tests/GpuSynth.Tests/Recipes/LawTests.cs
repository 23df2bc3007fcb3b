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
    private static readonly RandomPlace Ones = new(ulong.MaxValue, ulong.MaxValue, uint.MaxValue);

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
        yield return new TestCaseData(new IntegerLaw(-2, 4), 0.0, -1.0);
        yield return new TestCaseData(new IntegerLaw(-IntegerLaw.Farthest, IntegerLaw.Farthest), -3387437.0, -8315315.0);
        yield return new TestCaseData(new LogNormalLaw(2, 0.35), 2.8293451719039693, 1.9498333647945671);
        yield return new TestCaseData(new LogNormalLaw(2, 0.35, 1.96, 2.5), 2.5, 1.96);
        yield return new TestCaseData(new OneOfLaw([new(1, inner), new(1, 7)]), 7.0, -0.48689401149749756);
        yield return new TestCaseData(new OneOfLaw([new(3, inner), new(2, 7)]), 7.0, -0.48689401149749756);
        yield return new TestCaseData(new OneOfLaw([new(40, 7), new(3, 8), new(57, inner)]), 0.394278883934021, 8.0);
        yield return new TestCaseData(new PerLabelLaw([inner, 6, 7]), 0.394278883934021, 7.0);
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
            law.Draw(new RandomPlace(1, 2, 3), 5),
            law.Draw(new RandomPlace(9, 2, 3), 5),
            law.Draw(new RandomPlace(1 + (1UL << 32), 2, 3), 5),
            law.Draw(new RandomPlace(1, 9, 3), 5),
            law.Draw(new RandomPlace(1, 2 + (1UL << 32), 3), 5),
            law.Draw(new RandomPlace(1, 2, 9), 5),
            law.Draw(new RandomPlace(1, 2, 3), 9),
        ];
        Assert.That(draws, Is.Unique);
        Assert.That(law.Draw(new RandomPlace(1, 2, 3), 5), Is.EqualTo(draws[0]));
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
        new IntegerLaw(-3, 11),
        new IntegerLaw(5, 5),
        new IntegerLaw(-IntegerLaw.Farthest, IntegerLaw.Farthest),
        new LogNormalLaw(2, 0.5),
        new LogNormalLaw(2, 0),
        new LogNormalLaw(0.3, 1, 0.1, 0.5),
        new OneOfLaw([new(2, new NormalLaw(0, 1)), new(0.5, new UniformLaw(4, 5)), new(1, -9)]),
        new PerLabelLaw([0, new UniformLaw(1, 2), new ChanceLaw(0.5, 3, 4)]),
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
    public void AListPerLabelDrawsWhatItsEntriesDrawAlone()
    {
        Law[] laws = [new UniformLaw(0, 1), 5, new NormalLaw(0, 1), new OneOfLaw([new(1, 2), new(3, new UniformLaw(3, 4))])];
        PerLabelLaw list = new(ValueList.Create<Law>(laws));
        RandomPlace place = new(17, 23, Streams.ContrastLaws);
        for (uint label = 0; label < 255; label++)
        {
            Assert.That(list.Draw(in place, label), Is.EqualTo(laws[Math.Min(label, 3)].Draw(in place, label)));
        }
    }

    [TestCase(0, 0)]
    [TestCase(-3, 11)]
    [TestCase(0, (1 << 23) - 1)]
    [TestCase(1, IntegerLaw.Farthest)]
    [TestCase(-IntegerLaw.Farthest, IntegerLaw.Farthest)]
    public void AWholeNumberStaysBetweenItsEndsAtTheEndsOfTheUniform(int low, int high)
    {
        const double Step = 1.0 / (1 << 23);
        IntegerLaw law = new(low, high);
        Assert.That(law.At(0, Step / 2, Step / 2, 0.5), Is.EqualTo(low));
        Assert.That(law.At(0, 1 - (Step / 2), 1 - (Step / 2), 0.5), Is.EqualTo(high));
    }

    [Test]
    public void TheLastAlternativeIsTheOneAtTheEndOfTheUniform()
    {
        // Weights whose sum is rounded.
        OneOfLaw law = new([new(0.1, 1), new(0.2, 2), new(0.3, 3), new(1e-9, 4)]);
        Assert.That(law.At(0, 0.5, 0.5, 0.5 / (1 << 23)), Is.EqualTo(1));
        Assert.That(law.At(0, 0.5, 0.5, 1 - (0.5 / (1 << 23))), Is.EqualTo(3));
        Assert.That(law.At(0, 0.5, 0.5, Math.BitDecrement(1.0)), Is.EqualTo(4));
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
        IntegerLaw whole = new(-3, 11);
        Assert.That((whole.Minimum, whole.Maximum), Is.EqualTo((-3.0, 11.0)));
        LogNormalLaw log = new(2, 0.35);
        Assert.That(log.Minimum, Is.EqualTo(0.2656194959410386).Within(1e-9));
        Assert.That(log.Maximum, Is.EqualTo(15.059135572216835).Within(1e-9));
        Assert.That((new LogNormalLaw(2, 1, 1, 4).Minimum, new LogNormalLaw(2, 1, 1, 4).Maximum), Is.EqualTo((1.0, 4.0)));
        OneOfLaw oneOf = new([new(1, 5), new(9, new UniformLaw(-1, 2))]);
        Assert.That((oneOf.Minimum, oneOf.Maximum), Is.EqualTo((-1.0, 5.0)));
        PerLabelLaw list = new([5, new UniformLaw(-1, 2)]);
        Assert.That((list.Minimum, list.Maximum), Is.EqualTo((-1.0, 5.0)));
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
        OneOfLaw oneOf = new([new(1, 5), new(2, 6)]);
        Assert.That(new OneOfLaw([new(1, 5), new(2, 6)]), Is.EqualTo(oneOf));
        Assert.That(new OneOfLaw([new(1, 5), new(2, 6)]).GetHashCode(), Is.EqualTo(oneOf.GetHashCode()));
        Assert.That(new OneOfLaw([new(2, 5), new(1, 6)]), Is.Not.EqualTo(oneOf));
        PerLabelLaw list = new([1, 2]);
        Assert.That(new PerLabelLaw([1, 2]), Is.EqualTo(list));
        Assert.That(new PerLabelLaw([2, 1]), Is.Not.EqualTo(list));
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
            Assert.That(new IntegerLaw(-1, 6).ToString(), Is.EqualTo("integer(-1, 6)"));
            Assert.That(new LogNormalLaw(2, 0.5, max: 4).ToString(), Is.EqualTo("logNormal(2, 0.5, max 4)"));
            Assert.That(
                new OneOfLaw([new(0.5, new UniformLaw(0, 1)), new(2, -1)]).ToString(),
                Is.EqualTo("oneOf(0.5 x uniform(0, 1), 2 x -1)"));
            Assert.That(new PerLabelLaw([0.5, new UniformLaw(0, 1)]).ToString(), Is.EqualTo("perLabel(0.5, uniform(0, 1))"));
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
        OneOfLaw oneOf = new([new(1, 5)]);
        PerLabelLaw list = new([5]);
        yield return Wrong(
            () => new ChanceLaw(0.5, oneOf, 0),
            "chance: its law is itself a oneOf; write its otherwise as an alternative of that, with a weight");
        yield return Wrong(
            () => new ChanceLaw(0.5, list, 0),
            "chance: its law is itself a list per label; write a chance into each entry of perLabel");
        yield return Wrong(() => new IntegerLaw(3, 1), "integer: the lower end 3 is above the upper end 1");
        yield return Wrong(
            () => new IntegerLaw(0, 16777217),
            "integer: the upper end 16777217 is beyond ±2^24 = 16777216, up to where a float holds every whole number; take a "
            + "narrower range, or uniform where it need not be a whole number");
        yield return Wrong(
            () => new IntegerLaw(int.MinValue, 0),
            "integer: the lower end -2147483648 is beyond ±2^24 = 16777216, up to where a float holds every whole number; take "
            + "a narrower range, or uniform where it need not be a whole number");
        yield return Wrong(
            () => new LogNormalLaw(0, 1), "logNormal: the median 0 is not above 0; for numbers of both signs take normal");
        yield return Wrong(() => new LogNormalLaw(1, -1), "logNormal: sigma -1 is below 0");
        yield return Wrong(() => new LogNormalLaw(1, 1, 2, 1), "logNormal: min 2 is above max 1");
        yield return Wrong(
            () => new LogNormalLaw(double.NaN, 1), "logNormal: the median is NaN; it must be a finite number");
        yield return Wrong(
            () => new LogNormalLaw(1, 200),
            "logNormal: median 1 and sigma 200 are too large; sigma is the standard deviation of the natural logarithm");
        yield return Wrong(
            () => new OneOfLaw([]), "oneOf: there is nothing to choose from; give at least one { weight, law }");
        yield return Wrong(
            () => new OneOfLaw([new(1e308, 1), new(1e308, 2)]),
            "oneOf: the sum of the weights is too large; only their ratios matter, make them smaller");
        foreach ((double weight, string text) in new[] { (0.0, "0"), (-1.0, "-1"), (double.NaN, "NaN") })
        {
            yield return Wrong(
                () => new OneOfLaw([new(weight, 1)]),
                $"oneOf: the weight {text} is not a finite number above 0; take away what is never to be drawn");
        }

        yield return Wrong(
            () => new OneOfLaw([new(1, new ChanceLaw(0.5, 1, 0))]),
            "oneOf: an alternative is itself a chance; write its otherwise as an alternative of its own");
        yield return Wrong(
            () => new OneOfLaw([new(1, oneOf)]),
            "oneOf: an alternative is itself a oneOf; put its alternatives into this list, with their weights multiplied");
        yield return Wrong(
            () => new OneOfLaw([new(1, list)]),
            "oneOf: an alternative is itself a list per label; write a oneOf into each entry of perLabel");
        yield return Wrong(
            () => new PerLabelLaw([]), "perLabel: the list is empty; give at least one law, which is then every label's");
        yield return Wrong(
            () => new PerLabelLaw([list]), "perLabel: an entry is itself a list per label; write its laws into this list");

        static TestCaseData Wrong(Func<Law> build, string sentence) =>
            new TestCaseData(build, sentence).SetArgDisplayNames(sentence);
    }

    [TestCaseSource(nameof(WrongLaws))]
    public void AWrongLawIsRefused(Func<Law> build, string sentence) =>
        Assert.That(() => build(), Throws.ArgumentException.With.Message.EqualTo(sentence));
}
