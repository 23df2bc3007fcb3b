using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Devices;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Shells: areas and thicknesses, folds, the lanes.</summary>
public sealed class ShellTests
{
    private const int Below = 4;

    // What rounding takes of a distance in a volume of a hundred voxels.
    private const double Rounding = 2e-4;

    private static readonly Shell Smooth = new(
        RadiusOfSide: 0.3,
        StretchOfRadius: 1,
        CentreOfSide: 0,
        Layers: 1,
        ThicknessOfSide: 0.05,
        FoldOfSide: 0,
        FoldSpacingOfSide: 0.1,
        Octaves: 1,
        Core: true);

    private static readonly NoiseAnatomy Noise = new(SideMeasure.Of(Below), new NoiseGrids([SideMeasure.Of(5)], 1), null);

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    // By hand: radius 10 around voxel 20, layers of 2.4 voxels each: 9 and 8 voxels from it, then 7 and 6, then the core.
    [Test]
    public void ASmoothShell_ByHand()
    {
        Shell shell = Smooth with { RadiusOfSide = 10 / 41.0, Layers = 2, ThicknessOfSide = 2.4 / 41 };
        byte[] row = [.. Painted(shell, VolumeShape.Image(41, 41)).Skip(20 * 41).Take(41).Skip(20)];
        Assert.That(row.Take(12), Is.EqualTo(new byte[] { 2, 2, 2, 2, 2, 2, 1, 1, 0, 0, 255, 255 }));
        byte[] open = [.. Painted(shell with { Core = false }, VolumeShape.Image(41, 41)).Skip(20 * 41).Take(41).Skip(20)];
        Assert.That(open.Take(12), Is.EqualTo(new byte[] { 255, 255, 255, 255, 255, 255, 1, 1, 0, 0, 255, 255 }));
    }

