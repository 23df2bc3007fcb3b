using System.Runtime.InteropServices;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Gaussian blobs: the shape of one, parts in what they are parts of, turns and flips, the lanes.</summary>
public sealed class GaussiansTests
{
    // What rounding takes of a score.
    private const double Rounding = 2e-4;

    private static readonly Gaussians Plain = new(
        Organs: new IntegerLaw(3, 7),
        Parts: new IntegerLaw(0, 3),
        Levels: 2,
        LabelEachBlob: 1,
        SizeOfSide: new LogNormalLaw(0.12, 0.35, 0.03, 0.3),
        Elongation: new LogUniformLaw(1, 3),
        LogWeight: new NormalLaw(0, 0.5, -2, 2),
        PartSize: new UniformLaw(0.25, 0.55),
        Reach: 1.8,
        Roughness: 0,
        RoughnessOfSide: 0.125);

    private static readonly Gaussians Rough = Plain with
    {
        Levels = new IntegerLaw(1, 3), Parts = new IntegerLaw(0, 2), Roughness = new UniformLaw(0, 0.6), RoughnessOfSide = new LogUniformLaw(0.0625, 0.25),
    };

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    // By hand: centre (10, 12), deviations 2 and 3, reach 2: in where (dy / 2)^2 + (dx / 3)^2 < 4, not where it is 4.
    [TestCaseSource(nameof(Devices))]
    public void OneBlob_IsTheEllipseByHand(string device)
    {
        VolumeShape shape = VolumeShape.Image(21, 25);
        using SynthesisEngine engine = Start(Options(One(2, Plain with { Organs = 1, Parts = 0, Reach = 2, LogWeight = 0 }), shape) with { Device = device });
        byte[] labels = Put(engine, 0, [0, 10, 12], [1, 0, 0, 0, 2, 0, 0, 0, 3]).Label;
        Assert.That(labels[(10 * 25) + 12], Is.EqualTo(1));
        Assert.That((labels[(10 * 25) + 17], labels[(10 * 25) + 18]), Is.EqualTo(((byte)1, (byte)0)), "(5/3)^2 and 2^2");
        Assert.That((labels[(13 * 25) + 12], labels[(14 * 25) + 12]), Is.EqualTo(((byte)1, (byte)0)), "1.5^2 and 2^2");
        Assert.That((labels[(12 * 25) + 17], labels[(13 * 25) + 16]), Is.EqualTo(((byte)1, (byte)0)), "1 + 2.78 and 2.25 + 1.78");
        Assert.That(labels.Count(static label => label == 1), Is.EqualTo(Enumerable.Range(0, 525).Count(static voxel =>
            (9 * Math.Pow((voxel / 25) - 10, 2)) + (4 * Math.Pow((voxel % 25) - 12, 2)) < 144)));
    }

