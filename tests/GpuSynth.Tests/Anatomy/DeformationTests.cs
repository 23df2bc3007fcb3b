using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>
/// Deformations of the labels so far: what changes nothing, reflections and quarter turns to the voxel, the reference, what follows unmoved. The flow by
/// itself (translation, matrix exponential, inverse, determinants) is in FlowTests.
/// </summary>
public sealed class DeformationTests
{
    private static readonly Deformation Nothing = new(0, 1, 0, null, 0, 0, 0, 0, 0, null, null, 0);
    private static readonly Deformation Everything = new(
        new UniformLaw(-20, 20),
        new UniformLaw(0.7, 1.3),
        new UniformLaw(-0.1, 0.1),
        null,
        new UniformLaw(-0.1, 0.1),
        0.5,
        0.5,
        0.5,
        0.5,
        new ShiftGrids([SideMeasure.Of(4), SideMeasure.Of(9)], 0.02),
        new ShiftGrids([SideMeasure.Of(7)], 0.04),
        new IntegerLaw(0, 2));

    private static readonly NoiseAnatomy Noise = new(SideMeasure.Of(6), new NoiseGrids([SideMeasure.Of(3), SideMeasure.Of(8)], 1), null);
    private static readonly LateralPairs Sides = LateralPairs.Of(new LabelPair(1, 2), new LabelPair(3, 4));
    private static readonly LabelMapAnatomy Maps = new(0, 1, 0, 0, 0, null, null, null, Sides, TissueClasses.None);
    private static readonly PerLabelLaw Numbers = new([.. Enumerable.Range(0, LabelTables.Most).Select(static label => (Law)label)]);
    private static readonly VolumeShape[] Shapes = [VolumeShape.Volume(17, 16, 35), VolumeShape.Volume(16, 33, 15), VolumeShape.Image(31, 46)];

    private static IEnumerable<TestCaseData<string, VolumeShape>> Cases => Shapes.SelectMany(static shape => (TestCaseData<string, VolumeShape>[])
    [
        new TestCaseData<string, VolumeShape>(DeviceCatalogue.Host, shape).SetArgDisplayNames(DeviceCatalogue.Host, $"{shape}"),
        new TestCaseData<string, VolumeShape>(DeviceCatalogue.IlgpuCpu, shape)
            .SetArgDisplayNames(DeviceCatalogue.IlgpuCpu, $"{shape}").SetCategory("Slow"),
    ]);

