using System.Runtime.InteropServices;
using GpuSynth.Kernels;
using GpuSynth.Tests.Devices;
using ILGPU;
using ILGPU.Runtime;
using NUnit.Framework;

namespace GpuSynth.Tests.Kernels;

/// <summary>The kernels that make the labels of whole batches: draw, merge, label.</summary>
[TestFixtureSource(typeof(TestDevices), nameof(TestDevices.All))]
public sealed class BatchAnatomyTests(string device)
{
    private const int Samples = 2;
    private const ulong Seed = 0x1234567887654321;
    private const byte Poison = 0xA5;

    private static readonly VolumeShape[] Shapes =
    [
        VolumeShape.Volume(1, 1, 1), VolumeShape.Volume(2, 3, 1), VolumeShape.Volume(1, 31, 2), VolumeShape.Volume(3, 17, 33),
        VolumeShape.Volume(7, 2, 31), VolumeShape.Volume(3, 7, 50), VolumeShape.Image(1, 1), VolumeShape.Image(33, 31),
        VolumeShape.Image(5, 300),
    ];

    private static readonly (VolumeShape Output, VolumeShape Map)[] MapSizes =
    [
        (VolumeShape.Volume(1, 1, 1), VolumeShape.Volume(1, 1, 1)),
        (VolumeShape.Volume(3, 31, 33), VolumeShape.Volume(31, 33, 2)),
        (VolumeShape.Volume(5, 7, 100), VolumeShape.Volume(9, 9, 9)),
        (VolumeShape.Image(1, 1), VolumeShape.Image(1, 2)),
        (VolumeShape.Image(33, 31), VolumeShape.Image(50, 20)),
        (VolumeShape.Image(3, 600), VolumeShape.Image(64, 96)),
    ];

    [OneTimeSetUp]
    public void Open() => BatchDevice.Open(device);

    [OneTimeTearDown]
    public void Close() => BatchDevice.Close();

    // The host's logarithm and sine are others than the device's: equal up to a few roundings, over the bits that both share.
    [Test]
    public unsafe void CoarseDraw_IsTheHostsDraw([Values(1, 63, 64, 1000)] int perChannel, [Values] bool ofAppearance)
    {
        VolumeShape shape = VolumeShape.Image(perChannel, 2);
        var coarse = new NoiseGridLayout(shape, [2, 1, 3], 2);
        var layout = new SampleLayout(TestRows.Of(3, 0, 1, 2));
        uint[] words = Words(layout, fieldStd: [0.5f, 2f, 3f]);
        uint stream = ofAppearance ? Streams.BiasCells : Streams.FieldNodes;
        using var deviceWords = BatchDevice.Upload(words);
        using var scales = BatchDevice.Upload(NoiseField.Scales(coarse));
        float[] poisoned = [.. Enumerable.Repeat(float.NaN, (Samples * coarse.Length) + 7)];
        using var nodes = BatchDevice.Upload(poisoned);
        new CoarseDraw.Launcher(BatchDevice.Loader).Run(
            deviceWords.View, layout, Samples, ofAppearance, stream, ofAppearance ? -1 : layout.FieldStd,
            ofAppearance ? scales.View.SubView(0, 1) : scales.View, coarse.Length, nodes.View);
        float[] drawn = BatchDevice.Download(nodes);
        Assert.That(drawn.Skip(Samples * coarse.Length), Is.All.NaN);
        var host = new float[coarse.Length];
        for (int sample = 0; sample < Samples; sample++)
        {
            var place = ofAppearance
                ? new RandomPlace(Seed, AppearanceOf(sample), stream)
                : new RandomPlace(Seed, AnatomyOf(sample), stream);
            fixed (float* to = host)
            {
                Normal.HostFill(to, host.Length, place);
            }

            for (int element = 0; element < host.Length; element++)
            {
                int scale = element < coarse.Offset(1) ? 0 : element < coarse.Offset(2) ? 1 : 2;
                float std = ofAppearance ? 1f : scale == 0 ? 0.5f : scale + 1f;
                Assert.That(
                    drawn[(sample * host.Length) + element], Is.EqualTo(std * host[element]).Within(2e-6 * std),
                    $"sample {sample}, element {element}");
            }
        }
    }

