using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Sphere masks: the volume of a ball and its rim, which label becomes which, the lanes.</summary>
public sealed class SphereMaskTests
{
    private const int Below = 4;

    // What rounding takes of a distance in a volume of a hundred voxels.
    private const double Rounding = 1e-4;

    private static readonly SphereMask Smooth = new(
        RadiusOfSide: 0.3,
        CentreOfSide: 0,
        Spacings: [SideMeasure.SideOver(16), SideMeasure.SideOver(8), SideMeasure.SideOver(4)],
        RoughnessOfSide: 0,
        MaskChance: 1,
        RimChance: 0,
        RimOfSide: 0.03,
        OwnBackground: false);

    private static readonly SphereMask Rough = Smooth with
    {
        RadiusOfSide = new UniformLaw(0.3, 0.5),
        CentreOfSide = new UniformLaw(-0.2, 0.2),
        RoughnessOfSide = new UniformLaw(0.01, 0.04),
        RimChance = 0.5,
        RimOfSide = new UniformLaw(0.02, 0.06),
    };

    private static readonly NoiseAnatomy Noise = new(SideMeasure.Of(Below), new NoiseGrids([SideMeasure.Of(5)], 1), null);
    private static readonly VolumeShape[] Shapes = [VolumeShape.Image(67, 83), VolumeShape.Volume(21, 30, 35), VolumeShape.Volume(5, 33, 16)];

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    // By hand, radius 0.25 of 41 = 10.25 around voxel 20: 30 is inside, 31 outside, and in a row 6 above the middle sqrt(10.25^2 - 36) = 8.31.
    [Test]
    public void ASmoothMask_ByHand()
    {
        var sample = new ShapeSample(Smooth with { RadiusOfSide = 0.25 }, VolumeShape.Image(41, 41), 1, Streams.SphereMaskLattice);
        byte[] labels = sample.Labels(9);
        Assert.That(labels.Skip(20 * 41).Take(41).Count(static label => label == 9), Is.EqualTo(21));
        Assert.That(labels[(20 * 41) + 30], Is.EqualTo(9));
        Assert.That(labels[(20 * 41) + 31], Is.Zero);
        Assert.That(labels.Skip(26 * 41).Take(41).Count(static label => label == 9), Is.EqualTo(17));
    }

