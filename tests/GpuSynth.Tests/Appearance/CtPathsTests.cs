using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Quantum noise that is stronger in thick parts of a body: the maps of how strong it is where.</summary>
[Category("Host")]
public sealed class CtPathsTests
{
    private static readonly VolumeShape[] Shapes =
        [VolumeShape.Image(70, 45), VolumeShape.Image(20, 31), VolumeShape.Volume(5, 33, 150), VolumeShape.Image(1, 1), VolumeShape.Volume(2, 3, 40)];

    // A disc of water, R = 100 voxels = 12.5 cells: every line through its middle is 2 R long, and the mean over all points and directions of the line through
    // them is E(L^2) / E(L) of random chords, 16 R / (3 pi). Through other points the eight chords are 2 sqrt(R^2 - s^2). Half a cell is 2 % of the longest.
    [Test]
    public void ADiscOfWater_HasTheLengthsOfItsChords()
    {
        VolumeShape shape = VolumeShape.Image(256, 256);
        const double radius = 100 / 8.0;
        const double mean = 16 * radius / (3 * Math.PI);
        double[] paths = Paths(shape, [.. Enumerable.Range(0, 65536).Select(static voxel =>
            Math.Pow((voxel / 256) - 127.5, 2) + Math.Pow((voxel % 256) - 127.5, 2) < 100 * 100 ? 0f : -1000f)]);
        Assert.That(paths, Has.Length.EqualTo(1024));
        for (int cell = 0; cell < paths.Length; cell++)
        {
            (double y, double x) = ((cell / 32) - 15.5, (cell % 32) - 15.5);
            double chords = Enumerable.Range(0, 8).Average(direction =>
            {
                (double sine, double cosine) = Math.SinCos(Math.PI * direction / 8);
                return 2 * Math.Sqrt(Math.Max(0, (radius * radius) - Math.Pow((y * cosine) - (x * sine), 2)));
            });
            bool isInside = (y * y) + (x * x) < Math.Pow(radius - 1.5, 2);
            Assert.That(paths[cell], Is.EqualTo(chords - mean).Within(isInside ? 0.5 : 1.5), $"{y}, {x}");
        }

        double[] middle = [paths[(15 * 32) + 15], paths[(15 * 32) + 16], paths[(16 * 32) + 15], paths[(16 * 32) + 16]];
        Assert.That(middle, Is.All.EqualTo((2 * radius) - mean).Within(0.2));
    }

    // The same body thrice as wide weighs three times as much; nothing but air weighs nothing.
    [Test]
    public void AirAlone_HasNoiseAsBefore_AndAnExponentGrowsWithTheWidth()
    {
        VolumeShape shape = VolumeShape.Image(64, 64);
        Assert.That(Map(shape, [.. Enumerable.Repeat(-1000f, 4096)], 0.1f, 1), Is.All.EqualTo(1f));
        float[] slice = Body(shape, 1);
        float[] narrow = Map(shape, slice, 0.02f, 1);
        float[] wide = Map(shape, slice, 0.06f, 1);
        Assert.That(wide.Select(static scale => Math.Log(scale)), Is.EqualTo(narrow.Select(static scale => 3 * Math.Log(scale))).Within(1e-5));
        Assert.That(Map(shape, slice, 0.06f, 0.5f).Select(static scale => Math.Log(scale)), Is.EqualTo(wide.Select(static scale => Math.Log(scale) / 2)).Within(1e-5));
        Assert.That(Map(shape, slice, 0.06f, 0), Is.All.EqualTo(1f));
        Assert.That(Map(shape, slice, 50, 1), Is.All.InRange((float)Math.Exp(-4.0001), (float)Math.Exp(4.0001)));
    }

    [Test]
    public void AMap_IsTheDoubleLoop([ValueSource(nameof(Shapes))] VolumeShape shape)
    {
        float[] slice = Body(shape, 2);
        var cells = new CtPaths(shape);
        float perCell = (float)(0.192 * 40 * cells.Cell / shape.Width);
        (double[] scales, double[] differences) = Expected(shape, slice, perCell, 0.7, 0.8);
        float[] maps = Maps(shape, slice, perCell, 0.7f, 0.8f);
        Assert.That(maps, Has.Length.EqualTo(2 * scales.Length));
        for (int cell = 0; cell < scales.Length; cell++)
        {
            double both = scales[cell] + Math.Abs(differences[cell]);
            Assert.That(maps[cell], Is.EqualTo(scales[cell]).Within(1e-4 * both), $"cell {cell}");
            Assert.That(maps[scales.Length + cell], Is.EqualTo(differences[cell]).Within(1e-4 * both), $"cell {cell}");
        }
    }

