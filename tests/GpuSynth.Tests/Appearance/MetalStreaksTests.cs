using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Streaks of metal: what is their own.</summary>
[Category("Host")]
public sealed class MetalStreaksTests
{
    private const double Water = 0.0192;
    private static readonly VolumeShape Plane = VolumeShape.Image(97, 90);

    private static IEnumerable<VolumeShape> Shapes => [VolumeShape.Image(33, 31), VolumeShape.Image(96, 100), VolumeShape.Volume(19, 33, 40)];

    // The catalogue's form, ln|(s + 1/2 + w/2)(s - 1/2 - w/2) / ((s + 1/2 - w/2)(s - 1/2 + w/2))| / (2 pi^2), averaged over a detector.
    [TestCase(0, 4.0)]
    [TestCase(2, 4.0)]
    [TestCase(3, 5.3)]
    [TestCase(11, 2.2)]
    [TestCase(-7, 12.0)]
    public void AFilteredTrace_IsTheLogarithmAveragedOverADetector(int s, double width)
    {
        const int steps = 200000;
        double mean = 0;
        for (int step = 0; step < steps; step++)
        {
            double at = s - 0.5 + ((step + 0.5) / steps);
            double ends = (at + 0.5 + (width / 2)) * (at - 0.5 - (width / 2)) / ((at + 0.5 - (width / 2)) * (at - 0.5 + (width / 2)));
            mean += Math.Log(Math.Abs(ends)) / (2 * Math.PI * Math.PI * steps);
        }

        Assert.That(Filtered(width, 20)[20 + s], Is.EqualTo(mean).Within(1e-6));
    }

    // What a whole row of detectors sees has no mean: what is left beyond n of them is w / (pi^2 n).
    [TestCase(2.0)]
    [TestCase(7.7)]
    public void AFilteredTrace_HasNoMean(double width) =>
        Assert.That(Filtered(width, 2000).Sum(), Is.EqualTo(width / (Math.PI * Math.PI * 2000)).Within(1e-6));

    // Back-projected over all directions, an error of 1 is the image whose projections are a box: 1 / (pi sqrt(w^2 / 4 - r^2)) in the disc, nothing outside.
    [Test]
    public void AConstantError_IsTheClosedForm()
    {
        const double width = 40;
        double[] filtered = Filtered(width, 200);
        foreach (int r in (int[])[0, 4, 8, 12, 16, 24, 32, 60])
        {
            double sum = 0;
            const int views = 2000;
            for (int view = 0; view < views; view++)
            {
                double s = (r * Math.Cos(Math.PI * view / views)) + 200;
                sum += Math.PI / views * Lerp(filtered, s);
            }

            double expected = r < width / 2 ? 1 / (Math.PI * Math.Sqrt((width * width / 4) - (r * r))) : 0;
            Assert.That(sum, Is.EqualTo(expected).Within(4e-4), $"{r}");
        }
    }

    // Two like metals side by side: the darkest place outside of them lies between them, on the line that joins them. Over a wide disc the image adds up to the
    // errors: -b of what the square of those behind one another has more than their squares, its mean over the directions.
    [Test]
    public void TwoMetals_AreJoinedByADarkBand_AndTheSumIsThatOfTheErrors()
    {
        VolumeShape shape = VolumeShape.Image(181, 181);
        Metal[] metals = [new(0, -20, 8, 4), new(0, 20, 8, 4)];
        int views = MetalTraces.Views(shape);
        float[] table = new float[views * MetalTraces.ViewWords(shape)];
        MetalTraces.Write(metals, new MetalBeam(0.05, 1e6, 1), new float[2 * views], shape, table);
        (double least, double leastY, double leastX, double sum) = (0, 0, 0, 0);
        for (int y = -90; y <= 90; y++)
        {
            for (int x = -90; x <= 90; x++)
            {
                double value = BackProjected(table, shape, y, x);
                sum += (y * y) + (x * x) <= 90 * 90 ? value : 0;
                bool isOutside = Math.Min(Square(x - 20), Square(x + 20)) + (y * y) > 6 * 6;
                if (isOutside && value < least)
                {
                    (least, leastY, leastX) = (value, y, x);
                }
            }
        }

        double behind = Enumerable.Range(0, views).Average(view => Math.Max(0, 8 - (40 * Math.Abs(Math.Cos(Math.PI * view / views)))));
        Assert.That(leastY, Is.Zero.Within(4), "a band is as wide as its metals, and darkest where they end");
        Assert.That(Math.Abs(leastX), Is.LessThan(20));
        Assert.That(BackProjected(table, shape, 0, 0), Is.LessThan(0.5 * least), "dark all along");
        Assert.That(Math.Abs(BackProjected(table, shape, 40, 0)), Is.LessThan(-0.1 * least), "but not beside the band");
        Assert.That(sum, Is.EqualTo(-0.05 * 2 * 16 * behind).Within(5).Percent);
    }

