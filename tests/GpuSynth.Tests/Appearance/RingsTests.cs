using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Rings of wrong detectors: what is their own.</summary>
[Category("Host")]
public sealed class RingsTests
{
    private const int Length = 160;

    // One detector at the isocentre: filtered, its error e is e / 4 there and -e / pi^2 beside it, linear between. At the isocentre g is pi e / 4, which
    // is the strength.
    [Test]
    public void APoint_IsThatByHand()
    {
        float[] profile = Profile([0f], [7f], [1f]);
        Assert.That(profile[0], Is.EqualTo(7f).Within(1e-5));
        double error = 7 * 4 / Math.PI;
        double sum = 0;
        for (int step = 0; step < 100000; step++)
        {
            sum += 0.25 - (Math.Abs(Math.Cos((step + 0.5) * Math.PI / 100000)) * (0.25 + (1 / (Math.PI * Math.PI))));
        }

        Assert.That(profile[1], Is.EqualTo(error * sum * Math.PI / 100000).Within(0.02));
    }

    [TestCase(5, 1f)]
    [TestCase(20, -1f)]
    [TestCase(50, 1f)]
    public void ARingsStrength_IsThatAtItsRadius(int radius, float sign)
    {
        float[] profile = Profile([radius], [12f], [sign]);
        Assert.That(profile[radius], Is.EqualTo(12 * sign).Within(1e-4));
        Assert.That(profile.Max(MathF.Abs), Is.EqualTo(12f).Within(1e-4), "and nowhere more");
        Assert.That(profile[radius - 1], Is.LessThan(0).Or.GreaterThan(0).And.Not.EqualTo(12f));
        Assert.That(profile[radius - 1] * sign, Is.Negative, "dark beside what is bright");
    }

    // Projected along lines, g gives back each detector's error: what two linear tables blur over three detectors, as a sum over them.
    [Test]
    public void ForwardProjected_ItGivesBackTheErrors()
    {
        int[] radii = [12, 33, 60];
        foreach (int radius in radii)
        {
            // Alone and of error 1, a detector's half on either side.
            double error = 1 / Own(radius);
            float[] profile = Profile([radius], [1f], [1f]);
            double[] projected = [.. Enumerable.Range(0, 90).Select(s => Projected(profile, s))];
            Assert.That(projected[(radius - 1)..(radius + 2)].Sum(), Is.EqualTo(error / 2).Within(0.04 * error), $"{radius}");
            Assert.That(projected[radius], Is.EqualTo(projected.Max()));
            double elsewhere = projected.Where((_, s) => Math.Abs(s - radius) > 1).Max(Math.Abs);
            Assert.That(elsewhere, Is.LessThan(0.02 * error), $"{radius}: elsewhere");
        }
    }

    [Test]
    public void AnImage_HasTheProfileAroundItsMiddle()
    {
        Recipe recipe = Recipe(2, 3);
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Image(41, 41)));
        RenderedSample sample = Sample(engine, SampleKey.Of(1));
        Rings.Drawn drawn = sample.Drawn.Of<Rings.Drawn>();
        float[] profile = sample.Drawn.List(drawn.Profile).ToArray();
        Assert.That(drawn.Strengths.Count, Is.EqualTo(3));
        for (int distance = 0; distance <= 20; distance++)
        {
            float[] around =
            [
                sample.Image[(20 * 41) + 20 + distance], sample.Image[(20 * 41) + 20 - distance],
                sample.Image[((20 + distance) * 41) + 20], sample.Image[((20 - distance) * 41) + 20],
            ];
            Assert.That(around, Is.All.EqualTo(100 + profile[distance]).Within(2e-5));
        }

        Assert.That(sample.Image[(23 * 41) + 24], Is.EqualTo(100 + profile[5]).Within(2e-5));
    }

    [Test]
    public void WithoutDetectors_NothingChanges() =>
        Assert.That(Sample(Options(Recipe(3, 0), VolumeShape.Volume(3, 9, 10)), SampleKey.Of(1)).Image, Is.All.EqualTo(100f));

    // The number of detectors, and that one in two is dark.
    [Test]
    public void DetectorsAreAsManyAsDrawn_AndOneInTwoIsDark()
    {
        var drawn = new DrawnSample(new RowLayout([new Rings(new IntegerLaw(3, 20), 1, 0.5)], new SampleFacts(VolumeShape.Image(64, 32), 2)));
        var counts = new int[21];
        List<float> signs = [];
        List<float> radii = [];
        for (int sample = 0; sample < 2000; sample++)
        {
            drawn.Draw(Seed, SampleKey.Of(sample));
            Rings.Drawn rings = drawn.Of<Rings.Drawn>();
            counts[rings.Signs.Count]++;
            signs.AddRange(drawn.List(rings.Signs));
            radii.AddRange(drawn.List(rings.Radii));
        }

        Assert.That(counts[..3], Is.All.Zero);
        Assert.That(counts[3..], Is.All.EqualTo(2000 / 18.0).Within(4.4 * Math.Sqrt(2000 / 18.0)));
        Assert.That(signs.Average(), Is.Zero.Within(4.4 / Math.Sqrt(signs.Count)));
        Assert.That(radii, Is.All.InRange(0f, 32f));
        Assert.That(radii.Average(), Is.EqualTo(16).Within(4.4 * 32 / Math.Sqrt(12.0 * radii.Count)));
    }

    private static Recipe Recipe(int dimensions, int count)
    {
        var anatomy = new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null);
        return new("rings", dimensions, [anatomy], [new Contrast(100), new Rings(count, 5, 0.5)]);
    }

    private static float[] Profile(float[] radii, float[] strengths, float[] signs)
    {
        var profile = new float[Length];
        RingProfile.Write(radii, strengths, signs, profile);
        return profile;
    }

    // g at its own radius of a detector's error of 1, as the integral says it, in small steps.
    private static double Own(int radius)
    {
        const int steps = 200000;
        double sum = 0;
        for (int step = 0; step < steps; step++)
        {
            double s = radius * Math.Cos((step + 0.5) * Math.PI / steps);
            int near = (int)Math.Floor(s);
            sum += Filtered(near) + ((s - near) * (Filtered(near + 1) - Filtered(near)));
        }

        return sum * Math.PI / steps;

        double Filtered(int s) => (Ramp(s - radius) + Ramp(s + radius)) / 2;

        static double Ramp(int n) => n == 0 ? 0.25 : n % 2 == 0 ? 0 : -1 / (Math.PI * Math.PI * n * n);
    }

    private static double Projected(float[] profile, double s)
    {
        double sum = 0;
        for (double t = -150; t <= 150; t += 0.25)
        {
            double distance = Math.Sqrt((s * s) + (t * t));
            int near = (int)distance;
            sum += near + 1 < profile.Length ? 0.25 * (profile[near] + ((distance - near) * (profile[near + 1] - profile[near]))) : 0;
        }

        return sum;
    }
}