    // Through the middle of an ellipse with half axes A along rows and B along columns a line at the angle a is 2 / sqrt(cos^2 a / A^2 + sin^2 a / B^2) long.
    // At w = 1 the noise of beams along rows counts those next to rows twice, those next to columns not at all.
    [Test]
    public void StreaksOfAnEllipseOfWater_FollowTheChordsAlongThem()
    {
        VolumeShape shape = VolumeShape.Image(256, 256);
        float[] slice = [.. Enumerable.Range(0, 65536).Select(static voxel =>
            Math.Pow(((voxel / 256) - 127.5) / 56, 2) + Math.Pow(((voxel % 256) - 127.5) / 112, 2) < 1 ? 0f : -1000f)];
        double q = Enumerable.Range(-1, 3).Sum(static step => (Chord(step * Math.PI / 8) - Chord((Math.PI / 2) + (step * Math.PI / 8))) / 8);
        foreach (float streaks in new[] { 0.5f, 1f })
        {
            float[] maps = Maps(shape, slice, 0.01f, 1, streaks);
            foreach (int cell in new[] { (15 * 32) + 15, (15 * 32) + 16, (16 * 32) + 15, (16 * 32) + 16 })
            {
                double ratio = (maps[cell] + maps[1024 + cell]) / maps[cell];
                Assert.That(Math.Log(ratio) / 0.01, Is.EqualTo(streaks * q).Within(0.02 * q));
            }
        }

        static double Chord(double angle) => 2 / Math.Sqrt(Math.Pow(Math.Cos(angle) / 14, 2) + Math.Pow(Math.Sin(angle) / 7, 2));
    }

    // Noise of a body that is wide changes more from row to row than from column to column, that of a tall one the other way round, and the more by w. Of 8 samples
    // of 256 voxels that know a little of each other a ratio of two squares has the deviation .05.
    [Test]
    public void Noise_LiesInStreaksAlongTheThickAxis([Values] bool isWide)
    {
        VolumeShape shape = VolumeShape.Image(96, 96);
        using LabelMapFolder folder = new();
        folder.Put("box.nii", shape, voxel => (byte)((isWide ? voxel / 96 : voxel % 96) is >= 32 and < 64 ? 1 : 0));
        LabelMapSet maps = folder.Load();
        float[][] clean = Images("");
        double[] ratios = [.. new[] { 0, 0.5, 1 }.Select(Ratio)];
        TestContext.Out.WriteLine(string.Join(", ", ratios));
        Assert.That(ratios[0], Is.EqualTo(1).Within(0.15));
        Assert.That(ratios[1], Is.GreaterThan(1.3));
        Assert.That(ratios[2], Is.GreaterThan(1.3 * ratios[1]));

        // Squares of what the noise in the body's middle changes by to the next voxel across the thick axis, over those along it.
        double Ratio(double streaks)
        {
            float[][] noisy = Images(FormattableString.Invariant($"- ctNoise: {{ std: 20, local: 1, widthCentimetres: 50, streaks: {streaks} }}"));
            (double across, double along) = (0, 0);
            for (int sample = 0; sample < clean.Length; sample++)
            {
                for (int y = 40; y < 56; y++)
                {
                    for (int x = 40; x < 56; x++)
                    {
                        double down = Math.Pow(Noise(sample, y, x) - Noise(sample, y + 1, x), 2);
                        double right = Math.Pow(Noise(sample, y, x) - Noise(sample, y, x + 1), 2);
                        across += isWide ? down : right;
                        along += isWide ? right : down;
                    }
                }
            }

            return across / along;

            double Noise(int sample, int y, int x) => noisy[sample][(y * 96) + x] - (double)clean[sample][(y * 96) + x];
        }

        float[][] Images(string noise)
        {
            string text = $$"""
                name: box
                dimensions: 2
                anatomy:
                  - labelMap: {}
                appearance:
                  - hounsfield: { given: [{ label: 0, classes: { air: 1 } }, { label: 1, classes: { fluid: 1 } }] }
                  {{noise}}
                """;
            using SynthesisEngine engine = Start(Options(RecipeYaml.Parse(text, "box"), shape) with { LabelMaps = maps });
            return [.. Enumerable.Range(0, 8).Select(sample => Sample(engine, SampleKey.Of(sample)).Image)];
        }
    }