    // As in NoiseAnatomyTests: two scores further apart than four times the plain form's largest error cannot change places.
    [Test]
    public void Noise_Ladder_ReferenceDevice([ValueSource(nameof(Shapes))] VolumeShape shape, [Values(0f, 2.5f, 20f)] float std)
    {
        int side = shape.Side;
        CheckNoise(
            new NoiseGridLayout(shape, [Math.Max(1, side / 8), Math.Max(1, side / 4)], 4),
            std == 0f
                ? null
                : new NoiseGridLayout(
                    shape, [Math.Max(1, side / 16), Math.Max(1, side / 8), Math.Max(1, side / 4)], 4 * shape.Dimensions),
            std);
    }

    [Category("Slow")]
    [Test]
    public void Noise_RowsThatDoNotFitSharedMemory_AreRightToo()
    {
        VolumeShape shape = VolumeShape.Volume(3, 2, 130);
        var shiftLayout = new NoiseGridLayout(shape, [1], 9 * 3);
        Assert.That(new ShiftGrid(shape, shiftLayout, 9, true).FitsShared, Is.False);
        CheckNoise(new NoiseGridLayout(shape, [1, 3], 9), shiftLayout, 1.5f);
    }

    [Test]
    public void Noise_GroupsOfSeveralTurns_AreRightToo()
    {
        VolumeShape shape = VolumeShape.Volume(2, 19, 70);
        var shiftLayout = new NoiseGridLayout(shape, [2], 9 * 3);
        ShiftPlan plan = new ShiftGrid(shape, shiftLayout, 9, true, busyGroups: 1).Plan;
        Assert.That((plan.RowsPerTurn, plan.RowsPerGroup, plan.GroupsPerPlane), Is.EqualTo((3, 12, 2)));
        CheckNoise(new NoiseGridLayout(shape, [4, 7], 9), shiftLayout, 1.5f);
    }

    [Test]
    public void Noise_WithoutScales_IsLabelZero()
    {
        VolumeShape shape = VolumeShape.Volume(3, 5, 7);
        byte[] labels = NoiseLabels(new NoiseGridLayout(shape, [], 3), null, 0f, out _, out _);
        Assert.That(labels, Is.All.EqualTo((byte)0));
    }

    [Test]
    public void Noise_255Labels_FarAndInvalidDisplacements_StayWithinMemory()
    {
        VolumeShape shape = VolumeShape.Image(4, 6);
        foreach (float std in (float[])[1e6f, 1e9f, 1e30f, float.PositiveInfinity, float.NaN])
        {
            NoiseLabels(new NoiseGridLayout(shape, [2], 255), new NoiseGridLayout(shape, [3], 510), std, out _, out _);
        }
    }

    [Test]
    public void Maps_Ladder_ReferenceDevice(
        [ValueSource(nameof(MapSizes))] (VolumeShape Output, VolumeShape Map) sizes, [Values] bool deformed)
    {
        VolumeShape output = sizes.Output;
        CheckMaps(output, sizes.Map, deformed ? new NoiseGridLayout(output, [2, 5, 8], output.Dimensions) : null);
    }

    [Test]
    public void Maps_RowsThatDoNotFitSharedMemory_AreRightToo()
    {
        VolumeShape output = VolumeShape.Volume(2, 2, 1100);
        var layout = new NoiseGridLayout(output, [1], 3);
        Assert.That(new ShiftGrid(output, layout, 1, false).FitsShared, Is.False);
        CheckMaps(output, VolumeShape.Volume(3, 5, 800), layout);
    }

