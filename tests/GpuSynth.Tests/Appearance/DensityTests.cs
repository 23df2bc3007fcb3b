using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Gaussian blobs that no label knows of: what is their own.</summary>
[Category("Host")]
public sealed class DensityTests
{
    private static IEnumerable<VolumeShape> Shapes =>
        [VolumeShape.Image(33, 31), VolumeShape.Image(1, 40), VolumeShape.Volume(17, 33, 50), VolumeShape.Volume(3, 2, 1)];

    // A round blob of deviation 4 in an image of 40 x 40: at its middle A, and e^(-1/2) of it four voxels away.
    [Test]
    public void ARoundBlob_IsThatByHand()
    {
        RenderedSample sample = Made(VolumeShape.Image(40, 40), new Density(1, 3, 0.1, 1), 1);
        float[] centre = Centre(sample);
        for (int voxel = 0; voxel < sample.Image.Length; voxel++)
        {
            double square = Math.Pow((voxel / 40) - centre[1], 2) + Math.Pow((voxel % 40) - centre[2], 2);
            Assert.That(sample.Image[voxel], Is.EqualTo(5 + (3 * Math.Exp(-square / 32))).Within(2e-6));
        }
    }

    // Whatever its axes and its turn, the sum over a blob is A (2 pi)^(d/2) times the product of its deviations, and its middle is its own.
    [TestCase(2)]
    [TestCase(3)]
    public void TheSumOfABlob_IsThatOfItsDeviations(int dimensions)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(160, 160) : VolumeShape.Volume(100, 100, 100);
        double size = dimensions == 2 ? 5 : 4;
        int whole = 0;
        for (int number = 0; number < 40 && whole < 3; number++)
        {
            RenderedSample sample = Made(shape, new Density(1, -2, size / shape.Side, 2), number);
            double[] centre = [.. Centre(sample).Select(static at => (double)at)];
            bool isWhole = Enumerable.Range(3 - dimensions, dimensions).All(axis => Math.Min(centre[axis], shape.Side - 1 - centre[axis]) > 30);
            if (!isWhole)
            {
                continue;
            }

            whole++;
            double sum = sample.Image.Sum(static value => value - 5.0);
            Assert.That(sum, Is.EqualTo(-2 * Math.Pow(2 * Math.PI, dimensions / 2.0) * Math.Pow(size, dimensions)).Within(0.2).Percent);
            double middle = sample.Image.Select((value, voxel) => (value - 5.0) * (voxel % shape.Width)).Sum() / sum;
            Assert.That(middle, Is.EqualTo(centre[2]).Within(0.01));
        }

        Assert.That(whole, Is.EqualTo(3), "blobs that lie inside");
    }

    // Against the formula in double, of axes and turns that are worked out here.
    [Test]
    public void EveryVoxel_IsTheFormulas([ValueSource(nameof(Shapes))] VolumeShape shape, [Values("host", "ilgpu-cpu")] string device)
    {
        var density = new Density(new IntegerLaw(1, 6), new UniformLaw(-1, 1), new UniformLaw(0.03, 0.2), new UniformLaw(1, 4));
        for (int number = 0; number < 3; number++)
        {
            RenderedSample sample = Made(shape, density, number, device);
            double[] expected = Expected(shape, sample.Drawn);
            Assert.That(sample.Image.Zip(expected, static (one, other) => Math.Abs(one - other)).Max(), Is.LessThan(5e-6), $"sample {number}");
        }
    }

    private static float[] Centre(RenderedSample sample)
    {
        Density.Drawn drawn = sample.Drawn.Of<Density.Drawn>();
        return sample.Drawn.List(drawn.Blobs)[..3].ToArray();
    }

    private static RenderedSample Made(VolumeShape shape, Density density, int sample, string device = "host")
    {
        var anatomy = new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null);
        Recipe recipe = new("density", shape.Dimensions, [anatomy], [new Contrast(5), density]);
        return Sample(Options(recipe, shape, threads: 2) with { Device = device }, SampleKey.Of(sample));
    }

    private static double[] Expected(VolumeShape shape, DrawnSample sample)
    {
        Density.Drawn drawn = sample.Of<Density.Drawn>();
        var expected = new double[shape.VoxelCount];
        Array.Fill(expected, 5);
        bool isFlat = shape.Dimensions == 2;
        for (int blob = 0; blob < (int)Math.Round(drawn.Count); blob++)
        {
            float[] turns = sample.List(drawn.Turns).Slice(3 * blob, 3).ToArray();
            float[] centre = sample.List(drawn.CentresOfExtent).Slice(3 * blob, 3).ToArray();
            double size = sample.List(drawn.SizesVoxels)[blob];
            double long1 = Math.Log(sample.List(drawn.Elongations)[blob]);
            double middle = sample.List(drawn.Middles)[blob];

            // Logarithms 1, 1 - middle and 0 times that of the elongation, less their mean; of an image 1 and 0.
            double[] logs = isFlat ? [0, long1, 0] : [long1, long1 * (1 - middle), 0];
            double mean = isFlat ? long1 / 2 : logs.Average();
            double[] sigma = [.. logs.Select(log => size * Math.Exp(log - mean))];

            // A unit quaternion of three uniform numbers, or an angle.
            double[][] axes = isFlat
                ? [[1, 0, 0], [0, Math.Cos(Math.Tau * turns[0]), Math.Sin(Math.Tau * turns[0])], [0, -Math.Sin(Math.Tau * turns[0]), Math.Cos(Math.Tau * turns[0])]]
                : Rows(
                    Math.Sqrt(1 - turns[1]) * Math.Sin(Math.Tau * turns[0]), Math.Sqrt(1 - turns[1]) * Math.Cos(Math.Tau * turns[0]),
                    Math.Sqrt(turns[1]) * Math.Sin(Math.Tau * turns[2]), Math.Sqrt(turns[1]) * Math.Cos(Math.Tau * turns[2]));
            for (int voxel = 0; voxel < expected.Length; voxel++)
            {
                double[] d =
                [
                    isFlat ? 0 : (voxel / shape.Width / shape.Height) + 0.5 - (centre[0] * shape.Depth),
                    (voxel / shape.Width % shape.Height) + 0.5 - (centre[1] * shape.Height),
                    (voxel % shape.Width) + 0.5 - (centre[2] * shape.Width),
                ];
                double square = axes.Select((axis, own) => Math.Pow(axis.Zip(d, static (a, b) => a * b).Sum() / sigma[own], 2)).Sum();
                expected[voxel] += sample.List(drawn.Amplitudes)[blob] * Math.Exp(-square / 2);
            }
        }

        return expected;
    }

    // The rotation of a unit quaternion.
    private static double[][] Rows(double i, double j, double k, double w) =>
    [
        [(w * w) + (i * i) - (j * j) - (k * k), 2 * ((i * j) + (k * w)), 2 * ((i * k) - (j * w))],
        [2 * ((i * j) - (k * w)), (w * w) - (i * i) + (j * j) - (k * k), 2 * ((j * k) + (i * w))],
        [2 * ((i * k) + (j * w)), 2 * ((j * k) - (i * w)), (w * w) - (i * i) - (j * j) + (k * k)],
    ];
}