    [TestCaseSource(nameof(Cases))]
    public void Identity_ChangesNoBit(string device, VolumeShape shape)
    {
        var still = new ShiftGrids([SideMeasure.Of(5)], new ChoiceLaw([0, 0]));
        using SynthesisEngine plain = Start(Of([Noise], device, shape));
        Deformation[] identities =
        [
            Nothing, Nothing with { Outside = 1 }, Nothing with { Outside = 2 }, Nothing with { Displacement = still, Velocity = still },
            Everything with { Chance = 0 },
        ];
        foreach (Deformation identity in identities.TakeLast(device == DeviceCatalogue.Host ? identities.Length : 2))
        {
            using SynthesisEngine engine = Start(Of([Noise, identity], device, shape));
            Assert.That(engine.Plan.LabelCount, Is.EqualTo(6));
            Assert.That(Sample(engine, SampleKey.Of(3)).HasSameBytes(Sample(plain, SampleKey.Of(3))), $"{identity}");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Reflections_AreExact(string device, VolumeShape shape)
    {
        using SynthesisEngine plain = Start(Of([Noise], device, shape));
        byte[] before = Sample(plain, SampleKey.Of(1)).Label;
        foreach (int axes in device == DeviceCatalogue.Host ? new[] { 1, 2, 3, 4, 5, 6, 7 } : [1, 6])
        {
            (int z, int y, int x) = ((axes >> 2) & 1, (axes >> 1) & 1, axes & 1);
            using SynthesisEngine engine = Start(Of([Noise, Nothing with { FlipZ = z, FlipY = y, FlipX = x }], device, shape));
            byte[] expected = Moved(before, shape, (atZ, atY, atX) =>
                (z == 1 ? shape.Depth - 1 - atZ : atZ, y == 1 ? shape.Height - 1 - atY : atY, x == 1 ? shape.Width - 1 - atX : atX));
            Assert.That(Sample(engine, SampleKey.Of(1)).Label, Is.EqualTo(expected), $"axes {axes}");
        }
    }

    // About z: y towards x. A cube comes back to itself; 4 quarter turns are none.
    [TestCase(DeviceCatalogue.Host)]
    [TestCase(DeviceCatalogue.IlgpuCpu, Category = "Slow")]
    public void QuarterTurns_AreExact_InTheOrderXyz(string device)
    {
        foreach (VolumeShape shape in (VolumeShape[])[VolumeShape.Cubic(3, 14), VolumeShape.Cubic(3, 15), VolumeShape.Cubic(2, 20)])
        {
            int last = shape.Side - 1;
            using SynthesisEngine plain = Start(Of([Noise], device, shape));
            using SynthesisEngine engine = Start(Of([Noise, Nothing with { QuarterTurn = 0.7 }], device, shape));
            var seen = new HashSet<float>();
            for (int n = 0; n < 6; n++)
            {
                RenderedSample sample = Sample(engine, SampleKey.Of(n));
                AxisNumbers turns = sample.Drawn.Of<Deformation.Drawn>().QuarterTurns;
                seen.UnionWith(turns.ToArray());
                byte[] expected = Sample(plain, SampleKey.Of(n)).Label;

                // Of a turn about x by 90 degrees what was at (z, y) comes from there: z' = -y, y' = z; likewise the others.
                for (int turn = 0; turn < turns.X; turn++)
                {
                    expected = Moved(expected, shape, (z, y, x) => (y, last - z, x));
                }

                for (int turn = 0; turn < turns.Y; turn++)
                {
                    expected = Moved(expected, shape, (z, y, x) => (last - x, y, z));
                }

                for (int turn = 0; turn < turns.Z; turn++)
                {
                    expected = Moved(expected, shape, (z, y, x) => (z, x, last - y));
                }

                Assert.That(sample.Label, Is.EqualTo(expected), $"{shape}, sample {n}: {turns.Z} {turns.Y} {turns.X}");
            }

            Assert.That(seen, Has.Count.GreaterThan(2));
        }
    }

    // The side of a 1 x 5 image is 1.
    [TestCase(0, new byte[] { 1, 1, 1, 2, 3 })]
    [TestCase(1, new byte[] { 0, 0, 1, 2, 3 })]
    [TestCase(2, new byte[] { 4, 5, 1, 2, 3 })]
    public unsafe void WhatComesInFromOutside_ByHand(int outside, byte[] expected)
    {
        VolumeShape shape = VolumeShape.Image(1, 5);
        LabelMapTransform transform = LabelMapGeometry.Transform(
            shape, shape, (1, 1, 1), 1, new LabelMapPose { TranslationOfSide = (0, 0, 2) });
        byte[] map = [1, 2, 3, 4, 5];
        byte[] moved = new byte[5];
        var host = new LabelMapAnatomyHost(shape, null);
        var scratch = new float[host.ScratchLength];
        fixed (byte* from = map, to = moved)
        fixed (float* at = scratch)
        {
            host.Rows(0, 1, null, in transform, from, to, at, (OutsideLabels)outside);
        }

        Assert.That(moved, Is.EqualTo(expected));
    }

    // The formula in double, whatever the threads, and given back; voxels near the middle between two others left out.
    [TestCaseSource(nameof(Cases))]
    public void Labels_AreThoseOfTheReference(string device, VolumeShape shape)
    {
        const double rounding = 1e-4;
        using SynthesisEngine plain = Start(Of([Noise], device, shape));
        using SynthesisEngine engine = Start(Of([Noise, Everything], device, shape) with { Threads = device == DeviceCatalogue.Host ? 3 : 1 });
        int samples = device == DeviceCatalogue.Host ? 6 : 3;
        (int near, int moved) = (0, 0);
        var outside = new HashSet<int>();
        for (int n = 0; n < samples; n++)
        {
            byte[] before = Sample(plain, SampleKey.Of(n)).Label;
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            Deformation.Drawn drawn = sample.Drawn.Of<Deformation.Drawn>();
            outside.Add(drawn.Outside);
            double[][] places = Places(shape, in drawn, n);
            for (int voxel = 0; voxel < before.Length; voxel++)
            {
                (byte label, double margin) = At(before, shape, drawn.Outside, places[0][voxel], places[1][voxel], places[2][voxel]);
                near += margin < rounding ? 1 : 0;
                moved += before[voxel] == label ? 0 : 1;
                Assert.That(margin < rounding || sample.Label[voxel] == label, $"sample {n}, voxel {voxel}: {sample.Label[voxel]}, not {label}");
            }

            Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample), "given back");
        }

        Assert.That(near, Is.LessThan(samples * shape.VoxelCount / 500));
        Assert.That(moved, Is.GreaterThan(shape.VoxelCount));
        Assert.That(outside, Has.Count.GreaterThan(1));
    }