    [Test]
    public void Maps_GroupsOfSeveralTurns_AreRightToo()
    {
        VolumeShape output = VolumeShape.Volume(2, 11, 500);
        var layout = new NoiseGridLayout(output, [3], 3);
        ShiftPlan plan = new ShiftGrid(output, layout, 1, false, busyGroups: 1).Plan;
        Assert.That((plan.RowsPerTurn, plan.RowsPerGroup, plan.GroupsPerPlane), Is.EqualTo((3, 12, 1)));
        CheckMaps(output, VolumeShape.Volume(3, 5, 300), layout);
    }

    [Test]
    public void Maps_OffsetsHave64Bits()
    {
        var place = new MapPlace(default, 0x12345678_9ABCDEF0, 1);
        Assert.That((place.Offset, place.Exchange), Is.EqualTo((0x12345678_9ABCDEF0, 1)));
    }

    [Test]
    public void Grids_RefuseWhatDoesNotFit()
    {
        VolumeShape shape = VolumeShape.Image(8, 8);
        Assert.That(
            () => new FieldGrid(new NoiseGridLayout(shape, [4], 257)),
            Throws.ArgumentException.With.Message.StartsWith("There are 257 label fields"));
        Assert.That(
            () => new ShiftGrid(shape, new NoiseGridLayout(shape, [4], 9), 3, true),
            Throws.ArgumentException.With.Message.StartsWith("The displacement has 9 channels, expected 6"));
    }

    [Test]
    public void DeviceStructs_HaveTheSizeOfTheirFields()
    {
        Assert.That(Marshal.SizeOf<FieldCell>(), Is.EqualTo(16));
        Assert.That(Marshal.SizeOf<FieldPlace>(), Is.EqualTo(16));
        Assert.That(Marshal.SizeOf<FieldPlan>(), Is.EqualTo(20));
        Assert.That(Marshal.SizeOf<ShiftCell>(), Is.EqualTo(24));
        Assert.That(Marshal.SizeOf<ShiftKnot>(), Is.EqualTo(32));
        Assert.That(Marshal.SizeOf<ShiftPair>(), Is.EqualTo(16));
        Assert.That(Marshal.SizeOf<ShiftPlace>(), Is.EqualTo(8));
        Assert.That(Marshal.SizeOf<ShiftPlan>(), Is.EqualTo(56));
        Assert.That(Marshal.SizeOf<KnotWeight>(), Is.EqualTo(16));
        Assert.That(Marshal.SizeOf<NoiseGridScale>(), Is.EqualTo(8));
    }

    private static void CheckNoise(NoiseGridLayout fieldLayout, NoiseGridLayout? shiftLayout, float std)
    {
        int voxels = (int)fieldLayout.Shape.VoxelCount;
        byte[] device = NoiseLabels(fieldLayout, shiftLayout, std, out float[] fields, out float[] shifts);
        for (int sample = 0; sample < Samples; sample++)
        {
            float[] ownFields = fields[(sample * fieldLayout.Length)..][..fieldLayout.Length];
            float[] ownShifts = shiftLayout is null ? [] : shifts[(sample * shiftLayout.Length)..][..shiftLayout.Length];
            var reference = new byte[voxels];
            var margins = new double[voxels];
            NoiseAnatomy.ReferenceLabels(
                fieldLayout.Shape, fieldLayout, ownFields, shiftLayout, ownShifts, reference, margins);
            double scoreError = PlainForms.ScoreError(fieldLayout, ownFields, shiftLayout, ownShifts);
            int away = 0;
            int ties = 0;
            for (int voxel = 0; voxel < voxels; voxel++)
            {
                ties += margins[voxel] == 0 ? 1 : 0;
                if (margins[voxel] > 4 * scoreError)
                {
                    away++;
                    Assert.That(device[(sample * voxels) + voxel], Is.EqualTo(reference[voxel]), $"{sample}, voxel {voxel}");
                }
            }

            Assert.That(away, Is.GreaterThan((0.98 * (voxels - ties)) - 2));
        }
    }