    // Volume (4 pi / 3) R^3 s1 s2 s3, or pi R^2 s1 s2, within half a voxel of its surface; covariance R^2 L L^T / (d + 2).
    [Test]
    public void OneBlob_HasItsVolumeAndItsCovariance([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(260, 251) : VolumeShape.Volume(90, 97, 93);
        double[] sigma = dimensions == 2 ? [1, 50, 23] : [15, 9, 12];
        using SynthesisEngine engine = Start(Options(One(dimensions, Plain with { Organs = 1, Parts = 0, LogWeight = 0, Elongation = 3 }), shape, threads: 2));
        for (int n = 0; n < 3; n++)
        {
            DrawnSample drawn = Sample(engine, SampleKey.Of(n)).Drawn;
            float[] axes = drawn.List(drawn.Of<Gaussians.Drawn>().Axes).ToArray();
            float[] scaled = [.. axes.Select((value, at) => (float)(value / Length(axes, at / 3) * sigma[at / 3]))];
            byte[] labels = Put(engine, n, [dimensions == 2 ? 0 : 44.6f, shape.Height / 2f, shape.Width / 2f], scaled).Label;
            int[] inside = [.. Enumerable.Range(0, labels.Length).Where(voxel => labels[voxel] == 1)];
            double volume = dimensions == 2
                ? Math.PI * 1.8 * 1.8 * sigma[1] * sigma[2]
                : 4 * Math.PI / 3 * Math.Pow(1.8, 3) * sigma[0] * sigma[1] * sigma[2];
            double surface = dimensions * volume / (1.8 * sigma[1..].Min());
            Assert.That(inside, Has.Length.EqualTo(volume).Within(surface / 2));
            Assert.That(inside, Has.Length.EqualTo(volume).Within(1).Percent);
            double[][] at = [.. inside.Select(voxel => Place(voxel, shape))];
            double[] mean = [.. Enumerable.Range(0, 3).Select(axis => at.Average(one => one[axis]))];
            double largest = sigma.Max() * sigma.Max() * 1.8 * 1.8 / (dimensions + 2);
            for (int first = 3 - dimensions; first < 3; first++)
            {
                for (int second = first; second < 3; second++)
                {
                    double covariance = at.Average(one => (one[first] - mean[first]) * (one[second] - mean[second]));
                    double expected = Enumerable.Range(3 - dimensions, dimensions).Sum(axis => (double)scaled[(3 * axis) + first] * scaled[(3 * axis) + second]);
                    Assert.That(covariance, Is.EqualTo(1.8 * 1.8 * expected / (dimensions + 2)).Within(0.01 * largest));
                }
            }
        }
    }

    // Whatever the noise: what a part has taken was its organ's where there are no parts, and all else stays as it was.
    [TestCaseSource(nameof(Devices))]
    public void APart_LiesInWhatItIsPartOf_Exactly(string device)
    {
        foreach (VolumeShape shape in new[] { VolumeShape.Image(67, 83), VolumeShape.Volume(21, 30, 35) })
        {
            using SynthesisEngine with = Start(Options(One(shape.Dimensions, Rough with { Levels = 3 }), shape) with { Device = device });
            using SynthesisEngine without = Start(Options(One(shape.Dimensions, Rough with { Levels = 1 }), shape) with { Device = device });
            int parts = 0;
            for (int n = 0; n < 4; n++)
            {
                RenderedSample sample = Sample(with, SampleKey.Of(n));
                Dictionary<byte, byte> organOf = OrganOfLabel(sample.Drawn);
                byte[] expected = Sample(without, SampleKey.Of(n)).Label;
                Assert.That(sample.Label.Select(label => organOf[label]), Is.EqualTo(expected));
                parts += sample.Label.Count(static label => label > 7);
            }

            Assert.That(parts, Is.GreaterThan(100));
        }
    }

    // Without noise a part of a lone organ loses nothing to its border: it has its whole volume.
    [Test]
    public void APart_LiesWhollyInALoneOrgan()
    {
        VolumeShape shape = VolumeShape.Volume(110, 112, 114);
        using SynthesisEngine engine = Start(Options(
            One(3, Plain with { Organs = 1, Parts = 1, SizeOfSide = 0.17, Elongation = new UniformLaw(1, 1.5), PartSize = new UniformLaw(0.4, 0.9), LogWeight = new UniformLaw(-0.5, 0.5) }), shape, threads: 2));
        for (int n = 0; n < 6; n++)
        {
            DrawnSample drawn = Sample(engine, SampleKey.Of(n)).Drawn;
            Gaussians.Drawn blobs = drawn.Of<Gaussians.Drawn>();
            Span<float> centres = drawn.List(blobs.Centres);
            for (int axis = 0; axis < 3; axis++)
            {
                float move = 55 - centres[axis];
                (centres[axis], centres[3 + axis]) = (55, centres[3 + axis] + move);
            }

            ReadOnlySpan<float> axes = drawn.List(blobs.Axes);
            double volume = 4 * Math.PI / 3 * Math.Pow(blobs.Reach, 3) * Math.Abs(Determinant(axes[9..]));
            Assert.That(Applied(engine, drawn).Label.Count(static label => label == 2), Is.EqualTo(volume).Within(2).Percent);
        }
    }

    // The labels of turned or mirrored blobs are the turned or mirrored labels.
    [Test]
    public void TurnsAndFlips_OfAllNumbers_TurnAndFlipTheLabels([Values(2, 3)] int dimensions)
    {
        const int side = 41;
        VolumeShape shape = VolumeShape.Cubic(dimensions, side);
        using SynthesisEngine engine = Start(Options(One(dimensions, Plain with { Levels = 3, Parts = new IntegerLaw(1, 2) }), shape, threads: 2));
        for (int n = 0; n < 3; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            double[] margins = Margins(sample.Drawn, shape, 0, out _);
            foreach ((int from, int to, bool isTurn) in ((int, int, bool)[])[(1, 1, false), (2, 2, false), (1, 2, true), (3 - dimensions, 2, true)])
            {
                DrawnSample drawn = Sample(engine, SampleKey.Of(n)).Drawn;
                Gaussians.Drawn blobs = drawn.Of<Gaussians.Drawn>();
                Move(drawn.List(blobs.Centres), side - 1, from, to, isTurn);
                Move(drawn.List(blobs.Axes), 0, from, to, isTurn);
                byte[] moved = Applied(engine, drawn).Label;
                for (int voxel = 0; voxel < moved.Length; voxel++)
                {
                    float[] at = [.. Place(voxel, shape).Select(static one => (float)one)];
                    Move(at, side - 1, from, to, isTurn);
                    int target = ((((int)at[0] * shape.Height) + (int)at[1]) * shape.Width) + (int)at[2];
                    Assert.That(margins[voxel] < Rounding || moved[target] == sample.Label[voxel], $"sample {n}, axes {from} and {to}, voxel {voxel}");
                }
            }
        }
    }

    // A second component and one that some samples have, noise and three levels: the reference's labels but within rounding, whatever the threads.
    [TestCaseSource(nameof(Devices))]
    public void Labels_AreThoseOfTheReference(string device)
    {
        foreach (VolumeShape shape in new[] { VolumeShape.Image(67, 83), VolumeShape.Image(3, 130), VolumeShape.Volume(21, 30, 35), VolumeShape.Volume(7, 9, 1) })
        {
            Gaussians wide = Plain with { Roughness = 1.3, RoughnessOfSide = 0.6, LabelEachBlob = 0, Chance = 0.4 };
            Recipe recipe = new("two", shape.Dimensions, [Rough, wide], [new Contrast(new UniformLaw(0, 1))]);
            using SynthesisEngine engine = Start(Options(recipe, shape, threads: 2) with { Device = device });
            Assert.That(engine.Plan.LabelCount, Is.EqualTo(1 + 7 + 14 + 28));
            int near = 0;
            var seen = new HashSet<byte>();
            for (int n = 0; n < 6; n++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(n));
                double[] margins = Margins(sample.Drawn, shape, sample.Drawn.LeftOut.Single() == "gaussians" ? 1 : 0, out byte[] expected);
                for (int voxel = 0; voxel < expected.Length; voxel++)
                {
                    bool isNear = margins[voxel] < Rounding;
                    near += isNear ? 1 : 0;
                    seen.Add(sample.Label[voxel]);
                    Assert.That(isNear || sample.Label[voxel] == expected[voxel], $"{shape}, sample {n}, voxel {voxel}");
                }

                Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
            }

            Assert.That(seen, Has.Count.GreaterThan(4));
            Assert.That(near, Is.LessThan(6 * shape.VoxelCount / 300));
        }
    }

