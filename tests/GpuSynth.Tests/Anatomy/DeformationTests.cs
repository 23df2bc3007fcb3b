using GpuSynth.Devices;
using GpuSynth.Kernels;
using GpuSynth.Tests.Engine;
using static GpuSynth.Tests.Anatomy.DeformationSample;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Anatomy;

/// <summary>
/// Deformations of the labels so far: what changes nothing, reflections and quarter turns to the voxel, the reference. The flow by itself (translation,
/// matrix exponential, inverse, determinants) is in FlowTests, lists of anatomies in DeformationListTests.
/// </summary>
public sealed class DeformationTests
{
    [TestCaseSource(typeof(DeformationSample), nameof(Cases))]
    public void Identity_ChangesNoBit(string device, VolumeShape shape)
    {
        var still = new ShiftGrids([SideMeasure.Of(5)], new ChoiceLaw([0, 0]));
        using SynthesisEngine plain = Start(Of([Fields], device, shape));
        Deformation[] identities =
        [
            Nothing, Nothing with { Outside = 1 }, Nothing with { Outside = 2 }, Nothing with { Displacement = still, Velocity = still },
            Everything with { Chance = 0 },
        ];
        foreach (Deformation identity in identities.TakeLast(device == DeviceCatalogue.Host ? identities.Length : 2))
        {
            using SynthesisEngine engine = Start(Of([Fields, identity], device, shape));
            Assert.That(engine.Plan.LabelCount, Is.EqualTo(6));
            Assert.That(Sample(engine, SampleKey.Of(3)).HasSameBytes(Sample(plain, SampleKey.Of(3))), $"{identity}");
        }
    }

    [TestCaseSource(typeof(DeformationSample), nameof(Cases))]
    public void Reflections_AreExact(string device, VolumeShape shape)
    {
        using SynthesisEngine plain = Start(Of([Fields], device, shape));
        byte[] before = Sample(plain, SampleKey.Of(1)).Label;
        foreach (int axes in device == DeviceCatalogue.Host ? new[] { 1, 2, 3, 4, 5, 6, 7 } : [1, 6])
        {
            (int z, int y, int x) = ((axes >> 2) & 1, (axes >> 1) & 1, axes & 1);
            using SynthesisEngine engine = Start(Of([Fields, Nothing with { FlipZ = z, FlipY = y, FlipX = x }], device, shape));
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
            using SynthesisEngine plain = Start(Of([Fields], device, shape));
            using SynthesisEngine engine = Start(Of([Fields, Nothing with { QuarterTurn = 0.7 }], device, shape));
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
    [TestCaseSource(typeof(DeformationSample), nameof(Cases))]
    public void Labels_AreThoseOfTheReference(string device, VolumeShape shape)
    {
        const double rounding = 1e-4;
        using SynthesisEngine plain = Start(Of([Fields], device, shape));
        using SynthesisEngine engine = Start(Of([Fields, Everything], device, shape) with { Threads = device == DeviceCatalogue.Host ? 3 : 1 });
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
}