    [Test]
    public void ASmoothBall_HasItsVolume([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(301, 300) : VolumeShape.Volume(97, 101, 100);
        var sample = new ShapeSample(Smooth, shape, 1, Streams.SphereMaskLattice);
        double radius = 0.3 * shape.Side;
        double expected = dimensions == 2 ? Math.PI * radius * radius : 4 * Math.PI / 3 * radius * radius * radius;
        Assert.That(sample.Labels(255).Count(static label => label == 255), Is.EqualTo(expected).Within(0.5).Percent);
    }

    // The rim of half-width w has 4 pi R^2 2 w + 8 pi w^3 / 3, and outside the surface 8 pi R w^2 more than inside it.
    [Test]
    public void TheRim_HasTheAreaTimesItsWidth_AsMuchInsideAsOutsideToFirstOrder()
    {
        VolumeShape shape = VolumeShape.Volume(100, 101, 99);
        var sample = new ShapeSample(Smooth with { RimChance = 1, RimOfSide = 0.0247 }, shape, 1, Streams.SphereMaskLattice);
        Assert.That(sample.Drawn<SphereMask.Drawn>().HasRim, Is.EqualTo(1));
        byte[] labels = sample.Labels(255);
        byte[] rimless = new ShapeSample(Smooth, shape, 1, Streams.SphereMaskLattice).Labels(255);
        byte rim = (byte)labels.Where(static label => label is not (0 or 255)).Distinct().DefaultIfEmpty((byte)0).Single();
        Assert.That(rim, Is.Zero, "without label tables the rim is label 0");
        int inside = labels.Zip(rimless).Count(static pair => pair.First == 0 && pair.Second == 255);
        double radius = 30;
        double half = 2.47;
        double shell = 4 * Math.PI * ((radius * radius * half) - (radius * half * half) + (half * half * half / 3));
        Assert.That(inside, Is.EqualTo(shell).Within(2).Percent);
    }

    [Test]
    public void LabelsBecomeWhatTheRecipeSays([Values] bool ownBackground, [Values] bool rim)
    {
        VolumeShape shape = VolumeShape.Volume(33, 34, 35);
        SphereMask mask = Rough with { OwnBackground = ownBackground, RimChance = rim ? 1 : 0, MaskChance = 0.5 };
        using SynthesisEngine below = Start(Options(Of(3, Noise), shape));
        using SynthesisEngine engine = Start(Options(Of(3, Noise, mask), shape));
        int lift = ownBackground ? 1 : 0;
        Assert.That(engine.Plan.LabelCount, Is.EqualTo(Below + lift + (rim ? 1 : 0)));
        var seen = new HashSet<(bool, int)>();
        for (int n = 0; n < 8; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            byte[] before = Sample(below, SampleKey.Of(n)).Label;
            bool isMasked = sample.Drawn.Of<SphereMask.Drawn>().IsMasked != 0;
            for (int voxel = 0; voxel < before.Length; voxel++)
            {
                int label = sample.Label[voxel];
                bool isInside = label == before[voxel] + lift;
                bool isOther = label == 0 || (rim && label == Below + lift);
                Assert.That(isInside || (isMasked && isOther), $"sample {n}, voxel {voxel}: {before[voxel]} became {label}");
                seen.Add((isMasked, label));
            }
        }

        Assert.That(seen.Where(static one => !one.Item1).Select(static one => one.Item2), Is.EquivalentTo(Enumerable.Range(lift, Below)));
        Assert.That(seen.Where(static one => one.Item1).Select(static one => one.Item2), Is.EquivalentTo(Enumerable.Range(0, Below + lift + (rim ? 1 : 0))));
    }

    // A region inside label 1 stays one under a mask that lifts labels: its intensities are its own, its target is 2, and a label that is added
    // behind the mask is behind the rim's.
    [TestCaseSource(nameof(Devices))]
    public void RegionsInsideLabels_StayThemUnderAMask_AndTargetsFollow(string device)
    {
        const int own = 3;
        VolumeShape shape = VolumeShape.Volume(17, 18, 33);
        NoiseAnatomy region = new(SideMeasure.Of(own), new NoiseGrids([SideMeasure.Of(3)], 1), null) { Inside = [1] };
        SphereMask mask = Rough with { OwnBackground = true, RimChance = 1 };
        Component cells = CellsTests.Plain with { OwnLabels = false };
        var numbers = new PerLabelLaw([.. Enumerable.Range(0, LabelTables.Most).Select(static label => (Law)label)]);
        Recipe list = Of(3, Noise, region, mask, cells) with { Appearance = [new Contrast(numbers)] };
        using SynthesisEngine plain = Start(Options(list with { Anatomy = [Noise, region] }, shape));
        using SynthesisEngine engine = Start(Options(list, shape) with { Device = device });
        Assert.That(engine.Plan.LabelCount, Is.EqualTo(Below + 3));
        int inside = 0;
        for (int n = 0; n < 3; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            float[] before = Sample(plain, SampleKey.Of(n)).Image;
            for (int voxel = 0; voxel < before.Length; voxel++)
            {
                float made = sample.Image[voxel];
                bool isRegion = before[voxel] >= Below;
                float kept = isRegion ? before[voxel] + 3 : before[voxel] + 1;
                Assert.That(made == kept || made is 0 or Below + 1 or Below + 2, $"sample {n}, voxel {voxel}: {before[voxel]} became {made}");
                Assert.That(sample.Label[voxel], Is.EqualTo(made > Below + 2 ? 2 : made));
                inside += isRegion && made == kept ? 1 : 0;
            }
        }

        Assert.That(inside, Is.GreaterThan(200));
    }

    // The reference in double, and given back; whatever the threads.
    [TestCaseSource(nameof(Devices))]
    public void Labels_AreThoseOfTheReference(string device)
    {
        foreach (VolumeShape shape in Shapes)
        {
            using SynthesisEngine below = Start(Options(Of(shape.Dimensions, Noise), shape));
            using SynthesisEngine engine = Start(Options(Of(shape.Dimensions, Noise, Rough), shape, threads: 2) with { Device = device });
            (int near, int rims) = (0, 0);
            for (int n = 0; n < 6; n++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(n));
                byte[] before = Sample(below, SampleKey.Of(n)).Label;
                double[] distances = Distances(ShapeSample.Of<SphereMask>(sample.Drawn, Streams.SphereMaskLattice), shape);
                SphereMask.Drawn drawn = sample.Drawn.Of<SphereMask.Drawn>();
                for (int voxel = 0; voxel < before.Length; voxel++)
                {
                    double half = drawn.HasRim == 0 ? 0 : drawn.RimVoxels;
                    double distance = distances[voxel];
                    int expected = Math.Abs(distance) < half ? Below : distance >= 0 ? 0 : before[voxel];
                    bool isNear = Math.Min(Math.Abs(distance), Math.Abs(Math.Abs(distance) - half)) < Rounding;
                    near += isNear ? 1 : 0;
                    rims += expected == Below ? 1 : 0;
                    Assert.That(isNear || sample.Label[voxel] == expected, $"{shape}, sample {n}, voxel {voxel}: {distance}");
                }

                Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
            }

            Assert.That(rims, Is.GreaterThan(50));
            Assert.That(near, Is.LessThan(6 * shape.VoxelCount / 1000));
        }
    }