    // A mask behind it is where it is without it, and two appearances of an anatomy have the same labels.
    [TestCaseSource(nameof(Cases))]
    public void WhatFollows_IsUnmoved_AndViewsStayAligned(string device, VolumeShape shape)
    {
        Component cells = CellsTests.Plain with { OwnLabels = false };
        using SynthesisEngine still = Start(Of([Noise, cells], device, shape));
        using SynthesisEngine moved = Start(Of([Noise, Everything], device, shape));
        using SynthesisEngine over = Start(Of([Noise, Everything, cells], device, shape));
        using SynthesisEngine under = Start(Of([Noise, cells, Everything], device, shape));
        int different = 0;
        ulong samples = device == DeviceCatalogue.Host ? 3u : 1u;
        for (ulong n = 0; n < samples; n++)
        {
            RenderedSample one = Sample(over, new SampleKey(n, 1));
            byte[] mask = Sample(still, new SampleKey(n, 1)).Label;
            byte[] alone = Sample(moved, new SampleKey(n, 1)).Label;
            Assert.That(one.Label, Is.EqualTo(mask.Zip(alone, static (masked, other) => masked == 6 ? masked : other)));
            RenderedSample other = Sample(over, new SampleKey(n, 2));
            Assert.That(other.Label, Is.EqualTo(one.Label));
            Assert.That(other.Image, Is.Not.EqualTo(one.Image));
            different += Sample(under, new SampleKey(n, 1)).Label.SequenceEqual(one.Label) ? 0 : 1;
        }

        Assert.That(different, Is.EqualTo(samples));
    }

    [Test]
    public void SeveralInAList_TakeTurnsBetweenTwoImages_OnAnyThreadsAndDevice()
    {
        VolumeShape shape = Shapes[0];
        var drop = new LabelOps(0, 0.3, 0, null, 0, 0, 1);
        Component[] list =
        [
            Noise, Everything with { Chance = 0.6 }, drop, CellsTests.Plain with { OwnLabels = false }, Everything with { Chance = 0.6 },
            Noise with { Chance = 0.3 }, drop, Everything with { Chance = 0.6 }, Noise with { Inside = [1] },
        ];
        using SynthesisEngine one = Start(Of(list, DeviceCatalogue.Host, shape));
        using SynthesisEngine three = Start(Of(list, DeviceCatalogue.Host, shape) with { Threads = 3 });
        using SynthesisEngine device = Start(Of(list, DeviceCatalogue.IlgpuCpu, shape));
        Assert.That(one.Plan.Buffers.Count(static buffer => buffer.Name == "labels beside"), Is.EqualTo(1));
        Assert.That(one.Plan.Buffers.Single(static buffer => buffer.Name == "labels beside").Bytes, Is.InRange(shape.VoxelCount, shape.VoxelCount + 64));
        var seen = new HashSet<string>();
        for (int n = 0; n < 12; n++)
        {
            RenderedSample sample = Sample(one, SampleKey.Of(n));
            seen.Add(string.Join(" ", sample.Drawn.LeftOut));
            Assert.That(Sample(three, SampleKey.Of(n)).HasSameBytes(sample));
            byte[] onDevice = Sample(device, SampleKey.Of(n)).Label;
            Assert.That(onDevice.Zip(sample.Label).Count(static pair => pair.First != pair.Second), Is.LessThan(shape.VoxelCount / 500));
        }

        Assert.That(seen, Has.Count.GreaterThan(4));
    }

