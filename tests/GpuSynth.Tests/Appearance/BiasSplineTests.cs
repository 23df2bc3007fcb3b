using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>A field from a few nodes: what is its own.</summary>
[Category("Host")]
public sealed class BiasSplineTests
{
    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Volume(7, 9, 33), VolumeShape.Image(31, 40), VolumeShape.Volume(1, 1, 17), VolumeShape.Volume(2, 1, 5), VolumeShape.Image(1, 1)];

    // By its formula in double: hats or cubic B-splines about the nodes, summed over all of them, those outside repeated.
    [Test]
    public void ItIsTheSumOverTheNodes(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(1, 3)] int degree, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        for (int sample = 0; sample < 4; sample++)
        {
            int exponential = sample % 2;
            (RenderedSample before, RenderedSample after) = Fourier.With(
                shape, new BiasSpline(new UniformLaw(0.5, 1.5), new IntegerLaw(2, 7), exponential, degree), sample, device);
            BiasSpline.Drawn drawn = after.Drawn.Of<BiasSpline.Drawn>();
            float[] nodes = after.Drawn.List(drawn.Values).ToArray();
            int along = (int)drawn.Nodes;
            for (int voxel = 0; voxel < after.Image.Length; voxel++)
            {
                int[] place = [voxel / (shape.Height * shape.Width), voxel / shape.Width % shape.Height, voxel % shape.Width];
                double field = Field(nodes, along, shape, place, degree);
                Assert.That(
                    after.Image[voxel], Is.EqualTo(before.Image[voxel] * (exponential == 1 ? Math.Exp(field) : field)).Within(4e-6), $"{shape}, {sample}, {voxel}");
            }
        }
    }

    // By hand: two nodes 1 and 3 along a row of five are 1, 1.5, 2, 2.5, 3 between; of a cubic with both ends repeated the first is (1 + 4 x 1 + 3) / 6.
    [TestCase(1, new[] { 1, 1.5, 2, 2.5, 3 })]
    [TestCase(3, new[] { 8 / 6.0, double.NaN, 2, double.NaN, 16 / 6.0 })]
    public void TwoNodes_WorkedOutByHand(int degree, double[] expected)
    {
        Recipe recipe = new(
            "two", 2, [new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null)], [new Contrast(1), new BiasSpline(1, 2, 0, degree)]);
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Image(1, 5)));
        DrawnSample drawn = Sample(engine, SampleKey.Of(1)).Drawn;
        Span<float> nodes = drawn.List(drawn.Of<BiasSpline.Drawn>().Values);
        (nodes[0], nodes[1], nodes[2], nodes[3]) = (1, 3, 1, 3);
        float[] image = Applied(engine, drawn).Image;
        foreach (int x in degree == 1 ? new[] { 0, 1, 2, 3, 4 } : [0, 2, 4])
        {
            Assert.That(image[x], Is.EqualTo(expected[x]).Within(1e-6), $"at {x}");
        }
    }

    // SynthSeg's field, e^f with f linear between normal nodes: it keeps (2/3)^d of the nodes' variance, averaged over a volume of many nodes; at seven nodes along an axis, whose
    // outer ones count for half a cell, what is kept is the mean of w^2 + (1 - w)^2 over the voxels, to the power d.
    [Test]
    public void ALinearField_KeepsTwoThirdsOfTheVariance_PerAxis_n300()
    {
        const int side = 61;
        double kept = Enumerable.Range(0, side).Average(x => Square((x % 10 / 10.0)));
        Assert.That(kept, Is.EqualTo(2 / 3.0).Within(0.01));
        Recipe recipe = new(
            "variance", 2, [new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null)],
            [new Contrast(1), new BiasSpline(new NormalLaw(0, 0.5, -5, 5), 7, 1, 1)]);
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Image(side, side), threads: 2));
        const int samples = 300;
        double squares = Enumerable.Range(0, samples).Average(
            sample => Sample(engine, SampleKey.Of(sample)).Image.Average(static value => Math.Log(value) * Math.Log(value)));

        // A sample is 49 squares of deviation sqrt(2) at most.
        Assert.That(squares / 0.25, Is.EqualTo(kept * kept).Within(5 * Math.Sqrt(2.0 / (samples * 49))));

        static double Square(double along) => (along * along) + ((1 - along) * (1 - along));
    }

    private static double Field(float[] nodes, int along, VolumeShape shape, int[] place, int degree)
    {
        double sum = 0;
        for (int c = -1; c <= along; c++)
        {
            for (int b = -1; b <= along; b++)
            {
                for (int a = shape.Dimensions == 3 ? -1 : 0; a <= (shape.Dimensions == 3 ? along : 0); a++)
                {
                    double weight = (shape.Dimensions == 3 ? Weight(place[0], shape.Depth, a) : 1) * Weight(place[1], shape.Height, b) * Weight(place[2], shape.Width, c);
                    sum += weight == 0 ? 0 : weight * nodes[(((Inside(a) * along) + Inside(b)) * along) + Inside(c)];
                }
            }
        }

        return sum;

        int Inside(int node) => Math.Clamp(node, 0, along - 1);

        double Weight(int voxel, int voxels, int node)
        {
            double distance = Math.Abs((voxels == 1 ? (along - 1) / 2.0 : voxel * (along - 1.0) / (voxels - 1)) - node);
            return degree == 1 ? Math.Max(0, 1 - distance)
                : distance < 1 ? (4 - (6 * distance * distance) + (3 * distance * distance * distance)) / 6
                : distance < 2 ? Math.Pow(2 - distance, 3) / 6
                : 0;
        }
    }
}
