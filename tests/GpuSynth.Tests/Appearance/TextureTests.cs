using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Architecture;
using GpuSynth.Tests.Components;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Appearance;

/// <summary>Intensities of labels with structure: what is their own.</summary>
[Category("Host")]
public sealed class TextureTests
{
    private static readonly NoiseAnatomy Labels = new(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(4)], 1), null);

    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(40, 48, 44), VolumeShape.Image(180, 200)];

    // Without structure: m + s z, z the normal number of the voxel.
    [Test]
    public void WhiteNoise_IsTheMeanAndTheNormalNumber_ByHand()
    {
        var row = new ComponentRow([Component(2, 0.5, 0)], 3, (0, 1));
        float[] made = LaneRuns.Host(row, new float[200], new byte[200], HostStep.Lanes);
        double[] normal = Normal.ReferenceValues(new RandomPlace(20261128, 3, Component(2, 0.5, 0).VoxelStream), 0, 200);
        Assert.That(made.Select(static value => (double)value), Is.EqualTo(normal.Select(static one => 2 + (0.5 * one))).Within(1e-5));
    }

    // Spacing 2 along x in an image whose turn is made 0: a voxel at a lattice point has its number, one between two their sum over the root of 2.
    [Test]
    public void Structure_IsTheLatticesNumber_ByHand()
    {
        Recipe recipe = Recipe(2, Component(10, 1, 1, spacing: 2));
        using SynthesisEngine engine = Start(Options(recipe, VolumeShape.Image(9, 16)));
        DrawnSample drawn = Sample(engine, SampleKey.Of(1)).Drawn;
        Texture.Drawn texture = drawn.Of<Texture.Drawn>();
        drawn.List(texture.Turns).Fill(0.25f);
        drawn.List(texture.OffsetsY).Fill(5);
        drawn.List(texture.OffsetsX).Fill(100);
        RenderedSample sample = Applied(engine, drawn);
        RandomPlace tile = new(Seed, 1, ((Texture)recipe.Appearance[0]).TileStream);

        // A quarter turn is from x to y: the lattice's y runs along y, its x against x.
        float At(int y, int x) => Normal.At(tile, ((5 + y) * LatticeTile.ImageSide) + ((100 - x + 128) % 128));
        Assert.That(sample.Image[0], Is.EqualTo(10 + At(0, 0)).Within(1e-4));
        Assert.That(sample.Image[(4 * 16) + 6], Is.EqualTo(10 + At(2, 3)).Within(1e-4));
        Assert.That(sample.Image[(4 * 16) + 7], Is.EqualTo(10 + ((At(2, 3) + At(2, 4)) / MathF.Sqrt(2))).Within(1e-4));
    }

    // Deviation 0 is contrast, bit for bit, structure or not.
    [TestCase(2)]
    [TestCase(3)]
    public void WithoutDeviation_ItIsContrast_BitForBit(int dimensions)
    {
        PerLabelLaw means = new([0.1, 0.7, 0.35, 0.9]);
        VolumeShape shape = VolumeShape.Cubic(dimensions, 33);
        Recipe contrast = new("contrast", dimensions, [Labels], [new Contrast(means), new Normalise(1e-6)]);
        Recipe texture = contrast with { Appearance = [new Texture(means, 0, 0.5, 2, 3, 2, 0, 0.5), new Normalise(1e-6)] };
        foreach (string device in new[] { DeviceCatalogue.Host, DeviceCatalogue.IlgpuCpu })
        {
            RenderedSample one = Sample(Options(contrast, shape) with { Device = device }, SampleKey.Of(2));
            RenderedSample other = Sample(Options(texture, shape) with { Device = device }, SampleKey.Of(2));
            Assert.That(other.HasSameBytes(one), device);
        }
    }

    // Mean and deviation of every label over many samples: n is that of independent voxels, of structure one per cell of two spacings a side.
    [TestCase(0.0, 1, 0.0)]
    [TestCase(1.0, 1, 0.0)]
    [TestCase(0.5, 2, 0.0)]
    [TestCase(1.0, 1, 1.0)]
    [TestCase(1.0, 1, -1.0)]
    public void MeanAndDeviationOfALabel_AreThose(double share, int octaves, double ridge)
    {
        const int samples = 12;
        const double spacing = 1.5;
        foreach (VolumeShape shape in Shapes)
        {
            Recipe recipe = Recipe(shape.Dimensions, new Texture(
                new PerLabelLaw([1, 2, 3, 4]), new PerLabelLaw([0.1, 0.2, 0.3, 0.4]), share, octaves, spacing, 1, ridge, 0.5));
            using SynthesisEngine engine = Start(Options(recipe, shape, threads: 2));
            var sums = new (double Count, double Sum, double Squares)[4];
            for (int sample = 0; sample < samples; sample++)
            {
                RenderedSample made = Sample(engine, SampleKey.Of(sample));
                for (int voxel = 0; voxel < made.Image.Length; voxel++)
                {
                    ref (double Count, double Sum, double Squares) sum = ref sums[made.Label[voxel]];
                    double from = made.Image[voxel] - (made.Label[voxel] + 1);
                    sum = (sum.Count + 1, sum.Sum + from, sum.Squares + (from * from));
                }
            }

            for (int label = 0; label < 4; label++)
            {
                double std = 0.1 * (label + 1);
                double independent = sums[label].Count / (share == 0 ? 1 : Math.Pow(spacing * (1 << octaves), shape.Dimensions));
                Assert.That(independent, Is.GreaterThan(500), "n suffices");
                double tolerance = 5 / Math.Sqrt(independent);
                Assert.That(sums[label].Sum / sums[label].Count / std, Is.Zero.Within(tolerance), $"{shape}: mean of label {label}");
                Assert.That(
                    Math.Sqrt(sums[label].Squares / sums[label].Count) / std,
                    Is.EqualTo(1).Within(tolerance),
                    $"{shape}: deviation of label {label}");
            }
        }
    }

    // Along its direction structure is four times as long: four voxels there are as much as one across it, and one is far less.
    [TestCase(2)]
    [TestCase(3)]
    public void Elongated_StructureIsLongAlongItsDirection(int dimensions)
    {
        VolumeShape shape = VolumeShape.Cubic(dimensions, dimensions == 3 ? 48 : 160);
        Recipe recipe = Recipe(dimensions, Component(0, 1, 1, spacing: 2) with { Elongation = 4 });
        using SynthesisEngine engine = Start(Options(recipe, shape, threads: 2));
        DrawnSample drawn = Sample(engine, SampleKey.Of(1)).Drawn;
        Texture.Drawn texture = drawn.Of<Texture.Drawn>();

        // Along x.
        drawn.List(texture.Tilts).Clear();
        drawn.List(texture.Turns).Clear();
        RenderedSample sample = Applied(engine, drawn);
        double across = Correlation(sample, shape.Width);
        Assert.That(across, Is.GreaterThan(0.4).And.LessThan(0.9));
        Assert.That(Correlation(sample, 4), Is.EqualTo(across).Within(0.1));
        Assert.That(Correlation(sample, 1), Is.GreaterThan(0.95));
    }

    [Test]
    public void TheBackground_IsZeroOrDark_AsOftenAsItSays()
    {
        var background = new TextureBackground(0.05, 0.25, new UniformLaw(0, 15), new UniformLaw(0, 5));
        Texture texture = Component(100, 20, 0) with { Background = background };
        var layout = new RowLayout([texture], ComponentRow.Facts);
        var row = new uint[layout.Length];
        var kinds = new int[3];
        for (int sample = 0; sample < 4000; sample++)
        {
            layout.Draw(Seed, SampleKey.Of(sample), row);
            layout.Prepare(row);
            Texture.Drawn drawn = layout.Of<Texture.Drawn>(row);
            kinds[(int)drawn.BackgroundKind]++;
            (float mean, float white) = (Word(TissueWords.Mean, 0), Word(TissueWords.White, 0));
            Assert.That((mean, white), Is.EqualTo(drawn.BackgroundKind switch
            {
                0 => (100f, 20f),
                1 => (drawn.BackgroundMean, drawn.BackgroundStd),
                _ => (0f, 0f),
            }));
            Assert.That((Word(TissueWords.Mean, 1), Word(TissueWords.White, 1)), Is.EqualTo((100f, 20f)));

            float Word(int word, int label) =>
                BitConverter.UInt32BitsToSingle(row[drawn.Tissue.First + (word * drawn.Tissue.Labels) + label]);
        }

        double[] expected = [0.7, 0.25, 0.05];
        for (int kind = 0; kind < 3; kind++)
        {
            double deviation = Math.Sqrt(expected[kind] * (1 - expected[kind]) / 4000);
            Assert.That(kinds[kind] / 4000.0, Is.EqualTo(expected[kind]).Within(4.5 * deviation));
        }
    }

    // Laws of others are values of keys: what SynthSeg and anatomix draw can be written as a recipe, and runs.
    [TestCase("synthseg-texture.yaml", 0.05, 0.25)]
    [TestCase("anatomix-texture.yaml", 0.25, 0.0)]
    public void RecipesOfOthers_AreWritten_AndRun(string file, double zero, double dark)
    {
        Recipe recipe = RecipeYaml.Parse(File.ReadAllText(Path.Combine(Repository.Root, "perf", "recipes", file)), file);
        Texture texture = recipe.Find<Texture>()!;
        Assert.That((texture.Background!.Zero, texture.Background.Dark), Is.EqualTo((zero, dark)));
        RenderedSample sample = Sample(Options(recipe, VolumeShape.Cubic(3, 32)), SampleKey.Of(1));
        Assert.That((sample.Image.Min(), sample.Image.Max()), Is.EqualTo((0f, 1f)).Using<float>((a, b) => Math.Abs(a - b) < 1e-4));
        Assert.That(RecipeYaml.Parse(RecipeYaml.Write(recipe), "again"), Is.EqualTo(recipe));
    }

    [Test]
    public void TheRecipeOfTissue_Runs()
    {
        Recipe recipe = RecipeYaml.Parse(File.ReadAllText(Path.Combine(Repository.Root, "perf", "recipes", "tissue-3d.yaml")), "tissue-3d.yaml");
        Assert.That(Sample(Options(recipe, VolumeShape.Cubic(3, 32)), SampleKey.Of(1)).Image, Is.All.InRange(0f, 1f));
    }

    // Of voxels a lag apart that have one label.
    private static double Correlation(RenderedSample sample, int lag)
    {
        (double sum, double squares) = (0, 0);
        for (int voxel = 0; voxel + lag < sample.Image.Length; voxel++)
        {
            if (sample.Label[voxel] == sample.Label[voxel + lag])
            {
                sum += sample.Image[voxel] * (double)sample.Image[voxel + lag];
                squares += ((sample.Image[voxel] * (double)sample.Image[voxel]) + (sample.Image[voxel + lag] * (double)sample.Image[voxel + lag])) / 2;
            }
        }

        return sum / squares;
    }

    private static Texture Component(double mean, double std, double share, double spacing = 4) =>
        new(mean, std, share, 1, spacing, 1, 0, 0.5);

    private static Recipe Recipe(int dimensions, Texture texture) => new("texture", dimensions, [Labels], [texture]);
}