    // As the label map's own flip, which exchanges sides too; two reflections are a turn, and no side changes.
    [TestCase(DeviceCatalogue.Host)]
    [TestCase(DeviceCatalogue.IlgpuCpu, Category = "Slow")]
    public void LabelsOfSides_ChangePlaces_WhereReflectionsAreOdd(string device)
    {
        VolumeShape shape = VolumeShape.Volume(8, 9, 15);
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii", shape, static voxel => (byte)(voxel * 7 % 5));
        LabelMapSet maps = folder.Load();
        byte[] mirror = [0, 2, 1, 4, 3];
        byte[] flipped = Sample(Of([Maps with { Flip = 1 }], device, shape, maps), SampleKey.Of(0)).Label;
        Assert.That(flipped, Is.EqualTo(Moved(map, shape, (z, y, x) => (z, y, 14 - x)).Select(label => mirror[label])));
        Assert.That(Sample(Of([Maps, Nothing with { FlipX = 1 }], device, shape, maps), SampleKey.Of(0)).Label, Is.EqualTo(flipped));
        Assert.That(
            Sample(Of([Maps, Nothing with { FlipY = 1 }], device, shape, maps), SampleKey.Of(0)).Label,
            Is.EqualTo(Moved(map, shape, static (z, y, x) => (z, 8 - y, x)).Select(label => mirror[label])));
        Assert.That(
            Sample(Of([Maps, Nothing with { FlipX = 1, FlipZ = 1 }], device, shape, maps), SampleKey.Of(0)).Label,
            Is.EqualTo(Moved(map, shape, static (z, y, x) => (7 - z, y, 14 - x))));

        // Behind regions inside label 1 and 2, which go over into their like, and before and behind a mask that lifts all labels of maps.
        Component regions = Noise with { Labels = SideMeasure.Of(3), Inside = [1, 2] };
        RenderedSample before = Sample(Of([Maps, regions], device, shape, maps), SampleKey.Of(2));
        RenderedSample behind = Sample(Of([Maps, regions, Nothing with { FlipX = 1 }], device, shape, maps), SampleKey.Of(2));
        Assert.That(behind.Label, Is.EqualTo(flipped));
        Assert.That(behind.Image, Is.EqualTo(MovedImage(before.Image).Select(static made => made switch
        {
            >= 8 => made - 3,
            >= 5 => made + 3,
            0 => 0,
            3 => 4,
            4 => 3,
            _ => float.NaN,
        })));

        float[] MovedImage(float[] image) => [.. Moved([.. image.Select(static made => (byte)made)], shape, static (z, y, x) => (z, y, 14 - x)).Select(static made => (float)made)];
    }