    // Against the formula in double with its logarithms, at every voxel: on the host and on a device, edges of traces and discs too.
    [Test]
    public void EveryVoxel_IsTheFormulas([ValueSource(nameof(Shapes))] VolumeShape shape, [Values("host", "ilgpu-cpu")] string device)
    {
        var streaks = new MetalStreaks(
            new IntegerLaw(1, 3), new UniformLaw(2, 9), new UniformLaw(3, 12), new UniformLaw(2, 10), new UniformLaw(0.02, 0.08), new LogUniformLaw(1e3, 1e6),
            new UniformLaw(0.7, 2.5), new UniformLaw(0.2, 0.8));
        for (int sample = 0; sample < 3; sample++)
        {
            RenderedSample after = Sample(Options(Recipe(shape.Dimensions, streaks), shape, threads: 2) with { Device = device }, SampleKey.Of(sample));
            double[] expected = Expected(shape, after.Drawn);
            double most = expected.Max(Math.Abs);
            Assert.That(expected.Max(), Is.GreaterThan(3000), "there is metal");
            Assert.That(after.Image.Zip(expected, static (one, other) => Math.Abs(one - other)).Max(), Is.LessThan(6e-6 * most), $"sample {sample}");
        }
    }

    [Test]
    public void PlanesThatNoMetalReaches_StayAsTheyAre()
    {
        var streaks = new MetalStreaks(1, 4, 3, 6.5, 0.05, 1e4, 1, 0.5);
        RenderedSample after = Sample(Options(Recipe(3, streaks), VolumeShape.Volume(16, 20, 18)), SampleKey.Of(1));
        float middle = (after.Drawn.Of<MetalStreaks.Drawn>().Position * 16) - 0.5f;
        for (int z = 0; z < 16; z++)
        {
            float[] plane = after.Image[(z * 360)..((z + 1) * 360)];
            Assert.That(plane, Math.Abs(z - middle) >= 2 ? Is.All.EqualTo(40f) : Is.Not.All.EqualTo(40f), $"{z}");
        }
    }

    // Starvation: the deviation of an error is that of the logarithm of what is counted, here of 100 photons and 20 scattered ones.
    [Test]
    public void WithFewPhotons_ErrorsVary()
    {
        double path = Math.Log(100);
        int views = MetalTraces.Views(Plane);
        float[] none = Written([0f]);
        float[] one = Written([1f]);
        int middle = 2 + MetalTraces.Half(Plane);
        Assert.That(one[middle] - none[middle], Is.EqualTo(Filtered(4, 0)[0] * Math.PI / views / Math.Sqrt(120)).Within(1e-7));

        float[] Written(float[] noise)
        {
            float[] table = new float[views * MetalTraces.ViewWords(Plane)];
            MetalTraces.Write([new Metal(0, 0, 4, path)], new MetalBeam(0.02, 1e4, 1), [.. Enumerable.Repeat(noise[0], views)], Plane, table);
            return table;
        }
    }