    // Noise with maps is noise without them, times the maps, linear between the middles of cells: on the host in any number of threads, and on a device.
    [Test]
    public void Noise_IsThatWithoutMaps_TimesThem(
        [ValueSource(nameof(Shapes))] VolumeShape shape, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        Recipe recipe = Recipe(shape, new CtNoise(20, 1, 0.5, 0.8, new UniformLaw(0.3, 1), new UniformLaw(20, 50), 0));
        for (int sample = 0; sample < 2; sample++)
        {
            RenderedSample noisy = Sample(Options(recipe, shape, threads: 2) with { Device = device }, SampleKey.Of(sample));
            float[] clean = Sample(Options(recipe with { Appearance = [recipe.Appearance[0]] }, shape), SampleKey.Of(sample)).Image;
            float[] even = Sample(Options(Recipe(shape, new CtNoise(20, 1, 0.5, 0.8, 0, 36, 0.5)), shape), SampleKey.Of(sample)).Image;
            CtNoise.Drawn drawn = noisy.Drawn.Of<CtNoise.Drawn>();
            var cells = new CtPaths(shape);
            double perCell = 0.192 * drawn.WidthCentimetres * cells.Cell / shape.Width;
            int plane = shape.Height * shape.Width;
            for (int z = 0; z < shape.Depth; z++)
            {
                (double[] map, _) = Expected(shape, clean[(z * plane)..((z + 1) * plane)], perCell, drawn.Local, 0);
                for (int voxel = z * plane; voxel < (z + 1) * plane; voxel++)
                {
                    double scale = Between(map, cells, voxel % plane / shape.Width, voxel % shape.Width);
                    double noise = even[voxel] - clean[voxel];
                    Assert.That(noisy.Image[voxel] - clean[voxel], Is.EqualTo(scale * noise).Within(2e-3 * (1 + scale)), $"sample {sample}, voxel {voxel}");
                }
            }
        }
    }

    // With streaks: s times the noise, and d times what of it lies in streaks along rows, both number by number from the lattices.
    [Test]
    public void StreaksAreThoseByHand([Values] bool isVolume, [Values(DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu)] string device)
    {
        VolumeShape shape = isVolume ? VolumeShape.Volume(4, 40, 70) : VolumeShape.Image(70, 45);
        Recipe recipe = Recipe(shape, new CtNoise(20, 1, 0, 0.8, new UniformLaw(0.3, 1), new UniformLaw(20, 50), new UniformLaw(0.2, 1)));
        var component = (CtNoise)recipe.Appearance[1];
        RenderedSample noisy = Sample(Options(recipe, shape, threads: 2) with { Device = device }, SampleKey.Of(4));
        float[] clean = Sample(Options(recipe with { Appearance = [recipe.Appearance[0]] }, shape), SampleKey.Of(4)).Image;
        CtNoise.Drawn drawn = noisy.Drawn.Of<CtNoise.Drawn>();
        float[] starts = noisy.Drawn.List(drawn.Slices).ToArray();
        var place = new RandomPlace(Seed, 4, component.TileStream);
        var cells = new CtPaths(shape);
        double perCell = 0.192 * drawn.WidthCentimetres * cells.Cell / shape.Width;
        const int side = 128;
        int plane = shape.Height * shape.Width;
        for (int voxel = 0; voxel < shape.VoxelCount; voxel += 37)
        {
            int z = voxel / plane;
            (int y, int x) = (voxel % plane / shape.Width, voxel % shape.Width);
            (double[] scales, double[] differences) = Expected(shape, clean[(z * plane)..((z + 1) * plane)], perCell, drawn.Local, drawn.Streaks);
            int start = (int)starts[z];
            double own = Between(scales, cells, y, x) * Noise(inRows: false);
            double expected = own + (Between(differences, cells, y, x) * Noise(inRows: true));
            Assert.That(noisy.Image[voxel] - clean[voxel], Is.EqualTo(expected).Within(2e-3 * (1 + Math.Abs(own))), $"voxel {voxel}");

            double Noise(bool inRows) => 20 / CtTile.PlainStd
                * CtNoiseTests.Plain(place, shape, start / (side * side), ((start / side) + y) % side, (start + x) % side, side, inRows);
        }
    }

