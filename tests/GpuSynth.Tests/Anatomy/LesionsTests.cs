using System.Runtime.InteropServices;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.Devices;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Lesions: their volume, the labels that they lie in, found and not found, the lanes.</summary>
public sealed class LesionsTests
{
    // What rounding takes of a distance, or of the noise of specks.
    private const double Rounding = 1e-3;

    private static readonly Lesions Ball = new(
        Count: 1,
        RadiusOfSide: 0.15,
        Blob: 1,
        Spiculated: 0,
        Cystic: 0,
        RimEnhancing: 0,
        Calcified: 0,
        Clip: 0,
        LabelEachTissue: 1,
        Irregularity: 0,
        Spicules: 1,
        Sharpness: 4,
        Cells: 10,
        WallOfSide: 0.03,
        Diffuse: 0,
        DiffuseShare: 0.1,
        RingOfSide: 0);

    private static readonly Lesions All = Ball with
    {
        Count = new IntegerLaw(0, 5),
        RadiusOfSide = new LogUniformLaw(0.05, 0.25),
        Spiculated = 1,
        Cystic = 1,
        RimEnhancing = 1,
        Calcified = 1,
        Diffuse = 1,
        DiffuseShare = new UniformLaw(0.01, 0.3),
        Irregularity = new UniformLaw(0.1, 0.4),
        Spicules = new UniformLaw(0.5, 1.5),
        Sharpness = new UniformLaw(2, 6),
        Cells = new UniformLaw(6, 14),
        RingOfSide = new UniformLaw(0, 0.05),
    };