    private static Recipe Recipe(int dimensions, MetalStreaks streaks)
    {
        var anatomy = new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null);
        return new("metal", dimensions, [anatomy], [new Contrast(40), streaks]);
    }

    // The formula, voxel by voxel, of what was drawn.
    private static double[] Expected(VolumeShape shape, DrawnSample sample)
    {
        MetalStreaks.Drawn drawn = sample.Of<MetalStreaks.Drawn>();
        int count = (int)Math.Round(drawn.Count);
        int views = Math.Clamp((int)(Math.PI / 4 * Math.Max(shape.Height, shape.Width)), 64, 180);
        float[] widths = sample.List(drawn.WidthsVoxels).ToArray();
        float[] centres = sample.List(drawn.CentresOfExtent).ToArray();
        var deviate = new NormalLaw(0, 1);
        var place = new RandomPlace(Seed, (ulong)sample.Key.Appearance, Streams.MetalNoise);
        double[] paths = [.. sample.List(drawn.AttenuationsPerCm).ToArray().Zip(widths, (mu, width) => mu * width * drawn.VoxelMillimetres / 10)];
        double[] middlesY = [.. Enumerable.Range(0, count).Select(metal => (centres[2 * metal] - 0.5) * shape.Height)];
        double[] middlesX = [.. Enumerable.Range(0, count).Select(metal => (centres[(2 * metal) + 1] - 0.5) * shape.Width)];
        var streaks = new double[shape.Height * shape.Width];
        for (int view = 0; view < views; view++)
        {
            (double sine, double cosine) = Math.SinCos(Math.PI * view / views);
            double[] s = [.. Enumerable.Range(0, count).Select(metal => (middlesX[metal] * cosine) + (middlesY[metal] * sine))];
            for (int own = 0; own < count; own++)
            {
                double path = paths[own];
                for (int other = 0; other < count; other++)
                {
                    double low = Math.Max(s[own] - (widths[own] / 2), s[other] - (widths[other] / 2));
                    double high = Math.Min(s[own] + (widths[own] / 2), s[other] + (widths[other] / 2));
                    path += other == own ? 0 : Math.Max(0, high - low) / widths[own] * paths[other];
                }

                double alone = paths[own] - Measured(paths[own]);
                double error = (deviate.Draw(in place, (uint)((256 * own) + view)) / Math.Sqrt((drawn.Photons * Math.Exp(-path)) + 20)) - (paths[own] / path * (path - Measured(path))) + alone;
                for (int voxel = 0; voxel < streaks.Length; voxel++)
                {
                    double y = (voxel / shape.Width) - ((shape.Height - 1) / 2.0);
                    double x = (voxel % shape.Width) - ((shape.Width - 1) / 2.0);
                    double at = (x * cosine) + (y * sine);
                    double near = Math.Floor(at);
                    double value = Trace(near - s[own], widths[own]) + ((at - near) * (Trace(near + 1 - s[own], widths[own]) - Trace(near - s[own], widths[own])));
                    streaks[voxel] += Math.PI / views * error * value * 1000 / (Water * drawn.VoxelMillimetres);
                }
            }
        }

        var expected = new double[shape.VoxelCount];
        for (int voxel = 0; voxel < expected.Length; voxel++)
        {
            int inPlane = voxel % streaks.Length;
            double apart = Math.Abs((voxel / streaks.Length) - (drawn.Position * shape.Depth) + 0.5);
            double share = shape.Dimensions == 2 ? 1 : Math.Clamp(((drawn.Planes + 1) / 2) - apart, 0, 1);
            expected[voxel] = 40 + (share * streaks[inPlane]);
            for (int metal = 0; metal < count; metal++)
            {
                double y = (inPlane / shape.Width) - ((shape.Height - 1) / 2.0) - middlesY[metal];
                double x = (inPlane % shape.Width) - ((shape.Width - 1) / 2.0) - middlesX[metal];
                double inside = Math.Clamp((widths[metal] / 2) + 0.5 - Math.Sqrt((y * y) + (x * x)), 0, 1);
                expected[voxel] += share * inside * (3071 - expected[voxel]);
            }
        }

        return expected;

        double Measured(double path) => path < 1 / (2 * drawn.Hardening) ? path - (drawn.Hardening * path * path) : 1 / (4 * drawn.Hardening);
    }

    // The ends of a trace of width w, each a second difference of u ln|u|.
    private static double Trace(double s, double width) => (Edge(s + (width / 2)) - Edge(s - (width / 2))) / (2 * Math.PI * Math.PI);

    private static double Edge(double u) => Entropy(u + 1) - (2 * Entropy(u)) + Entropy(u - 1);

    private static double Entropy(double u) => u == 0 ? 0 : u * Math.Log(Math.Abs(u));

    private static double[] Filtered(double width, int half)
    {
        var sum = new double[(2 * half) + 1];
        MetalTraces.AddFiltered(sum, 1 / Math.PI, half, width);
        return sum;
    }

    private static double BackProjected(float[] table, VolumeShape shape, int y, int x)
    {
        double sum = 0;
        int words = MetalTraces.ViewWords(shape);
        for (int view = 0; view < MetalTraces.Views(shape); view++)
        {
            ReadOnlySpan<float> own = table.AsSpan(view * words, words);
            double s = (x * (double)own[0]) + (y * (double)own[1]) + MetalTraces.Half(shape);
            int near = (int)s;
            sum += own[2 + near] + ((s - near) * (own[3 + near] - own[2 + near]));
        }

        return sum;
    }

    private static double Lerp(double[] numbers, double at) => numbers[(int)at] + ((at - (int)at) * (numbers[(int)at + 1] - numbers[(int)at]));

    private static double Square(double number) => number * number;
}
