using System.Text.Json;
using GpuSynth.Devices;
using GpuSynth.IO;
using GpuSynth.Kernels;
using GpuSynth.Planning;
using GpuSynth.Recipes;
using GpuSynth.Tests.IO;
using static GpuSynth.Tests.Engine.Rendering;

namespace GpuSynth.Tests.Engine;

/// <summary>Images of label maps that are volumes: slices, and of maps that are pictures.</summary>
public sealed class MapSliceTests
{
    private static readonly VolumeShape Map = VolumeShape.Volume(6, 9, 14);

    private static IEnumerable<TestCaseData<string, int>> Cases => Enumerable.Range(0, 3).SelectMany(static axis => (TestCaseData<string, int>[])
    [
        new TestCaseData<string, int>(DeviceCatalogue.Host, axis).SetArgDisplayNames(DeviceCatalogue.Host, $"{axis}"),
        new TestCaseData<string, int>(DeviceCatalogue.IlgpuCpu, axis).SetArgDisplayNames(DeviceCatalogue.IlgpuCpu, $"{axis}").SetCategory("Slow"),
    ]);

    // Slices 1 to 4 of 6, 2 to 8 of 9, 0 to 13 of 14 hold labels.
    [TestCaseSource(nameof(Cases))]
    public void WhereNothingMoves_AnImageIsASliceThatHoldsLabels(string device, int axis)
    {
        using LabelMapFolder folder = new();
        byte[] map = folder.Put("a.nii.gz", Map, Scattered);
        VolumeShape shape = new MapSlice(axis, 0).Shape(Map);
        using SynthesisEngine engine = Start(Of(Still() with { SliceAxis = axis }, shape, folder.Load(), device));
        var seen = new SortedSet<int>();
        for (int n = 0; n < (device == DeviceCatalogue.Host ? 150 : 6); n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            LabelMapAnatomy.Drawn drawn = sample.Drawn.Of<LabelMapAnatomy.Drawn>();
            seen.Add(drawn.Slice);
            Assert.That(drawn.SliceAxis, Is.EqualTo(axis));
            Assert.That(sample.Label, Is.EqualTo(Cut(map, axis, drawn.Slice)));
            Assert.That(Applied(engine, sample.Drawn).HasSameBytes(sample));
        }

        int[] expected = axis switch { 0 => [1, 2, 3, 4], 1 => [2, 3, 4, 5, 6, 7, 8], _ => [.. Enumerable.Range(0, 14)] };
        Assert.That(seen, device == DeviceCatalogue.Host ? Is.EqualTo(expected) : Is.SubsetOf(expected));
    }