    // What is recorded of organs and parts says what was drawn: det L = size^3, ratio of the axes, det of a part over its organ's.
    [Test]
    public void EachBlob_FollowsItsLaws_KS_n1500_alpha1e3_seed20261121()
    {
        const double alpha = 1e-3;
        Gaussians gaussians = Plain with
        {
            Organs = 2, Parts = 1, SizeOfSide = new UniformLaw(0.1, 0.2), Elongation = new UniformLaw(2, 4), LogWeight = new UniformLaw(-1, 1), PartSize = new UniformLaw(0.3, 0.6),
            Reach = new UniformLaw(1.5, 2),
        };
        var layout = new RowLayout([gaussians], new SampleFacts(VolumeShape.Volume(100, 80, 90), 5));
        var numbers = new Dictionary<string, List<double>> { ["size"] = [], ["weight"] = [], ["ratio"] = [], ["part"] = [], ["place"] = [], ["reach"] = [] };
        for (int sample = 0; sample < 1500; sample++)
        {
            var drawn = new DrawnSample(layout);
            drawn.Draw(Seed, SampleKey.Of(sample));
            Gaussians.Drawn blobs = drawn.Of<Gaussians.Drawn>();
            float[] axes = drawn.List(blobs.Axes).ToArray();
            Assert.That(drawn.List(blobs.Parents).ToArray(), Is.EqualTo(new float[] { -1, -1, 0, 1 }));
            numbers["size"].Add(Math.Cbrt(Math.Abs(Determinant(axes))) / 100);
            numbers["reach"].Add(blobs.Reach);
            numbers["weight"].Add(drawn.List(blobs.LogWeights)[1]);
            numbers["ratio"].Add(Length(axes, 0) / Length(axes, 2));
            numbers["place"].Add(((drawn.List(blobs.Centres)[1] + 0.5) / 80 - 0.1) / 0.8);

            // The longest half axis of a part in the ball that its organ is: L^-1 times it.
            numbers["part"].Add(Math.Sqrt(Enumerable.Range(0, 3).Sum(axis => Math.Pow(Replaced(axes, axis, axes[18..21]) / Determinant(axes), 2))));
        }

        (string Name, double Low, double High)[] laws = [("size", 0.1, 0.2), ("weight", -1, 1), ("ratio", 2, 4), ("part", 0.3, 0.6), ("place", 0, 1), ("reach", 1.5, 2)];
        double critical = Ladder.Critical(alpha / laws.Length, 1500);
        Assert.That(critical, Is.LessThan(0.06), "n does not suffice");
        foreach ((string name, double low, double high) in laws)
        {
            Assert.That(Ladder.KolmogorovSmirnov([.. numbers[name]], value => Math.Clamp((value - low) / (high - low), 0, 1)), Is.LessThan(critical), name);
        }
    }