    [Test]
    public void SidesAreKnown_UnderAMaskThatLiftsLabels()
    {
        VolumeShape shape = VolumeShape.Volume(8, 9, 15);
        var lifts = new LiftingStub();
        using LabelMapFolder folder = new();
        folder.Put("a.nii", shape, static voxel => (byte)(voxel * 7 % 5));
        LabelMapSet maps = folder.Load();
        Component flip = Nothing with { FlipX = 1 };
        Component regions = Noise with { Labels = SideMeasure.Of(3), Inside = [1, 2] };
        LabelTables before = LabelTables.Of([Maps, regions, flip, lifts], shape, maps);
        LabelTables behind = LabelTables.Of([Maps, regions, lifts, flip], shape, maps);
        Assert.That(before.Mirror(2)!.Take(12), Is.EqualTo((byte[])[0, 2, 1, 4, 3, 5, 9, 10, 11, 6, 7, 8]), "labels as they are before the mask; 5 is not there yet");
        Assert.That(behind.Mirror(3)!.Take(12), Is.EqualTo((byte[])[0, 1, 3, 2, 5, 4, 9, 10, 11, 6, 7, 8]));
        Assert.That(behind.Mirror(2), Is.Null);
    }

    // 4,000 samples, alpha 1e-3 for each: 3.5 standard deviations.
    [Test]
    public void Chances_AreThoseOfTheRecipe_n4000_alpha1e3()
    {
        const int samples = 4000;
        Deformation component = Nothing with { FlipZ = 0.5, FlipY = 0.25, FlipX = 0.9, QuarterTurn = 0.6, Outside = new UniformLaw(0, 2) };
        var drawn = new DrawnSample(new RowLayout([component], new SampleFacts(VolumeShape.Cubic(3, 8), 5)));
        Deformation.Drawn[] all = [.. Enumerable.Range(0, samples).Select(n =>
        {
            drawn.Draw(20261129, SampleKey.Of(n));
            return drawn.Of<Deformation.Drawn>();
        })];
        Share(0.5, static one => one.Reflected.Z == 1);
        Share(0.25, static one => one.Reflected.Y == 1);
        Share(0.9, static one => one.Reflected.X == 1);
        Share(0.5, static one => one.Outside == 1);
        Share(0.25, static one => one.Outside == 2);
        for (int axis = 0; axis < 3; axis++)
        {
            for (int turns = 1; turns < 4; turns++)
            {
                Share(0.2, one => one.QuarterTurns.Along(axis) == turns);
            }
        }

        void Share(double expected, Func<Deformation.Drawn, bool> has) => Assert.That(
            all.Count(has), Is.EqualTo(expected * samples).Within(3.5 * Math.Sqrt(samples * expected * (1 - expected))));
    }

    // The defaults of others, as far as they are laws of a deformation.
    [TestCase("{ rotationDegrees: { uniform: [-15, 15] }, scaling: { uniform: [0.8, 1.2] }, shear: { uniform: [-0.012, 0.012] }, flipX: 0.5, "
        + "velocity: { scales: [side/6], stdOfSide: { uniform: [0, 0.02] } } }", TestName = "SynthSeg")]
    [TestCase("{ rotationDegrees: { uniform: [-15, 15] }, scaling: { uniform: [0.85, 1.15] }, shear: { uniform: [-0.012, 0.012] }, upperShear: true, "
        + "translationOfSide: { uniform: [-0.1, 0.1] }, displacement: { scales: [side/10], stdOfSide: { uniform: [0, 0.05] } } }", TestName = "Cornucopia")]
    [TestCase("{ rotationDegrees: { uniform: [-180, 180] }, scaling: { uniform: [0.5, 1.5] }, shear: { uniform: [-0.5, 0.5] }, upperShear: true, "
        + "translationOfSide: { uniform: [-0.039, 0.039] }, flipZ: 0.5, flipY: 0.5, flipX: 0.5, outside: 2 }", TestName = "Anatomix")]
    public void TheLawsOfOthers_AreExpressible(string keys)
    {
        string text = $$"""
            name: others
            dimensions: 3
            anatomy:
              - noiseField: { labels: 6, field: { scales: [side/8], std: 1 } }
              - deformation: {{keys}}
            appearance:
              - contrast: { mean: { uniform: [0, 1] } }
            """;
        Recipe recipe = RecipeYaml.Parse(text, "others");
        Assert.That(RecipeYaml.Parse(RecipeYaml.Write(recipe), "again"), Is.EqualTo(recipe));
        Assert.That(Sample(Options(recipe, Shapes[0]), SampleKey.Of(1)).Label.Distinct().Count(), Is.GreaterThan(2));
    }

