using System.Numerics;
using System.Runtime.InteropServices;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Devices;
using GpuSynth.Tests.Engine;
using GpuSynth.Tests.Kernels;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Bones: what a piece holds, how many there are and where, the lanes.</summary>
public sealed class BonesTests
{
    private const int Below = 4;

    // What rounding takes of a distance in a volume of a hundred voxels.
    private const double Rounding = 2e-4;

    private static readonly Bones Chest = new(
        Vertebrae: 5,
        VertebraRadiusOfSide: 0.08,
        SpacingOfSide: 0.15,
        DiscShare: 0.3,
        RibPairs: 4,
        RibRadiusOfSide: 0.03,
        RibTiltDegrees: 20,
        CageDepthOfSide: 0.3,
        CageWidthOfSide: 0.4,
        LongBones: 0,
        LongRadiusOfSide: 0.05,
        LengthOfRadius: 10,
        CortexOfSide: 0.015,
        CentreOfSide: 0);

    private static readonly NoiseAnatomy Noise = new(SideMeasure.Of(Below), new NoiseGrids([SideMeasure.Of(5)], 1), null);

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    // By hand: a capsule of radius 2 from x = 0 to 10, and a drum of half height 3 and radius 6, whose edges are rounded by 1.
    [Test]
    public void DistancesByHand()
    {
        BonePiece capsule = BonePiece.Capsule(Vector3.Zero, new Vector3(10, 0, 0), 2, 1);
        Assert.That(At(capsule, 0, 3, 5), Is.EqualTo(1).Within(1e-6));
        Assert.That(At(capsule, 0, 0, 5), Is.EqualTo(-2).Within(1e-6));
        Assert.That(At(capsule, 0, 4, 13), Is.EqualTo(3).Within(1e-6));
        Assert.That(capsule.Reach, Is.EqualTo(7).Within(1e-6));
        BonePiece drum = BonePiece.Drum(Vector3.Zero, 3, 6, 1);
        Assert.That(At(drum, 0, 0, 0), Is.EqualTo(-3).Within(1e-6));
        Assert.That(At(drum, 4, 0, 2), Is.EqualTo(1).Within(1e-6));
        Assert.That(At(drum, 0, 8, 0), Is.EqualTo(2).Within(1e-6));
        Assert.That(At(drum, 5, 9, 0), Is.EqualTo(4).Within(1e-6), "3 beyond the rounded edge along z, 4 across: 5 - 1");
    }

