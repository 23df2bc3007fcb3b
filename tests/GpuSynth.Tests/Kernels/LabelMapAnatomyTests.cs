using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

[Category("Host")]
public sealed class LabelMapAnatomyTests
{
    private static readonly (VolumeShape Output, VolumeShape Map)[] Sizes =
    [
        (VolumeShape.Volume(1, 1, 1), VolumeShape.Volume(1, 1, 1)),
        (VolumeShape.Volume(2, 3, 1), VolumeShape.Volume(3, 1, 1)),
        (VolumeShape.Volume(3, 31, 33), VolumeShape.Volume(31, 33, 2)),
        (VolumeShape.Volume(33, 17, 31), VolumeShape.Volume(17, 40, 29)),
        (VolumeShape.Volume(5, 7, 100), VolumeShape.Volume(9, 9, 9)),
        (VolumeShape.Image(1, 1), VolumeShape.Image(1, 2)),
        (VolumeShape.Image(33, 31), VolumeShape.Image(50, 20)),
        (VolumeShape.Image(96, 100), VolumeShape.Image(64, 96)),
    ];

    // Labels are equal wherever the position is further from a boundary between two map voxels than the rounding of some twenty
    // float operations on numbers of the size of the axes.
    [Test]
    public void Ladder_ReferenceHost(
        [ValueSource(nameof(Sizes))] (VolumeShape Output, VolumeShape Map) sizes, [Values] bool deformed)
    {
        (VolumeShape output, VolumeShape map) = sizes;
        byte[] mapLabels = [.. AppearanceTests.Uniforms(map, 21).Select(u => (byte)(1 + (u * 200)))];
        LabelMapTransform transform = LabelMapGeometry.Transform(
            output, map, (1.5, 1, 0.8), LabelMapGeometry.FittedSpacing(output, map, (1.5, 1, 0.8)), Pose());
        NoiseGridLayout? layout = deformed ? new NoiseGridLayout(output, [2, 5, 8], output.Dimensions) : null;
        float[] nodes = Nodes(layout);
        int voxels = (int)output.VoxelCount;
        var reference = new byte[voxels];
        var margins = new double[voxels];
        LabelMapAnatomy.ReferenceLabels(output, transform, mapLabels, layout, nodes, reference, margins);
        byte[] host = Host(output, transform, mapLabels, layout, nodes);
        double magnitude = 3 * Math.Max(Math.Max(map.Depth, Math.Max(map.Height, map.Width)),
            Math.Max(output.Depth, Math.Max(output.Height, output.Width)));
        double rounding = 20 * magnitude / (1 << 24);
        int away = 0;
        for (int voxel = 0; voxel < voxels; voxel++)
        {
            if (margins[voxel] > rounding)
            {
                away++;
                Assert.That(host[voxel], Is.EqualTo(reference[voxel]), $"voxel {voxel}");
            }
        }

        Assert.That(away, Is.GreaterThan(0.99 * voxels - 1));
    }

    [Test]
    public void Host_RowsInAnyPartition_AreTheSame()
    {
        (VolumeShape output, VolumeShape map) = Sizes[3];
        byte[] mapLabels = [.. AppearanceTests.Uniforms(map, 22).Select(u => (byte)(u * 255))];
        LabelMapTransform transform = LabelMapGeometry.Transform(output, map, (1, 1, 1), 1.1, Pose());
        var layout = new NoiseGridLayout(output, [4, 8], 3);
        byte[] whole = Host(output, transform, mapLabels, layout, Nodes(layout));
        byte[] parts = Host(output, transform, mapLabels, layout, Nodes(layout), rowsPerCall: 7);
        Assert.That(parts, Is.EqualTo(whole));
    }

    [Test]
    public unsafe void Host_AllocatesNothing()
    {
        (VolumeShape output, VolumeShape map) = Sizes[3];
        var host = new LabelMapAnatomyHost(output, new NoiseGridLayout(output, [4, 8], 3));
        LabelMapTransform transform = LabelMapGeometry.Transform(output, map, (1, 1, 1), 1.1, Pose());
        var labels = new byte[output.VoxelCount];
        var mapLabels = new byte[map.VoxelCount];
        var knots = new float[host.Deformation!.Length];
        var scratch = new float[host.ScratchLength];
        fixed (float* knotsAt = knots, scratchAt = scratch)
        fixed (byte* mapAt = mapLabels, labelsAt = labels)
        {
            host.Rows(0, host.RowCount, knotsAt, transform, mapAt, labelsAt, scratchAt);
            long before = GC.GetAllocatedBytesForCurrentThread();
            host.Rows(0, host.RowCount, knotsAt, transform, mapAt, labelsAt, scratchAt);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        }
    }

