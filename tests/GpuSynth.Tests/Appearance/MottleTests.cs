using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Patches whatever the labels: what is their own.</summary>
[Category("Host")]
public sealed class MottleTests
{
    // Spacing 4 and no offset: at multiples of 4 the lattice's own numbers, in the middle between two their sum over the root of 2.
    [Test]
    public void TheFactor_IsThatByHand()
    {
        Recipe recipe = Recipe(2, [4], 1, 0.1);
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Image(16, 33)));
        DrawnSample drawn = Sample(engine, SampleKey.Of(1)).Drawn;
        drawn.List(drawn.Of<Mottle.Drawn>().OffsetsZyx).Clear();
        float[] image = Applied(engine, drawn).Image;
        RandomPlace tile = new(Seed, 1, ((Mottle)recipe.Appearance[1]).TileStream);
        float At(int y, int x) => Normal.At(tile, (y * LatticeTile.ImageSide) + x);
        Assert.That(image[0], Is.EqualTo(2 * (1 + (0.1f * At(0, 0)))).Within(1e-5));
        Assert.That(image[(8 * 33) + 12], Is.EqualTo(2 * (1 + (0.1f * At(2, 3)))).Within(1e-5));
        Assert.That(image[(8 * 33) + 14], Is.EqualTo(2 * (1 + (0.1f * (At(2, 3) + At(2, 4)) / MathF.Sqrt(2)))).Within(1e-5));
    }

    // anatomix: 0.02 times four grids, each uniform 0 to 5 at its nodes, linear between them. A linear grid keeps (2/3)^d of the variance of its nodes,
    // so that g P has deviation 0.02 sqrt(4 (25 / 3) (2 / 3)^3) = 0.063; of this lattice, which keeps all of it, the gain times sqrt(4 (25 / 3)) is that.
    [TestCase(0.02, 0.1155)]
    [TestCase(0.01089, 0.0629)]
    public void WithTheLawsOfAnatomix_TheDeviationIsKnown(double gain, double expected)
    {
        Assert.That(gain * Math.Sqrt(4 * 25 / 3.0), Is.EqualTo(expected).Within(1e-4));
        Assert.That(0.02 * Math.Sqrt(4 * (25 / 3.0) * Math.Pow(2 / 3.0, 3)), Is.EqualTo(0.0629).Within(1e-4));

        // Fixed at the root of the mean square of uniform 0 to 5, so that the draws of four strengths are not what scatters.
        Recipe recipe = Recipe(3, [4, 8, 16, 32], Math.Sqrt(25 / 3.0), gain);
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Cubic(3, 40), threads: 2));
        double squares = 0;
        const int samples = 300;
        for (int sample = 0; sample < samples; sample++)
        {
            squares += Sample(engine, SampleKey.Of(sample)).Image.Average(static value => ((value / 2.0) - 1) * ((value / 2.0) - 1));
        }

        // A sample has one cell or so of the widest lattice, whose square has deviation sqrt(2): a quarter of the sum.
        double tolerance = 5 * Math.Sqrt(2.0 / samples) / 4;
        Assert.That(squares / samples / (expected * expected), Is.EqualTo(1).Within(tolerance));
    }

    // Labels with patches have those of a recipe where all have them; the others are as they were.
    [TestCase(DeviceCatalogue.Host)]
    [TestCase(DeviceCatalogue.IlgpuCpu, Category = "Slow")]
    public void PatchesOfSomeLabels_LeaveTheOthers(string device)
    {
        foreach (VolumeShape shape in new[] { VolumeShape.Image(29, 67), VolumeShape.Volume(9, 10, 33) })
        {
            Recipe all = Recipe(shape.Dimensions, [3, 8], 1, 0.1);
            all = all with { Anatomy = [((NoiseAnatomy)all.Anatomy[0]) with { Labels = SideMeasure.Of(5) }] };
            var mottle = (Mottle)all.Appearance[1];
            float[] everywhere = Image(all, out byte[] labels);
            foreach ((Mottle some, int[] have) in new (Mottle, int[])[]
            {
                (mottle with { Only = [1, 4] }, [1, 4]),
                (mottle with { Except = [1, 4] }, [0, 2, 3]),
                (mottle with { Only = [1, 4], Except = [3, 4] }, [1]),
            })
            {
                float[] image = Image(all with { Appearance = [all.Appearance[0], some] }, out _);
                Assert.That(image, Is.EqualTo(labels.Select((label, at) => have.Contains(label) ? everywhere[at] : 2f)));
            }

            Assert.That(labels.Distinct().Count(), Is.GreaterThan(3));

            float[] Image(Recipe recipe, out byte[] labels)
            {
                using SynthesisEngine engine = Start(Options(recipe, shape, threads: 2) with { Device = device });
                RenderedSample sample = Sample(engine, SampleKey.Of(3));
                labels = sample.Label;
                return sample.Image;
            }
        }
    }

    private static Recipe Recipe(int dimensions, int[] spacings, Law std, Law gain) => new(
        "mottle",
        dimensions,
        [new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null)],
        [new Contrast(2), new Mottle([.. spacings.Select(SideMeasure.Of)], std, gain)]);
}