    // A capsule holds pi r^2 l + 4/3 pi r^3, its cortex what a capsule thinner by w does not.
    [Test]
    public void ALongBone_HasTheVolumesOfItsCortexAndMarrow([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(200, 201) : VolumeShape.Volume(100, 99, 101);
        Bones bones = Chest with { Vertebrae = 0, RibPairs = 0, LongBones = 1, LongRadiusOfSide = 0.09, LengthOfRadius = 3, CortexOfSide = 0.03 };
        (double radius, double thin) = (0.09 * shape.Side, 0.06 * shape.Side);
        int seen = 0;
        for (ulong n = 0; n < 40; n++)
        {
            byte[] labels = new ShapeSample(bones, shape, n).Labels(255);
            if (Enumerable.Range(0, labels.Length).Any(voxel => labels[voxel] != 255 && IsAtBorder(voxel, shape)))
            {
                continue;
            }

            double outer = Volume(dimensions, radius, 3 * radius);
            double inner = Volume(dimensions, thin, 3 * radius);
            Assert.That(labels.Count(static label => label == 0), Is.EqualTo(outer - inner).Within(2).Percent, $"sample {n}: cortex");
            Assert.That(labels.Count(static label => label == 1), Is.EqualTo(inner).Within(2).Percent, $"sample {n}: marrow");
            seen++;
        }

        Assert.That(seen, Is.GreaterThan(3));
    }

    // A cage in the middle is its own mirror image, has as many vertebrae along its column as were drawn, and leaves the middle in front open.
    [Test]
    public void AChest_IsSymmetrical()
    {
        VolumeShape shape = VolumeShape.Volume(64, 64, 65);
        byte[] labels = new ShapeSample(Chest, shape, 1).Labels(255);
        Assert.That(labels.Chunk(65).Select(static row => Enumerable.Reverse(row)), Is.EqualTo(labels.Chunk(65)));
        int back = (int)(31.5 - (0.3 * 64));
        byte[] column = [.. Enumerable.Range(0, 64).Select(z => labels[(((z * 64) + back) * 65) + 32])];
        Assert.That(Runs(column), Is.EqualTo(5));
        Assert.That(Enumerable.Range(0, 64).Select(z => labels[(((z * 64) + 51) * 65) + 32]), Is.All.EqualTo(255));

        // An image is the plane in the middle: vertebra 3 of 5.
        byte[] image = new ShapeSample(Chest, VolumeShape.Image(64, 65), 1).Labels(255);
        Assert.That(image[(back * 65) + 32], Is.EqualTo(1));
    }

    [Test]
    public void TheNumbersOfBones_AreRounded()
    {
        Bones bones = Chest with { Vertebrae = new IntegerLaw(0, 5), RibPairs = new IntegerLaw(0, 3), LongBones = new UniformLaw(1.6, 3.4) };
        Bones.Drawn[] drawn = [.. Enumerable.Range(0, 60).Select(n => new ShapeSample(bones, VolumeShape.Image(40, 40), (ulong)n).Drawn<Bones.Drawn>())];
        Assert.That(drawn.Select(static one => one.Vertebrae).Distinct(), Is.EquivalentTo(Enumerable.Range(0, 6)));
        Assert.That(drawn.Select(static one => one.RibPairs).Distinct(), Is.EquivalentTo(Enumerable.Range(0, 4)));
        Assert.That(drawn.Select(static one => one.LongBones).Distinct(), Is.EquivalentTo([2, 3]));
        Assert.That(drawn.Select(static one => one.Count), Is.EqualTo(drawn.Select(static one => one.Vertebrae + (20 * one.RibPairs) + one.LongBones)));
    }

    [Test]
    public void EachLongBone_FollowsItsLaws_KS_n1600_alpha1e3_seed20261129()
    {
        const double alpha = 1e-3;
        Bones bones = Chest with
        {
            Vertebrae = 0, RibPairs = 0, LongBones = 16, LongRadiusOfSide = new UniformLaw(0.02, 0.1), LengthOfRadius = new UniformLaw(4, 9),
        };
        var radii = new List<double>();
        var lengths = new List<double>();
        var ups = new List<double>();
        for (ulong n = 0; n < 100; n++)
        {
            var sample = new ShapeSample(bones, VolumeShape.Volume(100, 40, 40), n);
            foreach (float[] words in sample.Numbers(sample.Drawn<Bones.Drawn>().Pieces)[..(16 * BonePiece.Words)].ToArray().Chunk(BonePiece.Words))
            {
                radii.Add(words[8] / 100);
                lengths.Add(2 * words[6] / words[8]);
                ups.Add(words[3]);
            }
        }

        double critical = Ladder.Critical(alpha, radii.Count);
        Assert.That(critical, Is.LessThan(0.05), "n does not suffice");
        Assert.That(Ladder.KolmogorovSmirnov([.. radii], static radius => Math.Clamp((radius - 0.02) / 0.08, 0, 1)), Is.LessThan(critical));
        Assert.That(Ladder.KolmogorovSmirnov([.. lengths], static length => Math.Clamp((length - 4) / 5, 0, 1)), Is.LessThan(critical));
        Assert.That(Ladder.KolmogorovSmirnov([.. ups], static up => Math.Clamp((up + 1) / 2, 0, 1)), Is.LessThan(critical), "all directions alike");
    }

    [TestCaseSource(nameof(Devices))]
    public void Labels_AreThoseOfTheReference(string device)
    {
        Bones bones = Chest with { LongBones = new IntegerLaw(0, 3), CentreOfSide = new UniformLaw(-0.1, 0.1), RibTiltDegrees = new UniformLaw(0, 40) };
        foreach (VolumeShape shape in new[] { VolumeShape.Image(67, 83), VolumeShape.Volume(25, 30, 35) })
        {
            using SynthesisEngine below = Start(Options(Of(shape.Dimensions, Noise), shape));
            using SynthesisEngine engine = Start(Options(Of(shape.Dimensions, Noise, bones), shape, threads: 2) with { Device = device });
            Assert.That(engine.Plan.LabelCount, Is.EqualTo(Below + 2));
            (int near, int painted) = (0, 0);
            for (int n = 0; n < TestDevices.Samples(device, 4); n++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(n));
                byte[] before = Sample(below, SampleKey.Of(n)).Label;
                Bones.Drawn drawn = sample.Drawn.Of<Bones.Drawn>();
                BonePiece[] pieces = MemoryMarshal.Cast<float, BonePiece>(sample.Drawn.List(drawn.Pieces))[..drawn.Count].ToArray();
                for (int voxel = 0; voxel < before.Length; voxel++)
                {
                    (double cortex, double marrow) = (double.PositiveInfinity, double.PositiveInfinity);
                    foreach (BonePiece piece in pieces)
                    {
                        double s = At(piece, voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
                        (cortex, marrow) = (Math.Min(cortex, s), Math.Min(marrow, s + piece.Cortex));
                    }

                    int expected = marrow < 0 ? Below + 1 : cortex < 0 ? Below : before[voxel];
                    bool isNear = Math.Min(Math.Abs(cortex), Math.Abs(marrow)) < Rounding;
                    near += isNear ? 1 : 0;
                    painted += expected >= Below ? 1 : 0;
                    Assert.That(isNear || sample.Label[voxel] == expected, $"{shape}, sample {n}, voxel {voxel}: {cortex}, {marrow}");
                }

                Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
            }

            Assert.That(painted, Is.GreaterThan(300));
            Assert.That(near, Is.LessThan(TestDevices.Samples(device, 4) * shape.VoxelCount / 500));
        }
    }

    [Test]
    public void WrongUse_IsOneSentence()
    {
        Assert.That(() => Of(3, Chest), Throws.TypeOf<RecipeException>().With.Message.Contains("there are none before it"));
        using SynthesisEngine engine = Start(Options(Of(2, Noise, Chest), VolumeShape.Image(40, 40)));
        RenderedSample sample = Sample(engine, SampleKey.Of(1));
        sample.Drawn.Of<Bones.Drawn>().RibPairs = 13;
        Assert.That(() => Applied(engine, sample.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("give back what was drawn"));
    }

    private static Recipe Of(int dimensions, params Component[] anatomy) =>
        new("bones", dimensions, [.. anatomy], [new Contrast(new UniformLaw(0, 1))]);

    private static double Volume(int dimensions, double radius, double length) => dimensions == 2
        ? (Math.PI * radius * radius) + (2 * radius * length)
        : (4 * Math.PI / 3 * Math.Pow(radius, 3)) + (Math.PI * radius * radius * length);

    private static double At(BonePiece piece, int z, int y, int x) =>
        piece.Distance<RealExact, WordExact>(new RealExact(z), new RealExact(y), new RealExact(x)).V;

    private static bool IsAtBorder(int voxel, VolumeShape shape)
    {
        (int z, int y, int x) = (voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
        return y == 0 || y == shape.Height - 1 || x == 0 || x == shape.Width - 1 || (shape.Dimensions == 3 && (z == 0 || z == shape.Depth - 1));
    }

    private static int Runs(byte[] column)
    {
        int runs = 0;
        for (int z = 1; z < column.Length; z++)
        {
            runs += column[z] != 255 && column[z - 1] == 255 ? 1 : 0;
        }

        return runs;
    }
}