    [Test]
    public void TheNumbersOfBlobs_AreRounded_AndOneMoreChangesNoOther()
    {
        var layout = new RowLayout([Rough], new SampleFacts(VolumeShape.Image(100, 100), 50));
        var fewer = new RowLayout([Rough with { Organs = 3 }], new SampleFacts(VolumeShape.Image(100, 100), 50));
        var organs = new HashSet<int>();
        var parts = new HashSet<int>();
        var levels = new HashSet<int>();
        for (int sample = 0; sample < 100; sample++)
        {
            (DrawnSample drawn, DrawnSample less) = (new DrawnSample(layout), new DrawnSample(fewer));
            drawn.Draw(Seed, SampleKey.Of(sample));
            less.Draw(Seed, SampleKey.Of(sample));
            Gaussians.Drawn blobs = drawn.Of<Gaussians.Drawn>();
            float[] parents = drawn.List(blobs.Parents).ToArray();
            organs.Add(blobs.Organs);
            parts.UnionWith(Enumerable.Range(0, blobs.Organs).Select(organ => parents.Count(parent => parent == organ)));
            levels.Add(Enumerable.Range(0, parents.Length).Max(blob => Level(parents, blob)));
            Assert.That(less.List(less.Of<Gaussians.Drawn>().Centres)[..9].SequenceEqual(drawn.List(blobs.Centres)[..9]));
            Assert.That(less.List(less.Of<Gaussians.Drawn>().Axes)[..27].SequenceEqual(drawn.List(blobs.Axes)[..27]));
            Assert.That(drawn.List(blobs.Labels).ToArray(), Is.Unique);
        }

        Assert.That(organs, Is.EquivalentTo(Enumerable.Range(3, 5)));
        Assert.That(parts, Is.EquivalentTo(Enumerable.Range(0, 3)));
        Assert.That(levels, Is.EquivalentTo(Enumerable.Range(1, 3)));
    }