    // Draws, merges and labels; memory around what is to be written must stay as it is.
    private static byte[] NoiseLabels(
        NoiseGridLayout fieldLayout, NoiseGridLayout? shiftLayout, float std, out float[] fieldNodes, out float[] shiftNodes)
    {
        const int margin = 64;
        var fieldGrid = new FieldGrid(fieldLayout);
        var shiftGrid = new ShiftGrid(fieldLayout.Shape, shiftLayout, fieldLayout.Channels, true, busyGroups: 1);
        int voxels = (int)fieldLayout.Shape.VoxelCount;
        float[] fieldStd = [.. Enumerable.Range(0, fieldLayout.ScaleCount).Select(scale => 1f + (0.5f * scale))];
        float[] shiftStd = [.. Enumerable.Repeat(std, shiftGrid.Layout.ScaleCount)];
        var layout = new SampleLayout(TestRows.Of(fieldStd.Length, shiftStd.Length, 1, fieldLayout.Channels));
        using var words = BatchDevice.Upload(Words(layout, fieldStd, shiftStd));
        using var fieldScales = Table(NoiseField.Scales(fieldLayout));
        using var shiftScales = Table(NoiseField.Scales(shiftGrid.Layout));
        using var fields = BatchDevice.Upload(new float[Math.Max(1, Samples * fieldLayout.Length)]);
        using var shifts = BatchDevice.Upload(new float[Math.Max(1, Samples * shiftGrid.Layout.Length)]);
        using var fieldWeights = Table(fieldGrid.Weights);
        using var shiftWeights = Table(shiftGrid.Weights);
        using var fieldPlaces = Table(fieldGrid.Places);
        using var shiftPlaces = Table(shiftGrid.Places);
        using var fieldCells = Guarded<FieldCell>(Samples * fieldGrid.Plan.Cells);
        using var shiftCells = Guarded<ShiftKnot>(Samples * shiftGrid.Cells);
        byte[] poisoned = [.. Enumerable.Repeat(Poison, (Samples * voxels) + (2 * margin))];
        using var labels = BatchDevice.Upload(poisoned);
        var draw = new CoarseDraw.Launcher(BatchDevice.Loader);
        if (fieldLayout.Length > 0)
        {
            draw.Run(words.View, layout, Samples, false, Streams.FieldNodes, layout.FieldStd, fieldScales.View,
                fieldLayout.Length, fields.View);
        }

        if (shiftLayout is not null)
        {
            draw.Run(words.View, layout, Samples, false, Streams.DisplacementNodes, layout.DisplacementStd, shiftScales.View,
                shiftLayout.Length, shifts.View);
        }

        var merge = new KnotMerge.Launcher(BatchDevice.Loader);
        merge.Fields(fieldGrid, Samples, fields.View, fieldScales.View, fieldWeights.View, fieldCells.View);
        merge.Shifts(shiftGrid, Samples, shifts.View, shiftScales.View, shiftWeights.View, shiftCells.View);
        new AnatomyRows.Launcher(BatchDevice.Loader).Run(
            shiftGrid, fieldGrid, Samples, shiftCells.View, shiftPlaces.View, fieldCells.View, fieldPlaces.View,
            labels.View.SubView(margin, Samples * voxels));
        byte[] written = BatchDevice.Download(labels);
        Assert.That(written[..margin], Is.All.EqualTo(Poison));
        Assert.That(written[^margin..], Is.All.EqualTo(Poison));
        AssertGuard(fieldCells);
        AssertGuard(shiftCells);
        fieldNodes = BatchDevice.Download(fields);
        shiftNodes = BatchDevice.Download(shifts);
        return written[margin..^margin];
    }