    [Test]
    public void ASmoothBall_HasTheVolumesOfItsLayers([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(301, 300) : VolumeShape.Volume(97, 101, 100);
        byte[] labels = Painted(Smooth with { Layers = 2, ThicknessOfSide = 0.06 }, shape);
        double outer = 0.3 * shape.Side;
        for (int layer = 0; layer < 3; layer++)
        {
            double inner = layer == 2 ? 0 : outer - (0.06 * shape.Side);
            double volume = dimensions == 2
                ? Math.PI * ((outer * outer) - (inner * inner))
                : 4 * Math.PI / 3 * (Math.Pow(outer, 3) - Math.Pow(inner, 3));
            Assert.That(labels.Count(label => label == layer), Is.EqualTo(volume).Within(1.5).Percent, $"layer {layer}");
            outer = inner;
        }
    }

    // A layer t thick has A t - M t^2 + ... voxels, A the surface: of layers of 1 and 2 voxels (4 V(1) - V(2)) / 2 is A to third order.
    [Test]
    public void AnEllipsoid_HasItsArea()
    {
        VolumeShape shape = VolumeShape.Volume(128, 90, 129);
        AxisNumbers stretch = new(1.2f, 0.8f, 1.1f);
        double area = Area(1.2 * 38.4, 0.8 * 38.4, 1.1 * 38.4);
        double[] volumes = [.. new[] { 1.0, 2 }.Select(thickness =>
        {
            var sample = new ShapeSample(Smooth with { ThicknessOfSide = thickness / 128 }, shape, 1, Streams.ShellLattice);
            sample.Drawn<Shell.Drawn>().StretchZyx = stretch;
            sample.Prepare();
            return (double)sample.Labels(255).Count(static label => label == 0);
        })];
        Assert.That(((4 * volumes[0]) - volumes[1]) / 2, Is.EqualTo(area).Within(2).Percent);
    }

    // 1 - 2 min(|f|, 1) of a normal f is 1 - 2 (2 (phi(0) - phi(1)) + P(|f| > 1)) = -0.2625 on average, and lies between -1 and 1.
    [Test]
    public void Folds_ReachAsDeepAsDrawn_n3000()
    {
        Shell shell = Smooth with { FoldOfSide = 0.05, Octaves = 3 };
        double[] folds = [.. Enumerable.Range(0, 3000).Select(n =>
        {
            var sample = new ShapeSample(shell, VolumeShape.Image(64, 64), (ulong)n, Streams.ShellLattice);
            return (DistanceAt(sample, 0, 20, 33) - (Math.Sqrt((11.5 * 11.5) + (1.5 * 1.5)) - (0.3 * 64))) / (0.05 * 64);
        })];
        Assert.That(folds.Max(Math.Abs), Is.LessThan(1 + 1e-5));
        Assert.That(folds.Max(), Is.GreaterThan(0.99), "furrows");
        Assert.That(folds.Average(), Is.EqualTo(-0.2625).Within(4 * 0.72 / Math.Sqrt(3000)));
    }

    [TestCaseSource(nameof(Devices))]
    public void Labels_AreThoseOfTheReference(string device)
    {
        Shell folded = Smooth with
        {
            StretchOfRadius = new UniformLaw(0.7, 1.5), CentreOfSide = new UniformLaw(-0.1, 0.1), Layers = 3, ThicknessOfSide = new UniformLaw(0.02, 0.07),
            FoldOfSide = new UniformLaw(0.02, 0.08), FoldSpacingOfSide = new UniformLaw(0.06, 0.15), Octaves = 2,
        };
        foreach (VolumeShape shape in new[] { VolumeShape.Image(67, 83), VolumeShape.Volume(25, 30, 35), VolumeShape.Volume(33, 5, 16) })
        {
            foreach (Shell shell in new[] { folded, folded with { Core = false, Octaves = 1, FoldOfSide = new ChoiceLaw([0, 0.05]) } })
            {
                using SynthesisEngine below = Start(Options(Of(shape.Dimensions, Noise), shape));
                using SynthesisEngine engine = Start(Options(Of(shape.Dimensions, Noise, shell), shape, threads: 2) with { Device = device });
                Assert.That(engine.Plan.LabelCount, Is.EqualTo(Below + 3 + (shell.Core ? 1 : 0)));
                int near = 0;
                var seen = new HashSet<int>();
                for (int n = 0; n < TestDevices.Samples(device, 4); n++)
                {
                    RenderedSample sample = Sample(engine, SampleKey.Of(n));
                    byte[] before = Sample(below, SampleKey.Of(n)).Label;
                    ShapeSample drawn = ShapeSample.Of<Shell>(sample.Drawn, Streams.ShellLattice);
                    float[] depths = drawn.Numbers(drawn.Drawn<Shell.Drawn>().Depths).ToArray();
                    for (int voxel = 0; voxel < before.Length; voxel++)
                    {
                        double s = DistanceAt(drawn, voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
                        int layer = depths.Count(depth => -s >= depth);
                        int expected = s >= 0 || (layer == 3 && !shell.Core) ? before[voxel] : Below + layer;
                        double margin = depths.Append(0).Min(depth => Math.Abs(-s - depth));
                        near += margin < Rounding ? 1 : 0;
                        seen.Add(sample.Label[voxel]);
                        Assert.That(margin < Rounding || sample.Label[voxel] == expected, $"{shape}, sample {n}, voxel {voxel}: {s}");
                    }

                    Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
                }

                Assert.That(seen, Is.EquivalentTo(Enumerable.Range(0, engine.Plan.LabelCount)));
                Assert.That(near, Is.LessThan(TestDevices.Samples(device, 4) * shape.VoxelCount / 500));
            }
        }
    }

    [Test]
    public void WrongUse_IsOneSentence()
    {
        Assert.That(() => Of(3, Smooth), Throws.TypeOf<RecipeException>().With.Message.Contains("there are none before it"));
        string text = RecipeYaml.Write(Of(2, Noise, Smooth));
        Assert.That(text, Does.Contain("core: true"));
        Assert.That(
            () => RecipeYaml.Parse(text.Replace("core: true", "core: 1", StringComparison.Ordinal), "mine"),
            Throws.TypeOf<RecipeException>().With.Message.Contains("shell.core").And.Message.Contains("true or false"));
        using SynthesisEngine engine = Start(Options(Of(2, Noise, Smooth), VolumeShape.Image(40, 40)));
        RenderedSample sample = Sample(engine, SampleKey.Of(1));
        sample.Drawn.List(sample.Drawn.Of<Shell.Drawn>().ThicknessVoxels)[0] = -1;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("give back what was drawn"));
    }

    private static Recipe Of(int dimensions, params Component[] anatomy) =>
        new("shells", dimensions, [.. anatomy], [new Contrast(new UniformLaw(0, 1))]);

    private static byte[] Painted(Shell shell, VolumeShape shape) => new ShapeSample(shell, shape, 1, Streams.ShellLattice).Labels(255);

    // Over the sphere of parameters, by the middle of small pieces.
    private static double Area(double a, double b, double c)
    {
        const int n = 400;
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            double polar = Math.PI * (i + 0.5) / n;
            for (int j = 0; j < n; j++)
            {
                double around = 2 * Math.PI * (j + 0.5) / n;
                (double x, double y, double z) = (Math.Sin(polar) * Math.Cos(around), Math.Sin(polar) * Math.Sin(around), Math.Cos(polar));
                sum += a * b * c * Math.Sqrt((x * x / (a * a)) + (y * y / (b * b)) + (z * z / (c * c))) * Math.Sin(polar);
            }
        }

        return sum * Math.PI / n * 2 * Math.PI / n;
    }

    // In double, the same formula.
    private static double DistanceAt(ShapeSample sample, int z, int y, int x)
    {
        Row row = sample.Row;
        LatticeTile tile = sample.Tile;
        ref Shell.Drawn drawn = ref sample.Drawn<Shell.Drawn>();
        var (atZ, atY, atX) = (new RealExact(z), new RealExact(y), new RealExact(x));
        RealExact noise = LatticeSum.Add<RealExact, WordExact>(in row, drawn.Lattices, in tile, atZ, atY, atX, new RealExact(0));
        return Shell.Drawn.Folded<RealExact, WordExact>(in drawn, drawn.Blob.Distance<RealExact, WordExact>(atZ, atY, atX), noise).V;
    }
}