    // The front of the body is 1, its top 2, its right 3, all else 4: as PreviewSheet shows volumes, and as heads stand in pictures.
    [TestCase(0, "1111 4443 4443 4443")]
    [TestCase(1, "2222 4443 4443 4443")]
    [TestCase(2, "2221 4441 4441 4441")]
    public void ASlice_StandsAsAReaderExpects(int axis, string expected)
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", VolumeShape.Volume(4, 4, 4), static voxel =>
            (byte)(voxel / 4 % 4 == 3 ? 1 : voxel / 16 == 3 ? 2 : voxel % 4 == 3 ? 3 : 4));
        using SynthesisEngine engine = Start(Of(Still() with { SliceAxis = axis }, VolumeShape.Image(4, 4), folder.Load(), DeviceCatalogue.Host));
        RenderedSample sample = Enumerable.Range(0, 20).Select(n => Sample(engine, SampleKey.Of(n)))
            .First(static one => one.Drawn.Of<LabelMapAnatomy.Drawn>().Slice < 3);
        int[] stored = [1, 2, 3, 4];
        Assert.That(sample.Label.Select(label => stored[label]), Is.EqualTo(expected.Where(char.IsDigit).Select(static digit => digit - '0')));
    }

    // Any pose and deformation: what the slice as a map of its own gives.
    [TestCaseSource(nameof(Cases))]
    public void ASliceIsMoved_AsAMapOfItsOwn(string device, int axis)
    {
        using LabelMapFolder volumes = new();
        using LabelMapFolder images = new();
        VolumeShape shape = VolumeShape.Image(23, 35);
        byte[] map = volumes.Put("a.nii", Map, Scattered);
        var moving = new LabelMapAnatomy(
            new UniformLaw(-90, 90), new UniformLaw(0.7, 1.3), new UniformLaw(-0.2, 0.2), new UniformLaw(-0.1, 0.1), new UniformLaw(0, 1),
            new ShiftGrids([SideMeasure.Of(5)], 0.05), null, null, LateralPairs.None, SliceAxis: axis);
        using SynthesisEngine engine = Start(Of(moving, shape, volumes.Load(), device));
        for (int n = 0; n < 6; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            LabelMapAnatomy.Drawn drawn = sample.Drawn.Of<LabelMapAnatomy.Drawn>();
            byte[] slice = Cut(map, axis, drawn.Slice);
            images.Put("a.nii", new MapSlice(axis, 0).Shape(Map), voxel => slice[voxel]);
            LabelMapAnatomy same = axis == 2 ? moving with { Flip = 0 } : moving;
            Assert.That(sample.Label, Is.EqualTo(Sample(Of(same, shape, images.Load(), device), SampleKey.Of(n)).Label));
        }
    }

    [Test]
    public void TheAxisIsDrawn_AndTheRecordSaysTheSlice()
    {
        using LabelMapFolder folder = new();
        folder.Put("a.nii", Map, Scattered);
        VolumeShape shape = VolumeShape.Image(16, 16);
        EngineOptions options = Of(Still() with { SliceAxis = new IntegerLaw(0, 2) }, shape, folder.Load(), DeviceCatalogue.Host);
        using SynthesisEngine engine = Start(options);
        var axes = new HashSet<int>();
        for (int n = 0; n < 30; n++)
        {
            RenderedSample sample = Sample(engine, SampleKey.Of(n));
            JsonElement json = JsonDocument.Parse(Json.Of(sample.Drawn)).RootElement;
            int axis = json.GetProperty("sliceAxis").GetInt32();
            axes.Add(axis);
            Assert.That(json.GetProperty("slice").GetInt32(), Is.EqualTo(sample.Drawn.Of<LabelMapAnatomy.Drawn>().Slice));
            Assert.That(SampleGeometry.Of(options, sample.Drawn).Orientation, Is.EqualTo(axis switch { 0 => "RPS", 1 => "RIA", _ => "AIR" }));
        }

        Assert.That(axes, Has.Count.EqualTo(3));
        RenderedSample changed = Sample(engine, SampleKey.Of(0));
        changed.Drawn.Of<LabelMapAnatomy.Drawn>().Slice = 99;
        Assert.That(() => Applied(engine, changed.Drawn), Throws.InstanceOf<GpuSynthException>().With.Message.Contains("names slice 99 across axis"));
    }

    [Test]
    public void MapsThatAreImages_AreNoSlices()
    {
        using LabelMapFolder folder = new();
        VolumeShape shape = VolumeShape.Image(9, 14);
        byte[] map = folder.Put("a.nii", shape, static voxel => (byte)(voxel % 3));
        RenderedSample sample = Sample(Of(Still(), shape, folder.Load(), DeviceCatalogue.Host), SampleKey.Of(0));
        Assert.That(sample.Label, Is.EqualTo(map));
        Assert.That(JsonDocument.Parse(Json.Of(sample.Drawn)).RootElement.TryGetProperty("slice", out _), Is.False);
    }

    [Test]
    public void APicture_IsALabelMap()
    {
        using TestFolder folder = new();
        int[] numbers = [.. Enumerable.Range(0, 9 * 14).Select(static pixel => pixel % 5 == 0 ? 0 : 40 + (pixel % 3))];
        Png.WriteNumbers(folder["a.png"], 14, 9, numbers);
        LabelMapSet maps = LabelMapSet.Load(folder.Root);
        Assert.That(maps.SourceValues.Select(static values => values.Single()), Is.EqualTo([0, 40, 41, 42]));
        byte[] labels = [.. numbers.Select(static number => (byte)(number == 0 ? 0 : number - 39))];
        Assert.That(maps.Maps[0].Labels, Is.EqualTo(labels));
        Assert.That(Sample(Of(Still(), VolumeShape.Image(9, 14), maps, DeviceCatalogue.Host), SampleKey.Of(0)).Label, Is.EqualTo(labels));
    }

    [Test]
    public void ASliceOfOneVoxelsWidth_IsRefused()
    {
        using LabelMapFolder folder = new();
        folder.Put("thin.nii", VolumeShape.Volume(9, 1, 14), static voxel => (byte)(voxel % 3));
        LabelMapSet maps = folder.Load();
        VolumeShape shape = VolumeShape.Image(16, 16);
        Assert.That(() => SynthesisPlan.Create(Of(Still() with { SliceAxis = 1 }, shape, maps, DeviceCatalogue.Host)), Throws.Nothing);
        Assert.That(
            () => SynthesisPlan.Create(Of(Still(), shape, maps, DeviceCatalogue.Host)),
            Throws.TypeOf<PlanException>().With.Message.Contains(
                "labelMap: a slice across axis 0 of label map thin.nii, which has 9x1x14 voxels, is one voxel wide; give another sliceAxis"));
    }

    // Nothing in the first and the last slice across the depth, nor in two across the height.
    private static byte Scattered(int voxel)
    {
        (int z, int y) = (voxel / (Map.Height * Map.Width), voxel / Map.Width % Map.Height);
        return (byte)(z is 0 or 5 || y < 2 ? 0 : 1 + (voxel * 7 % 11 % 4));
    }

    private static byte[] Cut(byte[] map, int axis, int slice)
    {
        VolumeShape shape = new MapSlice(axis, slice).Shape(Map);
        return
        [
            .. Enumerable.Range(0, (int)shape.VoxelCount).Select(pixel =>
            {
                (int row, int column) = (shape.Height - 1 - (pixel / shape.Width), pixel % shape.Width);
                (int z, int y, int x) = axis switch { 0 => (slice, row, column), 1 => (row, slice, column), _ => (row, column, slice) };
                return map[(((z * Map.Height) + y) * Map.Width) + x];
            }),
        ];
    }

    private static LabelMapAnatomy Still() => new(0, 1, 0, 0, 0, null, null, null);

    private static EngineOptions Of(LabelMapAnatomy anatomy, VolumeShape shape, LabelMapSet maps, string device) => Options(
        new Recipe("slices", 2, [anatomy], [new Contrast(new UniformLaw(0, 1))]), shape) with
    {
        Device = device,
        LabelMaps = maps,
    };
}