    // Organ k is the same in every sample, whatever the seed: its place but for the spread, its size but for that of sizes.
    [Test]
    public void AnchoredOrgans_AreTheSameInEverySample()
    {
        const int samples = 400;
        Gaussians anchored = Plain with { Organs = new IntegerLaw(4, 7), Anchored = new GaussianAnchors(3, 0.05, 0.1) };
        var layout = new RowLayout([anchored], new SampleFacts(VolumeShape.Volume(100, 100, 100), 40));
        var places = new List<double>();
        var sizes = new List<double>();
        for (int sample = 0; sample < samples; sample++)
        {
            var drawn = new DrawnSample(layout);
            drawn.Draw((ulong)sample, SampleKey.Of(sample));
            places.Add(drawn.List(drawn.Of<Gaussians.Drawn>().Centres)[10]);
            sizes.Add(Math.Log(Math.Abs(Determinant(drawn.List(drawn.Of<Gaussians.Drawn>().Axes)[27..]))) / 3);
        }

        double allowed = 4 / Math.Sqrt(2 * samples);
        Assert.That(Deviation(places) / 5, Is.EqualTo(1).Within(allowed));
        Assert.That(Deviation(sizes) / 0.1, Is.EqualTo(1).Within(allowed));
        var other = new DrawnSample(new RowLayout([anchored with { Anchored = new GaussianAnchors(4, 0, 0) }], layout.Facts));
        other.Draw(0, SampleKey.Of(0));
        Assert.That(other.List(other.Of<Gaussians.Drawn>().Centres)[10], Is.Not.EqualTo(places.Average()).Within(1), "another table");
    }