    private static void CheckMaps(VolumeShape output, VolumeShape map, NoiseGridLayout? layout)
    {
        // The second map lies behind the first, smaller by a row, and other bytes lie around both.
        VolumeShape[] maps =
        [
            map,
            map.Dimensions == 3
                ? VolumeShape.Volume(map.Depth, map.Height + 1, map.Width)
                : VolumeShape.Image(map.Height + 1, map.Width),
        ];
        // The second sample's labels go through the other table: 255 - label.
        long[] offsets = [LabelMapRows.TableBytes + 5, LabelMapRows.TableBytes + 8 + map.VoxelCount];
        byte[] all = new byte[LabelMapRows.TableBytes + 20 + maps.Sum(own => own.VoxelCount)];
        byte[] exchange = [.. Enumerable.Range(0, 256).Select(label => (byte)(255 - label))];
        LabelMapRows.Tables(exchange).CopyTo(all, 0);
        var transforms = new LabelMapTransform[Samples];
        for (int sample = 0; sample < Samples; sample++)
        {
            byte[] labels = [.. AppearanceTests.Uniforms(maps[sample], 21 + (uint)sample).Select(u => (byte)(1 + (u * 200)))];
            labels.CopyTo(all, offsets[sample]);
            transforms[sample] = LabelMapGeometry.Transform(
                output, maps[sample], (1.5, 1, 0.8), LabelMapGeometry.FittedSpacing(output, maps[sample], (1.5, 1, 0.8)),
                Pose(sample));
        }

        byte[] device = MapLabels(output, layout, transforms, offsets, all, out float[] nodes);
        int voxels = (int)output.VoxelCount;
        for (int sample = 0; sample < Samples; sample++)
        {
            var reference = new byte[voxels];
            var margins = new double[voxels];
            LabelMapAnatomy.ReferenceLabels(
                output, transforms[sample], all.AsSpan((int)offsets[sample], (int)maps[sample].VoxelCount), layout,
                layout is null ? [] : nodes.AsSpan(sample * layout.Length, layout.Length), reference, margins);
            double magnitude = 3 * Math.Max(Math.Max(map.Depth, Math.Max(map.Height + 1, map.Width)),
                Math.Max(output.Depth, Math.Max(output.Height, output.Width)));
            int away = 0;
            for (int voxel = 0; voxel < voxels; voxel++)
            {
                if (margins[voxel] > 20 * magnitude / (1 << 24))
                {
                    away++;
                    byte expected = sample == 0 ? reference[voxel] : exchange[reference[voxel]];
                    Assert.That(device[(sample * voxels) + voxel], Is.EqualTo(expected), $"{sample}, voxel {voxel}");
                }
            }

            Assert.That(away, Is.GreaterThan((0.95 * voxels) - 1));
        }
    }

    private static byte[] MapLabels(
        VolumeShape output, NoiseGridLayout? deformation, LabelMapTransform[] transforms, long[] offsets, byte[] all,
        out float[] nodes)
    {
        const int margin = 64;
        int voxels = (int)output.VoxelCount;
        var grid = new ShiftGrid(output, deformation, 1, false, busyGroups: 1);
        float[] std = [.. Enumerable.Repeat(1.3f, grid.Layout.ScaleCount)];
        var layout = new SampleLayout(TestRows.OfMaps(std.Length));
        uint[] table = Words(layout, [], std);
        for (int sample = 0; sample < Samples; sample++)
        {
            var place = new MapPlace(in transforms[sample], offsets[sample], sample == 1 ? 1 : 0);
            MemoryMarshal.Write(MemoryMarshal.AsBytes(table.AsSpan((sample * layout.Stride) + layout.LabelMap)), in place);
        }

        using var words = BatchDevice.Upload(table);
        using var scales = Table(NoiseField.Scales(grid.Layout));
        using var weights = Table(grid.Weights);
        using var places = Table(grid.Places);
        using var coarse = BatchDevice.Upload(new float[Math.Max(1, Samples * grid.Layout.Length)]);
        using var cells = Guarded<ShiftKnot>(Samples * grid.Cells);
        using var maps = BatchDevice.Upload(all);
        byte[] poisoned = [.. Enumerable.Repeat(Poison, (Samples * voxels) + (2 * margin))];
        using var labels = BatchDevice.Upload(poisoned);
        if (deformation is not null)
        {
            new CoarseDraw.Launcher(BatchDevice.Loader).Run(words.View, layout, Samples, false, Streams.DeformationNodes,
                layout.DisplacementStd, scales.View, deformation.Length, coarse.View);
        }

        new KnotMerge.Launcher(BatchDevice.Loader).Shifts(grid, Samples, coarse.View, scales.View, weights.View, cells.View);
        new LabelMapRows.Launcher(BatchDevice.Loader).Run(
            words.View, layout, grid, Samples, cells.View, places.View, maps.View, labels.View.SubView(margin, Samples * voxels));
        byte[] written = BatchDevice.Download(labels);
        Assert.That(written[..margin], Is.All.EqualTo(Poison));
        Assert.That(written[^margin..], Is.All.EqualTo(Poison));
        AssertGuard(cells);
        nodes = BatchDevice.Download(coarse);
        return written[margin..^margin];
    }