    [Test]
    public void WrongUse_IsASentence()
    {
        Component flips = Nothing with { FlipX = 0.5 };
        Refused([Nothing], "anatomy[0].deformation: changes labels, and there are none before it");
        Refused([Noise, Nothing with { Inside = [1] }], "anatomy[1].deformation: paints over a part");
        Refused(
            [Maps with { LateralPairs = null, Classes = null }, flips],
            "anatomy[1].deformation: reflects label maps of which it is not known what has a side; give labelMap lateralPairs");
        const string several = "deformation: reflects labels that have other sides in some samples than in others; give all labelMaps before it the same lateralPairs";
        Refused([Maps, Maps with { LateralPairs = LateralPairs.FreeSurfer, Chance = 0.5 }, flips], several);
        Refused([Noise, Maps with { Chance = 0.5 }, flips], several);
        Assert.That(() => Of([Noise, Maps, flips], "host", Shapes[0]), Throws.Nothing);
        Assert.That(() => Of([Maps with { LateralPairs = null, Classes = null }, Nothing with { QuarterTurn = 0.5 }], "host", Shapes[0]), Throws.Nothing);

        var lesions = (Lesions)Presets.Get("mri-3d").Anatomy.First(static one => one is Lesions);
        Refused([Noise, lesions, Nothing], "anatomy[2].deformation: moves what lesions before it has painted, which records the voxels that it lies at; put lesions");

        using SynthesisEngine engine = Start(Of([Noise, Everything], DeviceCatalogue.Host, Shapes[0]));
        Given(static (ref Deformation.Drawn drawn) => drawn.Outside = 3, "deformationOutside is 0, 1 or 2; give back what was drawn");
        Given(static (ref Deformation.Drawn drawn) => drawn.Reflected.X = 2, "deformationReflectedZyx holds 0 and 1");
        Given(static (ref Deformation.Drawn drawn) => drawn.QuarterTurns.Z = 1.5f, "deformationQuarterTurnsZyx 0 to 3");
        Given(static (ref Deformation.Drawn drawn) => drawn.Scaling.X = 0, "flattens the anatomy");
        Given(static (ref Deformation.Drawn drawn) => drawn.TranslationOfSide.X = float.NaN, "takes labels from a million voxels away, or from nowhere");
        Given(static (ref Deformation.Drawn drawn) => drawn.Scaling.X = 1e-8f, "narrow the laws of scaling, shear and translationOfSide");

        static void Refused(Component[] anatomy, string sentence) => Assert.That(
            () => Of(anatomy, DeviceCatalogue.Host, Shapes[0]), Throws.TypeOf<RecipeException>().With.Message.Contains(sentence));

        void Given(Change change, string sentence)
        {
            DrawnSample drawn = Sample(engine, SampleKey.Of(0)).Drawn;
            change(ref drawn.Of<Deformation.Drawn>());
            Assert.That(() => Applied(engine, drawn), Throws.TypeOf<GpuSynthException>().With.Message.Contains(sentence));
        }
    }

    private delegate void Change(ref Deformation.Drawn drawn);

    // Labels whose voxel (z, y, x) is the one that the function names.
    private static byte[] Moved(byte[] labels, VolumeShape shape, Func<int, int, int, (int Z, int Y, int X)> from) =>
    [
        .. Enumerable.Range(0, labels.Length).Select(voxel =>
        {
            (int z, int y, int x) = from(voxel / shape.Width / shape.Height, voxel / shape.Width % shape.Height, voxel % shape.Width);
            return labels[(((z * shape.Height) + y) * shape.Width) + x];
        }),
    ];