    // A recipe whose samples may have maps makes those that draw 0 to the bit as one without.
    [Test]
    public void ASampleThatDrawsZero_IsThatOfARecipeWithoutMaps()
    {
        VolumeShape shape = VolumeShape.Volume(3, 40, 50);
        var maybe = new CtNoise(20, 1, 0, 0.8, new ChanceLaw(0.5, 1, 0), 36, 0.5);
        int same = 0;
        for (int sample = 0; sample < 6; sample++)
        {
            RenderedSample one = Sample(Options(Recipe(shape, maybe), shape), SampleKey.Of(sample));
            float[] even = Sample(Options(Recipe(shape, new CtNoise(20, 1, 0, 0.8, 0, 36, 0.5)), shape), SampleKey.Of(sample)).Image;
            bool isZero = one.Drawn.Of<CtNoise.Drawn>().Local == 0;
            same += isZero ? 1 : 0;
            Assert.That(one.Image.SequenceEqual(even), Is.EqualTo(isZero));
        }

        Assert.That(same, Is.InRange(1, 5));
    }

    [Test]
    public void OfManySlices_NeighboursShareAMap()
    {
        var cells = new CtPaths(VolumeShape.Volume(300, 40, 40));
        Assert.That((cells.Shared, cells.Maps, cells.Length), Is.EqualTo((10, 30, 30 * 2 * 20 * 20)));
        Assert.That(new CtPaths(VolumeShape.Volume(128, 512, 512)).Length, Is.EqualTo(1 << 16));
        Assert.That(Enumerable.Range(0, cells.Maps).Select(cells.PlaneOf), Is.EqualTo(Enumerable.Range(0, 30).Select(static map => (10 * map) + 5)));
        Assert.That(new CtPaths(VolumeShape.Volume(257, 40, 40)).PlaneOf(28), Is.EqualTo(256));
    }

