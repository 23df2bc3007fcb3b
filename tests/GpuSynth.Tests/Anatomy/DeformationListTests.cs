using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Recipes;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Anatomy.DeformationSample;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>Deformations in lists of anatomies: what follows unmoved, labels of sides, the laws of others, wrong use.</summary>
public sealed class DeformationListTests
{
    // A mask behind it is where it is without it, and two appearances of an anatomy have the same labels.
    [TestCaseSource(typeof(DeformationSample), nameof(Cases))]
    public void WhatFollows_IsUnmoved_AndViewsStayAligned(string device, VolumeShape shape)
    {
        Component cells = CellsTests.Plain with { OwnLabels = false };
        using SynthesisEngine still = Start(Of([Fields, cells], device, shape));
        using SynthesisEngine moved = Start(Of([Fields, Everything], device, shape));
        using SynthesisEngine over = Start(Of([Fields, Everything, cells], device, shape));
        using SynthesisEngine under = Start(Of([Fields, cells, Everything], device, shape));
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
            Fields, Everything with { Chance = 0.6 }, drop, CellsTests.Plain with { OwnLabels = false }, Everything with { Chance = 0.6 },
            Fields with { Chance = 0.3 }, drop, Everything with { Chance = 0.6 }, Fields with { Inside = [1] },
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
            if (n % 4 == 0)
            {
                // A tenth of a second for each of some forty launches.
                byte[] onDevice = Sample(device, SampleKey.Of(n)).Label;
                Assert.That(onDevice.Zip(sample.Label).Count(static pair => pair.First != pair.Second), Is.LessThan(shape.VoxelCount / 500));
            }
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
        Component regions = Fields with { Labels = SideMeasure.Of(3), Inside = [1, 2] };
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
        Component regions = Fields with { Labels = SideMeasure.Of(3), Inside = [1, 2] };
        LabelTables before = LabelTables.Of([Maps, regions, flip, lifts], shape, maps);
        LabelTables behind = LabelTables.Of([Maps, regions, lifts, flip], shape, maps);
        Assert.That(before.Mirror(2)!.Take(12), Is.EqualTo((byte[])[0, 2, 1, 4, 3, 5, 9, 10, 11, 6, 7, 8]), "labels as they are before the mask; 5 is not there yet");
        Assert.That(behind.Mirror(3)!.Take(12), Is.EqualTo((byte[])[0, 1, 3, 2, 5, 4, 9, 10, 11, 6, 7, 8]));
        Assert.That(behind.Mirror(2), Is.Null);
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
        Refused([Fields, Nothing with { Inside = [1] }], "anatomy[1].deformation: changes others' labels, and only what paints labels of its own can be drawn inside them");
        Refused(
            [Maps with { LateralPairs = null, Classes = null }, flips],
            "anatomy[1].deformation: reflects label maps of which it is not known what has a side; give labelMap lateralPairs");
        const string several = "deformation: reflects labels that have other sides in some samples than in others; give all labelMaps before it the same lateralPairs";
        Refused([Maps, Maps with { LateralPairs = LateralPairs.FreeSurfer, Chance = 0.5 }, flips], several);
        Refused([Fields, Maps with { Chance = 0.5 }, flips], several);
        Assert.That(() => Of([Fields, Maps, flips], "host", Shapes[0]), Throws.Nothing);
        Assert.That(() => Of([Maps with { LateralPairs = null, Classes = null }, Nothing with { QuarterTurn = 0.5 }], "host", Shapes[0]), Throws.Nothing);

        var lesions = (Lesions)Presets.Get("mri-3d").Anatomy.First(static one => one is Lesions);
        Refused([Fields, lesions, Nothing], "anatomy[2].deformation: moves what lesions before it has painted, which records the voxels that it lies at; put lesions");

        using SynthesisEngine engine = Start(Of([Fields, Everything], DeviceCatalogue.Host, Shapes[0]));
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

    // A mask that makes a background of its own around label maps.
    [Component("lifts", (1 << 15) + 8, Source = "a test", Says = "One label under all.")]
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