    private static readonly NoiseAnatomy Below = new(SideMeasure.Of(4), new NoiseGrids([SideMeasure.Of(12)], 1), null);

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    // A smooth ball where it finds room: the voxels whose centres are nearer to its own than R, and (4 pi / 3) R^3 of them, or pi R^2.
    [TestCaseSource(nameof(Devices))]
    public void ABall_HoldsTheVoxelsWithinItsRadius(string device)
    {
        foreach (VolumeShape shape in new[] { VolumeShape.Image(200, 120), VolumeShape.Volume(61, 50, 70) })
        {
            using SynthesisEngine engine = Start(Options(Over(shape, Ball), shape) with { Device = device });
            double radius = 0.15f * shape.Side;
            double volume = shape.Dimensions == 2 ? Math.PI * radius * radius : 4 * Math.PI / 3 * Math.Pow(radius, 3);
            int whole = 0;
            for (int n = 0; n < 12; n++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(n));
                int centre = Places(sample.Drawn, shape, Without(sample, shape), Ball)[0];
                Assert.That(centre, Is.GreaterThanOrEqualTo(0));
                Assert.That(
                    sample.Drawn.List(sample.Drawn.Of<Lesions.Drawn>().Voxels).ToArray(),
                    Is.EqualTo(new float[] { centre / shape.Width / shape.Height, centre / shape.Width % shape.Height, centre % shape.Width }));
                for (int voxel = 0; voxel < sample.Label.Length; voxel++)
                {
                    double distance = Distance(voxel, centre, shape);
                    Assert.That(Math.Abs(distance - radius) < Rounding || sample.Label[voxel] == 4 == distance < radius, $"{shape}, sample {n}, voxel {voxel}");
                }

                if (IsWithin(centre, radius, shape))
                {
                    whole++;
                    Assert.That(sample.Label.Count(static label => label == 4), Is.EqualTo(volume).Within(2).Percent);
                }
            }

            Assert.That(whole, Is.GreaterThan(0), "one has room");
        }
    }

    // A wall of w about s = 0: of a smooth cyst the fluid is the ball of R - w; of a rim what is not core.
    [Test]
    public void WallsAndRims_HaveTheirThickness([Values(2, 3)] int kind)
    {
        VolumeShape shape = VolumeShape.Volume(61, 60, 62);
        Lesions smooth = Ball with { Blob = 0, Cystic = kind == 2 ? 1 : 0, RimEnhancing = kind == 3 ? 1 : 0, WallOfSide = 0.05 };
        using SynthesisEngine engine = Start(Options(Over(shape, smooth), shape));
        (double radius, double inner) = (0.15 * 61, (0.15 * 61) - (0.05 * 61));
        (byte outside, byte inside) = kind == 2 ? ((byte)4, (byte)5) : ((byte)6, (byte)4);
        for (int n = 0; n < 5; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            int centre = Places(sample.Drawn, shape, Without(sample, shape), smooth)[0];
            for (int voxel = 0; voxel < sample.Label.Length; voxel++)
            {
                double distance = Distance(voxel, centre, shape);
                byte? expected = distance < inner - Rounding ? inside : distance > inner + Rounding && distance < radius - Rounding ? outside : null;
                Assert.That(expected is null || sample.Label[voxel] == expected, $"sample {n}, voxel {voxel}");
            }
        }
    }

    // What lies from R to R + v of a smooth ball, the label behind all others; without it the rest is the same.
    [TestCase(DeviceCatalogue.Host, 1)]
    [TestCase(DeviceCatalogue.Host, 0)]
    [TestCase(DeviceCatalogue.IlgpuCpu, 0, Category = "Slow")]
    public void ARing_LiesAroundALesion(string device, int labelEachTissue)
    {
        VolumeShape shape = device == DeviceCatalogue.Host ? VolumeShape.Volume(61, 60, 62) : VolumeShape.Volume(31, 30, 32);
        Lesions bare = Ball with { LabelEachTissue = labelEachTissue };
        Lesions ringed = bare with { RingOfSide = 0.06 };
        Assert.That(ringed.LabelCount(shape, null), Is.EqualTo(bare.LabelCount(shape, null) + 1));
        int label = 4 + bare.LabelCount(shape, null);
        for (int n = 0; n < TestDevices.Samples(device, 3); n++)
        {
            RenderedSample sample = Sample(Options(Over(shape, ringed), shape) with { Device = device }, SampleKey.Of(n));
            byte[] below = Without(sample, shape);
            byte[] without = Sample(Options(Over(shape, bare), shape) with { Device = device }, SampleKey.Of(n)).Label;
            int centre = Places(sample.Drawn, shape, below, ringed)[0];
            for (int voxel = 0; voxel < below.Length; voxel++)
            {
                double outside = Distance(voxel, centre, shape) - (0.15f * shape.Side);
                bool isRing = outside >= 0 && outside < 0.06 * shape.Side;
                bool isUnsure = Math.Min(Math.Abs(outside), Math.Abs(outside - (0.06 * shape.Side))) < Rounding;
                Assert.That(isUnsure || sample.Label[voxel] == (isRing ? label : without[voxel]), $"sample {n}, voxel {voxel}");
            }
        }
    }

    // The noise is N(0, 1) at every voxel: over samples a diffuse lesion takes its share of all places. Its mean lies within 4.4 of its standard errors.
    [TestCase(0.05)]
    [TestCase(0.3)]
    public void ADiffuseLesion_TakesItsShare_n800_seed20261121(double share)
    {
        VolumeShape shape = VolumeShape.Volume(9, 10, 11);
        Lesions diffuse = Ball with { Blob = 0, Diffuse = 1, DiffuseShare = share, Within = [0, 1, 2, 3] };
        using SynthesisEngine engine = Start(Options(Over(shape, diffuse), shape));
        double[] shares = [.. Enumerable.Range(0, 800).Select(n => Sample(engine, SampleKey.Of(n)).Label.Average(static label => label == 4 ? 1.0 : 0))];
        double mean = shares.Average();
        double error = Math.Sqrt(shares.Average(own => (own - mean) * (own - mean)) / shares.Length);
        Assert.That(4.4 * error, Is.LessThan(0.2 * share), "n suffices");
        Assert.That(mean, Is.EqualTo(share).Within(4.4 * error));
        Assert.That(shares.Max(), Is.GreaterThan(2 * share), "and has it in large pieces");
    }

    [TestCaseSource(nameof(Devices))]
    public void Clipped_ALesionStaysInTheLabelThatItWasPutIn(string device)
    {
        VolumeShape shape = VolumeShape.Volume(40, 41, 42);
        Lesions clipped = All with { Clip = 1, Count = 4, Within = [1, 2] };
        using SynthesisEngine engine = Start(Options(Over(shape, clipped), shape, threads: 2) with { Device = device });
        using SynthesisEngine free = Start(Options(Over(shape, clipped with { Clip = 0 }), shape) with { Device = device });
        int spared = 0;
        for (int n = 0; n < TestDevices.Samples(device, 5); n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            byte[] below = Without(sample, shape);
            HashSet<byte> seeds = [.. Places(sample.Drawn, shape, below, clipped).Where(static voxel => voxel >= 0).Select(voxel => below[voxel])];
            Assert.That(seeds, Is.Not.Empty.And.SubsetOf(new byte[] { 1, 2 }));
            byte[] whole = Sample(free, SampleKey.Of(n)).Label;
            for (int voxel = 0; voxel < below.Length; voxel++)
            {
                Assert.That(sample.Label[voxel] < 4 || seeds.Contains(below[voxel]), $"sample {n}, voxel {voxel}");
                Assert.That(sample.Label[voxel] >= 4 || sample.Label[voxel] == below[voxel]);
                spared += whole[voxel] >= 4 && sample.Label[voxel] < 4 ? 1 : 0;
            }
        }

        Assert.That(spared, Is.GreaterThan(100));
    }

    // Where no label is allowed nothing is painted, and none of 64 tries costs a word of the sample.
    [TestCaseSource(nameof(Devices))]
    public void ALesionThatFindsNoPlace_IsNotThere(string device)
    {
        VolumeShape shape = VolumeShape.Image(50, 60);
        RenderedSample none = Sample(Options(Over(shape, All with { Count = 5, Within = [77] }), shape) with { Device = device }, SampleKey.Of(1));
        Assert.That(none.Label, Is.EqualTo(Without(none, shape)));
        Assert.That(none.Drawn.Of<Lesions.Drawn>().Count, Is.EqualTo(5));
        Assert.That(none.Drawn.List(none.Drawn.Of<Lesions.Drawn>().Voxels).ToArray(), Is.EqualTo(Enumerable.Repeat(-1f, 15)), "the record says so");
        RenderedSample zero = Sample(Options(Over(shape, All with { Count = 0 }), shape) with { Device = device }, SampleKey.Of(1));
        Assert.That(zero.Label, Is.EqualTo(none.Label));
    }

    // All kinds, over labels of which some lie inside others, a second component over the first: the reference's labels but within rounding.
    [TestCaseSource(nameof(Devices))]
    public void Labels_AreThoseOfTheReference(string device)
    {
        foreach (VolumeShape shape in new[] { VolumeShape.Image(67, 83), VolumeShape.Volume(21, 30, 35), VolumeShape.Volume(1, 6, 17) })
        {
            Lesions second = All with { Count = 2, LabelEachTissue = 0, Clip = 1, Chance = 0.6 };
            NoiseAnatomy inner = Below with { Labels = SideMeasure.Of(2), Inside = [1] };
            Recipe recipe = new("lesions", shape.Dimensions, [Below, inner, All, second], [new Contrast(new UniformLaw(0, 1))]);
            using SynthesisEngine engine = Start(Options(recipe, shape, threads: 2) with { Device = device });
            using SynthesisEngine plain = Start(Options(recipe with { Anatomy = [Below, All, second] }, shape, threads: 2));
            Assert.That(engine.Plan.LabelCount, Is.EqualTo(4 + 5 + 2));
            int near = 0;
            var seen = new HashSet<byte>();
            for (int n = 0; n < TestDevices.Samples(device, 16); n++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(n));
                byte[] expected = Without(sample, shape);
                double[] margins = Painted(sample.Drawn, shape, 0, 4, All, expected);
                double[] others = sample.Drawn.LeftOut.Any() ? margins : Painted(sample.Drawn, shape, 1, 9, second, expected);
                bool areSame = sample.Label.AsSpan().SequenceEqual(Sample(plain, SampleKey.Of(n)).Label);
                for (int voxel = 0; voxel < expected.Length; voxel++)
                {
                    bool isNear = Math.Min(margins[voxel], others[voxel]) < Rounding;
                    near += isNear ? 1 : 0;
                    seen.Add(sample.Label[voxel]);
                    Assert.That(isNear || sample.Label[voxel] == expected[voxel], $"{shape}, sample {n}, voxel {voxel}");
                }

                Assert.That(areSame || device != DeviceCatalogue.Host, "what lies inside others' labels moves no lesion");
                Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
            }

            Assert.That(seen, Has.Count.GreaterThan(shape.Depth == 1 && shape.Dimensions == 3 ? 4 : 7));
            Assert.That(near, Is.LessThan(TestDevices.Samples(device, 16) * shape.VoxelCount / 100));
        }
    }

    [Test]
    public void Kinds_FollowTheirWeights_ChiSquare_n4000_alpha1e3_seed20261121()
    {
        Lesions weighted = Ball with { Count = 2, Blob = 4, Spiculated = 1, Cystic = 2, RimEnhancing = 1, Calcified = 1, Diffuse = 1 };
        var layout = new RowLayout([weighted], new SampleFacts(VolumeShape.Image(64, 64), 8));
        var counts = new int[6];
        var drawn = new DrawnSample(layout);
        for (int sample = 0; sample < 2000; sample++)
        {
            drawn.Draw(Seed, SampleKey.Of(sample));
            foreach (float kind in drawn.List(drawn.Of<Lesions.Drawn>().Kinds))
            {
                counts[(int)kind]++;
            }
        }

        double[] expected = [1600, 400, 800, 400, 400, 400];
        double distance = counts.Zip(expected, static (count, mean) => (count - mean) * (count - mean) / mean).Sum();
        Assert.That(distance, Is.LessThan(20.52), "chi square of 5 at 1e-3");
    }

    [Test]
    public void TheNumberOfLesions_IsRounded_AndOneMoreChangesNoOther()
    {
        var layout = new RowLayout([All], new SampleFacts(VolumeShape.Image(64, 64), 8));
        var seen = new HashSet<int>();
        var drawn = new DrawnSample(layout);
        var five = new DrawnSample(new RowLayout([All with { Count = 5 }], layout.Facts));
        for (int sample = 0; sample < 60; sample++)
        {
            drawn.Draw(Seed, SampleKey.Of(sample));
            five.Draw(Seed, SampleKey.Of(sample));
            Lesions.Drawn own = drawn.Of<Lesions.Drawn>();
            seen.Add(own.Count);
            Assert.That(five.List(five.Of<Lesions.Drawn>().Radii)[..own.Count].SequenceEqual(drawn.List(own.Radii)));
            Assert.That(five.List(five.Of<Lesions.Drawn>().Offsets)[..(3 * own.Count)].SequenceEqual(drawn.List(own.Offsets)));
        }

        Assert.That(seen, Is.EquivalentTo(Enumerable.Range(0, 6)));
    }

    [Test]
    public void WrongUse_IsOneSentence()
    {
        VolumeShape shape = VolumeShape.Image(40, 40);
        Assert.That(
            () => new Recipe("none", 2, [Ball], [new Contrast(1)]),
            Throws.TypeOf<RecipeException>().With.Message.Contains("anatomy[0].lesions: changes labels, and there are none before it"));
        using LabelMapFolder folder = new();
        folder.Put("a.nii", VolumeShape.Volume(8, 8, 8), static voxel => (byte)(voxel % 3));
        var maps = new LabelMapAnatomy(0, 1, 0, 0, 0, null, null, null);
        Assert.That(
            () => SynthesisPlan.Create(Options(new Recipe("maps", 3, [maps, Ball with { Within = [9] }], [new Contrast(1)]), VolumeShape.Cubic(3, 9)) with { LabelMaps = folder.Load() }),
            Throws.TypeOf<PlanException>().With.Message.EqualTo("Recipe maps: anatomy[1].lesions.within: no label map holds the value 9; name one that they hold."));
        using SynthesisEngine engine = Start(Options(Over(shape, Ball), shape));
        RenderedSample sample = Sample(engine, SampleKey.Of(0));
        sample.Drawn.List(sample.Drawn.Of<Lesions.Drawn>().Radii)[0] = float.NaN;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("A number of lesion 0"));
        sample.Drawn.Of<Lesions.Drawn>().Count = 3;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("lesionCount is 3"));
    }

    private static Recipe Over(VolumeShape shape, Lesions lesions) => new("over", shape.Dimensions, [Below, lesions], [new Contrast(new UniformLaw(0, 1))]);

    private static byte[] Without(RenderedSample sample, VolumeShape shape) => Sample(
        Options(new Recipe("below", shape.Dimensions, [Below], [new Contrast(new UniformLaw(0, 1))]), shape), sample.Drawn.Key).Label;

    // The first of 64 voxels that is in a label which is allowed, of each lesion.
    private static int[] Places(DrawnSample drawn, VolumeShape shape, byte[] labels, Lesions lesions, int occurrence = 0)
    {
        RandomPlace place = RowLayout.AnatomyPlace(drawn.Words, Streams.LesionPlaces | ((uint)occurrence << 16));
        return
        [
            .. Enumerable.Range(0, drawn.Of<Lesions.Drawn>(occurrence).Count).Select(lesion => Enumerable.Range(0, 64)
                .Select(attempt => LesionPlaces.Voxel(in place, lesion, attempt, shape.Depth, shape.Height, shape.Width))
                .FirstOrDefault(voxel => lesions.Within?.Contains(labels[voxel]) ?? labels[voxel] > 0, -1)),
        ];
    }

    private static double[] Painted(DrawnSample drawn, VolumeShape shape, int occurrence, int firstLabel, Lesions lesions, byte[] labels)
    {
        int[] places = Places(drawn, shape, labels, lesions, occurrence);
        RandomPlace place = RowLayout.AnatomyPlace(drawn.Words, Lesions.TileStream | ((uint)occurrence << 16));
        float[] tile = [.. Enumerable.Range(0, LatticeTile.Length(shape)).Select(number => Normal.At(in place, number))];
        var margins = new double[labels.Length];
        lesions.ReferenceLabels(
            shape, in drawn.Of<Lesions.Drawn>(occurrence), MemoryMarshal.Cast<uint, float>(drawn.Words), tile, places, firstLabel, labels, margins);
        return margins;
    }

    private static double Distance(int voxel, int centre, VolumeShape shape) => Math.Sqrt(
        Square((voxel / shape.Width / shape.Height) - (centre / shape.Width / shape.Height))
        + Square((voxel / shape.Width % shape.Height) - (centre / shape.Width % shape.Height)) + Square((voxel % shape.Width) - (centre % shape.Width)));

    private static double Square(double value) => value * value;

    private static bool IsWithin(int centre, double radius, VolumeShape shape)
    {
        return (shape.Dimensions == 2 || IsIn(centre / shape.Width / shape.Height, shape.Depth))
            && IsIn(centre / shape.Width % shape.Height, shape.Height) && IsIn(centre % shape.Width, shape.Width);

        bool IsIn(int at, int length) => at - radius >= 0 && at + radius <= length - 1;
    }
}