    [Test]
    public void Identity_CopiesTheMap([Values(2, 3)] int dimensions)
    {
        VolumeShape shape = dimensions == 3 ? VolumeShape.Volume(9, 7, 35) : VolumeShape.Image(9, 35);
        byte[] map = [.. AppearanceTests.Uniforms(shape, 23).Select(u => (byte)(u * 255))];
        LabelMapTransform transform = LabelMapGeometry.Transform(shape, shape, (2, 2, 2), 2, new LabelMapPose());
        Assert.That(Host(shape, transform, map, null, []), Is.EqualTo(map));
    }

    [Test]
    public void Flip_MirrorsX_AndTranslationMovesTheAnatomy()
    {
        VolumeShape shape = VolumeShape.Image(1, 4);
        byte[] map = [1, 2, 3, 4];
        byte[] mirrored = [4, 3, 2, 1];
        byte[] moved = [0, 1, 2, 3];
        var flip = LabelMapGeometry.Transform(shape, shape, (1, 1, 1), 1, new LabelMapPose { Flip = (false, false, true) });
        Assert.That(Host(shape, flip, map, null, []), Is.EqualTo(mirrored));
        // The side of a 1 x 4 image is 1: a fraction of 1 is one voxel.
        var move = LabelMapGeometry.Transform(shape, shape, (1, 1, 1), 1, new LabelMapPose { TranslationOfSide = (0, 0, 1) });
        Assert.That(Host(shape, move, map, null, []), Is.EqualTo(moved));
    }

    [Test]
    public void Scaling_MakesTheAnatomyLarger_AndADisplacementIsInOutputVoxels()
    {
        VolumeShape shape = VolumeShape.Image(1, 8);
        byte[] map = [0, 0, 0, 1, 1, 0, 0, 0];
        byte[] larger = [0, 0, 1, 1, 1, 1, 0, 0];
        byte[] shifted = [0, 1, 1, 0, 0, 0, 0, 0];
        var scaled = LabelMapGeometry.Transform(shape, shape, (1, 1, 1), 1, new LabelMapPose { Scaling = (1, 1, 2) });
        Assert.That(Host(shape, scaled, map, null, []), Is.EqualTo(larger));
        var layout = new NoiseGridLayout(shape, [8], 2);
        float[] nodes = [.. Enumerable.Repeat(0f, layout.NodesPerChannel(0)),
            .. Enumerable.Repeat(2f, layout.NodesPerChannel(0))];
        var still = LabelMapGeometry.Transform(shape, shape, (1, 1, 1), 1, new LabelMapPose());
        Assert.That(Host(shape, still, map, layout, nodes), Is.EqualTo(shifted));
    }

    [Test]
    public void Rotation_AboutZ_TurnsYTowardsX_InMillimetres()
    {
        // A bar along y in a map with voxels of 2 mm in y and 1 mm in x becomes a bar along x, twice as many voxels long.
        VolumeShape map = VolumeShape.Image(3, 7);
        byte[] labels = new byte[21];
        labels[3] = labels[10] = labels[17] = 1;
        VolumeShape output = VolumeShape.Image(7, 7);
        var turn = LabelMapGeometry.Transform(output, map, (1, 2, 1), 1, new LabelMapPose { RotationDegrees = (90, 0, 0) });
        byte[] result = Host(output, turn, labels, null, []);
        byte[] middle = [0, 1, 1, 1, 1, 1, 0];
        Assert.That(result[21..28].Count(l => l == 1), Is.GreaterThanOrEqualTo(5));
        Assert.That(result[21..28].Zip(middle).All(pair => pair.First >= pair.Second), Is.True);
        Assert.That(result.Take(21).Concat(result.Skip(28)), Is.All.EqualTo((byte)0));
    }