    // Where the label of each voxel comes from, along z, y and x, in double.
    private static double[][] Places(VolumeShape shape, in Deformation.Drawn drawn, int sample)
    {
        SmoothShift shift = Everything.ShiftOf(shape);
        float[] velocity = Nodes(shift.Flow!.Velocity, Streams.VelocityOfAllNodes, sample, 0.04f * shape.Side);
        float[] nodes =
        [
            .. FlowGrid.ReferenceNodes(shift.Flow, velocity).Select(static value => (float)value),
            .. Nodes(shift.Drawn!, Streams.DisplacementOfAllNodes, sample, 0.02f * shape.Side),
        ];
        double[][] shifts = [.. Enumerable.Range(0, shape.Dimensions).Select(channel => NoiseField.ReferenceUpsample(shift.Layout!, nodes, channel))];
        LabelMapTransform to = drawn.Place.Transform(shape);
        var places = new double[3][] { new double[shape.VoxelCount], new double[shape.VoxelCount], new double[shape.VoxelCount] };
        for (int voxel = 0; voxel < shape.VoxelCount; voxel++)
        {
            double z = (voxel / shape.Width / shape.Height) + (shape.Dimensions == 3 ? shifts[0][voxel] : 0);
            double y = (voxel / shape.Width % shape.Height) + shifts[^2][voxel];
            double x = (voxel % shape.Width) + shifts[^1][voxel];
            places[0][voxel] = (to.ZZ * z) + (to.ZY * y) + (to.ZX * x) + to.Z;
            places[1][voxel] = (to.YZ * z) + (to.YY * y) + (to.YX * x) + to.Y;
            places[2][voxel] = (to.XZ * z) + (to.XY * y) + (to.XX * x) + to.X;
        }

        return places;
    }

    private static float[] Nodes(NoiseGridLayout layout, uint stream, int sample, float std)
    {
        var place = new RandomPlace(Seed, (ulong)sample, stream);
        return [.. Enumerable.Range(0, layout.Length).Select(node => std * Normal.At(place, node))];
    }

    private static (byte Label, double Margin) At(byte[] labels, VolumeShape shape, int outside, double z, double y, double x)
    {
        int at = 0;
        bool isInside = true;
        double margin = 1;
        foreach ((double place, int length) in new[] { (z, shape.Depth), (y, shape.Height), (x, shape.Width) })
        {
            int nearest = (int)Math.Floor(place + 0.5);
            isInside &= nearest >= 0 && nearest < length;
            margin = Math.Min(margin, 0.5 - Math.Abs(place - nearest));
            at = (at * length) + (outside == 2 ? ((nearest % length) + length) % length : Math.Clamp(nearest, 0, length - 1));
        }

        return (isInside || outside != 1 ? labels[at] : (byte)0, margin);
    }

    private static EngineOptions Of(Component[] anatomy, string device, VolumeShape shape, LabelMapSet? maps = null) => Options(
        new Recipe("moved", shape.Dimensions, [.. anatomy], [new Contrast(maps is null ? new UniformLaw(0, 1) : Numbers)]), shape) with
    {
        Device = device,
        LabelMaps = maps,
    };

    // A mask that makes a background of its own around label maps.
    private sealed record LiftingStub : AnatomyComponent<int>
    {
        public override bool Covers => false;

        public override bool AddsLabels => true;

        public override bool LiftsLabels => true;

        public override string MadeOf => "nothing";

        public override int BytesPerVoxel => 1;

        public override int LabelCount(VolumeShape shape, ILabelMaps? maps) => 1;

        public override int Draw(ref Drawing drawing) => 0;

        public override HostAnatomy CreateHostAnatomy(in StepPlace place) => throw new NotSupportedException();

        public override DeviceAnatomy CreateDeviceAnatomy(in StepPlace place) => throw new NotSupportedException();
    }
}