    private static Recipe Recipe(VolumeShape shape, CtNoise component)
    {
        var anatomy = new NoiseAnatomy(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(6)], 1), null);
        return new("ctPaths", shape.Dimensions, [anatomy], [new Contrast(new UniformLaw(-1500, 1500)), component]);
    }

    // Lumps of what air, water and bone are.
    private static float[] Body(VolumeShape shape, int seed) =>
    [
        .. Enumerable.Range(0, shape.Height * shape.Width).Select(voxel =>
        {
            (int y, int x) = (voxel / shape.Width, voxel % shape.Width);
            return (float)(1000 * (Math.Sin((0.21 * x) + (0.13 * y) + seed) + Math.Sin((0.17 * y) - (0.09 * x))));
        }),
    ];

    // Without streaks: the second map is 0.
    private static float[] Map(VolumeShape shape, float[] slice, float perCell, float local)
    {
        float[] maps = Maps(shape, slice, perCell, local, 0);
        Assert.That(maps[(maps.Length / 2)..], Is.All.Zero);
        return maps[..(maps.Length / 2)];
    }

    private static unsafe float[] Maps(VolumeShape shape, float[] slice, float perCell, float local, float streaks)
    {
        var cells = new CtPaths(shape);
        var writer = new CtPathMaps(cells);
        var maps = new float[2 * cells.Cells];
        float[] scratch = [.. Enumerable.Repeat(float.NaN, (int)writer.ScratchLength)];
        fixed (float* at = slice, hand = scratch)
        {
            writer.Write(at, perCell, local, streaks, maps, hand);
        }

        return maps;
    }

    // p - p_0 in cells.
    private static double[] Paths(VolumeShape shape, float[] slice) => [.. Map(shape, slice, 0.01f, 1).Select(static scale => Math.Log(scale) / 0.005)];

    // What the formula says, cell by cell, direction by direction, line by line, step by step.
    private static (double[] Scales, double[] Differences) Expected(VolumeShape shape, float[] slice, double perCell, double local, double streaks)
    {
        int side = (Math.Max(shape.Height, shape.Width) + 31) / 32;
        int rows = (shape.Height + side - 1) / side;
        int columns = (shape.Width + side - 1) / side;
        var mu = new double[rows, columns];
        for (int voxel = 0; voxel < slice.Length; voxel++)
        {
            mu[voxel / shape.Width / side, voxel % shape.Width / side] += Math.Max(0, 1 + (slice[voxel] / 1000.0)) / (side * side);
        }

        var paths = new double[rows, columns];
        var tilts = new double[rows, columns];
        (double weight, double sum) = (0, 0);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                for (int direction = -3; direction <= 4; direction++)
                {
                    double angle = Math.PI * direction / 8;
                    double through = Through(angle, row, column) / 8;
                    paths[row, column] += through;
                    tilts[row, column] += through * (direction is -1 or 0 or 1 ? 1 : direction is -3 or 3 or 4 ? -1 : 0);
                }

                weight += mu[row, column];
                sum += mu[row, column] * paths[row, column];
            }
        }

        double mean = weight > 0 ? sum / weight : 0;
        (double[] all, double[] tilted) = ([.. paths.Cast<double>()], [.. tilts.Cast<double>()]);
        double[] scales = [.. all.Zip(tilted, (path, tilt) => Scale(path - (streaks * tilt)))];
        return (scales, [.. all.Zip(tilted, (path, tilt) => Scale(path + (streaks * tilt))).Zip(scales, static (inRows, scale) => inRows - scale)]);

        double Scale(double path) => Math.Exp(Math.Clamp(local / 2 * perCell * (path - mean), -4, 4));

        // Between the two lines of its direction beside it, each through whole cells at the middle column or row.
        double Through(double angle, int row, int column)
        {
            bool isAlongRows = Math.Abs(Math.Tan(angle)) <= 1 + 1e-9;
            double slope = isAlongRows ? Math.Tan(angle) : 1 / Math.Tan(angle);
            slope = Math.Abs(slope) < 1e-9 ? 0 : slope;
            int middle = (isAlongRows ? columns : rows) / 2;
            double start = (isAlongRows ? row : column) - (slope * ((isAlongRows ? column : row) - middle));
            double near = Math.Floor(start + 1e-9);
            double share = Math.Max(0, start - near);
            return ((1 - share) * Line(slope, near, isAlongRows, middle)) + (share * Line(slope, near + 1, isAlongRows, middle));
        }

        double Line(double slope, double start, bool isAlongRows, int middle)
        {
            double line = 0;
            for (int step = 0; step < (isAlongRows ? columns : rows); step++)
            {
                double at = start + (slope * (step - middle));
                double near = Math.Floor(at + 1e-9);
                double share = Math.Max(0, at - near);
                line += ((1 - share) * At(isAlongRows, step, (int)near)) + (share * At(isAlongRows, step, (int)near + 1));
            }

            return line * Math.Sqrt(1 + (slope * slope));
        }

        double At(bool isAlongRows, int step, int across) =>
            across < 0 || across >= (isAlongRows ? rows : columns) ? 0 : isAlongRows ? mu[across, step] : mu[step, across];
    }

    private static double Between(double[] map, CtPaths cells, int y, int x)
    {
        double row = Math.Clamp(((y + 0.5) / cells.Cell) - 0.5, 0, cells.Rows - 1);
        double column = Math.Clamp(((x + 0.5) / cells.Cell) - 0.5, 0, cells.Columns - 1);
        double sum = 0;
        for (int i = 0; i < cells.Rows; i++)
        {
            for (int j = 0; j < cells.Columns; j++)
            {
                sum += Math.Max(0, 1 - Math.Abs(row - i)) * Math.Max(0, 1 - Math.Abs(column - j)) * map[(i * cells.Columns) + j];
            }
        }

        return sum;
    }
}