    private static ulong AnatomyOf(int sample) => 0x300000007 + (ulong)sample;

    private static ulong AppearanceOf(int sample) => 0x500000009 - (ulong)sample;

    private static uint[] Words(SampleLayout layout, float[] fieldStd, float[]? shiftStd = null)
    {
        var words = new uint[Samples * layout.Stride];
        for (int sample = 0; sample < Samples; sample++)
        {
            Span<uint> own = words.AsSpan(sample * layout.Stride, layout.Stride);
            own[RowLayout.Anatomy] = (uint)AnatomyOf(sample);
            own[RowLayout.Anatomy + 1] = (uint)(AnatomyOf(sample) >> 32);
            own[RowLayout.Appearance] = (uint)AppearanceOf(sample);
            own[RowLayout.Appearance + 1] = (uint)(AppearanceOf(sample) >> 32);
            own[RowLayout.Seed] = unchecked((uint)Seed);
            own[RowLayout.Seed + 1] = (uint)(Seed >> 32);
            fieldStd.Select(BitConverter.SingleToUInt32Bits).ToArray().CopyTo(own[layout.FieldStd..]);
            (shiftStd ?? []).Select(BitConverter.SingleToUInt32Bits).ToArray().CopyTo(own[layout.DisplacementStd..]);
        }

        return words;
    }

    private static LabelMapPose Pose(int sample) => new()
    {
        RotationDegrees = (12.3f + sample, -7.1f, 4.9f),
        Scaling = (0.93f, 1.1f, 1.04f + (0.1f * sample)),
        Shear = (0.01f, -0.005f, 0.007f, 0.011f, -0.002f, 0.004f),
        TranslationOfSide = (0.03f, -0.02f, 0.041f),
        Flip = (false, false, sample == 0),
    };

    private static MemoryBuffer1D<T, Stride1D.Dense> Table<T>(T[] values)
        where T : unmanaged => BatchDevice.Upload(values.Length == 0 ? new T[1] : values);

    // Three entries of poison behind what is to be written.
    private static MemoryBuffer1D<T, Stride1D.Dense> Guarded<T>(int length)
        where T : unmanaged
    {
        var values = new T[length + 3];
        MemoryMarshal.AsBytes(values.AsSpan()).Fill(Poison);
        return BatchDevice.Upload(values);
    }

    private static void AssertGuard<T>(MemoryBuffer1D<T, Stride1D.Dense> buffer)
        where T : unmanaged
    {
        T[] values = BatchDevice.Download(buffer);
        Assert.That(MemoryMarshal.AsBytes(values.AsSpan(values.Length - 3)).ToArray(), Is.All.EqualTo(Poison));
    }
}