    // f is N(0, sum of squares), cut at three deviations, which takes 1.3 % of its deviation: at one voxel over samples.
    [Test]
    public void TheSurface_MovesAsDrawn_n3000()
    {
        SphereMask mask = Smooth with { RoughnessOfSide = 0.02 };
        VolumeShape shape = VolumeShape.Image(64, 64);
        double expected = 0.02 * 64 * Math.Sqrt(3);
        double[] moved = [.. Enumerable.Range(0, 3000).Select(n =>
        {
            var sample = new ShapeSample(mask, shape, (ulong)n, Streams.SphereMaskLattice);
            return DistanceAt(sample, 0, 20, 33) - (Math.Sqrt((11.5 * 11.5) + (1.5 * 1.5)) - (0.3 * 64));
        })];
        Assert.That(moved.Average(), Is.EqualTo(0).Within(4 * expected / Math.Sqrt(3000)));
        Assert.That(Math.Sqrt(moved.Average(static one => one * one)), Is.EqualTo(0.9867 * expected).Within(4 * expected / Math.Sqrt(6000)));
        Assert.That(moved.Max(Math.Abs), Is.LessThanOrEqualTo((3 * expected) + Rounding));
    }

    [Test]
    public void WrongUse_IsOneSentence()
    {
        Assert.That(
            () => Of(3, Noise, Rough with { OwnBackground = true, Chance = 0.5 }),
            Throws.TypeOf<RecipeException>().With.Message.Contains("anatomy[1].sphereMask: makes every label one higher").And.Message.Contains("set maskChance"));
        LabelMapAnatomy maps = new(0, 1, 0, 0, 0, null, null, null);
        Assert.That(
            () => Of(3, maps, Rough with { OwnBackground = true }),
            Throws.TypeOf<RecipeException>().With.Message.Contains("set ownBackground: false, so that outside becomes their label 0"));
        Assert.That(() => Of(3, maps, Rough with { Chance = 0.5 }), Throws.Nothing);
        Assert.That(() => Of(3, Rough), Throws.TypeOf<RecipeException>().With.Message.Contains("there are none before it"));
        using SynthesisEngine engine = Start(Options(Of(2, Noise, Rough), Shapes[0]));
        RenderedSample sample = Sample(engine, SampleKey.Of(1));
        sample.Drawn.List(sample.Drawn.Of<SphereMask.Drawn>().OffsetsZyx)[1] = float.NaN;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("give back what was drawn"));
    }

    private static Recipe Of(int dimensions, params Component[] anatomy) =>
        new("masked", dimensions, [.. anatomy], [new Contrast(new UniformLaw(0, 1))]);

    private static double[] Distances(ShapeSample sample, VolumeShape shape) =>
        [.. Enumerable.Range(0, (int)shape.VoxelCount).Select(voxel => DistanceAt(
            sample, voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width))];

    // In double, the same formula: |p - c| - R and the noise.
    private static double DistanceAt(ShapeSample sample, int z, int y, int x)
    {
        Row row = sample.Row;
        LatticeTile tile = sample.Tile;
        return SphereMask.Drawn.Distance<RealExact, WordExact>(
            in sample.Drawn<SphereMask.Drawn>(), in row, in tile, new RealExact(z), new RealExact(y), new RealExact(x)).V;
    }
}
