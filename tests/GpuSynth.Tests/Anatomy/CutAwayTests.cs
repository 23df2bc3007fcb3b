using System.Text.Json;
using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>What is cut away: how much, which labels, and which intensities.</summary>
public sealed class CutAwayTests
{
    private const int Below = 4;

    private static readonly NoiseAnatomy Noise = new(SideMeasure.Of(Below), new NoiseGrids([SideMeasure.Of(5)], 1), null);
    private static readonly CutAway Any = new(new IntegerLaw(0, 2), new UniformLaw(0.1, 0.6), 3, true);
    private static readonly VolumeShape[] Shapes = [VolumeShape.Image(21, 33), VolumeShape.Volume(9, 14, 35), VolumeShape.Volume(1, 6, 17)];

    private static IEnumerable<TestCaseData<string>> Devices =>
    [
        new TestCaseData<string>(DeviceCatalogue.Host).SetArgDisplayNames(DeviceCatalogue.Host),
        new TestCaseData<string>(DeviceCatalogue.IlgpuCpu).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu).SetCategory("Slow"),
    ];

    // A quarter of 8 along each axis is two voxels.
    [Test]
    public void ABox_HasWholeVoxels([Values(2, 3)] int dimensions)
    {
        for (ulong sample = 0; sample < 10; sample++)
        {
            byte[] labels = new ShapeSample(new CutAway(0, 0.25, 1, true), VolumeShape.Cubic(dimensions, 8), sample).Labels(9);
            Assert.That(labels.Count(static label => label == 0), Is.EqualTo(dimensions == 3 ? 8 : 4));
        }
    }

    // A depth d of the extent n |.| across, whatever the direction n: what is left reaches (1 - d) of it, to the voxel that the face goes through.
    [Test]
    public void AHalfSpace_CutsItsDepthOfTheExtent([Values(0.1, 0.3, 0.5, 0.85)] double depth, [Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 2 ? VolumeShape.Image(60, 71) : VolumeShape.Volume(31, 40, 37);
        for (ulong sample = 0; sample < 10; sample++)
        {
            var cut = new ShapeSample(new CutAway(1, depth, 1, true), shape, sample);
            byte[] labels = cut.Labels(9);
            CutAway.Drawn drawn = cut.Drawn<CutAway.Drawn>();
            (double tilt, double turn) = (cut.Numbers(drawn.Tilts)[0], 2 * Math.PI * cut.Numbers(drawn.Turns)[0]);
            double across = dimensions == 2 ? 1 : Math.Sqrt(1 - (tilt * tilt));
            double[] normal = [dimensions == 2 ? 0 : tilt, across * Math.Sin(turn), across * Math.Cos(turn)];
            double Along(double z, double y, double x) => (normal[0] * z) + (normal[1] * y) + (normal[2] * x);
            double extent = (Math.Abs(normal[0]) * shape.Depth) + (Math.Abs(normal[1]) * shape.Height) + (Math.Abs(normal[2]) * shape.Width);
            double middle = Along((shape.Depth - 1) / 2.0, (shape.Height - 1) / 2.0, (shape.Width - 1) / 2.0);
            double[] depths = [.. labels.Select((_, voxel) =>
                Along(voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width) - middle + (extent / 2))];
            double first = depths.Where((_, voxel) => labels[voxel] == 0).Min();
            double last = depths.Where((_, voxel) => labels[voxel] == 9).Max();
            Assert.That(first, Is.EqualTo((1 - depth) * extent).Within(1), $"sample {sample}");
            Assert.That(last, Is.EqualTo((1 - depth) * extent).Within(1).And.LessThan(first), $"sample {sample}");
        }
    }

    [Test]
    public void ADisc_IsRound_AndWhatLiesOutsideIsCut()
    {
        VolumeShape shape = VolumeShape.Image(200, 200);
        var cut = new ShapeSample(new CutAway(2, 0.5, 1, true), shape, 1);
        int kept = cut.Labels(9).Count(static label => label == 9);
        double radius = (0.5 * ((200 * Math.Sqrt(2) / 2) + 0.5)) - 0.5;
        Assert.That(kept, Is.LessThanOrEqualTo(Math.PI * radius * radius * 1.005));
        Assert.That(kept, Is.GreaterThan(0));
    }

    // Inside the pieces label 0 and the air's intensity, elsewhere what was there: with a label of its own, or with label 0 as it is.
    [TestCaseSource(nameof(Devices))]
    public void OutsideThePieces_NothingChanges_InsideIsAir(string device)
    {
        foreach (VolumeShape shape in Shapes)
        {
            foreach (bool ownAir in new[] { true, false })
            {
                CutAway cut = Any with { OwnAir = ownAir };
                using SynthesisEngine below = Start(Of(shape, device, Noise));
                using SynthesisEngine engine = Start(Of(shape, device, Noise, cut));
                Assert.That(engine.Plan.LabelCount, Is.EqualTo(Below));
                Assert.That(engine.Plan.Rows.Facts.LabelCount, Is.EqualTo(ownAir ? Below + 1 : Below));
                for (int n = 0; n < 5; n++)
                {
                    RenderedSample before = Sample(below, SampleKey.Of(n));
                    RenderedSample after = Sample(engine, SampleKey.Of(n));
                    bool[] isCut = IsCut(after.Drawn, shape);
                    float[] means = after.Drawn.List(after.Drawn.Of<Contrast.Drawn>().Means).ToArray();
                    for (int voxel = 0; voxel < isCut.Length; voxel++)
                    {
                        Assert.That(after.Label[voxel], Is.EqualTo(isCut[voxel] ? 0 : before.Label[voxel]), $"{shape}, sample {n}, voxel {voxel}");
                        Assert.That(after.Image[voxel], Is.EqualTo(isCut[voxel] ? means[ownAir ? Below : 0] : before.Image[voxel]));
                    }

                    Assert.That(Applied(engine, after.Drawn).HasSameBytes(after));
                    Assert.That(Json.Of(after.Drawn).Contains("\"targetOfSynthesisLabel\":[0,1,2,3,0]", StringComparison.Ordinal), Is.EqualTo(ownAir));
                }
            }
        }
    }

    [TestCaseSource(nameof(Devices))]
    public void TwoAppearancesOfOneAnatomy_AreCutAtTheSamePlaces_TwoAnatomiesNot(string device)
    {
        using SynthesisEngine engine = Start(Of(Shapes[1], device, Noise, Any));
        RenderedSample one = Sample(engine, new SampleKey(3, 10));
        RenderedSample other = Sample(engine, new SampleKey(3, 11));
        Assert.That(other.Label, Is.EqualTo(one.Label));
        Assert.That(other.Image, Is.Not.EqualTo(one.Image));
        Assert.That(IsCut(Sample(engine, new SampleKey(4, 10)).Drawn, Shapes[1]), Is.Not.EqualTo(IsCut(one.Drawn, Shapes[1])));
    }

    // A mask behind it makes labels one higher, and regions inside label 1 are cut too: what is cut keeps its air and its target.
    [TestCaseSource(nameof(Devices))]
    public void AmongOtherAnatomies_ItsAirStaysAir(string device)
    {
        VolumeShape shape = Shapes[1];
        var mask = new SphereMask(0.4, 0, [SideMeasure.Of(8)], 0, 1, 0, 0, true);
        Component[] anatomy = [Noise, Noise with { Labels = SideMeasure.Of(2), Inside = [1] }, Any, mask];
        using SynthesisEngine engine = Start(Of(shape, device, anatomy));
        for (int n = 0; n < 3; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            float[] means = sample.Drawn.List(sample.Drawn.Of<Contrast.Drawn>().Means).ToArray();
            bool[] isCut = IsCut(sample.Drawn, shape);
            Assert.That(means, Has.Length.EqualTo(Below + 1 + 2 + 1));
            for (int voxel = 0; voxel < isCut.Length; voxel++)
            {
                bool isOutside = sample.Image[voxel] == means[0];
                Assert.That(sample.Image[voxel] == means[^1], Is.EqualTo(isCut[voxel] && !isOutside));
                Assert.That(sample.Label[voxel] == 0, Is.EqualTo(isCut[voxel] || isOutside));
            }
        }
    }

    [Test]
    public void InHounsfieldUnits_ItIsAir()
    {
        VolumeShape shape = Shapes[1];
        EngineOptions options = Of(shape, DeviceCatalogue.Host, Noise, Any);
        options = options with { Recipe = options.Recipe with { Appearance = [new Hounsfield(null, null, 1, 0.5, 3)] } };
        using SynthesisEngine engine = Start(options);
        for (int n = 0; n < 5; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            bool[] isCut = IsCut(sample.Drawn, shape);
            float[] cut = [.. sample.Image.Where((_, voxel) => isCut[voxel])];
            Assert.That(cut, Is.All.EqualTo(-1000f).Within(60f));
            JsonElement classes = JsonDocument.Parse(Json.Of(sample.Drawn)).RootElement.GetProperty("hounsfieldClasses");
            Assert.That(classes[Below].GetInt32(), Is.Zero);
        }
    }

    [Test]
    public void ALabelTooMany_IsRefused()
    {
        NoiseAnatomy most = Noise with { Labels = SideMeasure.Of(254) };
        Recipe recipe = new("most", 2, [most, Noise with { Labels = SideMeasure.Of(2), Inside = [0] }, Any], [new Contrast(new UniformLaw(0, 1))]);
        Assert.That(
            () => SynthesisPlan.Create(Options(recipe, Shapes[0])),
            Throws.InstanceOf<GpuSynthException>().With.Message.Contains("anatomy[2].cutAway: the air where something is cut away is one more label than the 256"));
    }

    // By the pieces in the row, in double.
    private static unsafe bool[] IsCut(DrawnSample drawn, VolumeShape shape)
    {
        WordList pieces = drawn.Of<CutAway.Drawn>().Pieces;
        uint[] row = [.. drawn.Words, .. new uint[32]];
        fixed (uint* words = row)
        {
            var place = new Row(words, null);
            bool[] isCut = new bool[shape.VoxelCount];
            for (int voxel = 0; voxel < isCut.Length; voxel++)
            {
                (int z, int y, int x) = (voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
                for (int word = pieces.First; word < pieces.First + pieces.Count; word += CutPiece.WordCount)
                {
                    isCut[voxel] |= CutPiece.Depth<RealExact, WordExact>(in place, word, new RealExact(z), new RealExact(y), new RealExact(x)).V >= 0;
                }
            }

            return isCut;
        }
    }

    private static EngineOptions Of(VolumeShape shape, string device, params Component[] anatomy) => Options(
        new Recipe("cut", shape.Dimensions, [.. anatomy], [new Contrast(new UniformLaw(0, 1))]), shape) with
    {
        Device = device,
    };
}