    // Inside others' labels they are regions of intensities alone.
    [TestCaseSource(nameof(Devices))]
    public void Inside_TheSamplesLabelsStay(string device)
    {
        VolumeShape shape = VolumeShape.Volume(19, 21, 23);
        var noise = new NoiseAnatomy(SideMeasure.Of(3), new NoiseGrids([SideMeasure.Of(8)], 1), null);
        Recipe recipe = new("inside", 3, [noise, Rough with { Inside = [1] }], [new Contrast(new UniformLaw(0, 1))]);
        RenderedSample sample = Sample(Options(recipe, shape) with { Device = device }, SampleKey.Of(2));
        RenderedSample alone = Sample(Options(recipe with { Anatomy = [noise] }, shape) with { Device = device }, SampleKey.Of(2));
        Assert.That(sample.Label, Is.EqualTo(alone.Label));
        Assert.That(sample.Image.Where((_, at) => sample.Label[at] == 1).Distinct().Count(), Is.GreaterThan(2));
        Assert.That(sample.Image.Where((_, at) => sample.Label[at] != 1).Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public void WrongUse_IsOneSentence()
    {
        VolumeShape shape = VolumeShape.Image(64, 64);
        Assert.That(
            () => SynthesisPlan.Create(Options(One(2, Plain with { Organs = new IntegerLaw(4, 12), Levels = new IntegerLaw(1, 3), Parts = new IntegerLaw(0, 4) }), shape)),
            Throws.TypeOf<PlanException>().With.Message.EqualTo(
                "Recipe one: anatomy[0].gaussians draws up to 252 blobs (12 organs, 4 parts in each, 3 levels), and a sample has at most 64; lower organs, parts or levels."));
        using SynthesisEngine engine = Start(Options(One(2, Rough), shape));
        RenderedSample sample = Sample(engine, SampleKey.Of(1));
        Refused(static drawn => drawn.Of<Gaussians.Drawn>().Organs = 60, "gaussianOrgans");
        Refused(static drawn => drawn.List(drawn.Of<Gaussians.Drawn>().Axes)[3..6].Clear(), "span no volume");
        Refused(static drawn => drawn.List(drawn.Of<Gaussians.Drawn>().Centres)[1] = float.NaN, "no number");
        Refused(static drawn => drawn.List(drawn.Of<Gaussians.Drawn>().Labels)[0] = 200, "with labels of 0 to 49");
        Refused(static drawn => drawn.Of<Gaussians.Drawn>() = drawn.Of<Gaussians.Drawn>() with { Roughness = 0.5f, SpacingVoxels = 1 }, "give back what they draw");

        void Refused(Action<DrawnSample> change, string sentence)
        {
            DrawnSample drawn = Sample(engine, SampleKey.Of(1)).Drawn;
            change(drawn);
            Assert.That(() => Applied(engine, drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains(sentence));
        }

        Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample));
    }

    [TestCase(512)]
    [TestCase(4000)]
    public void TheTables_AreDeclared_AndSmall(int side)
    {
        Gaussians rough = Rough with { RoughnessOfSide = new UniformLaw(0.01, 1) };
        var layout = new RowLayout([rough], new SampleFacts(VolumeShape.Volume(side, side, 1000), 50));
        using var arena = new WorkArena();
        HostAnatomy form = rough.CreateHostAnatomy(new StepPlace(layout.Entries[0], 0, layout.Facts));
        form.Declare(arena);
        Assert.That(arena.Bytes + (layout.Length * sizeof(uint)) + (form.ScratchLength * sizeof(float)), Is.LessThanOrEqualTo(512 * 1024));
    }

    private static Recipe One(int dimensions, Gaussians gaussians) => new("one", dimensions, [gaussians], [new Contrast(new UniformLaw(0, 1))]);

    // The sample with another place and other axes of its first blob.
    private static RenderedSample Put(SynthesisEngine engine, int sample, float[] centre, float[] axes)
    {
        DrawnSample drawn = Sample(engine, SampleKey.Of(sample)).Drawn;
        centre.CopyTo(drawn.List(drawn.Of<Gaussians.Drawn>().Centres));
        axes.CopyTo(drawn.List(drawn.Of<Gaussians.Drawn>().Axes));
        return Applied(engine, drawn);
    }

    private static double[] Margins(DrawnSample drawn, VolumeShape shape, int occurrence, out byte[] labels)
    {
        Gaussians.Drawn blobs = drawn.Of<Gaussians.Drawn>(occurrence);
        uint stream = Streams.GaussianTile | ((uint)occurrence << 16);
        var tile = new float[LatticeTile.Length(shape)];
        RandomPlace place = RowLayout.AnatomyPlace(drawn.Words, stream);
        for (int number = 0; number < tile.Length; number++)
        {
            tile[number] = Normal.At(in place, number);
        }

        labels = new byte[shape.VoxelCount];
        var margins = new double[labels.Length];
        Gaussians.ReferenceLabels(shape, in blobs, MemoryMarshal.Cast<uint, float>(drawn.Words), tile, labels, margins);
        return margins;
    }

    private static Dictionary<byte, byte> OrganOfLabel(DrawnSample drawn)
    {
        Gaussians.Drawn blobs = drawn.Of<Gaussians.Drawn>();
        float[] labels = drawn.List(blobs.Labels).ToArray();
        float[] parents = drawn.List(blobs.Parents).ToArray();
        var organOf = new Dictionary<byte, byte> { [0] = 0 };
        for (int blob = 0; blob < labels.Length; blob++)
        {
            organOf[(byte)labels[blob]] = parents[blob] < 0 ? (byte)labels[blob] : organOf[(byte)labels[(int)parents[blob]]];
        }

        return organOf;
    }

    private static int Level(float[] parents, int blob) => parents[blob] < 0 ? 1 : 1 + Level(parents, (int)parents[blob]);

    private static double[] Place(int voxel, VolumeShape shape) =>
        [voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width];

    // Mirrored along an axis, or a quarter turn from one to another; about the middle of 0 to last.
    private static void Move(Span<float> vectors, float last, int from, int to, bool isTurn)
    {
        for (int at = 0; at < vectors.Length; at += 3)
        {
            float mirrored = last - vectors[at + from];
            if (isTurn)
            {
                vectors[at + from] = vectors[at + to];
            }

            vectors[at + to] = mirrored;
        }
    }

    private static double Length(ReadOnlySpan<float> axes, int axis) => Math.Sqrt(
        (axes[3 * axis] * axes[3 * axis]) + (axes[(3 * axis) + 1] * axes[(3 * axis) + 1]) + (axes[(3 * axis) + 2] * axes[(3 * axis) + 2]));

    private static double Determinant(ReadOnlySpan<float> a) =>
        (a[0] * (((double)a[4] * a[8]) - ((double)a[5] * a[7]))) - (a[1] * (((double)a[3] * a[8]) - ((double)a[5] * a[6])))
        + (a[2] * (((double)a[3] * a[7]) - ((double)a[4] * a[6])));

    private static double Replaced(float[] axes, int axis, float[] other)
    {
        float[] changed = [.. axes];
        other.CopyTo(changed, 3 * axis);
        return Determinant(changed);
    }

    private static double Deviation(List<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
