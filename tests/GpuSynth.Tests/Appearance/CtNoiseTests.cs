using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Quantum noise of CT: what is its own.</summary>
[Category("Host")]
public sealed class CtNoiseTests
{
    private const int Side = 128;

    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(3, 40, 150), VolumeShape.Image(300, 70)];

    // A voxel from the lattices' numbers, one by one: where its slice begins in the tile, and there sum_j 2^(-1.5 j) of what is linear between numbers
    // minus the means around them.
    [Test]
    public void AVoxel_IsThatByHand([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        Recipe recipe = Recipe(shape, new CtNoise(10, 4, 0, 0.8, 0, 36, 0.5));
        var component = (CtNoise)recipe.Appearance[1];
        RenderedSample sample = Sample(Options(recipe, shape), SampleKey.Of(5));
        float[] starts = sample.Drawn.List(sample.Drawn.Of<CtNoise.Drawn>().Slices).ToArray();
        Assert.That(starts, Is.All.InRange(0f, (shape.Dimensions == 3 ? 2 * 128 * 128 : 256 * 256) - 1f));
        Assert.That(starts, Is.Unique);
        var place = new RandomPlace(Seed, 5, component.TileStream);
        int side = shape.Dimensions == 3 ? 128 : 256;
        foreach (int voxel in new[] { 0, 77, 149, 151, shape.Height * shape.Width - 1, (int)shape.VoxelCount - 1, (int)shape.VoxelCount / 2 })
        {
            int z = voxel / (shape.Height * shape.Width);
            int start = (int)starts[z];
            int y = ((start / side) + (voxel / shape.Width % shape.Height)) % side;
            int x = (start + (voxel % shape.Width)) % side;
            double expected = Plain(place, shape, start / (side * side), y, x, side, inRows: false) * 10 / 2 / CtTile.PlainStd;
            Assert.That(sample.Image[voxel] - 100, Is.EqualTo(expected).Within(1e-4), $"voxel {voxel}");
        }
    }

    // What slices fit into, and no less than 64; with the maps of a volume 512 KB at most, of an image 8 KB of maps more.
    [TestCase(0, 20, 31, 64, 1)]
    [TestCase(0, 64, 65, 128, 1)]
    [TestCase(0, 300, 70, 256, 1)]
    [TestCase(48, 48, 48, 64, 2)]
    [TestCase(128, 128, 128, 128, 2)]
    [TestCase(4000, 512, 400, 128, 2)]
    public void ATile_IsAsLargeAsItsSlices(int depth, int height, int width, int side, int planes)
    {
        VolumeShape shape = depth == 0 ? VolumeShape.Image(height, width) : VolumeShape.Volume(depth, height, width);
        var tiles = new CtTile(shape, 2);
        Assert.That((tiles.Side, tiles.Length, tiles.Total), Is.EqualTo((side, planes * side * side, 2 * planes * side * side)));
        Assert.That(new CtTile(shape, 1).Length, Is.EqualTo(tiles.Length), "a slice begins at the same place with maps and without");
        Assert.That(sizeof(float) * (tiles.Total + new CtPaths(shape).Length), Is.LessThanOrEqualTo(1024 * (depth == 0 ? 520 : 512)));
    }

    // The deviation over samples of 256 x 256: n = 16 samples have 16 x 64,000 values, which know little of each other; a tenth of a percent.
    [Test]
    public void MeanIsZero_AndDeviationIsThatOfTheRecipe()
    {
        VolumeShape shape = VolumeShape.Image(256, 256);
        using SynthesisEngine engine = Start(Options(Recipe(shape, new CtNoise(20, 1, 0, 0.8, 0, 36, 0.5)), shape, threads: 2));
        (double sum, double squares) = (0, 0);
        const int samples = 16;
        for (int key = 0; key < samples; key++)
        {
            float[] image = Sample(engine, SampleKey.Of(key)).Image;
            sum += image.Sum(static value => value - 100.0);
            squares += image.Sum(static value => (value - 100.0) * (value - 100.0));
        }

        double count = samples * 65536.0;
        Assert.That(sum / count, Is.Zero.Within(1e-3), "the mean of a plane that goes round is that of nothing: means are taken away");
        Assert.That(Math.Sqrt(squares / count), Is.EqualTo(20).Within(0.1));
    }

    [Test]
    public void Thickness_LowersItByItsRoot()
    {
        VolumeShape shape = VolumeShape.Volume(4, 30, 30);
        float[] thin = Sample(Options(Recipe(shape, new CtNoise(20, 1, 0, 0.8, 0, 36, 0.5)), shape), SampleKey.Of(1)).Image;
        float[] thick = Sample(Options(Recipe(shape, new CtNoise(20, 4, 0, 0.8, 0, 36, 0.5)), shape), SampleKey.Of(1)).Image;
        Assert.That(thick.Select(static value => 2 * (value - 100.0)), Is.EqualTo(thin.Select(static value => value - 100.0)).Within(1e-4));
    }

    // Power against frequency from 1/32 to 1/4 per voxel: a line of slope 1 in logarithms.
    [Test]
    public void ItsPower_GrowsWithTheFrequency()
    {
        double[] power = Power(new CtNoise(20, 1, 0, 0.8, 0, 36, 0.5));
        (double x, double y)[] points =
            [.. Enumerable.Range(4, 29).Select(f => (Math.Log(f / (double)Side), Math.Log(power[f])))];
        (double meanX, double meanY) = (points.Average(static one => one.x), points.Average(static one => one.y));
        double slope = points.Sum(one => (one.x - meanX) * (one.y - meanY)) / points.Sum(one => (one.x - meanX) * (one.x - meanX));
        TestContext.Out.WriteLine($"slope {slope:0.000}");
        Assert.That(slope, Is.EqualTo(1).Within(0.25));
    }

    // A soft kernel is a Gaussian: it takes exp(-(2 pi sigma f)^2) of the power; a sharp one (1 + a - a exp(-(2 pi sigma f)^2 / 2))^2.
    [TestCase(-1.0, 0.8)]
    [TestCase(-0.5, 1.2)]
    [TestCase(2.0, 0.7)]
    public void AKernel_ChangesThePowerAsItSays(double sharpness, double sigma)
    {
        double[] plain = Power(new CtNoise(20, 1, 0, sigma, 0, 36, 0.5));
        double[] changed = Power(new CtNoise(20, 1, sharpness, sigma, 0, 36, 0.5));
        for (int f = 4; f <= 32; f++)
        {
            double gaussian = Math.Exp(-Math.Pow(2 * Math.PI * sigma * f / Side, 2) / 2);
            double expected = Math.Pow(1 + sharpness - (sharpness * gaussian), 2);
            Assert.That(changed[f] / plain[f], Is.EqualTo(expected).Within(0.06 * expected), $"{f} / {Side} per voxel");
        }
    }

    // The deviation of a correlation of n independent values is n^-1/2; these know a little of each other.
    [Test]
    public void Slices_KnowNothingOfEachOther()
    {
        VolumeShape shape = VolumeShape.Volume(24, 128, 128);
        float[] image = Sample(Options(Recipe(shape, new CtNoise(20, 1, 0, 0.8, 0, 36, 0.5)), shape), SampleKey.Of(1)).Image;
        for (int z = 0; z < 24; z++)
        {
            for (int other = 0; other < z; other++)
            {
                double sum = 0;
                for (int voxel = 0; voxel < 16384; voxel++)
                {
                    sum += (image[(z * 16384) + voxel] - 100.0) * (image[(other * 16384) + voxel] - 100.0);
                }

                Assert.That(sum / 16384 / 400, Is.Zero.Within(0.06), $"{other}, {z}");
            }
        }
    }

    // With a soft and a sharp kernel and without: the tile of a device is that of the host.
    [TestCase(0.0)]
    [TestCase(-1.0)]
    [TestCase(3.0)]
    public void ADevice_MakesTheSame(double sharpness)
    {
        foreach (VolumeShape shape in Shapes)
        {
            EngineOptions options = Options(Recipe(shape, new CtNoise(20, 1, sharpness, 0.9, 0, 36, 0.5)), shape);
            float[] host = Sample(options, SampleKey.Of(2)).Image;
            float[] device = Sample(options with { Device = DeviceCatalogue.IlgpuCpu }, SampleKey.Of(2)).Image;
            Assert.That(device, Is.EqualTo(host).Within(1e-3f));
        }
    }

    private static Recipe Recipe(VolumeShape shape, CtNoise component)
    {
        var anatomy = new NoiseAnatomy(SideMeasure.Of(2), new NoiseGrids([SideMeasure.Of(3)], 1), null);
        return new("ctNoise", shape.Dimensions, [anatomy], [new Contrast(100), component]);
    }

    /// <summary>A number of a tile before the kernel and the deviation.</summary>
    /// <param name="place">Of the numbers of the lattices.</param>
    /// <param name="shape">Shape of the sample.</param>
    /// <param name="plane">Its plane.</param>
    /// <param name="y">Its row.</param>
    /// <param name="x">Its column.</param>
    /// <param name="side">Side of a plane.</param>
    /// <param name="inRows">Whether of the noise in streaks along rows alone.</param>
    internal static double Plain(RandomPlace place, VolumeShape shape, int plane, int y, int x, int side, bool inRows)
    {
        double sum = 0;
        int first = 0;
        for (int octave = 0; octave < CtTile.Octaves; octave++)
        {
            int width = side >> octave;
            double step = 1 << octave;
            double between = 0;
            for (int dy = 0; dy < 2; dy++)
            {
                for (int dx = 0; dx < 2; dx++)
                {
                    double alongY = y % (1 << octave) / step;
                    double alongX = x % (1 << octave) / step;
                    double weight = (dy == 0 ? 1 - alongY : alongY) * (dx == 0 ? 1 - alongX : alongX);
                    between += weight * Node((y >> octave) + dy, (x >> octave) + dx);
                }
            }

            sum += Math.Pow(2, -1.5 * octave) * between;
            first += (shape.Dimensions - 1) * width * width;

            double Node(int row, int column)
            {
                double sum = 0;
                for (int dy = -1; dy <= 1; dy++)
                {
                    for (int dx = -1; dx <= 1; dx++)
                    {
                        // 1 - M_y M_x, or (1 - M_y)(1 + M_x) / 2.
                        (int own, int alongY, int alongX) = (dy == 0 && dx == 0 ? 1 : 0, dx == 0 ? 1 : 0, dy == 0 ? 1 : 0);
                        double weight = inRows ? (own + (alongX / 3.0) - (alongY / 3.0) - (1 / 9.0)) / 2 : own - (1 / 9.0);
                        sum += weight * Number(row + dy, column + dx);
                    }
                }

                return sum;
            }

            double Number(int row, int column) => Normal.At(
                place, first + (plane * width * width) + (((row + width) % width) * width) + ((column + width) % width));
        }

        return sum;
    }

    // The radial average of the power of slices of 128 x 128 by their discrete transform, [whole frequency].
    private static double[] Power(CtNoise component)
    {
        VolumeShape shape = VolumeShape.Volume(6, Side, Side);
        float[] image = Sample(Options(Recipe(shape, component), shape), SampleKey.Of(3)).Image;
        var power = new double[Side];
        var count = new int[Side];
        for (int z = 0; z < shape.Depth; z++)
        {
            float[] slice = image[(z * Side * Side)..((z + 1) * Side * Side)];
            (double Re, double Im)[] rows = Transform([.. slice.Select(static value => (value - 100.0, 0.0))]);
            (double Re, double Im)[] all = Transform(rows);
            for (int v = 0; v < Side; v++)
            {
                for (int u = 0; u < Side; u++)
                {
                    (double re, double im) = all[(v * Side) + u];
                    double f = Math.Sqrt(Math.Pow(Math.Min(v, Side - v), 2) + Math.Pow(Math.Min(u, Side - u), 2));
                    int bin = (int)Math.Round(f);
                    power[bin] += (re * re) + (im * im);
                    count[bin]++;
                }
            }
        }

        return [.. power.Select((sum, bin) => sum / Math.Max(1, count[bin]))];
    }

    // Along x, and the axes exchanged: twice is a plane's.
    private static (double Re, double Im)[] Transform((double Re, double Im)[] plane)
    {
        (double Cos, double Sin)[] turns = [.. Enumerable.Range(0, Side).Select(static k =>
            (Math.Cos(2 * Math.PI * k / Side), -Math.Sin(2 * Math.PI * k / Side)))];
        var result = new (double Re, double Im)[plane.Length];
        for (int y = 0; y < Side; y++)
        {
            for (int u = 0; u < Side; u++)
            {
                (double re, double im) = (0, 0);
                for (int x = 0; x < Side; x++)
                {
                    (double cos, double sin) = turns[u * x % Side];
                    (double a, double b) = plane[(y * Side) + x];
                    re += (a * cos) - (b * sin);
                    im += (a * sin) + (b * cos);
                }

                result[(u * Side) + y] = (re, im);
            }
        }

        return result;
    }
}