    // The transform takes the posed anatomy back: forward by hand, backward by the transform.
    [Test]
    public void Transform_IsTheInverseOfThePose()
    {
        VolumeShape shape = VolumeShape.Volume(21, 21, 21);
        var pose = new LabelMapPose { RotationDegrees = (90, 0, 0), Scaling = (1, 2, 1), TranslationOfSide = (2 / 21f, 0, 0) };
        LabelMapTransform t = LabelMapGeometry.Transform(shape, shape, (1, 1, 1), 1, pose);
        // A point of the map 3 voxels above the centre in y: scaled to 6, turned to x, moved 2 along z.
        Assert.That((t.ZZ * 12) + (t.ZY * 10) + (t.ZX * 16) + t.Z, Is.EqualTo(10).Within(1e-4));
        Assert.That((t.YZ * 12) + (t.YY * 10) + (t.YX * 16) + t.Y, Is.EqualTo(13).Within(1e-4));
        Assert.That((t.XZ * 12) + (t.XY * 10) + (t.XX * 16) + t.X, Is.EqualTo(10).Within(1e-4));
    }

    [Test]
    public void FittedSpacing_HoldsTheWholeFieldOfView()
    {
        VolumeShape output = VolumeShape.Volume(128, 128, 128);
        Assert.That(
            LabelMapGeometry.FittedSpacing(output, VolumeShape.Volume(182, 218, 182), (1, 1, 1)), Is.EqualTo(218.0 / 128));
        Assert.That(
            LabelMapGeometry.FittedSpacing(output, VolumeShape.Volume(60, 218, 182), (4, 1, 1)), Is.EqualTo(240.0 / 128));
    }

    [Test]
    public void Geometry_RefusesWhatCannotBe()
    {
        VolumeShape volume = VolumeShape.Volume(8, 8, 8);
        VolumeShape image = VolumeShape.Image(8, 8);
        Assert.That(() => LabelMapGeometry.FittedSpacing(volume, image, (1, 1, 1)), Throws.ArgumentException);
        Assert.That(() => LabelMapGeometry.FittedSpacing(volume, volume, (1, 0, 1)),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => LabelMapGeometry.Transform(volume, volume, (1, 1, 1), 1, new LabelMapPose { Scaling = (1, 0, 1) }),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => LabelMapGeometry.Transform(volume, volume, (1, 1, 1), 1, new LabelMapPose { Shear = (1, 0, 1, 0, 0, 0) }),
            Throws.ArgumentException.With.Message.StartsWith("The pose flattens the anatomy"));
        Assert.That(() => new LabelMapAnatomyHost(volume, new NoiseGridLayout(volume, [4], 2)), Throws.ArgumentException);
    }

    [Test]
    public void DeviceStructs_HaveTheSizeOfTheirFields()
    {
        Assert.That(Marshal.SizeOf<LabelMapTransform>(), Is.EqualTo(72));
    }

    private static LabelMapPose Pose() => new()
    {
        RotationDegrees = (12.3f, -7.1f, 4.9f),
        Scaling = (0.93f, 1.1f, 1.04f),
        Shear = (0.01f, -0.005f, 0.007f, 0.011f, -0.002f, 0.004f),
        TranslationOfSide = (0.03f, -0.02f, 0.041f),
        Flip = (false, false, true),
    };

    private static float[] Nodes(NoiseGridLayout? layout)
    {
        var place = new RandomPlace(9, 0, Streams.DeformationNodes);
        return layout is null ? [] : [.. Enumerable.Range(0, layout.Length).Select(node => 1.3f * Normal.At(place, node))];
    }

    private static unsafe byte[] Host(
        VolumeShape output, LabelMapTransform transform, byte[] map, NoiseGridLayout? layout, float[] nodes,
        int rowsPerCall = int.MaxValue)
    {
        var host = new LabelMapAnatomyHost(output, layout);
        var labels = new byte[output.VoxelCount];
        var knots = new float[(host.Deformation?.Length ?? 0) + 1];
        var scratch = new float[host.ScratchLength];
        var mergeScratch = new float[host.Deformation?.ScratchLength ?? 1];
        float[] padded = [.. nodes, .. new float[16]];
        fixed (float* nodesAt = padded, knotsAt = knots, scratchAt = scratch, mergeAt = mergeScratch)
        fixed (byte* mapAt = map, labelsAt = labels)
        {
            for (int component = 0; host.Deformation is not null && component < output.Dimensions; component++)
            {
                host.Deformation.Merge(nodesAt, component, 1f, knotsAt, mergeAt);
            }

            int step = Math.Min(rowsPerCall, host.RowCount);
            for (int row = 0; row < host.RowCount; row += step)
            {
                host.Rows(row, Math.Min(step, host.RowCount - row), knotsAt, transform, mapAt, labelsAt, scratchAt);
            }
        }

        return labels;
    }
}
